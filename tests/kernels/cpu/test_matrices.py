"""The matrices: word2vec's start, the kernels' layout, and copies that are copies."""

from __future__ import annotations

import numpy as np
import pytest

from wordvec.kernels.cpu.matrices import Matrices


@pytest.mark.parametrize("dim", [1, 15, 16, 17, 100])
def test_input_starts_uniform_in_half_over_dim_and_output_at_zero(dim: int) -> None:
    inputs, outputs = Matrices.initial(9000, dim, np.random.default_rng(1)).unpadded()
    assert inputs.shape == outputs.shape == (9000, dim)
    assert not outputs.any()
    scaled = inputs.ravel() * dim
    assert -0.5 <= scaled.min() < -0.499
    assert 0.499 < scaled.max() <= 0.5
    assert abs(scaled.mean()) < 5 * (1 / 12 / scaled.size) ** 0.5
    assert len(np.unique(scaled)) > 0.9 * min(scaled.size, 9000)


@pytest.mark.parametrize("dim", [1, 16, 100])
def test_rows_begin_at_cache_lines_and_padding_is_zero(dim: int) -> None:
    matrices = Matrices.initial(7, dim, np.random.default_rng(1))
    for flat in (matrices.input_vectors, matrices.output_vectors):
        assert flat.ctypes.data % 64 == 0
        assert flat.size == 7 * matrices.row_length
        assert not flat.reshape(7, -1)[:, dim:].any()
    assert matrices.row_length % 16 == 0


@pytest.mark.parametrize("dim", [16, 17])
def test_what_is_given_out_does_not_change_with_further_training(dim: int) -> None:
    matrices = Matrices.initial(7, dim, np.random.default_rng(1))
    for given, flat in zip(
        matrices.unpadded(), (matrices.input_vectors, matrices.output_vectors), strict=True
    ):
        assert not np.shares_memory(given, flat)


@pytest.mark.parametrize("dim", [1, 15, 16, 17, 100])
@pytest.mark.parametrize("rows", [1, 3, 4096, 9001])
def test_compacting_keeps_every_number_and_takes_no_memory(dim: int, rows: int) -> None:
    matrices = Matrices.initial(rows, dim, np.random.default_rng(1))
    matrices.output_vectors[:] = np.arange(matrices.output_vectors.size)
    expected = matrices.unpadded()
    for found, wanted, flat in zip(
        matrices.compacted(), expected, (matrices.input_vectors, matrices.output_vectors), strict=True
    ):
        np.testing.assert_array_equal(found, wanted)
        assert found.flags.c_contiguous
        assert np.shares_memory(found, flat)
