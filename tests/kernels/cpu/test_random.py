"""Random numbers: those of the published algorithm, and in their range."""

from __future__ import annotations

import numba as nb
import numpy as np

from wordvec.kernels.cpu.windows import below, hash64, unit_interval


def test_random_numbers_are_those_of_splitmix64() -> None:
    """First outputs for seed 1234567, as published with the algorithm's reference code."""
    expected = [6457827717110365317, 3203168211198807973, 9817491932198370423]

    @nb.njit
    def first_three():  # type: ignore[no-untyped-def]
        return [hash64(np.uint64(1234567), counter) for counter in range(3)]

    assert first_three() == expected


def test_random_numbers_stay_in_their_range() -> None:
    @nb.njit
    def extremes():  # type: ignore[no-untyped-def]
        ones, zero = np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(0)
        return unit_interval(ones), unit_interval(zero), below(ones, 7), below(zero, 7)

    highest, lowest, largest, smallest = extremes()
    assert 0.9999 < highest < 1
    assert (lowest, largest, smallest) == (0, 6, 0)
