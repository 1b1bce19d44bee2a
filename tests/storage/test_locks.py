from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from wordvec.storage.temporary import make_locked, remove_abandoned, remove_and_unlock

pytest.importorskip("fcntl")

WORK_UNTIL_KILLED = """
import sys, time
from pathlib import Path
from wordvec.storage.temporary import make_locked

def make():
    folder = Path(sys.argv[1])
    folder.mkdir()
    return folder

path, lock = make_locked(make)
(path / "file").touch()
print("locked", flush=True)
time.sleep(60)
"""


def test_what_a_process_works_on_stays_until_it_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    command = [sys.executable, "-c", WORK_UNTIL_KILLED, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        remove_abandoned([folder])
        assert (folder / "file").exists()
        process.send_signal(signal.SIGKILL)
    remove_abandoned([folder])
    assert not folder.exists()


def test_what_is_locked_can_be_removed_by_its_maker_alone(tmp_path: Path) -> None:
    def make() -> Path:
        (tmp_path / "file").touch()
        return tmp_path / "file"

    path, lock = make_locked(make)
    remove_abandoned([path])
    assert path.exists()
    remove_and_unlock(path, lock)
    assert not path.exists()


def test_what_is_gone_already_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    remove_abandoned([tmp_path / "gone", tmp_path / "there"])
    assert list(tmp_path.iterdir()) == []
