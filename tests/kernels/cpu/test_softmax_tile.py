"""The tile of the full softmax, on registers of each width, beside NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from wordvec.kernels.cpu.softmax_tile import (
    ROWS_PER_TILE,
    WORDS_PER_BLOCK,
    exponentials_of_row,
    multiply_by_words,
    multiply_rows,
    pack_rows,
    scale_row,
    softmax_tile,
)
from wordvec.kernels.simd.compile import kernel

LANES = [4, 8, 16]
NUM_BLOCKS, GUARD = 3, 7.5

rng = np.random.default_rng(5)


def numbers(*shape: int) -> NDArray[np.float32]:
    return rng.normal(size=shape).astype(np.float32)


@kernel
def multiplied(tile, factors, row_step, term_step, num_rows, num_terms, blocks, first, product):  # type: ignore[no-untyped-def]
    multiply_rows(tile, factors, row_step, term_step, num_rows, num_terms, blocks, first, product, 0)


@kernel
def multiplied_by_words(tile, hidden, step, features, feature_step, num_blocks, packed, sums):  # type: ignore[no-untyped-def]
    pack_rows(tile, hidden, 0, step, num_blocks, 2 * tile.hidden, packed)
    second = tile.hidden * num_blocks * WORDS_PER_BLOCK
    multiply_by_words(tile, packed, second, features, 0, feature_step, num_blocks, sums)


@kernel
def exponentials(tile, scores, first, step, num_blocks, highest, total):  # type: ignore[no-untyped-def]
    exponentials_of_row(tile, scores, first, step, num_blocks, highest, total, 1)


@kernel
def scaled(tile, row, first, step, num_blocks, factor):  # type: ignore[no-untyped-def]
    scale_row(tile, row, first, step, num_blocks, factor)


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("is_transposed", [False, True])
def test_rows_times_a_block_are_a_product_of_matrices(lanes: int, is_transposed: bool) -> None:
    rows, terms = 2 * ROWS_PER_TILE, 11
    factors, blocks = numbers(rows, terms), numbers(2, terms, WORDS_PER_BLOCK)
    product = np.full((rows + 1, WORDS_PER_BLOCK), GUARD, np.float32)
    laid = np.ascontiguousarray(factors.T if is_transposed else factors).ravel()
    steps = (1, rows) if is_transposed else (terms, 1)
    flat = blocks.ravel(), terms * WORDS_PER_BLOCK, product.reshape(-1)
    multiplied(softmax_tile(lanes), laid, *steps, rows, terms, *flat)
    np.testing.assert_allclose(product[:-1], factors.astype(float) @ blocks[1], rtol=1e-5, atol=1e-5)
    assert (product[-1] == GUARD).all()


@pytest.mark.parametrize("lanes", LANES)
def test_sums_over_words_are_a_product_of_matrices(lanes: int) -> None:
    tile = softmax_tile(lanes)
    hidden = numbers(NUM_BLOCKS, 2 * tile.hidden, WORDS_PER_BLOCK)
    features = numbers(NUM_BLOCKS, ROWS_PER_TILE + 2, WORDS_PER_BLOCK)
    sums, packed = np.full(64, GUARD, np.float32), np.full(hidden.size + 1, GUARD, np.float32)
    steps = hidden[0].size, features[0].size
    multiplied_by_words(tile, hidden.ravel(), steps[0], features.ravel(), steps[1], NUM_BLOCKS, packed, sums)
    expected = np.einsum("bhw,bfw->hf", hidden[:, tile.hidden :].astype(float), features[:, :ROWS_PER_TILE])
    assert packed[-1] == GUARD
    count = tile.hidden * ROWS_PER_TILE
    np.testing.assert_allclose(sums[:count].reshape(expected.shape), expected, rtol=1e-4, atol=1e-4)
    assert (sums[-(-count // lanes) * lanes :] == GUARD).all()


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_exponentials_are_of_scores_less_the_highest(lanes: int, scale: float) -> None:
    scores = numbers(NUM_BLOCKS, 2, WORDS_PER_BLOCK) * np.float32(scale)
    row, other = scores[:, 1].astype(float), scores[:, 0].copy()
    highest, total = np.zeros(3, np.float32), np.zeros(3, np.float32)
    flat = scores.reshape(-1)
    exponentials(softmax_tile(lanes), flat, WORDS_PER_BLOCK, 2 * WORDS_PER_BLOCK, NUM_BLOCKS, highest, total)
    expected = np.exp(row - row.max())
    np.testing.assert_allclose(scores[:, 1], expected, rtol=1e-5, atol=1e-37)
    assert highest.tolist() == [0, np.float32(row.max()), 0]
    assert total[1] == pytest.approx(expected.sum(), rel=1e-5)
    assert (total[[0, 2]] == 0).all()
    assert np.array_equal(scores[:, 0], other)
    scaled(softmax_tile(lanes), flat, WORDS_PER_BLOCK, 2 * WORDS_PER_BLOCK, NUM_BLOCKS, np.float32(-0.5))
    np.testing.assert_allclose(scores[:, 1], -0.5 * expected, rtol=1e-5, atol=1e-37)
    assert np.array_equal(scores[:, 0], other)
