"""Gradients of the logistic loss and weighted sums of rows, to float32 rounding, and nothing written beside them."""

from __future__ import annotations

import numba as nb
import numpy as np
import pytest
from numpy.typing import NDArray

from wordvec.kernels.cpu.objectives import tile_of_paths
from wordvec.kernels.cpu.tile import (
    Rows,
    find_gradients_of_row,
    scores_to_gradients,
    tile_shape,
    weigh_gradients,
    weighted_sum,
)
from wordvec.kernels.simd.compile import kernel

EACH_WIDTH = pytest.mark.parametrize("lanes", [16, 8, 4])
GUARD = 64


@nb.njit
def convert(shape, scores, signs, learning_rate, loss):  # type: ignore[no-untyped-def]
    scores_to_gradients(shape, 1, scores, 0, signs, 0, learning_rate, loss)


@EACH_WIDTH
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


@nb.njit
def find(shape, hidden, vectors, offsets, num_tiles, signs, weight, gradients, loss):  # type: ignore[no-untyped-def]
    targets = Rows(vectors, offsets)
    find_gradients_of_row(shape, hidden, 0, targets, num_tiles, len(hidden), signs, weight, gradients, loss)


@EACH_WIDTH
def test_gradients_of_one_hidden_row_are_right_for_any_number_of_targets(lanes: int) -> None:
    shape, rng = tile_of_paths(lanes, has_one_hidden_row=True), np.random.default_rng(3)
    vectors, hidden = rng.normal(size=(50, 48)).astype(np.float32), rng.normal(size=48).astype(np.float32)
    for number in [*range(1, 18), 31, 32, 33]:
        num_tiles = -(-number // 4)
        rows = rng.integers(0, 50, 4 * num_tiles)
        signs = np.full(4 * num_tiles + lanes, np.nan, np.float32)  # what is beyond the tiles is not taken
        signs[:number], signs[number : 4 * num_tiles] = rng.choice([-1, 1], number), 0
        whole, gradients = between_guards(-(-4 * num_tiles // lanes) * lanes)
        loss = np.concatenate([np.zeros(lanes), np.ones(lanes)]).astype(np.float32)
        find(shape, hidden, vectors.ravel(), rows * 48, num_tiles, signs, np.float32(0.5), gradients, loss)
        wrongness = signs[:number] * (vectors[rows[:number]].astype(np.float64) @ hidden)
        wanted = -0.5 * signs[:number] / (1 + np.exp(-wrongness))
        np.testing.assert_allclose(gradients[:number], wanted, rtol=1e-4)
        assert not gradients[number:].any()
        found = loss[:lanes] + np.log(loss[lanes:].astype(np.float64))
        assert found.sum() == pytest.approx(np.logaddexp(0, wrongness).sum(), rel=1e-5)
        assert_guards_are_whole(whole)


@kernel
def weigh(shape, number, scores, weights, scale, loss):  # type: ignore[no-untyped-def]
    weigh_gradients(shape, number, scores, weights, scale, loss)


@kernel
def add_up(shape, vectors, offsets, first, number, weights, total, total_row, row_length):  # type: ignore[no-untyped-def]
    rows = Rows(vectors, offsets)
    weighted_sum(shape, rows, first, number, weights, total, total_row, row_length)


def between_guards(size: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Memory with guards that nothing may write to, and what is between them: NaN that nothing may read."""
    whole = np.full(size + 2 * GUARD, 12345, np.float32)
    part = whole[GUARD:-GUARD]
    part[:] = np.nan
    return whole, part


def assert_guards_are_whole(*wholes: NDArray[np.float32]) -> None:
    for whole in wholes:
        assert (whole[:GUARD] == 12345).all()
        assert (whole[-GUARD:] == 12345).all()


@pytest.mark.parametrize("number", [1, 3, 4, 5, 15, 16, 17, 32, 33, 1001])
@EACH_WIDTH
def test_pairs_that_count_more_than_once_or_not_at_all_are_right_to_float32_rounding(
    lanes: int, number: int
) -> None:
    rng = np.random.default_rng(number)
    padded = -(-number // lanes) * lanes
    (whole_scores, scores), (whole_weights, weights), (whole_loss, loss) = map(
        between_guards, (padded, padded, lanes)
    )
    scores[:], weights[:], loss[:] = rng.normal(size=padded) * 3, 0, 0
    weights[:number] = rng.choice([-1, 0, 1, 2, 7, 300], number)
    for extreme in (100, -100, 88, -88, 0):
        scores[rng.integers(number)] = extreme
    scores[number:] = 3
    exact_scores, exact_weights = scores.astype(np.float64), weights.astype(np.float64)
    sign = np.where(exact_weights < 0, -1, 1)
    for _ in range(2):
        weigh(tile_shape(4, lanes), number, scores, weights, np.float32(0.5), loss)
        wanted = -0.5 * exact_weights / (1 + np.exp(-sign * exact_scores))
        np.testing.assert_allclose(scores, wanted, rtol=1e-6, atol=1e-34)
        scores[:] = exact_scores
    losses = np.abs(exact_weights) * np.logaddexp(0, sign * exact_scores)
    assert loss.astype(np.float64).sum() == pytest.approx(2 * losses.sum(), rel=1e-6)
    assert_guards_are_whole(whole_scores, whole_weights, whole_loss)


@pytest.mark.parametrize("score", [100.0, -100.0])
@pytest.mark.parametrize("weight", [-1.0, 1.0, 3.0])
@EACH_WIDTH
def test_scores_of_100_lose_no_digits_on_either_side(lanes: int, weight: float, score: float) -> None:
    scores, loss = np.full(lanes, score, np.float32), np.zeros(lanes, np.float32)
    weigh(tile_shape(4, lanes), lanes, scores, np.full(lanes, weight, np.float32), np.float32(1), loss)
    is_wrong = (score > 0) == (weight > 0)
    np.testing.assert_allclose(scores, -weight if is_wrong else 0, rtol=1e-7, atol=1e-34)
    np.testing.assert_allclose(loss, 100 * abs(weight) if is_wrong else 0, rtol=1e-7, atol=1e-34)


@EACH_WIDTH
def test_pairs_of_weight_0_have_neither_gradient_nor_loss(lanes: int) -> None:
    scores = np.linspace(-100, 100, 4 * lanes).astype(np.float32)
    loss = np.zeros(lanes, np.float32)
    weigh(tile_shape(4, lanes), 4 * lanes, scores, np.zeros(4 * lanes, np.float32), np.float32(1), loss)
    assert not scores.any()
    assert not loss.any()


@pytest.mark.parametrize("number", [1, 2, 7, 100])
@pytest.mark.parametrize("row_length", [16, 48, 112, 304])
@EACH_WIDTH
def test_weighted_sums_of_rows_are_right_to_float32_rounding(
    lanes: int, row_length: int, number: int
) -> None:
    rng = np.random.default_rng(number)
    vectors = rng.normal(size=9 * row_length).astype(np.float32)
    first = 3  # of the rows and their weights
    offsets = rng.integers(0, 9, first + number) * row_length  # a row may stand there twice
    weights = rng.normal(size=first + number).astype(np.float32)
    offsets[:first], weights[:first] = 10**9, np.nan
    (whole, total), total_row = between_guards(3 * row_length), row_length
    total[:row_length], total[2 * row_length :] = 5, 6
    add_up(tile_shape(4, lanes), vectors, offsets, first, number, weights, total, total_row, row_length)
    rows = vectors.reshape(9, row_length).astype(np.float64)[offsets[first : first + number] // row_length]
    wanted = weights[first:].astype(np.float64) @ rows
    np.testing.assert_allclose(total[row_length : 2 * row_length], wanted, rtol=1e-5, atol=1e-5)
    assert (total[:row_length] == 5).all()
    assert (total[2 * row_length :] == 6).all()
    assert_guards_are_whole(whole)
