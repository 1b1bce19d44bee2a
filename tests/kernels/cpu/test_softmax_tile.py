"""The tile of the full softmax, on registers of each width, beside NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from wordvec.kernels.cpu.softmax_tile import (
    ROWS_PER_TILE,
    WORDS_PER_BLOCK,
    SoftmaxTile,
    exponentials_of_bundle,
    features_by_word,
    gradients_by_word,
    gradients_of_bundle,
    gradients_of_features,
    place_in_bundles,
    score_rows,
    softmax_tile,
    sum_of_rows,
)
from wordvec.kernels.simd.compile import kernel

LANES = [4, 8, 16]
NUM_BLOCKS, NUM_ROWS, GUARD = 3, 2 * ROWS_PER_TILE, 7.5
NUM_WORDS = NUM_BLOCKS * WORDS_PER_BLOCK

rng = np.random.default_rng(5)
Floats = NDArray[np.float32]


def numbers(*shape: int) -> Floats:
    return rng.normal(size=shape).astype(np.float32)


def places(tile: SoftmaxTile) -> NDArray[np.int64]:
    """Where the score of each row with each word stands, (rows, words)."""
    return np.array([[place(tile, row, word) for word in range(NUM_WORDS)] for row in range(NUM_ROWS)])


def with_guard(values: Floats) -> Floats:
    return np.append(values, np.float32(GUARD))


@kernel
def place(tile, row, word):  # type: ignore[no-untyped-def]
    return place_in_bundles(tile, NUM_BLOCKS, row, word)


@kernel
def scored(tile, hidden, row_length, num_features, blocks, block, scores):  # type: ignore[no-untyped-def]
    size_of_block = WORDS_PER_BLOCK * tile.hidden
    first = block * num_features * WORDS_PER_BLOCK
    bundle_size = NUM_BLOCKS * size_of_block
    score_rows(
        tile,
        hidden,
        row_length,
        NUM_ROWS,
        num_features,
        blocks,
        first,
        scores,
        block * size_of_block,
        bundle_size,
    )


@kernel
def of_features(tile, hidden, first_feature, row_length, scores, block, gradient):  # type: ignore[no-untyped-def]
    size_of_block = WORDS_PER_BLOCK * tile.hidden
    gradients_of_features(
        tile,
        hidden,
        first_feature,
        row_length,
        NUM_ROWS // tile.hidden,
        scores,
        block * size_of_block,
        NUM_BLOCKS * size_of_block,
        gradient,
        WORDS_PER_BLOCK,
    )


@kernel
def of_bundle(tile, scores, bundle, features, feature_step, factors, gradients, row_length):  # type: ignore[no-untyped-def]
    first = bundle * NUM_BLOCKS * WORDS_PER_BLOCK * tile.hidden
    of_features = features, WORDS_PER_BLOCK, feature_step, NUM_BLOCKS
    gradients_of_bundle(tile, scores, first, *of_features, factors, 1, gradients, 2, row_length)


@kernel
def by_word(tile, scores, bundle, block, features, num_vectors, turned, factors, gradients, row_length, adds):  # type: ignore[no-untyped-def]
    first = (bundle * NUM_BLOCKS + block) * WORDS_PER_BLOCK * tile.hidden
    features_by_word(tile, features, WORDS_PER_BLOCK, num_vectors, turned)
    gradients_by_word(tile, scores, first, turned, num_vectors, factors, 1, gradients, 2, row_length, adds)


@kernel
def summed(tile, rows, first, step, number, total, row_length):  # type: ignore[no-untyped-def]
    sum_of_rows(tile, rows, first, step, number, total, row_length)


@kernel
def exponentials(tile, scores, bundle, highest, totals):  # type: ignore[no-untyped-def]
    size = NUM_BLOCKS * WORDS_PER_BLOCK * tile.hidden
    exponentials_of_bundle(tile, scores, bundle * size, size, highest, totals, 1)


@pytest.mark.parametrize("lanes", LANES)
def test_each_score_has_a_place_of_its_own_and_those_of_a_bundle_stand_together(lanes: int) -> None:
    tile = softmax_tile(lanes)
    found = places(tile)
    assert sorted(found.ravel()) == list(range(NUM_ROWS * NUM_WORDS))
    assert sorted(found[: tile.hidden].ravel()) == list(range(tile.hidden * NUM_WORDS))
    assert np.diff(found[:, :lanes]).tolist() == [[1] * (lanes - 1)] * NUM_ROWS


@pytest.mark.parametrize("lanes", LANES)
def test_scores_are_a_product_of_matrices(lanes: int) -> None:
    tile, num_features = softmax_tile(lanes), 11
    hidden, blocks = numbers(NUM_ROWS, num_features + 2), numbers(NUM_BLOCKS, num_features, WORDS_PER_BLOCK)
    scores = with_guard(np.zeros(NUM_ROWS * NUM_WORDS, np.float32))
    for block in range(NUM_BLOCKS):
        scored(tile, hidden.ravel(), num_features + 2, num_features, blocks.ravel(), block, scores)
    words = blocks.transpose(1, 0, 2).reshape(num_features, NUM_WORDS).astype(float)
    np.testing.assert_allclose(scores[places(tile)], hidden[:, :-2] @ words, rtol=1e-5, atol=1e-5)
    assert scores[-1] == GUARD


@pytest.mark.parametrize("lanes", LANES)
def test_gradients_of_words_are_sums_over_hidden_rows(lanes: int) -> None:
    tile, row_length, first_feature, block = softmax_tile(lanes), ROWS_PER_TILE + 5, 3, 1
    hidden, scores = numbers(NUM_ROWS, row_length), numbers(NUM_ROWS * NUM_WORDS)
    gradient = np.full((ROWS_PER_TILE + 2, WORDS_PER_BLOCK), GUARD, np.float32)
    of_features(tile, hidden.ravel(), first_feature, row_length, scores, block, gradient.reshape(-1))
    of_block = scores[places(tile)][:, block * WORDS_PER_BLOCK : (block + 1) * WORDS_PER_BLOCK]
    wanted = hidden[:, first_feature : first_feature + ROWS_PER_TILE].T.astype(float) @ of_block
    np.testing.assert_allclose(gradient[1:-1], wanted, rtol=1e-4, atol=1e-5)
    assert (gradient[[0, -1]] == GUARD).all()


@pytest.mark.parametrize("lanes", LANES)
def test_gradients_of_hidden_rows_are_sums_over_words(lanes: int) -> None:
    tile = softmax_tile(lanes)
    scores, factors = numbers(NUM_ROWS * NUM_WORDS), numbers(1 + tile.hidden)
    features = numbers(NUM_BLOCKS, ROWS_PER_TILE + 2, WORDS_PER_BLOCK)
    gradients = np.full((tile.hidden + 1, ROWS_PER_TILE + 3), GUARD, np.float32)
    of_bundle(
        tile,
        scores,
        1,
        features.ravel(),
        features[0].size,
        factors,
        gradients.reshape(-1),
        gradients.shape[1],
    )
    rows = scores[places(tile)][tile.hidden : 2 * tile.hidden].reshape(
        tile.hidden, NUM_BLOCKS, WORDS_PER_BLOCK
    )
    expected = np.einsum("hbw,bfw->hf", rows.astype(float), features[:, 1 : 1 + ROWS_PER_TILE])
    found = gradients[:-1, 2:-1].copy()
    np.testing.assert_allclose(found, factors[1:, None] * expected, rtol=1e-4, atol=1e-4)
    gradients[:-1, 2:-1] = GUARD
    assert (gradients == GUARD).all()


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_exponentials_are_of_scores_less_the_highest_of_each_row(lanes: int, scale: float) -> None:
    tile = softmax_tile(lanes)
    scores = numbers(NUM_ROWS * NUM_WORDS) * np.float32(scale)
    before = scores[places(tile)].astype(float)
    highest, totals = np.full((2, 2 + tile.hidden), GUARD, np.float32)
    exponentials(tile, scores, 1, highest, totals)
    after, of_bundle = scores[places(tile)], slice(tile.hidden, 2 * tile.hidden)
    most = before[of_bundle].max(axis=1)
    expected = np.exp(before[of_bundle] - most[:, None])
    np.testing.assert_allclose(after[of_bundle], expected, rtol=1e-5, atol=1e-37)
    np.testing.assert_array_equal(highest[1:-1], most.astype(np.float32))
    np.testing.assert_allclose(totals[1:-1], expected.sum(axis=1), rtol=1e-5)
    assert highest[[0, -1]].tolist() == totals[[0, -1]].tolist() == [GUARD, GUARD]
    after[of_bundle] = before[of_bundle]
    np.testing.assert_array_equal(after, before.astype(np.float32))


@pytest.mark.parametrize("share", [1, 2, 99], ids=["most", "half", "one"])
@pytest.mark.parametrize("lanes", LANES)
def test_gradients_of_hidden_rows_are_the_same_sums_with_features_side_by_side(
    lanes: int, share: int
) -> None:
    """Of one block, and then of the next as well."""
    tile = softmax_tile(lanes)
    num_vectors = max(tile.feature_vectors // share, 1)
    width = num_vectors * lanes
    scores, factors = numbers(NUM_ROWS * NUM_WORDS), numbers(1 + tile.hidden)
    features = numbers(2, width + 2, WORDS_PER_BLOCK)
    gradients = np.full((tile.hidden + 1, width + 3), GUARD, np.float32)
    turned = with_guard(np.full(WORDS_PER_BLOCK * width, np.nan, np.float32))
    expected = np.zeros((tile.hidden, width))
    for block in range(2):
        of_block = features[block].ravel()
        by_word(
            tile,
            scores,
            1,
            block,
            of_block,
            num_vectors,
            turned,
            factors,
            gradients.reshape(-1),
            width + 3,
            block > 0,
        )
        np.testing.assert_array_equal(turned[:-1].reshape(WORDS_PER_BLOCK, width), features[block, 1:-1].T)
        words = slice(block * WORDS_PER_BLOCK, (block + 1) * WORDS_PER_BLOCK)
        rows = scores[places(tile)][tile.hidden : 2 * tile.hidden, words].astype(float)
        expected += factors[1:, None] * (rows @ features[block, 1:-1].T)
        found = gradients[:-1, 2:-1].copy()
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    gradients[:-1, 2:-1] = GUARD
    assert (gradients == GUARD).all()
    assert turned[-1] == GUARD


@pytest.mark.parametrize("number", [1, 5])
@pytest.mark.parametrize("row_length", [16, 48, 112])
@pytest.mark.parametrize("lanes", LANES)
def test_rows_that_stand_evenly_apart_are_summed(lanes: int, row_length: int, number: int) -> None:
    step, first = row_length + 7, 3
    rows, total = numbers(first + number * step), with_guard(np.full(row_length, np.nan, np.float32))
    summed(softmax_tile(lanes), rows, first, step, number, total, row_length)
    expected = rows[first:].reshape(number, step)[:, :row_length].astype(float).sum(axis=0)
    np.testing.assert_allclose(total[:-1], expected, rtol=1e-5, atol=1e-5)
    assert total[-1] == GUARD
