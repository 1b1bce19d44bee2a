"""Id reader: any stretch of a file of word ids, from any thread, whatever happens to the file meanwhile."""

from __future__ import annotations

import os
import weakref
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import CorpusError

__all__ = ["LARGEST_ID", "IdReader", "lost"]

LARGEST_ID = int(np.iinfo(np.int32).max)
_ID_BYTES = np.dtype(np.int32).itemsize
_CAN_HOLD = hasattr(os, "pread")  # Windows cannot, where an open file could not be removed, either


class IdReader:
    """Reads a file of int32, which stays open, so that it can be read even after it has been removed.

    It is not mapped into memory: with a mapped file, a failing disk or another program that cuts the file short would
    kill the process (SIGBUS), where reading fails with a message. Nor is it believed: kernels write to the rows that
    ids name, so an id of no row, which another program has put there, would kill the process, too.

    Args:
        path: the file.
        min_id: the smallest one that was written to it; negative ones are marks.
        max_id: the largest one.

    Raises:
        CorpusError: the file cannot be opened.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "ids.int32")
    ...     np.array([4, 2, 4, 7], dtype=np.int32).tofile(path)
    ...     IdReader(path, min_id=-1, max_id=7).read(1, 3).tolist()
    [2, 4]
    """

    def __init__(self, path: Path, *, min_id: int, max_id: int):
        self._path, self._min_id, self._max_id = path, min_id, max_id
        self._descriptor: int | None = None
        if _CAN_HOLD:
            try:
                self._descriptor = os.open(path, os.O_RDONLY)
            except OSError as problem:
                raise CorpusError(lost(path, problem.strerror)) from problem
            weakref.finalize(self, os.close, self._descriptor)

    def read(self, start: int, stop: int) -> NDArray[np.int32]:
        """The positions [start, stop), read-only.

        Raises:
            CorpusError: the file has become shorter, cannot be read, or has ids in it that were never written.
        """
        first_byte, size = start * _ID_BYTES, (stop - start) * _ID_BYTES
        try:
            data = self._read_at(first_byte, size)
            while len(data) < size and (more := self._read_at(first_byte + len(data), size - len(data))):
                data += more  # one call reads 2 GB at most
        except OSError as problem:
            raise CorpusError(lost(self._path, problem.strerror)) from problem
        if len(data) < size:
            missing = f"there are no bytes {first_byte + len(data):,} to {first_byte + size:,} in it any more"
            raise CorpusError(lost(self._path, missing))
        ids = np.frombuffer(data, dtype=np.int32)
        if len(ids) and (ids.min() < self._min_id or ids.max() > self._max_id):
            raise CorpusError(lost(self._path, self._first_strange(ids, start)))
        return ids

    def _first_strange(self, ids: NDArray[np.int32], start: int) -> str:
        place = int(np.flatnonzero((ids < self._min_id) | (ids > self._max_id))[0])
        return (
            f"at position {start + place:,} it has the id {ids[place]:,}, and all that were written are "
            f"{self._min_id:,} to {self._max_id:,}"
        )

    def _read_at(self, place: int, size: int) -> bytes:
        if self._descriptor is not None:
            return os.pread(self._descriptor, size, place)
        with open(self._path, "rb", buffering=0) as file:  # noqa: PTH123
            file.seek(place)
            return file.read(size)


def lost(path: Path, reason: str | None) -> str:
    """Say that a file of word ids is no longer what was written to it."""
    return (
        f"the encoded text {path} is lost: {reason}; another program has changed it, or the disk fails: start again, "
        "or resume, with a folder that nothing else writes to or cleans (temporary_folder, --temporary-folder)"
    )
