"""What is made of vector instructions: logarithms to float32 rounding, and columns of rows of any length, each once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from wordvec.kernels.simd.compile import kernel
from wordvec.kernels.simd.intrinsics import Floats, Int, compile_time_constants, emitted
from wordvec.kernels.simd.vectors import INT64, Simd, logarithm_of_one_plus

EACH_WIDTH = pytest.mark.parametrize("lanes", [16, 8, 4])


@compile_time_constants
@dataclass(frozen=True)
class Width:
    lanes: int
    max_vectors: int


@emitted
def logarithms(builder: Any, width: Any, numbers: Floats, size: Int) -> None:
    simd = Simd(builder, width.lanes)
    with simd.loop(size, width.lanes) as place:
        simd.store(logarithm_of_one_plus(simd, simd.load(numbers, place)), numbers, place)


@emitted
def count_visits(builder: Any, width: Any, visits: Floats, size: Int, groups: Floats) -> None:
    """Add 1 to each column that is visited; write how many are visited together."""
    simd = Simd(builder, width.lanes)

    def visit(first: Any, num_vectors: int) -> None:
        for vector in range(num_vectors):
            place = builder.add(first, INT64(vector * width.lanes))
            simd.store(simd.add(simd.load(visits, place), simd.constant(1.0)), visits, place)
            simd.store(simd.constant(float(num_vectors)), groups, place)

    simd.columns_in_halves(size, width.max_vectors, visit)


@kernel
def use_logarithms(width, numbers, size):  # type: ignore[no-untyped-def]
    logarithms(width, numbers, size)


@kernel
def use_count_visits(width, visits, size, groups):  # type: ignore[no-untyped-def]
    count_visits(width, visits, size, groups)


@EACH_WIDTH
def test_logarithms_of_one_plus_are_right_to_float32_rounding(lanes: int) -> None:
    grid = np.concatenate([np.linspace(0, 1, 4080), np.geomspace(1e-38, 1, 4080)])
    numbers = grid.astype(np.float32)
    exact = np.log1p(numbers.astype(np.float64))
    use_logarithms(Width(lanes, 1), numbers, len(numbers))
    np.testing.assert_allclose(numbers, exact, rtol=3e-7)
    assert numbers[0] == 0


@pytest.mark.parametrize("max_vectors", [1, 2, 8])
@EACH_WIDTH
def test_each_column_is_visited_once_in_groups_that_halve(lanes: int, max_vectors: int) -> None:
    width = Width(lanes, max_vectors)
    for num_vectors in range(26):
        size = num_vectors * lanes
        visits, groups = np.zeros(size + 64, np.float32), np.zeros(size + 64, np.float32)
        use_count_visits(width, visits, size, groups)
        assert (visits[:size] == 1).all()
        assert not visits[size:].any()
        whole = num_vectors // max_vectors * max_vectors
        rest = num_vectors - whole
        halves = [half for half in (4, 2, 1) if rest & half]
        expected = [max_vectors] * whole + [half for half in halves for _ in range(half)]
        assert groups[:size:lanes].tolist() == expected
