"""Checkpoint writer: writes what was copied of a run to the disk, while training goes on."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

from wordvec.errors import FormatError
from wordvec.formats.checkpoint import Checkpoint, write_checkpoint

__all__ = ["CheckpointWriter"]


class CheckpointWriter:
    """Writes one checkpoint after the other, in a thread of its own.

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
        if self._path is not None:
            self._under_way = self._pool.submit(write_checkpoint, self._path, copy())

    def write(self, copy: Callable[[], Checkpoint]) -> None:
        """Copy the run, and return when the copy is on the disk.

        Raises:
            FormatError: it cannot be written; the checkpoint before is still there.
        """
        self._settle()
        if self._path is not None:
            write_checkpoint(self._path, copy())

    def _settle(self) -> None:
        task, self._under_way = self._under_way, None
        if task is None:
            return
        try:
            task.result()
        except FormatError as problem:
            warnings.warn(f"training goes on without a new checkpoint: {problem}", stacklevel=4)
