"""Int8 tile: products of quantized rows with a few quantized queries, four dimensions in one instruction (VNNI).

The products of a tile are summed exactly, in int32; what rounding lost is bounded, not ignored: for a row x and a query
q of length 1, rounded to x̂ and q̂,

    |q·x - q̂·x̂| = |(q - q̂)·x̂ + q·(x - x̂)| <= |q - q̂| (1 + |x - x̂|) + |x - x̂|      (Cauchy-Schwarz)

so a row whose rounded product plus that bound is below a threshold is below it for certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir
from numba.core import cgutils

from wordvec.kernels.simd.intrinsics import Floats, Int, Ints, compile_time_constants, emitted
from wordvec.kernels.simd.vectors import INT32, INT64, Simd

__all__ = [
    "INT8_TILES",
    "Int8TileShape",
    "int8_tile_shape",
    "reach_thresholds",
    "rounding_slack",
    "single_query_tile_shape",
]

VECTORS_FOR_ONE_QUERY = 8  # sums enough that none waits for the one before


@compile_time_constants
@dataclass(frozen=True)
class Int8TileShape:
    """How quantized rows are grouped in registers: a tile of rows against a few queries.

    A vector register holds a quad, the int8 of four dimensions, of each of `lanes` rows; the products of a quad are
    summed in one int32. Kernels take the shape as an argument and are compiled for each one.
    """

    lanes: int  # int32, and float32, in a vector register
    vectors: int  # vectors of rows in a tile
    queries: int  # queries in a tile

    @property
    def rows(self) -> int:
        """Rows in a tile."""
        return self.lanes * self.vectors


INT8_TILES = {  # by lanes: sums, rows and one query at a time fit the registers
    16: Int8TileShape(lanes=16, vectors=3, queries=8),
    8: Int8TileShape(lanes=8, vectors=2, queries=6),
}


def int8_tile_shape() -> Int8TileShape | None:
    """The tile for int8 products on this machine; None if its processor has no instruction for them (x86's VNNI)."""
    features = llvm.get_host_cpu_features()
    if features.get("avx512vnni"):
        return INT8_TILES[16]
    return INT8_TILES[8] if features.get("avxvnni") else None


def single_query_tile_shape() -> Int8TileShape | None:
    """The tile for int8 products with one query; None if this machine's processor has no instruction for them."""
    shape = int8_tile_shape()
    return shape and Int8TileShape(shape.lanes, vectors=VECTORS_FOR_ONE_QUERY, queries=1)


def rounding_slack(dim: int) -> float:
    """More than the float32 arithmetic of sums, scales, errors and final scores, of unit vectors, can be off."""
    return (dim + 16) * float(np.finfo(np.float32).eps)


@emitted
def reach_thresholds(
    builder: Any,
    shape: Any,  # Int8TileShape
    row_quads: Ints,  # int32: the rows of a tile, a quad of each in turn
    row_scales: Floats,  # (rows,)
    row_errors: Floats,  # (rows,)
    num_quads: Int,  # of each row
    query_quads: Ints,  # int32: a few queries, a quad of each in turn
    first_query_quad: Int,
    starts: Ints,  # int32 (Q,): what sums begin with, against the zero point of rows
    error_weights: Floats,  # (Q,)
    thresholds: Floats,  # (Q,)
    first_query: Int,
    masks: Ints,  # int32 (queries · vectors,), written: a bit for each row that may reach the query's threshold
) -> Int:
    """Compare a tile of rows with a few queries: may sum · scale + error · weight reach the threshold?"""
    lanes = shape.lanes
    simd = Simd(builder, lanes)
    integers = ir.VectorType(INT32, lanes)

    def address(pointer: Any, index: Any) -> Any:
        return builder.gep(pointer, [index], source_etype=INT32)

    def several(pointer: Any, index: Any) -> Any:
        start = builder.bitcast(address(pointer, index), ir.PointerType(integers))
        return builder.load(start, typ=integers, align=4)

    def in_all_lanes(pointer: Any, index: Any) -> Any:
        return simd.splat(builder.load(address(pointer, index), typ=INT32, align=4))

    queries = [builder.add(first_query, INT64(query)) for query in range(shape.queries)]
    sums = [[simd.variable(in_all_lanes(starts, query)) for _ in range(shape.vectors)] for query in queries]
    with simd.loop(num_quads, 1) as quad:
        first_row_quad = builder.mul(quad, INT64(shape.rows))
        rows = [
            several(row_quads, builder.add(first_row_quad, INT64(vector * lanes)))
            for vector in range(shape.vectors)
        ]
        first_quad = builder.add(first_query_quad, builder.mul(quad, INT64(shape.queries)))
        for query, sums_of_query in enumerate(sums):
            numbers = in_all_lanes(query_quads, builder.add(first_quad, INT64(query)))
            for row, total in zip(rows, sums_of_query, strict=True):
                total.value = _add_products(builder, lanes, total.value, row, numbers)
    any_bits = INT32(0)
    for number, (query, sums_of_query) in enumerate(zip(queries, sums, strict=True)):
        weight = simd.broadcast(error_weights, query)
        threshold = simd.broadcast(thresholds, query)
        for vector, total in enumerate(sums_of_query):
            first_row = INT64(vector * lanes)
            scale, error = simd.load(row_scales, first_row), simd.load(row_errors, first_row)
            product = simd.multiply(builder.sitofp(total.value, simd.type), scale)
            highest = simd.fma(error, weight, product)
            reached = builder.fcmp_ordered(">=", highest, threshold)
            bits = builder.zext(builder.bitcast(reached, ir.IntType(lanes)), INT32)
            mask = address(masks, INT64(number * shape.vectors + vector))
            builder.store(bits, mask, align=4)
            any_bits = builder.or_(any_bits, bits)
    return builder.zext(any_bits, INT64)


def _add_products(builder: Any, lanes: int, total: Any, unsigned: Any, signed: Any) -> Any:
    """Add to each int32 the four products of the int8 beside it."""
    function_type = ir.FunctionType(total.type, [total.type] * 3)
    function = cgutils.get_or_insert_function(
        builder.module, function_type, f"llvm.x86.avx512.vpdpbusd.{32 * lanes}"
    )
    return builder.call(function, [total, unsigned, signed])
