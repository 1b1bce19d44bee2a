"""The tile of bytes: rows against queries, both rounded to 8 bits, four dimensions in one instruction.

The products of a tile are summed exactly, in int32; what rounding lost is bounded, not ignored: for a row x and a query
q of length 1, rounded to x̂ and q̂,

    |q·x - q̂·x̂| = |(q - q̂)·x̂ + q·(x - x̂)| <= |q - q̂| (1 + |x - x̂|) + |x - x̂|      (Cauchy-Schwarz)

so a row whose rounded product, with that added, does not reach a floor, is below it for certain.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from wordvec.kernels.cpu.arguments import Arguments
from wordvec.kernels.cpu.vector import INT32, INT64, Simd

__all__ = ["LARGEST_BYTE", "ZERO_POINT", "reach_floors", "round_to_bytes"]

BYTE = ir.IntType(8)
LARGEST_BYTE = 127
ZERO_POINT = 128  # added to the bytes of rows: the instruction multiplies unsigned by signed


@intrinsic
def round_to_bytes(
    typing_context: Any,
    shape: Any,
    row: Any,  # float32 array (row_length,), finite
    row_length: Any,  # a multiple of the lanes
    zero_point: Any,  # added to each byte
    packed: Any,  # int32 array, written: four bytes, of four dimensions, in each
    first_int32: Any,
    stride: Any,  # packed from four dimensions to the next four
    scales: Any,  # float32 array, written: what a byte counts
    errors: Any,  # float32 array, written: |x - x̂|
    place: Any,  # in scales and errors
) -> Any:
    """Round a row to bytes, each a 127th of its largest number, and measure what is lost."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        simd = Simd(builder, shape.lanes)
        values = Arguments(context, builder, signature, arguments)
        numbers = values.pointer(1)
        largest = simd.variable(simd.constant(0.0))
        with simd.loop(values[2], shape.lanes) as start:
            largest.value = simd.maximum(largest.value, simd.absolute(simd.load(numbers, start)))
        highest = simd.splat(simd.highest(largest.value))
        scale = simd.divide(highest, simd.constant(LARGEST_BYTE))
        is_zero = builder.fcmp_ordered("==", highest, simd.constant(0.0))
        per_byte = builder.select(is_zero, highest, simd.divide(simd.constant(LARGEST_BYTE), highest))
        squares = simd.variable(simd.constant(0.0))
        integers = ir.VectorType(INT32, shape.lanes)
        offset = builder.trunc(values[3], INT32)
        with simd.loop(values[2], shape.lanes) as start:
            number = simd.load(numbers, start)
            rounded = simd.round(simd.multiply(number, per_byte))
            lost = simd.subtract(number, simd.multiply(rounded, scale))
            squares.value = simd.fma(lost, lost, squares.value)
            shifted = builder.add(builder.fptosi(rounded, integers), simd.splat(offset))
            packed = builder.bitcast(
                builder.trunc(shifted, ir.VectorType(BYTE, shape.lanes)),
                ir.VectorType(INT32, shape.lanes // 4),
            )
            group = builder.sdiv(start, INT64(4))
            for part in range(shape.lanes // 4):
                at = builder.add(values[5], builder.mul(builder.add(group, INT64(part)), values[6]))
                builder.store(
                    builder.extract_element(packed, INT32(part)),
                    _address(builder, values.pointer(4), at),
                    align=4,
                )
        first = INT32(0)
        builder.store(
            builder.extract_element(scale, first), simd.address(values.pointer(7), values[9]), align=4
        )
        length = simd.square_root(simd.sums([squares.value])[0])
        builder.store(
            builder.extract_element(length, first), simd.address(values.pointer(8), values[9]), align=4
        )
        return context.get_dummy_value()

    parameters = (
        shape,
        row,
        types.int64,
        types.int64,
        packed,
        types.int64,
        types.int64,
        scales,
        errors,
        types.int64,
    )
    return types.none(*parameters), generate


@intrinsic
def reach_floors(
    typing_context: Any,
    shape: Any,
    packed_rows: Any,  # int32 array: the rows of a tile, four dimensions of each in turn
    row_scales: Any,  # float32 array (rows,)
    row_errors: Any,  # float32 array (rows,)
    num_groups: Any,  # of four dimensions
    packed_queries: Any,  # int32 array: a few queries, four dimensions of each in turn
    first_packed_query: Any,
    starts: Any,  # int32 array (Q,): what sums begin with, against the zero point
    error_weights: Any,  # float32 array (Q,)
    floors: Any,  # float32 array (Q,)
    first_query: Any,
    masks: Any,  # int32 array (queries · vectors,), written: a bit for each row that may reach the query's floor
) -> Any:
    """Compare a tile of rows with a few queries: may sum · scale + error · weight reach the floor? Whether any may."""
    lanes = shape.lanes

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        simd = Simd(builder, lanes)
        values = Arguments(context, builder, signature, arguments)
        integers = ir.VectorType(INT32, lanes)

        def several(pointer: Any, at: Any) -> Any:
            address = builder.bitcast(_address(builder, pointer, at), ir.PointerType(integers))
            return builder.load(address, typ=integers, align=4)

        def in_all_lanes(pointer: Any, at: Any) -> Any:
            return simd.splat(builder.load(_address(builder, pointer, at), typ=INT32, align=4))

        queries = [builder.add(values[10], INT64(query)) for query in range(shape.queries)]
        sums = [
            [simd.variable(in_all_lanes(values.pointer(7), query)) for _ in range(shape.vectors)]
            for query in queries
        ]
        with simd.loop(values[4], 1) as group:
            at = builder.mul(group, INT64(shape.rows))
            rows = [
                several(values.pointer(1), builder.add(at, INT64(vector * lanes)))
                for vector in range(shape.vectors)
            ]
            at = builder.add(values[6], builder.mul(group, INT64(shape.queries)))
            for number, sums_of_query in enumerate(sums):
                query = in_all_lanes(values.pointer(5), builder.add(at, INT64(number)))
                for row, total in zip(rows, sums_of_query, strict=True):
                    total.value = _add_products(builder, lanes, total.value, row, query)
        any_bits = INT32(0)
        for number, (query, sums_of_query) in enumerate(zip(queries, sums, strict=True)):
            weight, floor = simd.broadcast(values.pointer(8), query), simd.broadcast(values.pointer(9), query)
            for vector, total in enumerate(sums_of_query):
                at = INT64(vector * lanes)
                scale, error = simd.load(values.pointer(2), at), simd.load(values.pointer(3), at)
                highest = simd.fma(
                    error, weight, simd.multiply(builder.sitofp(total.value, simd.type), scale)
                )
                reached = builder.fcmp_ordered(">=", highest, floor)
                bits = builder.zext(builder.bitcast(reached, ir.IntType(lanes)), INT32)
                place = _address(builder, values.pointer(11), INT64(number * shape.vectors + vector))
                builder.store(bits, place, align=4)
                any_bits = builder.or_(any_bits, bits)
        return builder.zext(any_bits, INT64)

    parameters = (
        shape,
        packed_rows,
        row_scales,
        row_errors,
        types.int64,
        packed_queries,
        types.int64,
        starts,
        error_weights,
        floors,
        types.int64,
        masks,
    )
    return types.int64(*parameters), generate


def _address(builder: Any, pointer: Any, at: Any) -> Any:
    return builder.gep(pointer, [at], source_etype=INT32)


def _add_products(builder: Any, lanes: int, total: Any, unsigned: Any, signed: Any) -> Any:
    """Add to each int32 the four products of the bytes beside it."""
    function_type = ir.FunctionType(total.type, [total.type] * 3)
    function = cgutils.get_or_insert_function(
        builder.module, function_type, f"llvm.x86.avx512.vpdpbusd.{32 * lanes}"
    )
    return builder.call(function, [total, unsigned, signed])
