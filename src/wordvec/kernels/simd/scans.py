"""Scans: look for a number among others, as many at once as fit a vector; and for a bit among 64."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils

from wordvec.kernels.simd.intrinsics import Bits, Int, Ints, emitted
from wordvec.kernels.simd.vectors import INT32, INT64

__all__ = ["last_equal", "lowest_bit"]

LANES = 16  # narrower machines take several instructions for such a vector
NUMBERS = ir.VectorType(INT32, LANES)
MASK = ir.VectorType(ir.IntType(1), LANES)


@emitted
def last_equal(
    builder: Any,
    numbers: Ints,  # int32
    begin: Int,
    end: Int,
    wanted: Int,
) -> Int:
    """The last index in [begin, end) of a number that equals `wanted`, or -1. No others are read."""
    before = builder.basic_block
    scan, after = builder.append_basic_block("scan"), builder.append_basic_block("scanned")
    builder.branch(scan)
    builder.position_at_end(scan)
    stop = builder.phi(INT64)
    first = builder.sub(stop, INT64(LANES))
    is_among = builder.icmp_signed(">=", _lane_numbers(), _splat(builder, builder.sub(begin, first)))
    loaded = _masked_load(builder, builder.gep(numbers, [first], source_etype=INT32), is_among)
    is_equal = builder.and_(builder.icmp_signed("==", loaded, _splat(builder, wanted)), is_among)
    lanes = builder.zext(builder.bitcast(is_equal, ir.IntType(LANES)), INT32)
    has_none = builder.icmp_unsigned("==", lanes, INT32(0))
    stop.add_incoming(end, before)
    stop.add_incoming(first, scan)
    builder.cbranch(builder.and_(has_none, builder.icmp_signed(">", first, begin)), scan, after)
    builder.position_at_end(after)
    last_lane = builder.sub(INT32(31), builder.ctlz(lanes, ir.IntType(1)(0)))
    return builder.select(has_none, INT64(-1), builder.add(first, builder.sext(last_lane, INT64)))


@emitted
def lowest_bit(builder: Any, bits: Bits) -> Int:
    """The number of the lowest bit that is set, from 0 on; one is."""
    return builder.cttz(bits, ir.IntType(1)(1))


def _lane_numbers() -> Any:
    return ir.Constant(NUMBERS, [ir.Constant(INT32, lane) for lane in range(LANES)])


def _splat(builder: Any, number: Any) -> Any:
    undefined = ir.Constant(NUMBERS, ir.Undefined)
    first = builder.insert_element(undefined, builder.trunc(number, INT32), INT32(0))
    return builder.shuffle_vector(first, undefined, ir.Constant(NUMBERS, [INT32(0)] * LANES))


def _masked_load(builder: Any, address: Any, mask: Any) -> Any:
    """The numbers from `address` on in the lanes of the mask, 0 in the others, which are not read."""
    vector = builder.bitcast(address, NUMBERS.as_pointer())
    suffix = "p0" if getattr(vector.type, "is_opaque", True) else f"p0v{LANES}i32"
    function_type = ir.FunctionType(NUMBERS, [vector.type, INT32, MASK, NUMBERS])
    name = f"llvm.masked.load.v{LANES}i32.{suffix}"
    function = cgutils.get_or_insert_function(builder.module, function_type, name)
    return builder.call(function, [vector, INT32(4), mask, ir.Constant(NUMBERS, [INT32(0)] * LANES)])
