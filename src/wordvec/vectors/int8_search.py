"""Int8 search: the rows that may be among the nearest, by int8 products, where those are faster than float32 ones.

What rounding to int8 may have hidden is bounded (`kernels.int8.int8_tile`), so no row is missed; `top_k` scores the
candidates exactly. There are two ways: many queries at once quantize the rows on the way; single queries read an
int8 copy of the rows, a quarter of their size, which is made once enough has been asked to pay for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.config import usable_cores

if TYPE_CHECKING:
    from wordvec.kernels.int8.int8_tile import Int8TileShape
    from wordvec.kernels.int8.single_query_filter import SingleQueryFilter

__all__ = ["BatchFilter", "Int8Copy", "Pairs", "batch_tile_shape"]

# V words, D dimensions, Q queries
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

# Many queries at once
MIN_BATCH_PRODUCTS = 2**36  # about a second of BLAS; loading the kernels takes nearly as long, once
MIN_BATCH_QUERIES = 64  # for fewer, quantizing the rows takes longer than comparing them
FIRST_ROWS, FIRST_ROWS_PER_RESULT = 8192, 64
ROWS_PER_TASK = 16_384
MAX_LISTED = 1 / 16  # of the pairs of a query and a row; where more are listed, float32 is faster
ROW_LIMIT = 2**31  # rows are numbered in int32

# Single queries
MIN_NUMBERS = 2**23  # in a matrix; BLAS reads fewer of them about as fast
# What must have been asked before the copy is made: loading the kernels takes as long as some dozens of queries.
MIN_QUERIES, MIN_PRODUCTS = 8, 2**29
ROWS_PER_RESULT = 1024  # of fewer rows, too many are compared exactly
MAX_COMPARED, MAX_COMPARED_PER_RESULT = 2048, 32  # exactly, by one query
MAX_UNDECIDED = 3  # queries in a row about which int8 decided too little


class Pairs(NamedTuple):
    """Each query beside a row that may be near enough to it."""

    queries: Ints  # (n,)  numbers of queries
    rows: Ints  # (n,)


def batch_tile_shape(unit_vectors: Floats, num_queries: int, k: int) -> Int8TileShape | None:
    """The int8 tile for many queries; None if the machine has none, or float32 is faster for this little work."""
    num_words, dim = unit_vectors.shape
    if num_queries < MIN_BATCH_QUERIES or num_queries * num_words * dim < MIN_BATCH_PRODUCTS:
        return None
    if num_words < 4 * num_first_rows(k) or num_words >= ROW_LIMIT or not unit_vectors.flags.c_contiguous:
        return None
    from wordvec.kernels.int8.int8_tile import int8_tile_shape

    return int8_tile_shape()


def num_first_rows(k: int) -> int:
    """How many rows to compare by float32 before int8 begins: the best of them are the first thresholds."""
    return max(FIRST_ROWS, FIRST_ROWS_PER_RESULT * k)


class BatchFilter:
    """Finds the rows that may be near enough to each of many queries; from several threads at once, too."""

    def __init__(self, shape: Int8TileShape, unit_vectors: Floats, queries: Floats):
        """Take rows, (V, D), and queries, (Q, D), of length 1 or 0."""
        from wordvec.kernels.int8.candidate_filter import CandidateFilter

        self._unit_vectors, self._filter = unit_vectors, CandidateFilter(shape, queries)

    def pairs(self, rows: range, thresholds: Floats) -> Pairs | None:
        """All pairs whose cosine reaches the query's threshold, (Q,), and a few more; None if there are too many."""
        max_pairs = int(MAX_LISTED * len(rows) * len(thresholds))
        listed = self._filter.pairs_reaching(self._unit_vectors, rows, thresholds, max_pairs)
        if listed.stop < rows.stop:
            return None
        return Pairs(listed.queries.astype(np.int64), listed.rows.astype(np.int64))


def tasks_of(rows: range, num_threads: int) -> Iterator[range]:
    """Cut rows into tasks, at least one for each thread."""
    size = min(ROWS_PER_TASK, -(-len(rows) // num_threads))
    return (rows[start : start + size] for start in range(0, len(rows), size))


class Int8Copy:
    """Finds the rows that may be nearest to single queries, by an int8 copy made once enough has been asked.

    There is one for each `WordVectors`; several threads may ask it at once.
    """

    def __init__(self, unit_vectors: Floats):
        """Take the unit vectors, (V, D), that will be searched."""
        self._unit_vectors = unit_vectors
        self._num_queries = self._num_products = self._num_undecided = 0
        self._copy: SingleQueryFilter | None = None
        self._pays = unit_vectors.size >= MIN_NUMBERS
        self._making = Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave the copy out of a pickle: another machine may not be able to read it."""
        return type(self), (self._unit_vectors,)

    @property
    def is_made(self) -> bool:
        """Whether there is a copy."""
        return self._copy is not None

    def make(self) -> None:
        """Make the copy now, where single queries are faster by it on this machine."""
        with self._making:
            if self._pays and self._copy is None:
                self._copy = _quantized(self._unit_vectors)
                self._pays = self._copy is not None

    def candidates(self, unit_vectors: Floats, query: Floats, k: int) -> Ints | None:
        """All rows whose cosine may be among the k highest, (n,), and some others; None where float32 has to do it.

        Args:
            unit_vectors: all rows, or the first of them.
            query: (1, D), of length 1.
            k: at least 1.
        """
        if not self._is_for(unit_vectors, k):
            return None
        copy = self._copy or self._copy_if_due(unit_vectors)
        if copy is None:
            return None
        max_compared = MAX_COMPARED + MAX_COMPARED_PER_RESULT * k
        found = copy.candidates(query, k, len(unit_vectors), max_compared, _helper())
        if found.is_complete:
            self._num_undecided = 0
            return found.rows
        self._num_undecided += 1
        if self._num_undecided == MAX_UNDECIDED:
            self._pays, self._copy = False, None
        return None

    def _is_for(self, unit_vectors: Floats, k: int) -> bool:
        """Whether the copy, made or to be made, is of these vectors, and faster for k results."""
        return (
            self._pays
            and unit_vectors.size >= MIN_NUMBERS
            and k * ROWS_PER_RESULT <= len(unit_vectors)
            and unit_vectors.ctypes.data == self._unit_vectors.ctypes.data
            and unit_vectors.flags.c_contiguous
        )

    def _copy_if_due(self, unit_vectors: Floats) -> SingleQueryFilter | None:
        self._num_queries += 1
        self._num_products += unit_vectors.size
        if self._num_queries < MIN_QUERIES or self._num_products < MIN_PRODUCTS:
            return None
        if not self._making.acquire(blocking=False):
            return None  # another thread makes it
        try:
            self._copy = self._copy or _quantized(self._unit_vectors)
            self._pays = self._copy is not None
        finally:
            self._making.release()
        return self._copy


def _quantized(unit_vectors: Floats) -> SingleQueryFilter | None:
    """Make the copy; None where the machine has no int8 products, or not enough memory."""
    from wordvec.kernels.int8.int8_tile import single_query_tile_shape

    shape = single_query_tile_shape()
    if shape is None:
        return None
    from wordvec.kernels.int8.single_query_filter import SingleQueryFilter

    try:
        return SingleQueryFilter(shape, unit_vectors)
    except MemoryError:
        return None


@cache
def _helper() -> ThreadPoolExecutor | None:
    """One more thread for all searches, where there is a core for it."""
    return ThreadPoolExecutor(1, thread_name_prefix="wordvec-search") if usable_cores() > 1 else None


if hasattr(os, "register_at_fork"):  # a child has no thread of its parent
    os.register_at_fork(after_in_child=_helper.cache_clear)
