"""The shortlist: rows that may be near enough to a query, told from all others by their bytes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.byte_rows import (
    DIMENSIONS_PER_INT32,
    byte_queries,
    empty_tile,
    fill_tile,
)
from wordvec.kernels.cpu.byte_tile import reach_floors
from wordvec.kernels.cpu.compile import kernel, kernel_part
from wordvec.kernels.cpu.machine import ByteTileShape

__all__ = ["Shortlist", "Shortlister"]

# V rows, D dimensions, Q queries
Floats = NDArray[np.float32]


class Shortlist(NamedTuple):
    """Pairs of a query and a row that may be near enough to it."""

    stop: int  # rows before it were looked at
    queries: NDArray[np.int32]  # (n,)
    rows: NDArray[np.int32]  # (n,)


class Shortlister:
    """Compares a few queries with rows; from several threads at once, too."""

    def __init__(self, shape: ByteTileShape, queries: Floats):
        """Take queries, (Q, D), of length 1 or 0."""
        self.num_queries, self.dim = queries.shape
        self._shape = shape
        self._queries = byte_queries(shape, queries)
        # More than the float32 arithmetic of sums, scales and errors can be off.
        self._slack = (self.dim + 16) * float(np.finfo(np.float32).eps)

    def reaching(self, unit_vectors: Floats, rows: range, floors: Floats, most_pairs: int) -> Shortlist:
        """List all rows of length 1 or 0 whose cosine with a query is at least that query's floor, and some others.

        It stops early when more than `most_pairs` are listed. A query of zeros is never listed.
        """
        room = most_pairs + len(self._queries.scales) * self._shape.rows
        found = Shortlist(rows.start, np.empty(room, np.int32), np.empty(room, np.int32))
        tile = empty_tile(self._shape, self.dim)
        masks = np.empty(self._shape.queries * self._shape.vectors, np.int32)
        matrix = unit_vectors.view(np.ndarray)
        matrix.flags.writeable = False  # always: one that can be written is another type, and compiled again
        stop, number = _list_reaching(
            self._shape,
            matrix,
            rows.start,
            rows.stop,
            self._queries,
            *self._own_units(floors),
            tile,
            masks,
            found.queries,
            found.rows,
        )
        return Shortlist(stop, found.queries[:number], found.rows[:number])

    def _own_units(self, floors: Floats) -> tuple[Floats, Floats]:
        """Weights of the rows' errors, and floors, where the byte of a query counts 1 (see `byte_tile`)."""
        scales, errors = self._queries.scales, self._queries.errors.astype(np.float64)
        out_of_reach = np.full(len(scales), np.inf)  # for padding, and queries of zeros
        needed = out_of_reach.copy()
        needed[: self.num_queries] = floors
        own_floors = np.divide(needed - errors - self._slack, scales, out=out_of_reach, where=scales > 0)
        weights = np.divide(1 + errors, scales, out=np.zeros(len(scales)), where=scales > 0)
        return weights.astype(np.float32), own_floors.astype(np.float32)


@kernel
def _list_reaching(  # type: ignore[no-untyped-def]
    shape,  # ByteTileShape
    matrix,  # (V, D) float32
    first,
    stop,
    queries,  # ByteQueries
    error_weights,  # (Q,) float32
    floors,  # (Q,) float32
    tile,  # TileOfRows, overwritten
    masks,  # (queries · vectors,) int32, overwritten
    found_queries,  # (n,) int32, overwritten
    found_rows,  # (n,) int32, overwritten
):
    """List pairs while there is room for those of a whole tile; return (the first row not looked at, pairs)."""
    num_queries, int32s_per_query = len(floors), len(tile.row) // DIMENSIONS_PER_INT32
    found = 0
    for start in range(first, stop, shape.rows):
        if found + num_queries * shape.rows > len(found_rows):
            return start, found
        fill_tile(shape, matrix, start, stop, tile)
        for query in range(0, num_queries, shape.queries):
            any_reach = reach_floors(
                shape,
                tile.packed,
                tile.scales,
                tile.errors,
                int32s_per_query,
                queries.packed,
                query * int32s_per_query,
                queries.starts,
                error_weights,
                floors,
                query,
                masks,
            )
            if any_reach:
                found = _list_marked(shape, masks, query, start, found, found_queries, found_rows)
    return stop, found


@kernel_part
def _list_marked(  # type: ignore[no-untyped-def]
    shape,  # ByteTileShape
    masks,  # (queries · vectors,) int32  a bit for each row
    first_query,
    first_row,
    found,  # pairs that are listed
    found_queries,
    found_rows,
):
    """List the pairs of a tile that are marked; return how many are listed now."""
    for query in range(shape.queries):
        for vector in range(shape.vectors):
            bits = masks[query * shape.vectors + vector]
            row = first_row + vector * shape.lanes
            while bits != 0:
                if bits & 1:
                    found_queries[found], found_rows[found] = first_query + query, row
                    found += 1
                bits >>= 1
                row += 1
    return found
