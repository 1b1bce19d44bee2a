"""Single-query filter: which rows may be among the nearest of one query, from an int8 copy of all rows that is kept.

A row whose bound (see `int8_tile`) reaches the threshold is compared exactly at once, in float64, and the k-th best of
those is the threshold that later rows have to reach. So a query reads the copy, a quarter of the matrix's size, and few
rows of the matrix.
"""

from __future__ import annotations

from concurrent.futures import Executor
from contextlib import suppress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.int8.int8_tile import Int8TileShape, reach_thresholds, rounding_slack
from wordvec.kernels.int8.quantize import QuantizedQueries, never_writable, quantize_queries, quantize_rows
from wordvec.kernels.simd.compile import kernel, kernel_part
from wordvec.kernels.simd.memory import next_number

__all__ = ["Candidates", "SingleQueryFilter", "replace_lowest"]

# V rows, D dimensions
Floats = NDArray[np.float32]

TILES_PER_CHUNK = 256  # some 0.1 ms of work: a thread that is done waits no longer for another


class Candidates(NamedTuple):
    """Rows that may be among the nearest of one query."""

    is_complete: bool  # False where int8 decides too little: more rows were compared exactly than allowed
    rows: NDArray[np.int64]  # (n,)
    scores: NDArray[np.float64]  # (n,)  dot products, off by at most D · 2⁻⁵³


class _SingleQuery(NamedTuple):
    """One query, as the kernel takes it."""

    vector: Floats  # (1, D)
    quantized: QuantizedQueries
    scale: float  # the value of an int8 step
    error: float  # length of what rounding lost
    error_weights: Floats  # (1,)  of the rows' errors, in int8 steps
    slack: float


class _Found(NamedTuple):
    """What a thread has found; all of it overwritten."""

    threshold: Floats  # (1,)  what rows have to reach, in int8 steps of the query
    masks: NDArray[np.int32]  # (vectors,)  a bit for each row of a tile
    best: NDArray[np.float64]  # (k,)  a heap of the k highest scores, the lowest of them first
    rows: NDArray[np.int64]  # (max_compared,)
    scores: NDArray[np.float64]  # (max_compared,)


class SingleQueryFilter:
    """Compares single queries with an int8 copy of all rows; from several threads at once, too."""

    def __init__(self, shape: Int8TileShape, unit_vectors: Floats):
        """Make the copy.

        Args:
            shape: a tile of one query.
            unit_vectors: (V, D) rows of length 1 or 0; kept, not copied.

        Raises:
            MemoryError: there is not enough memory for the copy.
        """
        self._shape = shape
        self._unit_vectors = never_writable(unit_vectors)
        self.quantized = quantize_rows(shape, unit_vectors)

    def candidates(
        self,
        query: Floats,  # (1, D)  of length 1
        k: int,
        num_rows: int,  # only the first num_rows are searched
        max_compared: int,
        helper: Executor | None = None,
    ) -> Candidates:
        """Find all rows whose cosine may be among the k highest, and some others.

        Each thread compares at most `max_compared` rows exactly. The helper's thread takes rows, too, a few at a time,
        if it comes while some are left: nobody waits for it to begin, as other programs may have the core.
        """
        chunks_taken = np.zeros(1, np.int64)
        prepared = self._prepared(query)
        beside = None
        if helper is not None:
            with suppress(RuntimeError):  # no thread can be started, or Python is about to end
                beside = helper.submit(self._search, prepared, k, num_rows, max_compared, chunks_taken)
        found = self._search(prepared, k, num_rows, max_compared, chunks_taken)
        if beside is None or beside.cancel():
            return found
        other = beside.result()
        return Candidates(
            found.is_complete and other.is_complete,
            np.concatenate([found.rows, other.rows]),
            np.concatenate([found.scores, other.scores]),
        )

    def _prepared(self, query: Floats) -> _SingleQuery:
        quantized = quantize_queries(self._shape, query)
        scale, error = float(quantized.scales[0]), float(quantized.errors[0])
        error_weights = np.full(1, (1 + error) / scale, np.float32)
        return _SingleQuery(query, quantized, scale, error, error_weights, rounding_slack(query.shape[1]))

    def _search(
        self,
        query: _SingleQuery,
        k: int,
        num_rows: int,
        max_compared: int,
        chunks_taken: NDArray[np.int64],  # (1,)
    ) -> Candidates:
        """One thread's part: the candidates among the chunks of rows that it takes."""
        found = _Found(
            np.full(1, -np.inf, np.float32),
            np.empty(self._shape.vectors, np.int32),
            np.full(k, -np.inf),
            np.empty(max_compared, np.int64),
            np.empty(max_compared),
        )
        number = _find_candidates(
            self._shape, self._unit_vectors, self.quantized, num_rows, query, found, chunks_taken
        )
        if number < 0:
            return Candidates(False, found.rows[:0], found.scores[:0])
        rows, scores = found.rows[:number], found.scores[:number]
        near = scores >= found.best[0] - query.slack  # early ones may be far below the final k-th best
        return Candidates(True, rows[near], scores[near])


@kernel
def _find_candidates(  # type: ignore[no-untyped-def]
    shape,  # Int8TileShape
    matrix,  # (V, D) float32
    copy,  # QuantizedRows
    num_rows,  # only the first num_rows are searched
    query,  # _SingleQuery
    found,  # _Found, overwritten
    chunks_taken,  # (1,) int64, shared by threads
):
    """Return how many rows were found, -1 where more would have to be compared than there is room for."""
    num_quads = copy.quads.shape[1] // shape.rows
    num_tiles = (num_rows + shape.rows - 1) // shape.rows
    best = found.best
    num_compared = num_found = 0
    tile, end = np.int64(0), np.int64(0)
    while True:
        if tile == end:
            tile = next_number(chunks_taken, 0) * TILES_PER_CHUNK
            end = min(tile + TILES_PER_CHUNK, num_tiles)
            if tile >= num_tiles:
                break
        any_reach = reach_thresholds(
            shape,
            copy.quads[tile],
            copy.scales[tile],
            copy.errors[tile],
            num_quads,
            query.quantized.quads,
            0,
            query.quantized.starts,
            query.error_weights,
            found.threshold,
            0,
            found.masks,
        )
        if any_reach:
            for vector in range(shape.vectors):
                bits = found.masks[vector]
                row = tile * shape.rows + vector * shape.lanes
                while bits != 0:
                    if bits & 1 and row < num_rows:
                        if num_compared == len(found.rows):
                            return -1
                        num_compared += 1
                        score = _dot(matrix, row, query.vector)
                        if score >= best[0] - query.slack:
                            found.rows[num_found], found.scores[num_found] = row, score
                            num_found += 1
                        if score > best[0]:
                            replace_lowest(best, score)
                    bits >>= 1
                    row += 1
            found.threshold[0] = (best[0] - query.error - query.slack) / query.scale
        tile += 1
    return num_found


@kernel_part
def _dot(matrix, row, query):  # type: ignore[no-untyped-def]
    total = 0.0
    for column in range(matrix.shape[1]):
        total += np.float64(matrix[row, column]) * np.float64(query[0, column])
    return total


@kernel_part
def replace_lowest(heap, score):  # type: ignore[no-untyped-def]
    """Replace the lowest score of a heap by a higher one."""
    place = 0
    while True:
        child = 2 * place + 1
        if child >= len(heap):
            break
        if child + 1 < len(heap) and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= score:
            break
        heap[place] = heap[child]
        place = child
    heap[place] = score
