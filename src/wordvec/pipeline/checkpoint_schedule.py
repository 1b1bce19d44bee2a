"""Interval: how often something is done in a run, in time or in epochs."""

from __future__ import annotations

import logging
import re
import tempfile
import warnings
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from wordvec.errors import ConfigError, WordvecError
from wordvec.formats.checkpoint import Checkpoint, write_checkpoint

__all__ = ["NEVER", "CheckpointWriter", "Interval", "interval"]

SECONDS_OF = {"s": 1.0, "m": 60.0, "h": 3600.0}
WRITTEN = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>s|m|h|epochs?)")

NO_MEMORY = "there is not enough memory for a copy of the run"


class Interval(NamedTuple):
    """After so many seconds, or after so many epochs; never, where both are 0."""

    seconds: float = 0.0
    epochs: int = 0


NEVER = Interval()


def interval(written: str, name: str) -> Interval:
    """Read an interval as people write it.

    Args:
        written: such as 30s, 10m, 1.5h, 1epoch, 2epochs; or never.
        name: of the setting, for the message.

    Raises:
        ConfigError: it is none.

    >>> interval("10m", "checkpoint_every"), interval("1epoch", "checkpoint_every")
    (Interval(seconds=600.0, epochs=0), Interval(seconds=0.0, epochs=1))
    """
    if written == "never":
        return NEVER
    found = WRITTEN.fullmatch(written) if isinstance(written, str) else None
    number = float(found["number"]) if found else 0.0
    is_epochs = found is not None and found["unit"].startswith("epoch")
    if found is None or number == 0 or (is_epochs and not number.is_integer()):
        raise ConfigError(
            f"{name} must be a time (30s, 10m, 1.5h), a number of epochs (1epoch, 2epochs) or never, got {written!r}"
        )
    return Interval(epochs=int(number)) if is_epochs else Interval(seconds=number * SECONDS_OF[found["unit"]])


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
        except Exception as problem:  # whatever it is, the run is not to be lost
            _warn(f"{_reason(problem)}; {_written_elsewhere(copied, self._path.name)}")

    def _settle(self) -> bool:
        """Wait for what is under way; say whether it is written, or else why it is not."""
        task, self._under_way = self._under_way, None
        if task is None:
            return True
        try:
            task.result()
        except Exception as problem:  # whatever it is, the training is not to be lost
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
