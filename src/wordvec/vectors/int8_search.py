"""Int8 search: single queries, asked again and again, read an int8 copy of the unit vectors, a quarter of their size.

The copy is made once enough has been asked to pay for it. What rounding may have hidden is bounded
(`kernels.cpu.byte_tile`), and what is left is scored exactly, so the answers are those of `neighbors.top_k`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.config import usable_cores
from wordvec.settings import check_count
from wordvec.vectors.neighbors import top_k
from wordvec.vectors.top_k import TopK, exact_cosines, merge, nothing_found

if TYPE_CHECKING:
    from wordvec.kernels.cpu.machine import ByteTileShape
    from wordvec.kernels.cpu.quantized_rows import QuantizedRows

__all__ = ["Int8Search"]

# V words, D dimensions
Floats = NDArray[np.float32]

MIN_NUMBERS = 2**23  # in a matrix; BLAS reads fewer of them about as fast
# What must have been asked before the copy is made: loading the kernels takes as long as some dozens of queries.
MIN_QUERIES, MIN_PRODUCTS = 8, 2**29
ROWS_PER_RESULT = 1024  # of fewer rows, too many are compared exactly
MAX_COMPARED, MAX_COMPARED_PER_RESULT = 2048, 32  # exactly, by one query
MAX_UNDECIDED = 3  # queries in a row about which int8 decided too little


class _Copy(NamedTuple):
    shape: ByteTileShape
    rows: QuantizedRows


class Int8Search:
    """Finds what `top_k` finds, single queries faster once it has been asked some of them.

    It keeps a copy of the unit vectors in int8 then; one for each `WordVectors`, from several threads at once, too.
    """

    def __init__(self, unit_vectors: Floats):
        """Take the unit vectors, (V, D), that will be searched."""
        self._unit_vectors = unit_vectors
        self._num_queries = self._num_products = self._num_undecided = 0
        self._copy: _Copy | None = None
        self._pays = unit_vectors.size >= MIN_NUMBERS
        self._making = Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave the copy out where this is pickled: another machine may not be able to read it."""
        return type(self), (self._unit_vectors,)

    def top_k(
        self,
        unit_vectors: Floats,  # (V, D)  all rows or the first of them
        queries: Floats,  # (Q, D)  rows of length 1 or 0
        k: int,
        exclude: Sequence[Sequence[int]] | None = None,  # for each query the rows that must not answer it
    ) -> TopK:
        """Find the k rows with the highest cosine for each query; see `neighbors.top_k`.

        Raises:
            ConfigError: k is not an integer, or below 1.
        """
        check_count("k", k, "how many neighbors to find")
        if len(queries) == 1 and self._is_for(unit_vectors, k) and queries.any():
            copy = self._copy or self._copy_if_due(unit_vectors)
            own = [row for row in (exclude[0] if exclude else ()) if row < len(unit_vectors)]
            found = copy and self._find(copy, unit_vectors, queries, k, own)
            if found:
                return found
        return top_k(unit_vectors, queries, k, exclude)

    def _is_for(self, unit_vectors: Floats, k: int) -> bool:
        """Whether the copy, made or to be made, is of these vectors, and faster for so many results."""
        return (
            self._pays
            and unit_vectors.size >= MIN_NUMBERS
            and k * ROWS_PER_RESULT <= len(unit_vectors)
            and unit_vectors.ctypes.data == self._unit_vectors.ctypes.data
            and unit_vectors.flags.c_contiguous
        )

    def _copy_if_due(self, unit_vectors: Floats) -> _Copy | None:
        self._num_queries += 1
        self._num_products += unit_vectors.size
        if self._num_queries < MIN_QUERIES or self._num_products < MIN_PRODUCTS:
            return None
        if not self._making.acquire(blocking=False):
            return None  # another thread is at it
        try:
            self._copy = self._copy or _quantized(self._unit_vectors)
            self._pays = self._copy is not None
        finally:
            self._making.release()
        return self._copy

    def _find(
        self, copy: _Copy, unit_vectors: Floats, queries: Floats, k: int, own: list[int]
    ) -> TopK | None:
        """Search the copy; None where int8 decides too little."""
        from wordvec.kernels.cpu.quantized_rows import candidates_of, quantize_query

        query = np.array(queries, np.float32, order="C")
        num_wanted = k + len(set(own))  # a query's own rows are found, too
        found = candidates_of(
            query,
            quantize_query(copy.shape, query),
            copy.shape,
            self._unit_vectors,
            copy.rows,
            len(unit_vectors),
            num_wanted,
            MAX_COMPARED + MAX_COMPARED_PER_RESULT * num_wanted,
            _helper(),
        )
        if not found.is_complete:
            self._num_undecided += 1
            if self._num_undecided == MAX_UNDECIDED:
                self._pays, self._copy = False, None
            return None
        self._num_undecided = 0
        rows = found.rows
        if own:
            rows = rows[(rows[:, None] != np.array(own)).all(axis=1)]
        best = nothing_found(1, k, len(unit_vectors))
        merge(best, np.zeros(len(rows), np.int64), rows, exact_cosines(unit_vectors[rows], query))
        return best


@cache
def _helper() -> ThreadPoolExecutor | None:
    """One more thread for all searches, where there is a core for it."""
    return ThreadPoolExecutor(1, thread_name_prefix="wordvec-search") if usable_cores() > 1 else None


if hasattr(os, "register_at_fork"):  # a child has no thread of its parent
    os.register_at_fork(after_in_child=_helper.cache_clear)


def _quantized(unit_vectors: Floats) -> _Copy | None:
    """Make the copy; None where the machine cannot multiply int8, or has no memory for it."""
    from wordvec.kernels.cpu.machine import single_query_tile_shape

    shape = single_query_tile_shape()
    if shape is None:
        return None
    from wordvec.kernels.cpu.quantized_rows import quantize

    try:
        return _Copy(shape, quantize(shape, unit_vectors))
    except MemoryError:
        return None
