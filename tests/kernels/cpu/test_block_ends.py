"""Block ends: no row is moved too often in a block, and blocks are not shorter than that asks for."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from wordvec.kernels.cpu.block_ends import CENTERS_PER_BLOCK, MOVE_COUNTERS, cut_blocks
from wordvec.kernels.cpu.centers import Centers, empty_centers

NUM_PLACES, WINDOW, NEGATIVES, FIRST, END = 700, 4, 3, 5, 691


def random_centers(vocabulary_size: int, seed: int = 3) -> tuple[Centers, NDArray[np.int32]]:
    """Windows of every size, a few without contexts, with frequent and rare words."""
    rng = np.random.default_rng(seed)
    centers = empty_centers(NUM_PLACES)
    centers.words[:] = np.minimum(rng.zipf(1.3, NUM_PLACES), vocabulary_size) - 1
    places = np.arange(NUM_PLACES)
    centers.first[:] = np.maximum(places - rng.integers(0, WINDOW + 1, NUM_PLACES), 0)
    centers.last[:] = np.minimum(places + rng.integers(0, WINDOW + 1, NUM_PLACES), NUM_PLACES - 1)
    negatives = rng.integers(0, vocabulary_size, (NUM_PLACES, NEGATIVES)).astype(np.int32)
    return centers, negatives


def cut(centers: Centers, negatives: NDArray[np.int32], most_moves: int) -> list[int]:
    ends = np.full(NUM_PLACES, -7, np.int32)
    moves = np.full((2, MOVE_COUNTERS), 99, np.int64)  # of something else
    number = cut_blocks(centers, FIRST, END, negatives, most_moves, moves, ends)
    return ends[:number].tolist()  # type: ignore[no-any-return]


def moves_in(centers: Centers, negatives: NDArray[np.int32], begin: int, end: int) -> int:
    """Of the row that is moved most: as a context, once for each window; as a target, once for each pair."""
    counts: Counter[tuple[str, int]] = Counter()
    for center in range(begin, end):
        window = [
            place for place in range(centers.first[center], centers.last[center] + 1) if place != center
        ]
        counts.update(("input", int(centers.words[place])) for place in window)
        for word in (centers.words[center], *negatives[center]):
            counts["output", int(word)] += len(window)
    return max(counts.values(), default=0)


@pytest.mark.parametrize("vocabulary_size", [3, 40, 10**6])
@pytest.mark.parametrize("most_moves", [1, 17, 60, 400])
def test_blocks_are_as_long_as_the_most_moves_allow(vocabulary_size: int, most_moves: int) -> None:
    centers, negatives = random_centers(vocabulary_size)
    ends = cut(centers, negatives, most_moves)
    assert ends[-1] == END
    for begin, end in zip([FIRST, *ends], ends, strict=False):
        assert begin < end <= begin + CENTERS_PER_BLOCK
        assert end == begin + 1 or moves_in(centers, negatives, begin, end) <= most_moves
        if end < END and end < begin + CENTERS_PER_BLOCK:
            assert moves_in(centers, negatives, begin, end + 1) > most_moves


def test_without_a_limit_blocks_are_as_long_as_may_be() -> None:
    centers, negatives = random_centers(40)
    assert cut(centers, negatives, 10**9) == [FIRST + CENTERS_PER_BLOCK, FIRST + 2 * CENTERS_PER_BLOCK, END]


def test_words_that_share_a_counter_make_blocks_shorter_and_never_longer() -> None:
    centers, negatives = random_centers(40)
    shared = centers._replace(words=centers.words * np.int32(MOVE_COUNTERS))
    ends = cut(shared, negatives, 60)
    assert len(ends) > len(cut(centers, negatives, 60))
    for begin, end in zip([FIRST, *ends], ends, strict=False):
        assert end == begin + 1 or moves_in(shared, negatives, begin, end) <= 60


def test_no_centers_are_no_blocks() -> None:
    centers, negatives = random_centers(40)
    ends = np.empty(NUM_PLACES, np.int32)
    assert cut_blocks(centers, 9, 9, negatives, 60, np.zeros((2, MOVE_COUNTERS), np.int64), ends) == 0
