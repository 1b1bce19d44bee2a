"""Initialization: how far from zero the first vectors lie, and that a seed repeats them."""

from __future__ import annotations

import numpy as np
import pytest

from wordvec.sampling import initialization as module
from wordvec.sampling.initialization import Initialization, fill_word2vec_rows, initial_matrices

V, D = 700, 37
XAVIER = (6 / (V + D)) ** 0.5
# Of each scheme, the bound of the uniform distribution that each matrix has; None: standard normal; 0: zeros.
BOUNDS: dict[Initialization, tuple[float | None, float | None]] = {
    "word2vec": (0.5 / D, 0.0),
    "uniform": (1.0, 1.0),
    "normal": (None, None),
    "xavier": (XAVIER, XAVIER),
    "torch": (None, D**-0.5),
}


def drawn(initialization: Initialization, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    return initial_matrices(V, D, initialization, np.random.default_rng(seed))


@pytest.mark.parametrize("initialization", BOUNDS)
def test_each_matrix_fills_its_range_and_no_more(initialization: Initialization) -> None:
    for matrix, bound in zip(drawn(initialization), BOUNDS[initialization], strict=True):
        assert (matrix.shape, matrix.dtype) == ((V, D), np.float32)
        if bound is None:
            assert np.abs(matrix).max() > 3.5
            assert matrix.std() == pytest.approx(1, rel=0.02)
            assert np.mean(np.abs(matrix) < 1) == pytest.approx(0.6827, abs=0.01)
        else:
            assert -bound <= matrix.min() <= -0.999 * bound
            assert 0.999 * bound <= matrix.max() <= bound
            assert matrix.std() == pytest.approx(bound / 3**0.5, rel=0.02)
        assert abs(matrix.mean()) <= 5 * matrix.std() / (V * D) ** 0.5


@pytest.mark.parametrize("initialization", BOUNDS)
def test_rows_and_columns_differ(initialization: Initialization) -> None:
    for matrix in drawn(initialization):
        if matrix.any():
            assert len(np.unique(matrix, axis=0)) == V
            assert len(np.unique(matrix, axis=1).T) == D


@pytest.mark.parametrize("initialization", ["uniform", "normal", "xavier", "torch"])
def test_the_two_matrices_are_drawn_apart(initialization: Initialization) -> None:
    inputs, outputs = drawn(initialization)
    assert abs(np.corrcoef(inputs.ravel(), outputs.ravel())[0, 1]) < 0.05


@pytest.mark.parametrize("initialization", BOUNDS)
def test_a_seed_repeats_both_and_another_one_does_not(initialization: Initialization) -> None:
    first, again, other = (drawn(initialization, seed) for seed in (3, 3, 4))
    for one, same, different in zip(first, again, other, strict=True):
        assert one.tobytes() == same.tobytes()
        assert not one.any() or one.tobytes() != different.tobytes()


@pytest.mark.parametrize("num_rows", [1, 4, 5, 8, 13])
def test_rows_filled_in_blocks_are_those_of_one_draw(monkeypatch: pytest.MonkeyPatch, num_rows: int) -> None:
    monkeypatch.setattr(module, "ROWS_AT_A_TIME", 4)
    padded = np.full((num_rows, 8), np.nan, np.float32)
    fill_word2vec_rows(padded[:, :5], np.random.default_rng(7))  # the rows of the kernels have padding
    whole = (np.random.default_rng(7).random((num_rows, 5), np.float32) - np.float32(0.5)) / np.float32(5)
    assert padded[:, :5].tobytes() == whole.tobytes()
    assert np.isnan(padded[:, 5:]).all()
    inputs, _ = initial_matrices(num_rows, 5, "word2vec", np.random.default_rng(7))
    assert inputs.tobytes() == whole.tobytes()
