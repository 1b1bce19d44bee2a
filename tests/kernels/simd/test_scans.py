"""Scans find the last equal number, and look at nothing else; and the lowest bit."""

from __future__ import annotations

import numpy as np

from wordvec.kernels.simd.compile import kernel
from wordvec.kernels.simd.scans import last_equal, lowest_bit


@kernel
def found_bit(bits):  # type: ignore[no-untyped-def]
    return lowest_bit(bits)


@kernel
def found(numbers, begin, end, wanted):  # type: ignore[no-untyped-def]
    return last_equal(numbers, begin, end, wanted)


def test_the_last_equal_number_of_a_range_of_any_length_is_found() -> None:
    rng = np.random.default_rng(3)
    for size in range(70):
        numbers = rng.integers(0, 12, size).astype(np.int32)
        for _ in range(20):
            begin, end = sorted(rng.integers(0, size + 1, 2).tolist())
            wanted = int(rng.integers(0, 14))
            places = [place for place in range(begin, end) if numbers[place] == wanted]
            assert found(numbers, begin, end, wanted) == max(places, default=-1)


def test_numbers_outside_of_the_range_are_not_found() -> None:
    numbers = np.array([7, 1, 2, 7], np.int32)
    assert found(numbers, 1, 3, 7) == -1
    assert found(numbers, 2, 2, 2) == -1
    assert found(numbers, 0, 4, 7) == 3


def test_the_lowest_bit_is_found_in_each_place() -> None:
    for place in range(64):
        assert found_bit(np.uint64(2**place)) == place
        assert found_bit(np.uint64(2**64 - 2**place)) == place
