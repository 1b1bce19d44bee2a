"""Checkpoint schedule: when the next checkpoint is due, and writing it to the disk while training goes on."""

from __future__ import annotations

import logging
import tempfile
import time
import warnings
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from wordvec.errors import WordvecError
from wordvec.formats.checkpoint import Checkpoint, write_checkpoint
from wordvec.planning.request import Interval
from wordvec.training.progress import TrainingProgress

__all__ = ["CheckpointSchedule", "CheckpointWriter"]

SECONDS_BEFORE_RETRY = 60.0
NO_MEMORY = "there is not enough memory for a copy of the run"


class CheckpointSchedule:
    """Says when the next checkpoint is due.

    Args:
        every: how often.
        now: seconds of a clock that only goes forward.
    """

    def __init__(self, every: Interval, now: Callable[[], float] = time.monotonic):
        self._every, self._now = every, now
        self._last = now()

    def is_due(self, progress: TrainingProgress) -> bool:
        """Whether it is due at this report."""
        if self._every.epochs:
            return progress.is_epoch_end and progress.epoch % self._every.epochs == 0
        return bool(self._every.seconds) and self._now() >= self._last + self._every.seconds

    def written(self) -> None:
        """Count from now on: one has been written."""
        self._last = self._now()

    def failed(self) -> None:
        """Be due again before the time: one could not be written."""
        wait = min(self._every.seconds, SECONDS_BEFORE_RETRY)
        self._last = self._now() - self._every.seconds + wait


class CheckpointWriter:
    """Writes one checkpoint after the other, in a thread of its own; none that cannot be written ends the training.

    As a context: at its end the last one is written, however that end came.

    Args:
        path: of all checkpoints; None to write none.
    """

    def __init__(self, path: Path | None):
        self._path = path
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="wordvec-checkpoint")
        self._under_way: Future[None] | None = None

    def __enter__(self) -> CheckpointWriter:
        """Nothing is under way yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what is under way."""
        with self._pool:
            self._settle()

    def begin(self, copy: Callable[[], Checkpoint]) -> None:
        """Copy the run, and begin to write the copy; what goes wrong while writing is a warning, later on.

        It may be a full disk, which has room again before training ends.
        """
        self._settle()  # before there is another copy
        if self._path is None:
            return
        try:
            copied = copy()
        except MemoryError:
            _warn(f"training goes on without a new checkpoint: {NO_MEMORY}")
            return
        self._under_way = self._pool.submit(write_checkpoint, self._path, copied)

    def has_failed(self) -> bool:
        """Whether what was begun could not be written, once it is known; it is reported then."""
        return self._under_way is not None and self._under_way.done() and not self._settle()

    def write(self, copy: Callable[[], Checkpoint]) -> None:
        """Copy the run, and return when the copy is on the disk.

        What cannot be written to its place is written elsewhere, and a warning says where: the run is about to end, and
        this is all that is left of it. If that fails, too, the checkpoint before is still there.
        """
        self._settle()
        if self._path is None:
            return
        try:
            copied = copy()
        except MemoryError:
            _warn(f"no new checkpoint is written: {NO_MEMORY}")
            return
        try:
            write_checkpoint(self._path, copied)
        except Exception as problem:  # of any kind: the run must not be lost
            _warn(f"{_reason(problem)}; {_written_elsewhere(copied, self._path.name)}")

    def _settle(self) -> bool:
        """Wait for what is under way; say whether it is written, or else why it is not."""
        task, self._under_way = self._under_way, None
        if task is None:
            return True
        try:
            task.result()
        except Exception as problem:  # of any kind: the training must not be lost
            _warn(f"training goes on without a new checkpoint: {_reason(problem)}")
            return False
        return True


def _written_elsewhere(copied: Checkpoint, name: str) -> str:
    with suppress(Exception):
        folder = Path(tempfile.mkdtemp(prefix="wordvec-saved-"))
        try:
            write_checkpoint(folder / name, copied)
        except BaseException:
            folder.rmdir()
            raise
        return f"the checkpoint is in {folder / name} instead: move it to where you want it"
    return "no new checkpoint is written"


def _reason(problem: Exception) -> str:
    return str(problem) if isinstance(problem, WordvecError) else f"{type(problem).__name__}: {problem}"


def _warn(message: str) -> None:
    """Warn, even where warnings are errors: those would end the training, and lose more than a checkpoint."""
    try:
        warnings.warn(message, stacklevel=5)
    except Exception:
        logging.getLogger("wordvec").warning(message)
