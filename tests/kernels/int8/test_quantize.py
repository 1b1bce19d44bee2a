"""Rounding to int8 loses what it says, and no more."""

import numpy as np
import pytest
from tests.kernels.int8.hard_vectors import KINDS, every_int8_tile, hard_vectors

from wordvec.kernels.int8.quantize import quantize_queries


def int8s_of(shape, quantized, dim):
    """The int8 of each query, (Q, D), from the layout that the tile reads."""
    num_queries = len(quantized.scales)
    by_tile = quantized.quads.view(np.int8).reshape(num_queries // shape.queries, -1, shape.queries, 4)
    return by_tile.transpose(0, 2, 1, 3).reshape(num_queries, -1)[:, :dim]


@every_int8_tile
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dim", [1, 3, 16, 100, 301])
def test_what_rounding_loses_is_measured(shape, kind, dim):
    queries = hard_vectors(kind, 29, dim)
    quantized = quantize_queries(shape, queries)
    rounded = int8s_of(shape, quantized, dim)[:29].astype(np.float64) * quantized.scales[:29, None]
    lost = np.linalg.norm(queries - rounded, axis=1)
    assert quantized.errors[:29] == pytest.approx(lost, rel=1e-4, abs=1e-6)
    assert (np.abs(queries - rounded) <= quantized.scales[:29, None] * 0.5001).all()


@every_int8_tile
def test_the_largest_number_of_a_row_keeps_its_size(shape):
    queries = hard_vectors("heavy-tailed", 29, 50)
    int8s = int8s_of(shape, quantize_queries(shape, queries), 50)[:29]
    assert (np.abs(int8s.astype(int)).max(axis=1) == 127).all()


@every_int8_tile
def test_rows_of_zeros_lose_nothing(shape):
    quantized = quantize_queries(shape, np.zeros((3, 20), np.float32))
    assert not quantized.quads.any()
    assert not quantized.errors.any()
