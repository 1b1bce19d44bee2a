"""Several-queries filter: which rows may be among the nearest of each of a few queries, from an int8 copy of all rows.

As `single_query_filter`, for queries that come together: the copy is read once for all of them. It is made of rows as
they are, with their lengths beside them, so that unit vectors need no memory of their own.
"""

from __future__ import annotations

from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.int8.int8_tile import Int8TileShape, reach_thresholds, rounding_slack
from wordvec.kernels.int8.quantize import (
    DIMENSIONS_PER_QUAD,
    QuantizedQueries,
    QuantizedRows,
    never_writable,
    quantize_queries,
    quantize_rows,
)
from wordvec.kernels.int8.single_query_filter import replace_lowest
from wordvec.kernels.simd.compile import kernel, kernel_part
from wordvec.kernels.simd.memory import next_number

__all__ = ["CandidateRows", "SeveralQueriesFilter", "empty_copy", "fill_copy"]

# V rows, D dimensions, Q queries, P of them with padding, k results for each
Floats = NDArray[np.float32]
Reals = NDArray[np.float64]
Ints = NDArray[np.int64]

TILES_PER_CHUNK = 256  # of rows, which a thread takes at once
QUERIES_PER_TILE = (1, 4)  # where there are no more; else as many as the shape says


class CandidateRows(NamedTuple):
    """Rows that may be among the nearest, beside the query that they are near to."""

    is_complete: bool  # False where int8 decides too little: more rows were compared exactly than allowed
    queries: Ints  # (n,)
    rows: Ints  # (n,)


class _Asked(NamedTuple):
    """Queries, as the kernel takes them."""

    vectors: Floats  # (Q, D)
    quantized: QuantizedQueries
    error_weights: Floats  # (P,)  of the rows' errors, in int8 steps
    scales: Reals  # (P,)  the value of an int8 step
    errors: Reals  # (P,)  lengths of what rounding lost
    slack: float


class _Found(NamedTuple):
    """What a thread has found; all of it overwritten."""

    thresholds: Floats  # (P,)  what rows have to reach, in int8 steps of the query
    masks: NDArray[np.int32]  # (queries · vectors,)  a bit for each row of a tile
    best: Reals  # (Q, k)  heaps of the k highest scores, the lowest of them first
    num_compared: Ints  # (Q,)
    num_found: Ints  # (Q,)
    rows: Ints  # (Q, max_compared)
    scores: Reals  # (Q, max_compared)


def empty_copy(shape: Int8TileShape, num_rows: int, dim: int) -> QuantizedRows:
    """Memory for the copy of all rows.

    Raises:
        MemoryError: there is not enough.
    """
    num_tiles, num_quads = -(-num_rows // shape.rows), -(-dim // DIMENSIONS_PER_QUAD)
    return QuantizedRows(
        np.empty((num_tiles, num_quads * shape.rows), np.int32),
        np.empty((num_tiles, shape.rows), np.float32),
        np.empty((num_tiles, shape.rows), np.float32),
    )


def fill_copy(shape: Int8TileShape, copy: QuantizedRows, first_row: int, unit_vectors: Floats) -> None:
    """Quantize some rows, from the first one of a tile on; from several threads at once, too."""
    part = quantize_rows(shape, unit_vectors)
    first = first_row // shape.rows
    for whole, some in zip(copy, part, strict=True):
        whole[first : first + len(some)] = some


class SeveralQueriesFilter:
    """Compares queries with an int8 copy of all rows; from several threads at once, too.

    Args:
        shape: of the copy's tiles.
        copy: of the rows' unit vectors.
        matrix: (V, D) the rows themselves, of any length; kept, not copied.
        inverse_lengths: (V,) what makes unit vectors of them; 0 for rows of zeros.
    """

    def __init__(self, shape: Int8TileShape, copy: QuantizedRows, matrix: Floats, inverse_lengths: Reals):
        self._shape, self._copy = shape, copy
        self._matrix, self._inverse_lengths = never_writable(matrix), inverse_lengths

    def candidates(
        self,
        queries: Floats,  # (Q, D)  of length 1
        k: int,
        num_rows: int,  # only the first num_rows are searched
        max_compared: int,
        helpers: Executor | None = None,
        num_helpers: int = 0,
    ) -> CandidateRows:
        """Find for each query all rows whose cosine may be among the k highest, and some others.

        Each thread compares at most `max_compared` rows with a query exactly. Helpers take rows, too, if they come
        while some are left.
        """
        shape = self._shape_for(len(queries))
        asked = _prepared(shape, queries)
        chunks_taken = np.zeros(1, np.int64)
        arguments = shape, asked, k, num_rows, max_compared, chunks_taken
        beside = []
        if helpers is not None:
            with suppress(RuntimeError):  # no thread can be started, or Python is about to end
                beside = [helpers.submit(self._search, *arguments) for _ in range(num_helpers)]
        parts = [self._search(*arguments)]
        parts += [other.result() for other in beside if not other.cancel()]
        return CandidateRows(
            all(part.is_complete for part in parts),
            np.concatenate([part.queries for part in parts]),
            np.concatenate([part.rows for part in parts]),
        )

    def warm_up(self) -> None:
        """Compile, or load, the kernels for all numbers of queries now, by searches of a few rows."""
        num_rows = min(len(self._matrix), self._shape.rows)
        query = np.zeros((1, self._matrix.shape[1]), np.float32)
        query[0, 0] = 1.0
        for number in (*QUERIES_PER_TILE, self._shape.queries):
            self.candidates(np.repeat(query, number, axis=0), 1, num_rows, num_rows)

    def _shape_for(self, num_queries: int) -> Int8TileShape:
        """The copy's tiles with as many queries at a time as there are, within reason."""
        fitting = next((number for number in QUERIES_PER_TILE if num_queries <= number), self._shape.queries)
        return replace(self._shape, queries=min(fitting, self._shape.queries))

    def _search(
        self,
        shape: Int8TileShape,
        asked: _Asked,
        k: int,
        num_rows: int,
        max_compared: int,
        chunks_taken: Ints,  # (1,)
    ) -> CandidateRows:
        """One thread's part: the candidates among the chunks of rows that it takes."""
        num_queries = len(asked.vectors)
        thresholds = np.full(len(asked.scales), np.inf, np.float32)  # no row reaches the padding
        thresholds[:num_queries] = -np.inf
        found = _Found(
            thresholds,
            np.empty(shape.queries * shape.vectors, np.int32),
            np.full((num_queries, k), -np.inf),
            np.zeros(num_queries, np.int64),
            np.zeros(num_queries, np.int64),
            np.empty((num_queries, max_compared), np.int64),
            np.empty((num_queries, max_compared)),
        )
        is_complete = _find_candidates(
            shape, self._matrix, self._inverse_lengths, self._copy, num_rows, asked, found, chunks_taken
        )
        queries, rows = [], []
        for query, number in enumerate(found.num_found.tolist()):
            # Early ones may be far below the final k-th best.
            near = found.scores[query, :number] >= found.best[query, 0] - asked.slack
            rows.append(found.rows[query, :number][near])
            queries.append(np.full(len(rows[-1]), query, np.int64))
        return CandidateRows(bool(is_complete), np.concatenate(queries), np.concatenate(rows))


def _prepared(shape: Int8TileShape, queries: Floats) -> _Asked:
    quantized = quantize_queries(shape, queries)
    scales, errors = quantized.scales.astype(np.float64), quantized.errors.astype(np.float64)
    scales[scales == 0] = 1.0  # of the padding
    weights = ((1 + errors) / scales).astype(np.float32)
    return _Asked(queries, quantized, weights, scales, errors, rounding_slack(queries.shape[1]))


@kernel
def _find_candidates(  # type: ignore[no-untyped-def]
    shape,  # Int8TileShape
    matrix,  # (V, D) float32
    inverse_lengths,  # (V,) float64
    copy,  # QuantizedRows
    num_rows,  # only the first num_rows are searched
    asked,  # _Asked
    found,  # _Found, overwritten
    chunks_taken,  # (1,) int64, shared by threads
):
    """Return whether there was room for all rows that had to be compared."""
    num_quads = copy.quads.shape[1] // shape.rows
    num_tiles = (num_rows + shape.rows - 1) // shape.rows
    num_queries = len(found.thresholds)
    quads_per_query = len(asked.quantized.quads) // num_queries  # with padding
    tile, end = np.int64(0), np.int64(0)
    while True:
        if tile == end:
            tile = next_number(chunks_taken, 0) * TILES_PER_CHUNK
            end = min(tile + TILES_PER_CHUNK, num_tiles)
            if tile >= num_tiles:
                return True
        for query in range(0, num_queries, shape.queries):
            any_reach = reach_thresholds(
                shape,
                copy.quads[tile],
                copy.scales[tile],
                copy.errors[tile],
                num_quads,
                asked.quantized.quads,
                query * quads_per_query,
                asked.quantized.starts,
                asked.error_weights,
                found.thresholds,
                query,
                found.masks,
            )
            if any_reach and not _compare_marked(
                shape, matrix, inverse_lengths, tile, query, num_rows, asked, found
            ):
                return False
        tile += 1


@kernel_part
def _compare_marked(  # type: ignore[no-untyped-def]
    shape, matrix, inverse_lengths, tile, first_query, num_rows, asked, found
):
    """Compare the marked rows of a tile exactly, and raise thresholds; return whether there was room for them."""
    for place in range(shape.queries):
        query = first_query + place
        is_changed = False
        for vector in range(shape.vectors):
            bits = found.masks[place * shape.vectors + vector]
            row = tile * shape.rows + vector * shape.lanes
            while bits != 0:
                if bits & 1 and row < num_rows:
                    if found.num_compared[query] == found.rows.shape[1]:
                        return False
                    found.num_compared[query] += 1
                    score = _dot(matrix, row, asked.vectors, query) * inverse_lengths[row]
                    if score >= found.best[query, 0] - asked.slack:
                        number = found.num_found[query]
                        found.rows[query, number], found.scores[query, number] = row, score
                        found.num_found[query] = number + 1
                    if score > found.best[query, 0]:
                        replace_lowest(found.best[query], score)
                        is_changed = True
                bits >>= 1
                row += 1
        if is_changed:
            least = found.best[query, 0] - asked.errors[query] - asked.slack
            found.thresholds[query] = least / asked.scales[query]
    return True


@kernel_part
def _dot(matrix, row, queries, query):  # type: ignore[no-untyped-def]
    total = 0.0
    for column in range(matrix.shape[1]):
        total += np.float64(matrix[row, column]) * np.float64(queries[query, column])
    return total
