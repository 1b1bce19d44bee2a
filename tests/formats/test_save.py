import os
import stat
import threading
from pathlib import Path

import numpy as np
import pytest

from wordvec.errors import ConfigError, FormatError, ResourceError
from wordvec.formats import save as saving
from wordvec.formats.save import check_target, check_writable, save
from wordvec.storage.format_table import VECTORS
from wordvec.storage.temporary import remove_leftovers
from wordvec.vectors.word_vectors import WordVectors

VECTORS_HERE = WordVectors(["a", "b"], np.eye(2))


def snapshot(folder):
    return {path: path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}


@pytest.mark.parametrize("name", ["model.wv", "a/b/model.wv", "v.bin", "v.txt", "v.vec", "a/v.bin"])
def test_a_new_path_is_fine_and_is_not_made(tmp_path, name):
    check_target(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["hf://me/model", Path("s3://bucket/v.bin")], ids=["str", "Path"])
@pytest.mark.parametrize("check", [check_target, check_writable])
def test_a_url_is_not_a_folder_of_that_name(tmp_path, monkeypatch, check, path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="is a URL, and wordvec writes to local disks only"):
        check(path)


@pytest.mark.parametrize("name", ["model.wv", "v.bin", "v.txt"])
def test_vectors_may_be_replaced(tmp_path, name):
    save(VECTORS_HERE, tmp_path / name)
    before = snapshot(tmp_path)
    check_target(tmp_path / name)
    assert snapshot(tmp_path) == before


def test_empty_targets_may_be_replaced(tmp_path):
    (tmp_path / "model.wv").mkdir()
    (tmp_path / "v.bin").touch()
    save(VECTORS_HERE, tmp_path / "model.wv")
    save(VECTORS_HERE, tmp_path / "v.bin")


def test_what_desktops_drop_into_folders_does_not_matter(tmp_path):
    save(VECTORS_HERE, tmp_path / "model.wv")
    (tmp_path / "model.wv" / ".DS_Store").touch()
    check_target(tmp_path / "model.wv")


@pytest.mark.parametrize(
    ("path", "format_name", "message"),
    [
        ("folder", None, r"is a folder with other things in it \(notes.txt\)"),
        ("file", None, "is a file, and a wordvec model is a folder"),
        ("notes.txt", None, "is a file of something other than vectors"),
        ("folder", "glove", "is not a file, and the format asked for is one"),
        ("half", None, "is a folder without vectors.safetensors and vocabulary.parquet"),
        ("model", None, r"other things in it \(notes.txt\)"),
        ("file/model.wv", None, "cannot be written: Not a directory"),
        ("file/sub/model.wv", None, "cannot be written: Not a directory"),
        ("n" * 300, None, "cannot be written: File name too long"),
        ("pipe", "glove", "is not a file"),
    ],
)
def test_what_is_not_vectors_is_refused_untouched(tmp_path, path, format_name, message):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "notes.txt").write_text("some text of mine\nand a line")
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "README.md").write_text("another project")
    save(VECTORS_HERE, tmp_path / "model")
    (tmp_path / "model" / "notes.txt").write_text("mine")
    os.mkfifo(tmp_path / "pipe")
    before = snapshot(tmp_path)
    error = ResourceError if "cannot be written" in message else FormatError
    with pytest.raises(error, match=message):
        check_target(tmp_path / path, format_name)
    with pytest.raises(error, match=message):
        save(VECTORS_HERE, tmp_path / path, format_name)
    assert snapshot(tmp_path) == before


def test_a_mounted_disk_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(saving.os.path, "ismount", lambda _: True)
    with pytest.raises(FormatError, match="a disk is mounted"):
        check_target(tmp_path)


def test_a_folder_that_may_not_be_written_is_refused(tmp_path):
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed").chmod(stat.S_IRUSR | stat.S_IXUSR)
    if os.access(tmp_path / "closed", os.W_OK):
        pytest.skip("this user may write anywhere")
    with pytest.raises(ResourceError, match="cannot be written: Permission denied"):
        check_target(tmp_path / "closed" / "model.wv")


@pytest.mark.parametrize("name", ["model.wv", "v.bin", "v.txt"])
@pytest.mark.parametrize("whose", ["mine", "somebody else's"])
def test_a_write_protected_model_is_not_replaced(open_folder, an_ordinary_user, name, whose):
    open_folder.chmod(0o777)
    if whose == "mine":
        with an_ordinary_user():
            save(VECTORS_HERE, open_folder / name)
            (open_folder / name).chmod(0o555)
    else:
        save(VECTORS_HERE, open_folder / name)
        (open_folder / name).chmod(0o755)
    before = snapshot(open_folder)
    with (
        an_ordinary_user(),
        pytest.raises(ResourceError, match="is write-protected, or somebody else's; it was not"),
    ):
        check_target(open_folder / name)
    with an_ordinary_user(), pytest.raises(ResourceError, match="is write-protected"):
        save(VECTORS_HERE, open_folder / name)
    assert snapshot(open_folder) == before


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")  # noqa: PTH110
def test_a_device_is_not_a_place_for_vectors():
    with pytest.raises(FormatError, match="a wordvec model is a folder"):
        check_target("/dev/full")
    with pytest.raises(ResourceError, match="Not a directory"):
        check_target("/dev/full/model.wv")
    with pytest.raises(FormatError, match="is not a file"):
        check_target("/dev/full", "glove")


def test_a_check_while_others_save_to_the_same_place_does_not_fail(tmp_path):
    done = threading.Event()

    def clean_up():
        while not done.is_set():
            remove_leftovers(tmp_path / "model.wv")

    others = threading.Thread(target=clean_up)
    others.start()
    try:
        for _ in range(300):
            check_target(tmp_path / "model.wv")
    finally:
        done.set()
        others.join()


def test_a_system_that_refuses_to_write_is_reported_in_its_words(tmp_path, monkeypatch):
    def refuse(self, *args, **kwargs):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    with pytest.raises(ResourceError, match=r"model\.wv cannot be written: Read-only file system"):
        check_target(tmp_path / "model.wv")


def test_a_model_without_its_vectors_is_nothing_to_replace(tmp_path):
    save(VECTORS_HERE, tmp_path / "model.wv")
    (tmp_path / "model.wv" / VECTORS).unlink()
    with pytest.raises(FormatError, match="not a wordvec model to replace"):
        check_target(tmp_path / "model.wv")


def test_a_format_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"format must be one of native, .*, got 'word2vec'"):
        check_target(tmp_path / "v.bin", "word2vec")


@pytest.mark.parametrize("name", ["m.wv", "m.bin", "m.wv/inside.wv", "m.bin/new/inside.txt"])
@pytest.mark.parametrize("check", [check_target, check_writable])
def test_a_loop_of_links_is_refused(tmp_path, name, check):
    loop = tmp_path / name.partition("/")[0]
    loop.symlink_to(tmp_path / "other")
    (tmp_path / "other").symlink_to(loop)
    with pytest.raises(ResourceError, match="cannot be written: Too many levels of symbolic links"):
        check(tmp_path / name)


@pytest.mark.parametrize("name", ["m.wv", "m.wv/inside.wv"])
def test_a_link_to_what_is_not_there_yet_is_fine(tmp_path, name):
    (tmp_path / "m.wv").symlink_to(tmp_path / "other")
    check_target(tmp_path / name)
    save(VECTORS_HERE, tmp_path / name)
    assert (tmp_path / "other").is_dir()


@pytest.mark.parametrize("name", ["README.md", "before.parquet", "training.jsonl"])
def test_a_folder_inside_a_model_is_not_replaced_under_any_name(tmp_path, name):
    save(VECTORS_HERE, tmp_path / "model.wv")
    (tmp_path / "model.wv" / name).unlink(missing_ok=True)
    (tmp_path / "model.wv" / name).mkdir()
    before = snapshot(tmp_path)
    with pytest.raises(FormatError, match=rf"other things in it \({name}\)"):
        save(VECTORS_HERE, tmp_path / "model.wv")
    assert snapshot(tmp_path) == before
