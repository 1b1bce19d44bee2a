"""Pairs of the full softmax: each word that predicts has one hidden row, and pairs stand by group and slice."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from tests.kernels.cpu.batches import VOCABULARY_SIZE, batches_of, pair_rules, small_text

from wordvec.kernels.cpu.batch_examples import BY_EXAMPLE, BY_TERM, SUM
from wordvec.kernels.cpu.softmax_pairs import blocks_of_slice, empty_pairs, list_pairs, num_slices_of
from wordvec.kernels.cpu.softmax_tile import WORDS_PER_BLOCK
from wordvec.kernels.simd.compile import kernel

NUM_WORDS, NUM_SLICES, MAX_ROWS = 40 * VOCABULARY_SIZE, 4, 5
NOISE = np.full(VOCABULARY_SIZE, 1 / VOCABULARY_SIZE)


@kernel
def listed(rules, batches, batch, num_slices, max_rows, pairs):  # type: ignore[no-untyped-def]
    return list_pairs(rules, batches, batch, num_slices, max_rows, pairs)


@kernel
def blocks(num_blocks, num_slices, piece):  # type: ignore[no-untyped-def]
    return blocks_of_slice(num_blocks, num_slices, piece)


@pytest.mark.parametrize("reduction", [SUM, BY_EXAMPLE, BY_TERM])
@pytest.mark.parametrize("looks_up_center", [True, False], ids=["center", "context"])
def test_pairs_are_those_of_the_text_by_group_and_slice(looks_up_center: bool, reduction: int) -> None:
    """In two batches, one after the other in the same memory."""
    batches = batches_of(small_text(), NOISE)
    contexts = batches.contexts
    contexts.centers[:], contexts.words[:] = contexts.centers * 40, contexts.words * 40  # in many blocks
    rules = pair_rules(looks_up_center, "window")._replace(reduction=reduction)
    pairs = empty_pairs(
        NUM_WORDS, VOCABULARY_SIZE, int(contexts.first[batches.cuts[-1]]), NUM_SLICES, MAX_ROWS
    )
    for batch, (begin, end) in enumerate([batches.cuts[:2], batches.cuts[1:]]):
        wanted: Counter[tuple[int, int, float]] = Counter()
        total = int(contexts.first[end] - contexts.first[begin])
        for window in range(begin, end):
            of_window = contexts.words[contexts.first[window] : contexts.first[window + 1]].tolist()
            weight = {SUM: 1.0, BY_EXAMPLE: 1 / len(of_window), BY_TERM: 1 / total}[reduction]
            for word in of_window:
                pair = int(contexts.centers[window]), word
                wanted[(*(pair if looks_up_center else pair[::-1]), float(np.float32(weight)))] += 1
        num_pairs, num_rows = listed(rules, batches, batch, NUM_SLICES, MAX_ROWS, pairs)
        words, rows = pairs.words[:num_rows], pairs.pair_rows[1, :num_pairs]
        targets, weights = pairs.pair_targets[1, :num_pairs], pairs.pair_weights[1, :num_pairs]
        assert len(set(words.tolist())) == num_rows
        found = zip(words[rows].tolist(), targets.tolist(), weights.tolist(), strict=True)
        assert Counter(found) == wanted
        np.testing.assert_allclose(pairs.weights[:num_rows], np.bincount(rows, weights), rtol=1e-5)
        keys = rows // MAX_ROWS * NUM_SLICES + pairs.slice_of_block[targets // WORDS_PER_BLOCK]
        assert keys.tolist() == sorted(keys.tolist())
        assert pairs.ends.tolist() == np.searchsorted(keys, np.arange(len(pairs.ends))).tolist()


@pytest.mark.parametrize("num_blocks", [1, 3, 8, 33, 105, 1563])
def test_slices_are_even_and_hold_each_block_once(num_blocks: int) -> None:
    num_slices = num_slices_of(num_blocks)
    found = [blocks(num_blocks, num_slices, piece) for piece in range(num_slices)]
    assert [block for begin, end in found for block in range(begin, end)] == list(range(num_blocks))
    sizes = [end - begin for begin, end in found]
    assert max(sizes) - min(sizes) <= 1
    pairs = empty_pairs(num_blocks * WORDS_PER_BLOCK, 1, 1, num_slices, 1)
    assert pairs.slice_of_block.tolist() == np.repeat(range(num_slices), sizes).tolist()
