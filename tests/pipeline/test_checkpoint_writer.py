"""The checkpoint writer: training does not wait for the disk, and at the end nothing is left unwritten."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wordvec.errors import FormatError
from wordvec.formats.checkpoint import Checkpoint, read_checkpoint
from wordvec.pipeline import checkpoint_writer
from wordvec.pipeline.checkpoint_writer import CheckpointWriter
from wordvec.vectors.word_vectors import WordVectors


def checkpoint_of(epoch: int) -> Checkpoint:
    vectors = WordVectors(["a", "b"], np.full((2, 3), epoch, np.float32))
    return Checkpoint(vectors, {"step": np.array(epoch)}, {"epochs_done": epoch})


class SlowDisk:
    """Writes when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.is_free = threading.Event()
        self.written: list[int] = []
        monkeypatch.setattr(checkpoint_writer, "write_checkpoint", self.write)

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


def begin_and_write(path: Path) -> None:
    with CheckpointWriter(path) as writer:
        writer.begin(lambda: checkpoint_of(1))
        with pytest.raises(FormatError, match="No space left"):
            writer.write(lambda: checkpoint_of(2))


def test_a_full_disk_is_a_warning_while_training_goes_on_and_an_error_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, _: Any) -> None:
        raise FormatError(f"{path} cannot be written: No space left on device")

    monkeypatch.setattr(checkpoint_writer, "write_checkpoint", fail)
    with pytest.warns(UserWarning, match="training goes on without a new checkpoint: .*No space left"):
        begin_and_write(tmp_path / "run.wv")


def test_nothing_is_copied_where_nothing_is_to_be_written() -> None:
    with CheckpointWriter(None) as writer:
        writer.begin(pytest.fail)
        writer.write(pytest.fail)
