"""Quantize: round rows of float32 to int8, each by a scale of its own, laid out as the int8 tile reads them.

An int8 step of a row is a 127th of its largest number, so the row is about int8 · scale; how much that is off, as a
length, is kept beside it as the error.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numpy.typing import NDArray

from wordvec.kernels.int8.int8_tile import Int8TileShape
from wordvec.kernels.simd import FLOATS_PER_CACHE_LINE, intrinsics
from wordvec.kernels.simd.compile import kernel, kernel_part
from wordvec.kernels.simd.intrinsics import Int, Ints, emitted
from wordvec.kernels.simd.vectors import INT32, INT64, Simd

__all__ = [
    "DIMENSIONS_PER_QUAD",
    "QuantizedQueries",
    "QuantizedRows",
    "QuantizedTile",
    "empty_tile",
    "never_writable",
    "quantize_queries",
    "quantize_rows",
    "quantize_tile",
]

# V rows of a matrix, D dimensions, Q queries, T tiles of R rows; a quad is the int8 of four dimensions, in an int32
Floats = NDArray[np.float32]
Quads = NDArray[np.int32]

INT8 = ir.IntType(8)
MAX_INT8 = 127
ZERO_POINT = 128  # added to the int8 of rows, not of queries: the instruction multiplies unsigned by signed
DIMENSIONS_PER_QUAD = 4


class QuantizedQueries(NamedTuple):
    """Queries in int8, a few of them in each tile; the last tile is filled up with some that no row reaches."""

    quads: Quads  # flat: for each tile, a quad of each query, then the next quad of each
    starts: NDArray[np.int32]  # (Q,)  what sums begin with, against the zero point of rows
    scales: Floats  # (Q,)  the value of an int8 step
    errors: Floats  # (Q,)  |q - q̂|


class QuantizedTile(NamedTuple):
    """The rows of one tile in int8; overwritten by the next tile."""

    quads: Quads  # flat: a quad of each row, then the next quad of each
    scales: Floats  # (R,)  the value of an int8 step
    errors: Floats  # (R,)  |x - x̂|; NaN, which reaches no threshold, where there is no row
    row: Floats  # (row_length,)  one row, padded


class QuantizedRows(NamedTuple):
    """All rows of a matrix in int8."""

    quads: Quads  # (T, D/4 · R)  as those of a tile
    scales: Floats  # (T, R)
    errors: Floats  # (T, R)


def quantize_queries(shape: Int8TileShape, queries: Floats) -> QuantizedQueries:
    """Round queries, (Q, D), to int8."""
    num_queries, dim = queries.shape
    padded = _divide_up(num_queries, shape.queries) * shape.queries
    num_quads = _row_length(dim) // DIMENSIONS_PER_QUAD
    quads = np.zeros(padded * num_quads, np.int32)
    scales, errors = np.zeros(padded, np.float32), np.zeros(padded, np.float32)
    _quantize_queries(shape, np.ascontiguousarray(queries), quads, scales, errors, _empty_row(dim))
    by_query = quads.view(np.int8).reshape(-1, num_quads, shape.queries, DIMENSIONS_PER_QUAD)
    starts = -ZERO_POINT * by_query.sum(axis=(1, 3), dtype=np.int32).ravel()
    return QuantizedQueries(quads, starts, scales, errors)


def quantize_rows(shape: Int8TileShape, matrix: Floats) -> QuantizedRows:
    """Round all rows of a matrix, (V, D), to int8."""
    num_rows, dim = matrix.shape
    num_tiles, num_quads = _divide_up(num_rows, shape.rows), _divide_up(dim, DIMENSIONS_PER_QUAD)
    rows = QuantizedRows(
        np.empty((num_tiles, num_quads * shape.rows), np.int32),
        np.empty((num_tiles, shape.rows), np.float32),
        np.empty((num_tiles, shape.rows), np.float32),
    )
    _quantize_rows(shape, never_writable(matrix), rows, empty_tile(shape, dim))
    return rows


def empty_tile(shape: Int8TileShape, dim: int) -> QuantizedTile:
    """Memory for the rows of a tile."""
    row = _empty_row(dim)
    quads = np.zeros(shape.rows * len(row) // DIMENSIONS_PER_QUAD, np.int32)
    return QuantizedTile(quads, np.zeros(shape.rows, np.float32), np.zeros(shape.rows, np.float32), row)


def never_writable(matrix: Floats) -> Floats:
    """The same numbers, read-only: kernels would be compiled again for the type of an array that can be written."""
    view = matrix.view(np.ndarray)
    view.flags.writeable = False
    return view


@kernel_part
def quantize_tile(  # type: ignore[no-untyped-def]
    shape,  # Int8TileShape
    matrix,  # (V, D) float32
    first,
    stop,
    tile,  # QuantizedTile, overwritten
):
    """Round the rows from `first` on to int8, up to `stop` or as many as a tile holds."""
    for place in range(shape.rows):
        if first + place < stop:
            for column in range(matrix.shape[1]):
                tile.row[column] = matrix[first + place, column]
            _quantize_row(
                shape,
                tile.row,
                len(tile.row),
                ZERO_POINT,
                tile.quads,
                place,
                shape.rows,
                tile.scales,
                tile.errors,
                place,
            )
        else:
            tile.scales[place], tile.errors[place] = 0.0, np.nan


@kernel
def _quantize_rows(  # type: ignore[no-untyped-def]
    shape,  # Int8TileShape
    matrix,  # (V, D) float32
    rows,  # QuantizedRows, written
    tile,  # QuantizedTile, overwritten
):
    num_rows, num_quads = len(matrix), rows.quads.shape[1]
    for number in range(len(rows.quads)):
        quantize_tile(shape, matrix, number * shape.rows, num_rows, tile)
        for place in range(num_quads):
            rows.quads[number, place] = tile.quads[place]
        for place in range(shape.rows):
            rows.scales[number, place] = tile.scales[place]
            rows.errors[number, place] = tile.errors[place]


@kernel
def _quantize_queries(shape, queries, quads, scales, errors, row):  # type: ignore[no-untyped-def]
    quads_per_tile = shape.queries * len(row) // DIMENSIONS_PER_QUAD
    for query in range(len(queries)):
        for column in range(queries.shape[1]):
            row[column] = queries[query, column]
        tile, place = divmod(query, shape.queries)
        first_quad = tile * quads_per_tile + place
        _quantize_row(shape, row, len(row), 0, quads, first_quad, shape.queries, scales, errors, query)


@emitted
def _quantize_row(
    builder: Any,
    shape: Any,  # Int8TileShape
    row: intrinsics.Floats,  # (row_length,), finite
    row_length: Int,  # a multiple of the lanes
    zero_point: Int,  # added to each int8
    quads: Ints,  # int32, written
    first_quad: Int,
    stride: Int,  # from one quad of this row to the next
    scales: intrinsics.Floats,  # written: the value of an int8 step
    errors: intrinsics.Floats,  # written: |x - x̂|
    place: Int,  # in scales and errors
) -> None:
    """Round a row to int8, each step a 127th of its largest number, and measure what is lost."""
    simd = Simd(builder, shape.lanes)
    largest = simd.variable(simd.constant(0.0))
    with simd.loop(row_length, shape.lanes) as start:
        largest.value = simd.maximum(largest.value, simd.absolute(simd.load(row, start)))
    highest = simd.splat(simd.highest(largest.value))
    scale = simd.divide(highest, simd.constant(MAX_INT8))
    is_zero = builder.fcmp_ordered("==", highest, simd.constant(0.0))
    steps_per_unit = builder.select(is_zero, highest, simd.divide(simd.constant(MAX_INT8), highest))
    squares = simd.variable(simd.constant(0.0))
    integers = ir.VectorType(INT32, shape.lanes)
    int8s = ir.VectorType(INT8, shape.lanes)
    quads_per_vector = shape.lanes // DIMENSIONS_PER_QUAD
    offset = builder.trunc(zero_point, INT32)
    with simd.loop(row_length, shape.lanes) as start:
        numbers = simd.load(row, start)
        rounded = simd.round(simd.multiply(numbers, steps_per_unit))
        lost = simd.subtract(numbers, simd.multiply(rounded, scale))
        squares.value = simd.fma(lost, lost, squares.value)
        shifted = builder.add(builder.fptosi(rounded, integers), simd.splat(offset))
        several = builder.bitcast(builder.trunc(shifted, int8s), ir.VectorType(INT32, quads_per_vector))
        quad = builder.sdiv(start, INT64(DIMENSIONS_PER_QUAD))
        for part in range(quads_per_vector):
            steps = builder.mul(builder.add(quad, INT64(part)), stride)
            address = builder.gep(quads, [builder.add(first_quad, steps)], source_etype=INT32)
            builder.store(builder.extract_element(several, INT32(part)), address, align=4)
    length = simd.square_root(simd.sums([squares.value])[0])
    for array, vector in ((scales, scale), (errors, length)):
        builder.store(builder.extract_element(vector, INT32(0)), simd.address(array, place), align=4)


def _empty_row(dim: int) -> Floats:
    return np.zeros(_row_length(dim), np.float32)


def _row_length(dim: int) -> int:
    return _divide_up(dim, FLOATS_PER_CACHE_LINE) * FLOATS_PER_CACHE_LINE


def _divide_up(number: int, by: int) -> int:
    return -(-number // by)
