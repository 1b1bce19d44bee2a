from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from wordvec.errors import ResourceError
from wordvec.storage.atomic import locked_output
from wordvec.storage.temporary import new_name

fcntl = pytest.importorskip("fcntl")

CLAIM_UNTIL_KILLED = """
import sys, time
from pathlib import Path
from wordvec.storage.atomic import locked_output

with locked_output(Path(sys.argv[1])):
    print("claimed", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "new" / "model[1].wv"


def test_a_second_run_to_the_same_place_is_refused_until_the_first_is_killed(target: Path) -> None:
    command = [sys.executable, "-c", CLAIM_UNTIL_KILLED, str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        assert process.stdout.readline() == "claimed\n"
        with (
            pytest.raises(ResourceError, match=r"another run is at work on .*wv, .*choose another place"),
            locked_output(target),
        ):
            pytest.fail("two runs")
        process.send_signal(signal.SIGKILL)
    with locked_output(target):
        assert len(list(target.parent.iterdir())) == 1
    assert list(target.parent.iterdir()) == []


def test_the_same_place_by_another_name_is_refused(target: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(target)
    with (
        locked_output(target),
        pytest.raises(ResourceError, match="another run"),
        locked_output(tmp_path / "link"),
    ):
        pass


def test_what_a_killed_run_was_writing_is_removed(target: Path) -> None:
    target.parent.mkdir()
    new_name(target).touch()
    with locked_output(target):
        assert len(list(target.parent.iterdir())) == 1
    assert list(target.parent.iterdir()) == []


def test_another_place_beside_is_free(target: Path) -> None:
    with (
        locked_output(target),
        locked_output(target.with_name("model1.wv")),
        locked_output(target.with_name("model[1].wv.bin")),
    ):
        pass


def test_a_run_that_failed_frees_its_place(target: Path) -> None:
    with pytest.raises(ZeroDivisionError), locked_output(target):
        _ = 1 / 0
    with locked_output(target):
        pass


def test_what_goes_wrong_meanwhile_is_not_blamed_on_the_target(target: Path) -> None:
    with pytest.raises(BrokenPipeError), locked_output(target):
        raise BrokenPipeError


def test_a_place_where_nothing_can_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(ResourceError, match=r"model\.wv cannot be written"),
        locked_output(tmp_path / "file" / "model.wv"),
    ):
        pass


def test_systems_without_locks_refuse_nobody(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", unsupported)
    target.parent.mkdir()
    new_name(target, ".run").touch()  # of a run that was killed, or works; who knows
    with locked_output(target):
        pass
