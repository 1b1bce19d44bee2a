"""The checkpoint writer: training does not wait for the disk, and at the end nothing is left unwritten."""

from __future__ import annotations

import errno
import tempfile
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import wait
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wordvec.errors import ResourceError
from wordvec.formats.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from wordvec.pipeline import checkpoint_schedule
from wordvec.pipeline.checkpoint_schedule import CheckpointWriter
from wordvec.vectors.word_vectors import WordVectors


def checkpoint_of(epoch: int) -> Checkpoint:
    vectors = WordVectors(["a", "b"], np.full((2, 3), epoch, np.float32))
    return Checkpoint(vectors, {"step": np.array(epoch)}, {"epochs_done": epoch})


class SlowDisk:
    """Writes when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.is_free = threading.Event()
        self.written: list[int] = []
        monkeypatch.setattr(checkpoint_schedule, "write_checkpoint", self.write)

    def write(self, _path: Path, checkpoint: Checkpoint) -> None:
        assert self.is_free.wait(10)
        self.written.append(checkpoint.run["epochs_done"])


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> SlowDisk:
    return SlowDisk(monkeypatch)


def test_training_goes_on_while_a_checkpoint_is_written(disk: SlowDisk) -> None:
    with CheckpointWriter(Path("run.wv")) as writer:
        writer.begin(lambda: checkpoint_of(1))
        assert disk.written == []  # and yet, begin has returned
        disk.is_free.set()
    assert disk.written == [1]


def test_no_second_copy_is_made_before_the_first_is_written(disk: SlowDisk) -> None:
    def copy() -> Checkpoint:
        assert disk.written == [1]
        return checkpoint_of(2)

    with CheckpointWriter(Path("run.wv")) as writer:
        writer.begin(lambda: checkpoint_of(1))
        threading.Timer(0.05, disk.is_free.set).start()
        writer.begin(copy)
    assert disk.written == [1, 2]


def begin_and_fail() -> None:
    with CheckpointWriter(Path("run.wv")) as writer:
        writer.begin(lambda: checkpoint_of(1))
        raise KeyboardInterrupt


def test_what_is_under_way_is_written_before_an_error_gets_out(disk: SlowDisk) -> None:
    threading.Timer(0.05, disk.is_free.set).start()
    with pytest.raises(KeyboardInterrupt):
        begin_and_fail()
    assert disk.written == [1]


def test_to_write_at_the_end_is_to_have_written(tmp_path: Path) -> None:
    with CheckpointWriter(tmp_path / "run.wv") as writer:
        writer.begin(lambda: checkpoint_of(1))
        writer.write(lambda: checkpoint_of(2))
        assert read_checkpoint(tmp_path / "run.wv").run == {"epochs_done": 2}


PROBLEMS = [
    pytest.param(ResourceError("run.wv cannot be written"), "run.wv cannot be written", id="refused"),
    pytest.param(OSError(errno.EIO, "Input/output error"), "OSError: .* error", id="disk"),
    pytest.param(MemoryError(), "MemoryError", id="memory"),
    pytest.param(UnicodeEncodeError("utf-8", "\udce9", 0, 1, "no"), "UnicodeEncodeError", id="name"),
]


@pytest.fixture
def broken_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception, list[Path]], None]:
    """Break all places below some folders."""

    def break_them(problem: Exception, folders: list[Path]) -> None:
        def write(path: Path, checkpoint: Checkpoint) -> None:
            if any(path.is_relative_to(folder) for folder in folders):
                raise problem
            write_checkpoint(path, checkpoint)

        monkeypatch.setattr(checkpoint_schedule, "write_checkpoint", write)

    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    return break_them


def begin_twice(path: Path) -> list[bool]:
    """Whether each of two had failed before the end."""
    with CheckpointWriter(path) as writer:
        failed = []
        for epoch in (1, 2):
            writer.begin(lambda epoch=epoch: checkpoint_of(epoch))  # type: ignore[misc]
            assert writer._under_way is not None
            wait([writer._under_way])
            failed.append(writer.has_failed())
        return failed


@pytest.mark.parametrize(("problem", "message"), PROBLEMS)
def test_any_error_is_a_warning_while_training_goes_on(
    problem: Exception, message: str, tmp_path: Path, broken_places: Any
) -> None:
    broken_places(problem, [tmp_path])
    with pytest.warns(UserWarning, match=f"training goes on without a new checkpoint: {message}") as warned:
        assert begin_twice(tmp_path / "run.wv") == [True, True]
    assert len(warned) == 2


def test_one_that_is_written_has_not_failed(tmp_path: Path) -> None:
    assert begin_twice(tmp_path / "run.wv") == [False, False]


@pytest.mark.parametrize(("problem", "message"), PROBLEMS)
def test_at_the_end_a_checkpoint_that_cannot_be_written_is_written_elsewhere(
    problem: Exception, message: str, tmp_path: Path, broken_places: Any
) -> None:
    broken_places(problem, [tmp_path / "full"])
    with pytest.warns(UserWarning, match=f"{message}.*; the checkpoint is in .* instead: move it"):
        write_at_the_end(tmp_path / "full" / "run.wv")
    (rescued,) = (tmp_path / "elsewhere").glob("wordvec-saved-*/run.wv")
    assert read_checkpoint(rescued).run == {"epochs_done": 3}


def test_where_no_place_takes_it_the_end_is_not_an_error(tmp_path: Path, broken_places: Any) -> None:
    broken_places(OSError(errno.ENOSPC, "No space left"), [tmp_path])
    with pytest.warns(UserWarning, match="No space left; no new checkpoint is written"):
        write_at_the_end(tmp_path / "run.wv")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def write_at_the_end(path: Path) -> None:
    with CheckpointWriter(path) as writer:
        writer.write(lambda: checkpoint_of(3))


def test_too_little_memory_for_a_copy_is_a_warning(tmp_path: Path) -> None:
    def copy() -> Checkpoint:
        raise MemoryError

    with CheckpointWriter(tmp_path / "run.wv") as writer:
        for step in (writer.begin, writer.write):
            with pytest.warns(UserWarning, match="not enough memory for a copy"):
                step(copy)


def test_where_warnings_are_errors_a_failed_checkpoint_is_logged(
    tmp_path: Path, broken_places: Any, caplog: pytest.LogCaptureFixture
) -> None:
    broken_places(OSError(errno.ENOSPC, "No space left"), [tmp_path])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert begin_twice(tmp_path / "run.wv") == [True, True]
    assert "training goes on without a new checkpoint: OSError: [Errno 28] No space left" in caplog.text


def test_nothing_is_copied_where_nothing_is_to_be_written() -> None:
    with CheckpointWriter(None) as writer:
        writer.begin(pytest.fail)
        writer.write(pytest.fail)
