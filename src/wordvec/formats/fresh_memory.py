"""Fresh memory: the pages of a large new array are made ready on a thread, just ahead of what is written to it.

The system clears a page when it is first written to; for a gigabyte that takes as long as reading it from a file.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

__all__ = ["FreshMatrix"]

PAGE_BYTES = 4096
PAGES_PER_CHUNK = 2048  # 8 MiB, which a shared cache still has when it is written to
CHUNKS_AHEAD = 4  # no more: of a matrix that turns out to be larger than its file, little has cost memory


class FreshMatrix:
    """An empty matrix, (rows, D), to be written row by row inside a `with`.

    >>> with FreshMatrix(3, 2, np.dtype(np.float32)) as fresh:
    ...     fresh.make_ready(3)
    ...     fresh.rows[:] = 1
    >>> fresh.rows.tolist()
    [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]
    """

    def __init__(self, num_rows: int, dim: int, kind: np.dtype[np.float32]):
        self.rows: NDArray[np.float32] = np.empty((num_rows, dim), kind)
        self._pages = self.rows.reshape(-1)[:: PAGE_BYTES // kind.itemsize]  # a number on each
        self._num_ready = self._num_begun = 0  # pages
        self._chunks: deque[Future[None]] = deque()
        self._thread = ThreadPoolExecutor(1)

    def __enter__(self) -> FreshMatrix:
        for _ in range(CHUNKS_AHEAD):
            self._begin_chunk()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, where: TracebackType | None
    ) -> None:
        self._thread.shutdown(cancel_futures=True)

    def make_ready(self, num_rows: int) -> None:
        """Wait until the first so many rows can be written to; until then, the thread writes to them itself."""
        num_pages = -(-self.rows[:num_rows].nbytes // PAGE_BYTES)
        while self._num_ready < num_pages:
            self._chunks.popleft().result()
            self._num_ready += PAGES_PER_CHUNK
            self._begin_chunk()

    def _begin_chunk(self) -> None:
        if self._num_begun < len(self._pages):
            chunk = self._pages[self._num_begun : self._num_begun + PAGES_PER_CHUNK]
            self._chunks.append(self._thread.submit(_touch, chunk))
            self._num_begun += PAGES_PER_CHUNK


def _touch(pages: NDArray[np.float32]) -> None:
    pages.fill(0)
