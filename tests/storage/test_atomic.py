"""Crashes and full disks, simulated at each step of a save."""

import errno
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
import safetensors.numpy

from wordvec.errors import FormatError, ResourceError
from wordvec.formats.load import load
from wordvec.formats.save import save
from wordvec.storage import atomic, temporary
from wordvec.storage.atomic import exchange
from wordvec.vectors.word_vectors import WordVectors

OLD = WordVectors(["old"], [[1.0, 2.0]])
NEW = WordVectors(["new", "words"], [[3.0, 4.0], [5.0, 6.0]])
TARGETS = ["model.wv", "vectors.bin", "vectors.txt"]


class Crash(BaseException):
    """The process dies here: from now on the disk does not change any more."""


@pytest.fixture
def crash_at(monkeypatch):
    """Let the next save die before its n-th change to the disk; returns whether it did."""

    def run(step, path):
        steps = iter(range(1_000_000))

        def counted(change):
            def call(*args, **kwargs):
                if next(steps) >= step:
                    raise Crash
                return change(*args, **kwargs)

            return call

        with monkeypatch.context() as patch:
            for name in ("mkdir", "rmdir", "touch", "rename", "replace", "unlink", "write_text", "open"):
                patch.setattr(Path, name, counted(getattr(Path, name)))
            for name in ("rmtree", "copymode"):
                patch.setattr(shutil, name, counted(getattr(shutil, name)))
            patch.setattr(os, "fsync", counted(os.fsync))
            patch.setattr(atomic, "exchange", counted(atomic.exchange))
            patch.setattr(pyarrow.parquet, "write_table", counted(pyarrow.parquet.write_table))
            patch.setattr(safetensors.numpy, "save_file", counted(safetensors.numpy.save_file))
            try:
                save(NEW, path)
            except Crash:
                return True
        return False

    return run


def cannot(*_):
    return False


@pytest.fixture(params=["swap", "two renames"])
def way(request, monkeypatch):
    """How a folder takes the place of another: in one step, or as on systems that cannot do that."""
    if request.param == "two renames":
        monkeypatch.setattr(atomic, "exchange", cannot)
    return request.param


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("existed", [True, False], ids=["replace", "create"])
def test_a_crash_at_any_step_leaves_the_old_or_the_new_one(tmp_path, crash_at, way, name, existed):
    steps = 0
    while True:
        path = tmp_path / str(steps) / name
        if existed:
            save(OLD, path)
        crashed = crash_at(steps, path)
        try:
            found = load(path).words
        except FormatError as problem:
            # Without a swap there is a moment between two renames, and the message says where the old one is.
            aside = temporary.aside_of(path)
            assert (way, existed) == ("two renames", True) if aside else not existed
            if aside:
                assert str(aside) in str(problem)  # noqa: PT017
                assert load(aside).words == OLD.words
        else:
            assert found in ([OLD.words] if existed else []) + [NEW.words]
        if not crashed:
            break
        save(NEW, path)  # the next save finds its way and cleans up
        assert load(path).words == NEW.words
        assert [entry.name for entry in path.parent.iterdir()] == [name]
        steps += 1
    assert found == NEW.words
    assert steps > 5


def test_the_old_model_comes_back_if_the_next_save_fails_too(tmp_path, monkeypatch):
    save(OLD, tmp_path / "model.wv")
    aside = temporary.new_name(tmp_path / "model.wv", temporary.ASIDE)
    (tmp_path / "model.wv").rename(aside)  # as a crash between two renames leaves it
    monkeypatch.setattr(safetensors.numpy, "save_file", fail_with(errno.ENOSPC))
    with pytest.raises(ResourceError):
        save(NEW, tmp_path / "model.wv")
    assert load(tmp_path / "model.wv").words == OLD.words


def fail_with(number):
    def fail(*args, **kwargs):
        raise OSError(number, os.strerror(number))

    return fail


def fail_as_safetensors_does(*args, **kwargs):
    raise safetensors.SafetensorError(
        "Error while serializing: I/O error: No space left on device (os error 28)"
    )


@pytest.mark.parametrize(
    ("place", "name", "failure"),
    [
        (Path, "write_text", fail_with(errno.ENOSPC)),
        (pyarrow.parquet, "write_table", fail_with(errno.ENOSPC)),
        (safetensors.numpy, "save_file", fail_as_safetensors_does),
        (os, "fsync", fail_with(errno.EDQUOT)),
    ],
    ids=["texts", "vocabulary", "matrices", "flush"],
)
def test_a_full_disk_is_one_line_and_changes_nothing(tmp_path, monkeypatch, place, name, failure):
    path = tmp_path / "model.wv"
    save(OLD, path)
    with monkeypatch.context() as patch:
        patch.setattr(place, name, failure)
        with pytest.raises(ResourceError, match=r"model.wv cannot be written: .*free some space") as caught:
            save(NEW, path)
    assert "\n" not in str(caught.value)
    assert load(path).words == OLD.words
    assert list(tmp_path.iterdir()) == [path]


def test_a_strange_failure_of_safetensors_is_a_format_error_too(tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise safetensors.SafetensorError("something new")

    monkeypatch.setattr(safetensors.numpy, "save_file", fail)
    with pytest.raises(ResourceError, match="cannot be written"):
        save(NEW, tmp_path / "model.wv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["vectors.bin", "vectors.txt"])
def test_a_full_disk_keeps_the_old_file(tmp_path, monkeypatch, name):
    path = tmp_path / name
    save(OLD, path)
    before = path.read_bytes()
    monkeypatch.setattr(os, "fsync", fail_with(errno.ENOSPC))
    with pytest.raises(ResourceError, match="free some space"):
        save(NEW, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", TARGETS)
def test_a_limit_on_the_size_of_files_keeps_the_old_one(tmp_path, name):
    save(OLD, tmp_path / name)
    large = WordVectors([f"w{number}" for number in range(5000)], np.eye(5000, 8))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, hard))
    try:
        with pytest.raises(
            ResourceError, match="cannot be written: File too large; nothing there was changed"
        ):
            save(large, tmp_path / name)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert load(tmp_path / name).words == OLD.words
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", TARGETS)
def test_a_folder_that_disappears_while_it_is_saved_to_is_reported(tmp_path, monkeypatch, name):
    flush = os.fsync

    def vanish(file):
        flush(file)
        shutil.rmtree(tmp_path / "models")

    monkeypatch.setattr(os, "fsync", vanish)
    with pytest.raises(ResourceError, match="cannot be written: No such file or directory"):
        save(NEW, tmp_path / "models" / name)
    monkeypatch.undo()
    save(NEW, tmp_path / "models" / name)
    assert load(tmp_path / "models" / name).words == NEW.words


SAVE_AGAIN_AND_AGAIN = """
import sys
from wordvec.formats.save import save
from wordvec.vectors.word_vectors import WordVectors

name, path = sys.argv[1:]
words = [f"{name}{number}" for number in range(40)]
for _ in range(60):
    save(WordVectors(words, [[1.0, 2.0]] * 40), path)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_processes_that_save_to_the_same_place_do_not_mix_or_fail(tmp_path, name):
    path = tmp_path / name
    save(OLD, path)
    commands = [[sys.executable, "-c", SAVE_AGAIN_AND_AGAIN, word, str(path)] for word in "abc"]
    processes = [subprocess.Popen(command) for command in commands]  # noqa: S603
    while any(process.poll() is None for process in processes):
        words = load(path).words
        assert len({word[0] for word in words}) == 1
        assert len(words) in (1, 40)
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", TARGETS)
def test_ctrl_c_during_a_save_leaves_no_trace(tmp_path, monkeypatch, name):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save(NEW, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_take_its_place_is_kept_complete(tmp_path, monkeypatch):
    path = tmp_path / "model.wv"
    save(OLD, path)
    monkeypatch.setattr(atomic, "exchange", cannot)
    rename = Path.rename

    def busy(self, target):
        if self == path:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", busy)
    with pytest.raises(ResourceError, match=r"cannot be replaced: .*is complete in .*\.complete: move it"):
        save(NEW, path)
    assert load(path).words == OLD.words
    kept = [entry for entry in tmp_path.iterdir() if entry != path]
    assert [load(entry).words for entry in kept] == [NEW.words]


def test_an_old_model_goes_back_if_the_new_one_cannot_come(tmp_path, monkeypatch):
    path = tmp_path / "model.wv"
    save(OLD, path)
    monkeypatch.setattr(atomic, "exchange", cannot)
    rename = Path.rename

    def refuse(self, target):
        if target == path and self.name.endswith(".tmp"):
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(ResourceError, match="is complete in"):
        save(NEW, path)
    assert load(path).words == OLD.words


def test_two_folders_change_places_in_one_step(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"in {name}").touch()
    if not exchange(tmp_path / "a", tmp_path / "b"):
        pytest.skip("this system cannot swap")
    assert (tmp_path / "a" / "in b").exists()
    assert (tmp_path / "b" / "in a").exists()


def test_a_swap_that_cannot_be_done_says_so(tmp_path, monkeypatch):
    assert not exchange(tmp_path / "missing", tmp_path)
    monkeypatch.setattr("sys.platform", "darwin")
    assert not exchange(tmp_path, tmp_path)


def test_a_library_without_swap_is_met_with_two_renames(tmp_path, monkeypatch):
    monkeypatch.setattr("ctypes.CDLL", lambda _: object())
    save(OLD, tmp_path / "model.wv")
    save(NEW, tmp_path / "model.wv")
    assert load(tmp_path / "model.wv").words == NEW.words
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", TARGETS)
def test_windows_that_cannot_flush_folders_saves_all_the_same(tmp_path, monkeypatch, name):
    monkeypatch.setattr("sys.platform", "win32")
    save(OLD, tmp_path / name)
    save(NEW, tmp_path / name)
    assert load(tmp_path / name).words == NEW.words
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", TARGETS)
def test_a_link_stays_a_link(tmp_path, name):
    (tmp_path / "disk").mkdir()
    save(OLD, tmp_path / "disk" / name)
    (tmp_path / name).symlink_to(tmp_path / "disk" / name)
    save(NEW, tmp_path / name)
    assert (tmp_path / name).is_symlink()
    assert load(tmp_path / "disk" / name).words == NEW.words


@pytest.mark.parametrize("name", TARGETS)
def test_a_replaced_target_keeps_who_may_read_it(tmp_path, name):
    path = tmp_path / name
    save(OLD, path)
    path.chmod(0o700)
    save(NEW, path)
    assert path.stat().st_mode & 0o777 == 0o700


def test_missing_parents_are_made(tmp_path):
    save(NEW, tmp_path / "a" / "b" / "model.wv")
    save(NEW, tmp_path / "c" / "d" / "vectors.bin")
    assert load(tmp_path / "a" / "b" / "model.wv").words == NEW.words


def test_a_relative_path_may_be_just_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(NEW, "model.wv")
    save(NEW, "model.wv/")
    assert np.array_equal(load("./model.wv").matrix, NEW.matrix)


@pytest.mark.parametrize("existed", [True, False], ids=["replace", "create"])
@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("number", [errno.EIO, errno.EINVAL], ids=["broken", "cannot"])
def test_a_save_in_its_place_has_not_failed_even_if_the_parent_folder_fails(
    tmp_path, monkeypatch, way, name, existed, number
):
    path = tmp_path / name
    if existed:
        save(OLD, path)
    flush = atomic._flush

    def fail(file):
        if file == tmp_path:
            raise OSError(number, os.strerror(number))
        flush(file)

    monkeypatch.setattr(atomic, "_flush", fail)
    if number == errno.EINVAL:
        save(NEW, path)
    else:
        with pytest.warns(UserWarning, match=r"is saved, but the disk did not confirm it \(Input/output"):
            save(NEW, path)
    assert load(path).words == NEW.words
    assert list(tmp_path.iterdir()) == [path]
