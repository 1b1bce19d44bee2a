"""Pairs of the full softmax: the different words that predict in a batch, and its pairs, sorted by who needs them.

Each different word has one hidden row for all of its pairs. Hidden rows are scored in groups, against a slice of the
words at a time; so pairs are sorted by group and slice.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.batch_examples import BY_EXAMPLE, BY_TERM
from wordvec.kernels.cpu.softmax_tile import WORDS_PER_BLOCK
from wordvec.kernels.simd.compile import kernel_part

__all__ = [
    "MAX_SLICES",
    "ROWS_PER_CHUNK",
    "SoftmaxPairs",
    "blocks_of_slice",
    "empty_pairs",
    "list_pairs",
    "num_slices_of",
]

MAX_SLICES = 64
BLOCKS_PER_SLICE = 8
ROWS_PER_CHUNK = 12  # a multiple of the hidden rows of all tiles and bundles

# V words in N blocks and S slices, C different words that predict in P pairs


class SoftmaxPairs(NamedTuple):
    """The pairs of a step."""

    num_listed: NDArray[np.int64]  # (1,)  C of the last step that was listed
    rows: NDArray[np.int32]  # (V,)  hidden row of a word in this step, else -1
    words: NDArray[np.int32]  # (C,)  the word of each hidden row
    weights: NDArray[np.float32]  # (C,)  of all of its pairs together
    pair_rows: NDArray[np.int32]  # (2, P)  as listed; then by the hidden rows scored together and by slice
    pair_targets: NDArray[np.int32]  # (2, P)
    pair_weights: NDArray[np.float32]  # (2, P)
    pair_keys: NDArray[np.int32]  # (P,)  the group and the slice of each, as listed
    pair_scores: NDArray[np.float32]  # (P,)
    ends: NDArray[np.int64]  # (groups·S + 1,)  where the pairs of each key end, after a 0
    slice_of_block: NDArray[np.int32]  # (N,)


def empty_pairs(
    num_words: int, num_examples: int, num_pairs: int, num_slices: int, max_rows: int
) -> SoftmaxPairs:
    """Room for the largest step."""
    num_blocks = -(-num_words // WORDS_PER_BLOCK)
    rows = -(-min(num_examples, num_words) // ROWS_PER_CHUNK) * ROWS_PER_CHUNK
    slices = [blocks_of_slice.py_func(num_blocks, num_slices, piece) for piece in range(num_slices)]
    return SoftmaxPairs(
        num_listed=np.zeros(1, np.int64),
        rows=np.full(num_words, -1, np.int32),
        words=np.empty(rows, np.int32),
        weights=np.empty(rows, np.float32),
        pair_rows=np.empty((2, num_pairs), np.int32),
        pair_targets=np.empty((2, num_pairs), np.int32),
        pair_weights=np.empty((2, num_pairs), np.float32),
        pair_keys=np.empty(num_pairs, np.int32),
        pair_scores=np.empty(num_pairs, np.float32),
        ends=np.zeros(-(-rows // max_rows) * num_slices + 1, np.int64),
        slice_of_block=np.repeat(
            np.arange(num_slices, dtype=np.int32), [end - begin for begin, end in slices]
        ),
    )


def num_slices_of(num_blocks: int) -> int:
    """S: slices of eight blocks or more, as shorter ones cost more; a multiple of 4, so that threads get as many.

    >>> num_slices_of(105), num_slices_of(2000), num_slices_of(3)
    (12, 64, 3)
    """
    return min(num_blocks // BLOCKS_PER_SLICE // 4 * 4, MAX_SLICES) or min(num_blocks, 4)


@kernel_part
def blocks_of_slice(num_blocks, num_slices, piece):  # type: ignore[no-untyped-def]
    """The first block of a slice, and the end of its blocks."""
    return num_blocks * piece // num_slices, num_blocks * (piece + 1) // num_slices


@kernel_part
def list_pairs(rules, batches, batch, num_slices, max_rows, pairs):  # type: ignore[no-untyped-def]
    """List and sort the pairs of a batch; return how many there are, and how many different words predict in them."""
    contexts = batches.contexts
    for row in range(pairs.num_listed[0]):  # in the last step
        pairs.rows[pairs.words[row]] = -1
    pairs.ends[:] = 0
    first_window, end = batches.cuts[batch], batches.cuts[batch + 1]
    total = contexts.first[end] - contexts.first[first_window]
    num_rows: Any = np.int64(0)
    num_pairs: Any = np.int64(0)
    for window in range(first_window, end):
        first, last = contexts.first[window], contexts.first[window + 1]
        weight = np.float32(1.0)
        if rules.reduction == BY_TERM:
            weight = np.float32(1.0 / total)
        elif rules.reduction == BY_EXAMPLE:
            weight = np.float32(1.0 / (last - first))
        for context in range(first, last):
            word, target = contexts.centers[window], contexts.words[context]
            if not rules.looks_up_center:
                word, target = target, word
            predicting: Any = np.int64(pairs.rows[word])
            if predicting < 0:
                predicting = num_rows
                pairs.rows[word] = predicting
                pairs.words[predicting] = word
                pairs.weights[predicting] = np.float32(0.0)
                num_rows += 1
            key = np.int64(pairs.slice_of_block[target // WORDS_PER_BLOCK])
            if predicting >= max_rows:
                key += predicting // max_rows * num_slices
            pairs.weights[predicting] += weight
            pairs.pair_rows[0, num_pairs] = predicting
            pairs.pair_targets[0, num_pairs] = target
            pairs.pair_weights[0, num_pairs] = weight
            pairs.pair_keys[num_pairs] = key
            pairs.ends[key + 1] += 1
            num_pairs += 1
    pairs.num_listed[0] = num_rows
    _sort_pairs(pairs, num_pairs)
    return num_pairs, num_rows


@kernel_part
def _sort_pairs(pairs, num_pairs):  # type: ignore[no-untyped-def]
    """Sort pairs by their keys, of which it is known how many pairs have each."""
    for key in range(1, len(pairs.ends)):
        pairs.ends[key] += pairs.ends[key - 1]
    for pair in range(num_pairs):
        key = pairs.pair_keys[pair]
        place = pairs.ends[key]
        pairs.ends[key] += 1
        pairs.pair_rows[1, place] = pairs.pair_rows[0, pair]
        pairs.pair_targets[1, place] = pairs.pair_targets[0, pair]
        pairs.pair_weights[1, place] = pairs.pair_weights[0, pair]
    for key in range(len(pairs.ends) - 1, 0, -1):  # each has come to the end of its pairs
        pairs.ends[key] = pairs.ends[key - 1]
    pairs.ends[0] = 0
