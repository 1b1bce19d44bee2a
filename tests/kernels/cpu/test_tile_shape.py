"""Tiles fit the machine's registers, for any number of negatives."""

from __future__ import annotations

import pytest

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
