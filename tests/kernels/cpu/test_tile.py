"""The logistic gradient, to float32 rounding, over all scores that can occur."""

from __future__ import annotations

import numba as nb
import numpy as np
import pytest

from wordvec.kernels.cpu.tile import scores_to_gradients, tile_shape


@nb.njit
def convert(shape, scores, signs, learning_rate, loss):  # type: ignore[no-untyped-def]
    scores_to_gradients(shape, 1, scores, 0, signs, 0, learning_rate, loss)


@pytest.mark.parametrize("lanes", [16, 8, 4])
def test_gradients_and_loss_are_right_to_float32_rounding(lanes: int) -> None:
    shape = tile_shape(4, lanes)
    grid = np.concatenate([np.linspace(-86, 100, 4001), [0.0, 1e-7, -1e-7, 88.0, -86.5]]).astype(np.float32)
    for sign in (-1.0, 1.0):
        signs = np.full(lanes, sign, np.float32)
        for start in range(0, len(grid) - lanes, lanes):
            wrongness = grid[start : start + lanes]  # the score of noise, and minus that of a true pair
            scores = wrongness * np.float32(sign)
            exact = wrongness.astype(np.float64)
            loss = np.concatenate([np.zeros(lanes), np.ones(lanes)]).astype(np.float32)
            convert(shape, scores, signs, np.float32(0.5), loss)
            np.testing.assert_allclose(scores, -0.5 * sign / (1 + np.exp(-exact)), rtol=1e-6)
            found = loss[:lanes] + np.log(loss[lanes:].astype(np.float64))
            np.testing.assert_allclose(found, np.logaddexp(0, exact), rtol=1e-6, atol=1e-7)
