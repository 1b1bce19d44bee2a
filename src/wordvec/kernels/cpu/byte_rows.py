"""Rows of bytes: vectors rounded to 8 bits, laid out as the tile of bytes reads them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.byte_tile import ZERO_POINT, round_to_bytes
from wordvec.kernels.cpu.compile import kernel, kernel_part
from wordvec.kernels.cpu.machine import ByteTileShape

__all__ = ["DIMENSIONS_PER_INT32", "ByteQueries", "TileOfRows", "byte_queries", "empty_tile", "fill_tile"]

DIMENSIONS_PER_INT32 = 4
FLOATS_PER_CACHE_LINE = 16  # also the widest vector


class ByteQueries(NamedTuple):
    """Queries as bytes, a few of them in each tile; padded with some that no row reaches."""

    packed: NDArray[np.int32]  # flat: for each tile, for each four dimensions, those of each query
    starts: NDArray[np.int32]  # (Q,)  what sums begin with, against the zero point of rows
    scales: NDArray[np.float32]  # (Q,)  what a byte counts
    errors: NDArray[np.float32]  # (Q,)  |q - q̂|


class TileOfRows(NamedTuple):
    """Rows of a matrix as bytes, as many as a tile holds; overwritten by the next."""

    packed: NDArray[np.int32]  # flat: for each four dimensions, those of each row
    scales: NDArray[np.float32]  # (rows,)  what a byte counts
    errors: NDArray[np.float32]  # (rows,)  |x - x̂|; NaN, which reaches nothing, where there is no row
    row: NDArray[np.float32]  # (row_length,)  one row, padded


def byte_queries(shape: ByteTileShape, queries: NDArray[np.float32]) -> ByteQueries:
    """Round queries, (Q, D), to bytes."""
    num_queries, dim = queries.shape
    padded = _divide_up(num_queries, shape.queries) * shape.queries
    num_int32s = _row_length(dim) // DIMENSIONS_PER_INT32
    packed = np.zeros(padded * num_int32s, np.int32)
    scales, errors = np.zeros(padded, np.float32), np.zeros(padded, np.float32)
    _round_queries(shape, np.ascontiguousarray(queries), packed, scales, errors, _empty_row(dim))
    by_query = packed.view(np.int8).reshape(-1, num_int32s, shape.queries, DIMENSIONS_PER_INT32)
    starts = -ZERO_POINT * by_query.sum(axis=(1, 3), dtype=np.int32).ravel()
    return ByteQueries(packed, starts, scales, errors)


def empty_tile(shape: ByteTileShape, dim: int) -> TileOfRows:
    """Room for the rows of a tile."""
    row = _empty_row(dim)
    packed = np.zeros(shape.rows * len(row) // DIMENSIONS_PER_INT32, np.int32)
    return TileOfRows(packed, np.zeros(shape.rows, np.float32), np.zeros(shape.rows, np.float32), row)


@kernel_part
def fill_tile(  # type: ignore[no-untyped-def]
    shape,  # ByteTileShape
    matrix,  # (V, D) float32
    first,
    stop,
    tile,  # TileOfRows, overwritten
):
    """Round the rows from `first` on to bytes, up to `stop` or as many as a tile holds."""
    for place in range(shape.rows):
        if first + place < stop:
            for column in range(matrix.shape[1]):
                tile.row[column] = matrix[first + place, column]
            round_to_bytes(
                shape,
                tile.row,
                len(tile.row),
                ZERO_POINT,
                tile.packed,
                place,
                shape.rows,
                tile.scales,
                tile.errors,
                place,
            )
        else:
            tile.scales[place], tile.errors[place] = 0.0, np.nan


@kernel
def _round_queries(shape, queries, packed, scales, errors, row):  # type: ignore[no-untyped-def]
    int32s_per_tile = shape.queries * len(row) // DIMENSIONS_PER_INT32
    for query in range(len(queries)):
        for column in range(queries.shape[1]):
            row[column] = queries[query, column]
        tile, place = divmod(query, shape.queries)
        first_int32 = tile * int32s_per_tile + place
        round_to_bytes(shape, row, len(row), 0, packed, first_int32, shape.queries, scales, errors, query)


def _empty_row(dim: int) -> NDArray[np.float32]:
    return np.zeros(_row_length(dim), np.float32)


def _row_length(dim: int) -> int:
    return _divide_up(dim, FLOATS_PER_CACHE_LINE) * FLOATS_PER_CACHE_LINE


def _divide_up(number: int, by: int) -> int:
    return -(-number // by)
