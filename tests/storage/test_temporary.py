import errno
import os
import subprocess
import sys

import pytest

from wordvec.storage import temporary as temporary_module
from wordvec.storage.temporary import ASIDE, GROWING, aside_of, new_name, remove_leftovers, temporary

fcntl = pytest.importorskip("fcntl")


@pytest.fixture
def target(tmp_path):
    return tmp_path / "model[1].wv"  # a pattern would take the brackets for something else


@pytest.mark.parametrize("folder", [True, False], ids=["folder", "file"])
def test_a_temporary_is_gone_afterwards(target, folder):
    with temporary(target, folder=folder) as path:
        assert path.is_dir() == folder
        assert path.parent == target.parent
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("folder", [True, False], ids=["folder", "file"])
def test_what_a_crash_left_is_removed(target, folder):
    leftover = new_name(target)
    if folder:
        leftover.mkdir()
        (leftover / "vectors.safetensors").touch()
    else:
        leftover.touch()
    remove_leftovers(target)
    assert not leftover.exists()


def test_what_a_running_save_is_filling_stays(target):
    with temporary(target, folder=True) as growing:
        remove_leftovers(target)
        assert growing.exists()


def test_the_previous_version_stays_as_long_as_it_is_the_only_one(target):
    aside = new_name(target, ASIDE)
    aside.mkdir()
    remove_leftovers(target)
    assert aside_of(target) == aside
    target.mkdir()
    remove_leftovers(target)
    assert aside_of(target) is None


def test_the_latest_previous_version_counts(target):
    for age, name in enumerate((new_name(target, ASIDE), new_name(target, ASIDE))):
        name.mkdir()
        os.utime(name, (1000 - age, 1000 - age))
        latest = name if age == 0 else latest  # noqa: F821
    assert aside_of(target) == latest


@pytest.mark.parametrize(
    "name", [".model[1].wv.backup.tmp", ".model[1].wv.tmp", "model[1].wv.12345678.tmp", ".x.tmp"]
)
def test_files_of_others_stay(target, name):
    target.with_name(name).touch()
    remove_leftovers(target)
    assert target.with_name(name).exists()


def test_leftovers_of_others_that_cannot_be_removed_do_no_harm(target, monkeypatch):
    new_name(target).touch()

    def refuse(*args, **kwargs):
        raise PermissionError(errno.EACCES, "not yours")

    monkeypatch.setattr(os, "open", refuse)
    remove_leftovers(target)


def test_without_a_parent_there_is_nothing_to_clean(tmp_path):
    remove_leftovers(tmp_path / "missing" / "model.wv")
    assert aside_of(tmp_path / "missing" / "model.wv") is None


@pytest.mark.parametrize("moment", ["before the lock", "while locking"])
def test_a_temporary_that_another_process_cleans_up_is_made_anew(target, monkeypatch, moment):
    real_lock, made = temporary_module._lock, []

    def lock(path):
        made.append(path)
        if len(made) > 1:
            return real_lock(path)
        if moment == "while locking":
            raise BlockingIOError
        descriptor = real_lock(path)
        path.rmdir()
        return descriptor

    monkeypatch.setattr(temporary_module, "_lock", lock)
    with temporary(target, folder=True) as growing:
        assert growing == made[1]
        assert growing.is_dir()


def test_systems_without_locks_save_and_never_clean(target, monkeypatch):
    def unsupported(*args):
        raise OSError(errno.ENOLCK, "no locks here")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    leftover = new_name(target, GROWING)
    leftover.mkdir()
    with temporary(target, folder=True) as growing:
        remove_leftovers(target)
        assert growing.exists()
        assert leftover.exists()


def test_windows_has_no_locks_for_folders(target, monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    with temporary(target, folder=True) as growing:
        remove_leftovers(target)
        assert growing.exists()


@pytest.mark.parametrize(
    "name",
    [
        ".model[1].wv.holidays.tmp",
        ".model[1].wv.ABCDEF12.tmp",
        ".model[1].wv.19991231.tmp",  # a date
        ".model[1].wv.1999123123595900.tmp",
        ".model[1].wv.deadbeefdeadbeef.tmp",
        ".model[1].wv.19991231.old",
    ],
)
def test_a_file_whose_name_we_cannot_have_made_stays(target, name):
    target.with_name(name).touch()
    remove_leftovers(target)
    assert target.with_name(name).exists()


def test_pipes_and_links_that_are_called_like_ours_stay_and_nothing_waits(target):
    pipe, link = new_name(target), new_name(target)
    os.mkfifo(pipe)
    link.symlink_to(target.parent)
    remove_leftovers(target)
    temporary_module.remove_abandoned([link])
    assert pipe.exists()
    assert link.is_symlink()


def test_a_name_made_for_another_target_is_not_ours(target):
    target.touch()
    digits = new_name(target.with_name("other.wv")).name.split(".")[-2]
    copy = target.with_name(f".{target.name}.{digits}.tmp")
    copy.touch()
    remove_leftovers(target)
    assert copy.exists()


DIES_WHILE_SAVING = """
import os, signal, sys
from pathlib import Path
from wordvec.storage.temporary import temporary

with temporary(Path(sys.argv[1]), folder=sys.argv[2] == "folder") as growing:
    if growing.is_dir():
        (growing / "vectors.safetensors").write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_a_killed_process_left_is_removed(target, kind):
    subprocess.run([sys.executable, "-c", DIES_WHILE_SAVING, str(target), kind], check=False)  # noqa: S603
    assert len(list(target.parent.iterdir())) == 1
    remove_leftovers(target)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("ending", [GROWING, ASIDE])
def test_what_users_have_put_into_a_leftover_stays(target, ending):
    target.mkdir()
    leftover = new_name(target, ending)
    leftover.mkdir()
    for name in ("vectors.safetensors", "vocabulary.parquet", "thesis.txt"):
        (leftover / name).touch()
    remove_leftovers(target)
    assert [entry.name for entry in leftover.iterdir()] == ["thesis.txt"]
