"""Scans find the last equal number, or one that is large enough, and look at nothing else."""

from __future__ import annotations

import numpy as np

from wordvec.kernels.simd.compile import kernel
from wordvec.kernels.simd.scans import any_at_least, last_equal


@kernel
def found(numbers, begin, end, wanted):  # type: ignore[no-untyped-def]
    return last_equal(numbers, begin, end, wanted)


@kernel
def has_one(numbers, begin, end, lowest):  # type: ignore[no-untyped-def]
    return any_at_least(numbers, begin, end, lowest)


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


def test_a_number_that_is_large_enough_is_seen_anywhere_in_a_range_of_any_length() -> None:
    rng = np.random.default_rng(4)
    for size in range(70):
        numbers = rng.integers(-1, 200, size).astype(np.int32)
        for _ in range(20):
            begin, end = sorted(rng.integers(0, size + 1, 2).tolist())
            lowest = int(rng.integers(100, 203))
            assert has_one(numbers, begin, end, lowest) == any(numbers[begin:end] >= lowest)


def test_a_number_beside_the_range_is_not_seen() -> None:
    numbers = np.array([7, 1, 2, 7], np.int32)
    assert not has_one(numbers, 1, 3, 7)
    assert not has_one(numbers, 2, 2, 0)
    assert has_one(numbers, 1, 3, 2)
