"""Rounding to bytes loses what it says, and no more."""

import numpy as np
import pytest
from tests.kernels.cpu.byte_cases import KINDS, every_byte_tile, hard_vectors

from wordvec.kernels.cpu.byte_rows import byte_queries


def unpacked(shape, packed, dim):
    """The bytes of each query, (Q, D), from the layout that the tile reads."""
    num_queries = len(packed.scales)
    by_tile = packed.packed.view(np.int8).reshape(num_queries // shape.queries, -1, shape.queries, 4)
    return by_tile.transpose(0, 2, 1, 3).reshape(num_queries, -1)[:, :dim]


@every_byte_tile
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dim", [1, 3, 16, 100, 301])
def test_what_rounding_loses_is_measured(shape, kind, dim):
    queries = hard_vectors(kind, 29, dim)
    packed = byte_queries(shape, queries)
    rounded = unpacked(shape, packed, dim)[:29].astype(np.float64) * packed.scales[:29, None]
    lost = np.linalg.norm(queries - rounded, axis=1)
    assert packed.errors[:29] == pytest.approx(lost, rel=1e-4, abs=1e-6)
    assert (np.abs(queries - rounded) <= packed.scales[:29, None] * 0.5001).all()


@every_byte_tile
def test_the_largest_number_of_a_row_keeps_its_size(shape):
    queries = hard_vectors("heavy-tailed", 29, 50)
    bytes_of = unpacked(shape, byte_queries(shape, queries), 50)[:29]
    assert (np.abs(bytes_of.astype(int)).max(axis=1) == 127).all()


@every_byte_tile
def test_rows_of_zeros_lose_nothing(shape):
    packed = byte_queries(shape, np.zeros((3, 20), np.float32))
    assert not packed.packed.any()
    assert not packed.errors.any()
