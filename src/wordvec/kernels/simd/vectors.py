"""SIMD vectors: emit LLVM vector instructions, and the exponential and logistic functions made of them.

A kernel of a few nested loops over rows runs at a fraction of a core's speed when its vectorization is left to the
compiler: with several arrays in play it must assume that they overlap. So the inner loops are emitted as
explicit vector instructions here. `lanes` is the number of float32 in one vector register: 16 on AVX-512, 8 on
AVX2, 4 on NEON and SSE; LLVM legalizes the same code to whichever the machine has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import llvmlite.binding as llvm
from llvmlite import ir
from numba.core import cgutils

__all__ = [
    "FLOAT",
    "INT32",
    "INT64",
    "Logistic",
    "Simd",
    "exponential_of_negative",
    "lanes_of_this_machine",
    "logarithm_of_one_plus",
    "logistic",
]

MAX_VECTORS_AT_ONCE = {16: 8, 8: 4, 4: 8}  # by lanes; each takes two or three registers

FLOAT = ir.FloatType()
INT32 = ir.IntType(32)
INT64 = ir.IntType(64)


def lanes_of_this_machine() -> int:
    """float32 in one vector register: 16 with AVX-512, 8 with AVX, else 4 (NEON, SSE)."""
    features = llvm.get_host_cpu_features()
    if features.get("avx512f"):
        return 16
    return 8 if features.get("avx") else 4


class Simd:
    """Emit instructions on vectors of `lanes` float32 where `builder` stands.

    The values that the methods take and return are LLVM values; `pointer` is the address of float32 elements and
    `offset` counts elements (int64).
    """

    def __init__(self, builder: Any, lanes: int):
        self.builder = builder
        self.lanes = lanes
        self.type = ir.VectorType(FLOAT, lanes)

    # Memory

    def address(self, pointer: Any, offset: Any) -> Any:
        """The address `offset` elements after `pointer`."""
        return self.builder.gep(pointer, [offset], source_etype=FLOAT)

    def load(self, pointer: Any, offset: Any) -> Any:
        """The `lanes` elements from `offset` on; no alignment is needed."""
        address = self.builder.bitcast(self.address(pointer, offset), ir.PointerType(self.type))
        return self.builder.load(address, typ=self.type, align=4)

    def store(self, value: Any, pointer: Any, offset: Any) -> None:
        """Write a vector over the elements from `offset` on."""
        address = self.builder.bitcast(self.address(pointer, offset), ir.PointerType(self.type))
        self.builder.store(value, address, align=4)

    def broadcast(self, pointer: Any, offset: Any) -> Any:
        """One element of memory in all lanes."""
        element = self.builder.load(self.address(pointer, offset), typ=FLOAT, align=4)
        return self.splat(element)

    def prefetch(self, pointer: Any, offset: Any, *, for_write: bool = True) -> None:
        """Ask for the cache line at `offset`, to be read soon, and written if `for_write`."""
        address = self.builder.bitcast(self.address(pointer, offset), ir.IntType(8).as_pointer())
        module = self.builder.module
        name = f"llvm.prefetch.{_pointer_suffix(address.type)}"
        function_type = ir.FunctionType(ir.VoidType(), [address.type, INT32, INT32, INT32])
        function = cgutils.get_or_insert_function(module, function_type, name)
        keep_in_all_caches, data_cache = INT32(3), INT32(1)
        self.builder.call(function, [address, INT32(int(for_write)), keep_in_all_caches, data_cache])

    def integer(self, pointer: Any, index: Any) -> Any:
        """One element of an array of int64."""
        return self.builder.load(self.builder.gep(pointer, [index], source_etype=INT64), typ=INT64)

    def integers(self, pointer: Any, first: Any, count: int) -> list[Any]:
        """`count` elements of an array of int64, from `first` on."""
        return [self.integer(pointer, self.builder.add(first, INT64(number))) for number in range(count)]

    def load_int32(self, pointer: Any, offset: Any) -> Any:
        """The `lanes` int32 from `offset` on, as int64."""
        kind = ir.VectorType(INT32, self.lanes)
        address = self.builder.gep(pointer, [offset], source_etype=INT32)
        loaded = self.builder.load(self.builder.bitcast(address, ir.PointerType(kind)), typ=kind, align=4)
        return self.builder.sext(loaded, ir.VectorType(INT64, self.lanes))

    def store_int64(self, value: Any, pointer: Any, offset: Any) -> None:
        """Write a vector of int64 over the elements from `offset` on."""
        address = self.builder.gep(pointer, [offset], source_etype=INT64)
        self.builder.store(value, self.builder.bitcast(address, ir.PointerType(value.type)), align=8)

    def store_int32(self, value: Any, pointer: Any, offset: Any) -> None:
        """Write a vector of int32 over the elements from `offset` on."""
        address = self.builder.gep(pointer, [offset], source_etype=INT32)
        self.builder.store(value, self.builder.bitcast(address, ir.PointerType(value.type)), align=4)

    def gather(self, pointer: Any, indices: Any, kind: Any, number: int) -> Any:
        """The elements of an array of `kind` at the first `number` of some indices (int64), one in each lane.

        One after the other: what processors have for it takes longer.
        """
        builder = self.builder
        gathered = ir.Constant(ir.VectorType(kind, self.lanes), None)
        for lane in map(INT32, range(number)):
            address = builder.gep(pointer, [builder.extract_element(indices, lane)], source_etype=kind)
            gathered = builder.insert_element(gathered, builder.load(address, typ=kind, align=4), lane)
        return gathered

    # Variables that live in registers, and loops

    def variable(self, initial: Any) -> _Variable:
        """A vector that changes over a loop; LLVM keeps it in a register."""
        return _Variable(self.builder, initial)

    @contextmanager
    def loop(self, stop: Any, step: int) -> Iterator[Any]:
        """Repeat what is emitted inside for 0, step, 2·step, ... < stop (`stop` > 0); yields the counter."""
        builder = self.builder
        body = builder.append_basic_block("vector.loop")
        after = builder.append_basic_block("vector.after")
        before = builder.basic_block
        builder.branch(body)
        builder.position_at_end(body)
        counter = builder.phi(INT64)
        counter.add_incoming(INT64(0), before)
        yield counter
        following = builder.add(counter, INT64(step), flags=["nsw"])
        counter.add_incoming(following, builder.basic_block)
        builder.cbranch(builder.icmp_signed("<", following, stop), body, after)
        builder.position_at_end(after)

    def one_of(self, number: Any, numbers: Sequence[int], emit: Callable[[int], None]) -> None:
        """Emit a variant of the code for each of `numbers`; the one that `number` equals is run."""
        builder = self.builder
        blocks = [builder.append_basic_block(f"variant.{candidate}") for candidate in numbers]
        after = builder.append_basic_block("variant.after")
        switch = builder.switch(number, blocks[-1])
        for candidate, block in zip(numbers, blocks, strict=True):
            if block is not blocks[-1]:
                switch.add_case(INT64(candidate), block)
            builder.position_at_end(block)
            emit(candidate)
            builder.branch(after)
        builder.position_at_end(after)

    def columns(self, stop: Any, max_vectors: int, emit: Callable[[Any, int], None]) -> None:
        """Go over the vectors of a row of `stop` floats, `max_vectors` at a time, then over the rest one by one."""
        builder = self.builder
        step = INT64(max_vectors * self.lanes)
        full = builder.sub(stop, builder.srem(stop, step))
        with (
            builder.if_then(builder.icmp_signed(">", full, INT64(0))),
            self.loop(full, max_vectors * self.lanes) as place,
        ):
            emit(place, max_vectors)
        if max_vectors > 1:
            left = builder.sub(stop, full)
            with (
                builder.if_then(builder.icmp_signed(">", left, INT64(0))),
                self.loop(left, self.lanes) as place,
            ):
                emit(builder.add(full, place), 1)

    def columns_in_halves(self, stop: Any, max_vectors: int, emit: Callable[[Any, int], None]) -> None:
        """Like `columns`, but the rest is gone over half as many at a time, then a quarter, and so on down to one."""
        builder = self.builder
        first, num_vectors = INT64(0), max_vectors
        while num_vectors:
            step = INT64(num_vectors * self.lanes)
            left = builder.sub(stop, first)
            full = builder.sub(left, builder.srem(left, step))
            with (
                builder.if_then(builder.icmp_signed(">", full, INT64(0))),
                self.loop(full, num_vectors * self.lanes) as place,
            ):
                emit(builder.add(first, place), num_vectors)
            first = builder.add(first, full)
            num_vectors //= 2

    def columns_at_once(self, stop: Any, emit: Callable[[Any, int], None]) -> None:
        """Like `columns`, with as many vectors at a time as leave registers for the rest; what is left goes at once."""
        builder = self.builder
        max_vectors = MAX_VECTORS_AT_ONCE[self.lanes]
        step = INT64(max_vectors * self.lanes)
        left = builder.srem(stop, step)
        full = builder.sub(stop, left)
        with (
            builder.if_then(builder.icmp_signed(">", full, INT64(0))),
            self.loop(full, max_vectors * self.lanes) as place,
        ):
            emit(place, max_vectors)
        with builder.if_then(builder.icmp_signed(">", left, INT64(0))):
            num_left = builder.sdiv(left, INT64(self.lanes))
            self.one_of(num_left, range(1, max_vectors), lambda number: emit(full, number))

    # Arithmetic

    def constant(self, value: float) -> Any:
        """The same number in all lanes."""
        return ir.Constant(self.type, [ir.Constant(FLOAT, value)] * self.lanes)

    def whole(self, value: int) -> Any:
        """The same int64 in all lanes."""
        return ir.Constant(ir.VectorType(INT64, self.lanes), [INT64(value)] * self.lanes)

    def splat(self, scalar: Any) -> Any:
        """A scalar value in all lanes."""
        undefined = ir.Constant(ir.VectorType(scalar.type, self.lanes), ir.Undefined)
        first = self.builder.insert_element(undefined, scalar, INT32(0))
        return self.builder.shuffle_vector(first, undefined, self._mask([0] * self.lanes))

    def add(self, a: Any, b: Any) -> Any:
        """A + b."""
        return self.builder.fadd(a, b)

    def subtract(self, a: Any, b: Any) -> Any:
        """A - b."""
        return self.builder.fsub(a, b)

    def multiply(self, a: Any, b: Any) -> Any:
        """A · b."""
        return self.builder.fmul(a, b)

    def divide(self, a: Any, b: Any) -> Any:
        """A / b."""
        return self.builder.fdiv(a, b)

    def fma(self, a: Any, b: Any, c: Any) -> Any:
        """A · b + c, rounded once."""
        return self._call("llvm.fma", a, b, c)

    def absolute(self, a: Any) -> Any:
        """|a|."""
        return self._call("llvm.fabs", a)

    def maximum(self, a: Any, b: Any) -> Any:
        """The larger of each pair; where `a` is NaN, the result is NaN."""
        return self.builder.select(self.builder.fcmp_ordered(">", b, a), b, a)

    def round(self, a: Any) -> Any:
        """The nearest integers, ties to even."""
        return self._call("llvm.rint", a)

    def square_root(self, a: Any) -> Any:
        """√a."""
        return self._call("llvm.sqrt", a)

    def highest(self, a: Any) -> Any:
        """The largest lane of a vector without NaN, as a scalar."""
        half = self.lanes // 2
        while half:
            folded = self.builder.shuffle_vector(
                a, a, self._mask([lane ^ half for lane in range(self.lanes)])
            )
            a, half = self.maximum(a, folded), half // 2
        return self.builder.extract_element(a, INT32(0))

    def two_to_the(self, exponents: Any) -> Any:
        """2 ** exponents, for integral float exponents in [-126, 127]: written straight into the exponent bits."""
        integers = ir.VectorType(INT32, self.lanes)
        exponent_bias, mantissa_bits = (
            ir.Constant(integers, [ir.Constant(INT32, constant)] * self.lanes) for constant in (127, 23)
        )
        whole = self.builder.fptosi(exponents, integers)
        bits = self.builder.shl(self.builder.add(whole, exponent_bias), mantissa_bits)
        return self.builder.bitcast(bits, self.type)

    def where_negative(self, a: Any, then: Any, otherwise: Any) -> Any:
        """`then` in the lanes where a < 0, `otherwise` in the others."""
        return self.builder.select(self.builder.fcmp_ordered("<", a, self.constant(0.0)), then, otherwise)

    def first_lanes(self, a: Any, number: int) -> Any:
        """`a` in the first lanes, 0 in the others."""
        lanes = [lane if lane < number else self.lanes + lane for lane in range(self.lanes)]
        return self.builder.shuffle_vector(a, self.constant(0.0), self._mask(lanes))

    def first_of(self, a: Any, number: int) -> Any:
        """A shorter vector, of the first lanes of `a`."""
        return self.builder.shuffle_vector(a, a, self._mask(list(range(number))))

    def part_of(self, vectors: list[Any], first: int, number: int) -> Any:
        """A shorter vector: `number` of the lanes of all vectors, counted through them, from lane `first` on."""
        which, lane = divmod(first, self.lanes)
        both = vectors[which], vectors[min(which + 1, len(vectors) - 1)]
        return self.builder.shuffle_vector(*both, self._mask(list(range(lane, lane + number))))

    def total(self, vectors: list[Any]) -> Any:
        """The sum of several vectors, lane by lane, added in pairs."""
        while len(vectors) > 1:
            pairs = [self.add(a, b) for a, b in zip(vectors[::2], vectors[1::2], strict=False)]
            vectors = pairs + vectors[len(pairs) * 2 :]
        return vectors[0]

    def sums(self, vectors: list[Any]) -> list[Any]:
        """The sum of each vector's lanes, packed: sum number i is lane i % lanes of result i // lanes.

        A butterfly: each level halves the number of vectors by adding the halves of two of them in one
        instruction, so `lanes` vectors cost `lanes` - 1 additions, not `lanes` · log2(lanes).
        """
        return [
            self._butterfly(vectors[first : first + self.lanes])
            for first in range(0, len(vectors), self.lanes)
        ]

    def _butterfly(self, vectors: list[Any]) -> Any:
        level = [*vectors, *[None] * (self.lanes - len(vectors))]
        segment = self.lanes
        while len(level) > 1:
            half = len(level) // 2
            level = [self._fold(level[i], level[i + half], segment) for i in range(half)]
            segment //= 2
        return level[0]

    def transposed(self, vectors: list[Any]) -> list[Any]:
        """Of as many vectors as lanes: the first lane of each, then the second, and so on.

        Each round swaps lanes between pairs of vectors, first single ones, then two at a time, four, and so on.
        """
        vectors, apart = list(vectors), 1
        lanes = range(self.lanes)
        while apart < self.lanes:
            to_first = [self.lanes + lane - apart if lane & apart else lane for lane in lanes]
            to_second = [self.lanes + lane if lane & apart else lane + apart for lane in lanes]
            for first in (number for number in lanes if not number & apart):
                pair = vectors[first], vectors[first + apart]
                vectors[first] = self.builder.shuffle_vector(*pair, self._mask(to_first))
                vectors[first + apart] = self.builder.shuffle_vector(*pair, self._mask(to_second))
            apart *= 2
        return vectors

    def _fold(self, a: Any, b: Any, segment: int) -> Any:
        """Fold each segment of a and of b in half; put b's folded segments where a's upper halves were.

        One operand of the addition keeps every lane in its place, so that it is a blend, which more of the processor
        can do than a shuffle.
        """
        if a is None:
            return None
        if b is None:
            b = self.constant(0.0)
        is_lower = [lane % segment < segment // 2 for lane in range(self.lanes)]
        in_place = [lane if lower else lane + self.lanes for lane, lower in enumerate(is_lower)]
        swapped = [
            lane + segment // 2 if lower else lane + self.lanes - segment // 2
            for lane, lower in enumerate(is_lower)
        ]
        return self.add(
            self.builder.shuffle_vector(a, b, self._mask(in_place)),
            self.builder.shuffle_vector(a, b, self._mask(swapped)),
        )

    def _mask(self, lanes: list[int]) -> Any:
        return ir.Constant(ir.VectorType(INT32, len(lanes)), [ir.Constant(INT32, lane) for lane in lanes])

    def _call(self, intrinsic: str, *arguments: Any) -> Any:
        function_type = ir.FunctionType(self.type, [self.type] * len(arguments))
        name = f"{intrinsic}.v{self.lanes}f32"
        return self.builder.call(
            cgutils.get_or_insert_function(self.builder.module, function_type, name), arguments
        )


class _Variable:
    """A stack slot that LLVM's mem2reg pass turns into a register."""

    def __init__(self, builder: Any, initial: Any):
        self._builder = builder
        self._type = initial.type
        with builder.goto_entry_block():
            self._slot = builder.alloca(initial.type)
        self.value = initial

    @property
    def value(self) -> Any:
        return self._builder.load(self._slot, typ=self._type)

    @value.setter
    def value(self, new: Any) -> None:
        self._builder.store(new, self._slot)


def _pointer_suffix(pointer_type: Any) -> str:
    return "p0" if getattr(pointer_type, "is_opaque", True) else "p0i8"


LOG2_E = 1.4426950408889634
LN_2_HIGH = 0.693359375  # ln 2 in two parts, so that x - n·ln 2 keeps all its bits (Cody and Waite, 1980)
LN_2_LOW = -2.12194440e-4
TERMS_OF_ARTANH = 7
MIN_EXPONENT = -87.0  # below, exp(x) is smaller than the smallest normal float32

# exp(r) = 1 + r + r²·p(r) for |r| <= ln(2)/2; minimax coefficients of Cephes' expf (Moshier), highest first
EXP_COEFFICIENTS = (
    1.9875691500e-4,
    1.3981999507e-3,
    8.3334519073e-3,
    4.1665795894e-2,
    1.6666665459e-1,
    5.0000001201e-1,
)


class Logistic(NamedTuple):
    """σ(x) with the parts of softplus(x) = ln(1 + exp(x)) = maximum(x, 0) + ln(1 + decay), per lane."""

    sigmoid: Any  # 1 / (1 + exp(-x))
    positive_part: Any  # maximum(x, 0)
    decay: Any  # exp(-|x|), in (0, 1]


def exponential_of_negative(simd: Simd, x: Any) -> Any:
    """exp(x) for x <= 0, to float32 rounding; exp(-87) below -87."""
    x = simd.maximum(x, simd.constant(MIN_EXPONENT))
    twos = simd.round(simd.multiply(x, simd.constant(LOG2_E)))
    rest = simd.fma(twos, simd.constant(-LN_2_HIGH), x)
    rest = simd.fma(twos, simd.constant(-LN_2_LOW), rest)
    polynomial = simd.constant(EXP_COEFFICIENTS[0])
    for coefficient in EXP_COEFFICIENTS[1:]:
        polynomial = simd.fma(polynomial, rest, simd.constant(coefficient))
    squared = simd.multiply(rest, rest)
    mantissa = simd.add(simd.fma(polynomial, squared, rest), simd.constant(1.0))
    return simd.multiply(mantissa, simd.two_to_the(twos))


def logarithm_of_one_plus(simd: Simd, y: Any) -> Any:
    """ln(1 + y) for 0 <= y <= 1, to float32 rounding: 2·artanh(z) with z = y / (2 + y) <= 1/3, by its power series."""
    z = simd.divide(y, simd.add(simd.constant(2.0), y))
    squared = simd.multiply(z, z)
    series = simd.constant(2 / (2 * TERMS_OF_ARTANH - 1))
    for term in range(TERMS_OF_ARTANH - 1, 0, -1):
        series = simd.fma(series, squared, simd.constant(2 / (2 * term - 1)))
    return simd.multiply(series, z)


def logistic(simd: Simd, x: Any) -> Logistic:
    """The logistic function of each lane, and what its logarithm needs: no tables, nothing clamped away."""
    magnitude = simd.absolute(x)
    decay = exponential_of_negative(simd, simd.subtract(simd.constant(0.0), magnitude))
    one = simd.constant(1.0)
    of_magnitude = simd.divide(one, simd.add(one, decay))
    sigmoid = simd.where_negative(x, simd.multiply(decay, of_magnitude), of_magnitude)
    return Logistic(sigmoid, simd.maximum(x, simd.constant(0.0)), decay)
