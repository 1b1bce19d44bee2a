"""Block ends: neighbours apart, no row moved too often in a block, and blocks not shorter than that asks for."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from wordvec.kernels.cpu.block_ends import CENTERS_PER_BLOCK, MOVE_COUNTERS, cut_blocks
from wordvec.kernels.cpu.centers import Centers, empty_centers

NUM_PLACES, WINDOW, NEGATIVES, FIRST, END = 700, 4, 3, 5, 691
MANY = 99  # contexts of a part: more than any window has


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


def cut(
    centers: Centers,
    negatives: NDArray[np.int32],
    most_moves: int,
    end: int = END,
    contexts_per_part: int = MANY,
) -> tuple[list[int], list[int]]:
    """The centers in the order of training, and where in it blocks end."""
    order, ends = np.full(NUM_PLACES, -7, np.int32), np.full(NUM_PLACES, -7, np.int32)
    moves = np.full((2, MOVE_COUNTERS), 99, np.int64)  # of something else
    number = cut_blocks(centers, FIRST, end, negatives, most_moves, contexts_per_part, moves, order, ends)
    assert (order[end - FIRST :] == -7).all()
    return order[: end - FIRST].tolist(), ends[:number].tolist()


def moves_in(centers: Centers, negatives: NDArray[np.int32], block: list[int]) -> int:
    """Of the row that is moved most: as a context, once for each pair; as a target, once for each pair."""
    counts: Counter[tuple[str, int]] = Counter()
    for center in block:
        window = [
            place for place in range(centers.first[center], centers.last[center] + 1) if place != center
        ]
        for place in window:
            counts["input", int(centers.words[place])] += 1 + NEGATIVES
        for word in (centers.words[center], *negatives[center]):
            counts["output", int(word)] += len(window)
    return max(counts.values(), default=0)


@pytest.mark.parametrize("num_centers", [1, 63, 64, 65, 127, 128, 129, 686])
def test_every_center_comes_once_and_neighbours_never_in_one_block_where_there_is_room(
    num_centers: int,
) -> None:
    centers, negatives = random_centers(40)
    order, ends = cut(centers, negatives, 200, FIRST + num_centers)
    assert sorted(order) == list(range(FIRST, FIRST + num_centers))
    assert ends[-1] == num_centers
    steps = num_centers // CENTERS_PER_BLOCK  # from each of the 64 places; some take one more, in the end
    for begin, end in zip([0, *ends], ends, strict=False):
        if steps >= 2 and end <= steps * CENTERS_PER_BLOCK:
            assert (np.diff(sorted(order[begin:end])) > 1).all()


@pytest.mark.parametrize("vocabulary_size", [3, 40, 10**6])
@pytest.mark.parametrize("most_moves", [1, 17, 60, 400])
def test_blocks_are_as_long_as_the_most_moves_allow(vocabulary_size: int, most_moves: int) -> None:
    centers, negatives = random_centers(vocabulary_size)
    order, ends = cut(centers, negatives, most_moves)
    assert ends[-1] == len(order) == END - FIRST
    for begin, end in zip([0, *ends], ends, strict=False):
        assert begin < end <= begin + CENTERS_PER_BLOCK
        assert end == begin + 1 or moves_in(centers, negatives, order[begin:end]) <= most_moves
        if end < len(order) and end < begin + CENTERS_PER_BLOCK:
            assert moves_in(centers, negatives, order[begin : end + 1]) > most_moves


def test_without_a_limit_blocks_are_as_long_as_may_be() -> None:
    centers, negatives = random_centers(40)
    _, ends = cut(centers, negatives, 10**9)
    assert ends == [*range(CENTERS_PER_BLOCK, END - FIRST, CENTERS_PER_BLOCK), END - FIRST]


def test_words_that_share_a_counter_make_blocks_shorter_and_never_longer() -> None:
    centers, negatives = random_centers(40)
    shared = centers._replace(words=centers.words * np.int32(MOVE_COUNTERS))
    order, ends = cut(shared, negatives, 60)
    assert len(ends) > len(cut(centers, negatives, 60)[1])
    for begin, end in zip([0, *ends], ends, strict=False):
        assert end == begin + 1 or moves_in(shared, negatives, order[begin:end]) <= 60


def test_no_centers_are_no_blocks() -> None:
    centers, negatives = random_centers(40)
    assert cut(centers, negatives, 60, FIRST) == ([], [])
