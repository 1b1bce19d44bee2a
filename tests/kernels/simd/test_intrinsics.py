"""Intrinsics take their arguments by name, and a class of constants chooses code when a kernel is compiled."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import Any, NamedTuple

import numba as nb
import numpy as np
from llvmlite import ir
from numpy.typing import NDArray

from wordvec.kernels.simd.compile import kernel_part
from wordvec.kernels.simd.intrinsics import Float, Floats, Int, compile_time_constants, emitted


class Pair(NamedTuple):
    numbers: NDArray[np.float32]
    offset: int


@kernel_part
def double(number):  # type: ignore[no-untyped-def]
    return 2 * number


@compile_time_constants
@dataclass(frozen=True)
class Doubling:
    change = double


@compile_time_constants
@dataclass(frozen=True)
class Constants:
    factor: int
    inner: Doubling

    @property
    def squared(self) -> int:
        return self.factor**2


@emitted
def element(builder: Any, constants: Any, pair: Pair, other: Floats, index: Int) -> Float:
    kind = ir.FloatType()
    place = builder.add(pair.offset, builder.mul(index, ir.IntType(64)(constants.factor)))
    one, two = (builder.gep(array, [place], source_etype=kind) for array in (pair.numbers, other))
    return builder.fadd(builder.load(one, typ=kind), builder.load(two, typ=kind))


@nb.njit
def use_element(constants, pair, other, index):  # type: ignore[no-untyped-def]
    return element(constants, pair, other, index=index)


@nb.njit
def use_attributes(constants, number):  # type: ignore[no-untyped-def]
    return constants.squared + constants.inner.change(number)


def test_arrays_named_tuples_and_constants_arrive_by_name() -> None:
    numbers, other = np.arange(20, dtype=np.float32), np.full(20, 100, np.float32)
    for factor in (2, 3):
        found = use_element(Constants(factor, Doubling()), Pair(numbers, 4), other, np.int32(5))
        assert found == 100 + 4 + 5 * factor


def test_integers_parts_and_nested_constants_are_attributes_in_a_kernel() -> None:
    assert use_attributes(Constants(3, Doubling()), 5) == 9 + 10


def test_a_type_of_constants_survives_the_cache() -> None:
    kind = nb.typeof(Constants(7, Doubling()))
    assert pickle.loads(pickle.dumps(kind)) == kind  # noqa: S301  # our own
    assert kind != nb.typeof(Constants(8, Doubling()))
