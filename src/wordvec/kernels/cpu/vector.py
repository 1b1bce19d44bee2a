"""SIMD vectors: emit LLVM vector instructions from inside a numba intrinsic.

A kernel of a few nested loops over rows runs at a fraction of a core's speed when its vectorisation is left to the
compiler: with several arrays in play it must assume that they overlap. So the inner loops are emitted as
explicit vector instructions here. `lanes` is the number of float32 in one vector register: 16 on AVX-512, 8 on
AVX2, 4 on NEON and SSE; LLVM legalises the same code to whichever the machine has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from llvmlite import ir
from numba.core import cgutils

__all__ = ["INT32", "INT64", "Simd"]

FLOAT = ir.FloatType()
INT32 = ir.IntType(32)
INT64 = ir.IntType(64)


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

    def columns(self, stop: Any, most: int, emit: Callable[[Any, int], None]) -> None:
        """Go over the vectors of a row of `stop` floats, `most` at a time, then what is left one by one."""
        builder = self.builder
        step = INT64(most * self.lanes)
        full = builder.sub(stop, builder.srem(stop, step))
        with (
            builder.if_then(builder.icmp_signed(">", full, INT64(0))),
            self.loop(full, most * self.lanes) as place,
        ):
            emit(place, most)
        if most > 1:
            left = builder.sub(stop, full)
            with (
                builder.if_then(builder.icmp_signed(">", left, INT64(0))),
                self.loop(left, self.lanes) as place,
            ):
                emit(builder.add(full, place), 1)

    # Arithmetic

    def constant(self, value: float) -> Any:
        """The same number in all lanes."""
        return ir.Constant(self.type, [ir.Constant(FLOAT, value)] * self.lanes)

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
        function_type = ir.FunctionType(FLOAT, [self.type])
        name = f"llvm.vector.reduce.fmax.v{self.lanes}f32"
        return self.builder.call(
            cgutils.get_or_insert_function(self.builder.module, function_type, name), [a]
        )

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
