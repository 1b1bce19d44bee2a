"""Block schedule: neighbors apart, no row moved too often in a block, and blocks not shorter than that asks for."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from wordvec.kernels.cpu.block_schedule import CENTERS_PER_BLOCK, MOVE_COUNTERS, cut_blocks
from wordvec.kernels.cpu.windows import LaidWindows, empty_windows

NUM_PLACES, WINDOW, NEGATIVES, FIRST, END = 700, 4, 3, 5, 691
MANY = 99  # contexts of a part: more than any window has


def random_windows(vocabulary_size: int, seed: int = 3) -> LaidWindows:
    """Windows of every size, a few without contexts, with frequent and rare words."""
    rng = np.random.default_rng(seed)
    windows = empty_windows(NUM_PLACES, NEGATIVES)
    windows.words[:] = np.minimum(rng.zipf(1.3, NUM_PLACES), vocabulary_size) - 1
    places = np.arange(NUM_PLACES)
    windows.first[:] = np.maximum(places - rng.integers(0, WINDOW + 1, NUM_PLACES), 0)
    windows.last[:] = np.minimum(places + rng.integers(0, WINDOW + 1, NUM_PLACES), NUM_PLACES - 1)
    windows.negatives[:] = rng.integers(0, vocabulary_size, (NUM_PLACES, NEGATIVES))
    return windows


def cut(
    windows: LaidWindows,
    max_moves: int,
    end: int = END,
    contexts_per_part: int = MANY,
) -> tuple[list[int], list[int]]:
    """The centers in the order of training, and where in it blocks end."""
    order, ends = np.full(NUM_PLACES, -7, np.int32), np.full(NUM_PLACES, -7, np.int32)
    moves = np.full((2, MOVE_COUNTERS), 99, np.int64)  # of something else
    number = cut_blocks(windows, (FIRST, end), max_moves, contexts_per_part, moves, order, ends)
    assert (order[end - FIRST :] == -7).all()
    return order[: end - FIRST].tolist(), ends[:number].tolist()


def moves_in(windows: LaidWindows, block: list[int]) -> int:
    """Of the row that is moved most: as a context, once for each pair; as a target, once for each pair."""
    counts: Counter[tuple[str, int]] = Counter()
    for center in block:
        window = [
            place for place in range(windows.first[center], windows.last[center] + 1) if place != center
        ]
        for place in window:
            counts["input", int(windows.words[place])] += 1 + NEGATIVES
        for word in (windows.words[center], *windows.negatives[center]):
            counts["output", int(word)] += len(window)
    return max(counts.values(), default=0)


@pytest.mark.parametrize("num_centers", [1, 63, 64, 65, 127, 128, 129, 686])
def test_every_center_comes_once_and_neighbors_never_in_one_block_where_there_is_room(
    num_centers: int,
) -> None:
    windows = random_windows(40)
    order, ends = cut(windows, 200, FIRST + num_centers)
    assert sorted(order) == list(range(FIRST, FIRST + num_centers))
    assert ends[-1] == num_centers
    steps = num_centers // CENTERS_PER_BLOCK  # from each of the 64 places; some take one more, in the end
    for begin, end in zip([0, *ends], ends, strict=False):
        if steps >= 2 and end <= steps * CENTERS_PER_BLOCK:
            assert (np.diff(sorted(order[begin:end])) > 1).all()


@pytest.mark.parametrize("vocabulary_size", [3, 40, 10**6])
@pytest.mark.parametrize("max_moves", [1, 17, 60, 400])
def test_blocks_are_as_long_as_max_moves_allows(vocabulary_size: int, max_moves: int) -> None:
    windows = random_windows(vocabulary_size)
    order, ends = cut(windows, max_moves)
    assert ends[-1] == len(order) == END - FIRST
    for begin, end in zip([0, *ends], ends, strict=False):
        assert begin < end <= begin + CENTERS_PER_BLOCK
        assert end == begin + 1 or moves_in(windows, order[begin:end]) <= max_moves
        if end < len(order) and end < begin + CENTERS_PER_BLOCK:
            assert moves_in(windows, order[begin : end + 1]) > max_moves


def test_without_a_limit_blocks_are_as_long_as_may_be() -> None:
    windows = random_windows(40)
    _, ends = cut(windows, 10**9)
    assert ends == [*range(CENTERS_PER_BLOCK, END - FIRST, CENTERS_PER_BLOCK), END - FIRST]


def test_words_that_share_a_counter_make_blocks_shorter_and_never_longer() -> None:
    windows = random_windows(40)
    shared = windows._replace(words=windows.words * np.int32(MOVE_COUNTERS))
    order, ends = cut(shared, 60)
    assert len(ends) > len(cut(windows, 60)[1])
    for begin, end in zip([0, *ends], ends, strict=False):
        assert end == begin + 1 or moves_in(shared, order[begin:end]) <= 60


def test_no_centers_are_no_blocks() -> None:
    windows = random_windows(40)
    assert cut(windows, 60, FIRST) == ([], [])
