"""Int8 tiles fit the machine's registers."""

from __future__ import annotations

import pytest

from wordvec.kernels.int8 import int8_tile
from wordvec.kernels.int8.int8_tile import Int8TileShape, single_query_tile_shape

REGISTERS = {16: 32, 8: 16}


@pytest.mark.parametrize("shape", [*int8_tile.INT8_TILES.values(), None], ids=str)
def test_a_tile_for_one_query_fits_the_registers_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, shape: Int8TileShape | None
) -> None:
    monkeypatch.setattr(int8_tile, "int8_tile_shape", lambda: shape)
    single = single_query_tile_shape()
    assert (single is None) == (shape is None)
    if single and shape:
        assert (single.lanes, single.queries) == (shape.lanes, 1)
        assert single.vectors + 2 <= REGISTERS[single.lanes]  # sums, a vector of rows and the query
