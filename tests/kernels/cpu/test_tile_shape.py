"""Tiles fit the machine's registers, for any number of negatives."""

from __future__ import annotations

import numba as nb
import numpy as np
import pytest

from wordvec.kernels.cpu.random import below, hash64, unit_interval
from wordvec.kernels.cpu.tile import tile_shape
from wordvec.kernels.simd.vectors import lanes_of_this_machine

REGISTERS = {16: 32, 8: 16, 4: 32}


@pytest.mark.parametrize("lanes", [16, 8, 4])
@pytest.mark.parametrize("num_targets", [2, 3, 6, 7, 12, 13, 16, 21, 51, 1001])
def test_a_tile_holds_all_targets_and_fits_the_registers(num_targets: int, lanes: int) -> None:
    shape = tile_shape(num_targets, lanes)
    assert shape.targets * shape.target_tiles >= num_targets
    assert shape.targets * shape.tiles_per_pass * (shape.passes - 1) < num_targets
    assert shape.hidden * shape.targets + 2 <= REGISTERS[lanes]
    assert shape.columns * shape.targets * shape.tiles_per_pass + 3 <= REGISTERS[lanes]


def test_this_machine_has_vectors() -> None:
    assert lanes_of_this_machine() in REGISTERS


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
