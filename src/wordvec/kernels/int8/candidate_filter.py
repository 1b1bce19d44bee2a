"""Candidate filter: which pairs of a query and a row may be near; int8 products and a bound rule out all others.

Rows are quantized on the way, a tile at a time, so this is for many queries at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.int8.int8_tile import Int8TileShape, reach_thresholds, rounding_slack
from wordvec.kernels.int8.quantize import (
    DIMENSIONS_PER_QUAD,
    empty_tile,
    never_writable,
    quantize_queries,
    quantize_tile,
)
from wordvec.kernels.simd.compile import kernel, kernel_part

__all__ = ["CandidateFilter", "CandidatePairs"]

# V rows, D dimensions, Q queries
Floats = NDArray[np.float32]


class CandidatePairs(NamedTuple):
    """Pairs of a query and a row that may be near enough to it."""

    stop: int  # rows before it were compared
    queries: NDArray[np.int32]  # (n,)
    rows: NDArray[np.int32]  # (n,)


class CandidateFilter:
    """Compares a few queries with rows; from several threads at once, too."""

    def __init__(self, shape: Int8TileShape, queries: Floats):
        """Take queries, (Q, D), of length 1 or 0."""
        self.num_queries, self.dim = queries.shape
        self._shape = shape
        self._queries = quantize_queries(shape, queries)

    def pairs_reaching(
        self, unit_vectors: Floats, rows: range, thresholds: Floats, max_pairs: int
    ) -> CandidatePairs:
        """List all rows whose cosine with a query is at least that query's threshold, (Q,), and some others.

        It stops early once more than `max_pairs` are listed. A query of zeros is never listed.
        """
        room = max_pairs + len(self._queries.scales) * self._shape.rows
        found = CandidatePairs(rows.start, np.empty(room, np.int32), np.empty(room, np.int32))
        stop, number = _list_pairs(
            self._shape,
            never_writable(unit_vectors),
            rows.start,
            rows.stop,
            self._queries,
            *self._in_steps(thresholds),
            empty_tile(self._shape, self.dim),
            np.empty(self._shape.queries * self._shape.vectors, np.int32),
            found,
        )
        return CandidatePairs(stop, found.queries[:number], found.rows[:number])

    def _in_steps(self, thresholds: Floats) -> tuple[Floats, Floats]:
        """Weights of the rows' errors, and thresholds, both in int8 steps of the query."""
        scales, errors = self._queries.scales, self._queries.errors.astype(np.float64)
        out_of_reach = np.full(len(scales), np.inf)  # for padding, and queries of zeros
        needed = out_of_reach.copy()
        needed[: self.num_queries] = thresholds
        in_steps = np.divide(
            needed - errors - rounding_slack(self.dim), scales, out=out_of_reach, where=scales > 0
        )
        weights = np.divide(1 + errors, scales, out=np.zeros(len(scales)), where=scales > 0)
        return weights.astype(np.float32), in_steps.astype(np.float32)


@kernel
def _list_pairs(  # type: ignore[no-untyped-def]
    shape,  # Int8TileShape
    matrix,  # (V, D) float32
    first,
    stop,
    queries,  # QuantizedQueries
    error_weights,  # (Q,) float32
    thresholds,  # (Q,) float32
    tile,  # QuantizedTile, overwritten
    masks,  # (queries · vectors,) int32, overwritten
    found,  # CandidatePairs, overwritten
):
    """List pairs while there is room for those of a whole tile; return (the first row not compared, pairs)."""
    num_queries, quads_per_query = len(thresholds), len(tile.row) // DIMENSIONS_PER_QUAD
    num_found = 0
    for start in range(first, stop, shape.rows):
        if num_found + num_queries * shape.rows > len(found.rows):
            return start, num_found
        quantize_tile(shape, matrix, start, stop, tile)
        for query in range(0, num_queries, shape.queries):
            any_reach = reach_thresholds(
                shape,
                tile.quads,
                tile.scales,
                tile.errors,
                quads_per_query,
                queries.quads,
                query * quads_per_query,
                queries.starts,
                error_weights,
                thresholds,
                query,
                masks,
            )
            if any_reach:
                num_found = _list_marked(shape, masks, query, start, found, num_found)
    return stop, num_found


@kernel_part
def _list_marked(  # type: ignore[no-untyped-def]
    shape,  # Int8TileShape
    masks,  # (queries · vectors,) int32  a bit for each row
    first_query,
    first_row,
    found,  # CandidatePairs
    num_found,
):
    """List the pairs of a tile that are marked; return how many are listed now."""
    for query in range(shape.queries):
        for vector in range(shape.vectors):
            bits = masks[query * shape.vectors + vector]
            row = first_row + vector * shape.lanes
            while bits != 0:
                if bits & 1:
                    found.queries[num_found], found.rows[num_found] = first_query + query, row
                    num_found += 1
                bits >>= 1
                row += 1
    return num_found
