"""Windows: which words are kept, and which windows they get."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from wordvec.corpus.encoded import TEXT_END
from wordvec.kernels.cpu.windows import WindowRules, empty_windows, lay_windows

KEEP_ALL = np.ones(50, np.float32)


def windows(
    ids: list[int] | NDArray[np.int32],
    start: int = 0,
    stop: int | None = None,
    *,
    window: int = 3,
    is_fixed: bool = False,
    keep: NDArray[np.float32] = KEEP_ALL,
    first_position: int = 0,
    whole: tuple[bool, bool] = (True, True),
    stream: int = 5,
) -> list[tuple[int, int, list[int], list[int]]] | None:
    """(position, center, left contexts, right contexts) of each center."""
    ids = np.asarray(ids, np.int32)
    laid = empty_windows(len(ids), 0)
    part = (start, len(ids) if stop is None else stop)
    rules = WindowRules(keep, window, is_fixed)
    first, end = lay_windows(ids, first_position, part, whole, rules, np.uint64(stream), laid)
    if first < 0:
        return None
    return [
        (
            int(laid.positions[place]),
            int(laid.words[place]),
            laid.words[laid.first[place] : place].tolist(),
            laid.words[place + 1 : laid.last[place] + 1].tolist(),
        )
        for place in range(first, end)
    ]


def test_a_window_reaches_its_right_edge_and_never_further() -> None:
    reaches = {len(right) for _, _, _, right in windows(list(range(40)) * 20, window=4)}
    assert reaches == {0, 1, 2, 3, 4}  # 0 at the end of the text alone
    assert max(len(left) for _, _, left, _ in windows(list(range(40)) * 20, window=4)) == 4


def test_window_reach_is_uniform() -> None:
    found = windows(np.arange(60_000) % 50, window=5)
    counts = np.bincount([len(left) for _, _, left, _ in found[5:]])[1:]
    assert ((counts - 12_000) ** 2 / 12_000).sum() < 18.5  # χ², 4 degrees of freedom, p = 0.001


def test_fixed_windows_reach_all_the_way_except_at_the_edges_of_a_text() -> None:
    text = [3, 1, 4, 0, 5, 9, 2, 6]
    found = windows([7, TEXT_END, *text, TEXT_END, 8], window=3, is_fixed=True)
    expected = [
        (2 + place, word, text[max(0, place - 3) : place], text[place + 1 : place + 4])
        for place, word in enumerate(text)
    ]
    assert found == [(0, 7, [], []), *expected, (11, 8, [], [])]


def test_fixed_windows_keep_the_same_words_as_random_ones() -> None:
    keep = np.linspace(0.2, 1, 50).astype(np.float32)
    ids = np.arange(500) % 50
    kept = [
        [center[:2] for center in windows(ids, keep=keep, is_fixed=is_fixed)] for is_fixed in (False, True)
    ]
    assert kept[0] == kept[1]
    assert 100 < len(kept[0]) < 400


def test_the_first_and_last_words_of_a_text_have_contexts() -> None:
    found = windows([7, 8, 9, TEXT_END])
    assert found[0][2:] in [([], [8]), ([], [8, 9])]
    assert found[-1][2:] in [([8], []), ([7, 8], [])]


def test_no_window_crosses_texts() -> None:
    texts = [[1, 2], [3], [4, 5, 6, 7], [8]]
    ids = list(itertools.chain.from_iterable([*text, TEXT_END] for text in texts))
    for _, center, left, right in windows(ids, window=5):
        text = next(text for text in texts if center in text)
        assert set(left + right) <= set(text)


def test_a_removed_word_does_not_shorten_a_window() -> None:
    keep = KEEP_ALL.copy()
    keep[9] = 0
    found = windows([1, 9, 9, 2, 9, 3], window=1, keep=keep)
    assert [(center, left, right) for _, center, left, right in found] == [
        (1, [], [2]),
        (2, [1], [3]),
        (3, [2], []),
    ]


@pytest.mark.parametrize("is_fixed", [False, True], ids=["random reach", "fixed reach"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
def test_cutting_the_corpus_into_stretches_loses_and_changes_nothing(size: int, is_fixed: bool) -> None:
    rng = np.random.default_rng(1)
    ids = rng.integers(0, 50, 700).astype(np.int32)
    ids[rng.random(700) < 0.03] = TEXT_END
    ids[-1] = TEXT_END
    keep = rng.uniform(0.2, 1, 50).astype(np.float32)
    pieces = []
    for start in range(0, len(ids), size):
        stop = min(start + size, len(ids))
        halo, piece = 1, None
        while piece is None:
            first, end = max(0, start - halo), min(len(ids), stop + halo)
            whole = (first == 0, end == len(ids))
            piece = windows(
                ids[first:end],
                start - first,
                stop - first,
                keep=keep,
                first_position=first,
                whole=whole,
                is_fixed=is_fixed,
            )
            halo *= 2
        pieces += piece
    assert pieces == windows(ids, keep=keep, is_fixed=is_fixed)
    assert len({position for position, *_ in pieces}) == len(pieces)


def test_a_halo_that_is_too_short_is_noticed() -> None:
    ids = [1, 2, 3, 4, 5, 6, 7]
    assert windows(ids, 3, 4, window=3, first_position=10, whole=(False, False)) is not None
    assert windows(ids, 2, 4, window=3, first_position=10, whole=(False, False)) is None
    assert windows(ids, 3, 5, window=3, first_position=10, whole=(False, False)) is None
    assert windows([1, TEXT_END, *ids], 3, 5, window=3, whole=(False, False)) is not None


def test_words_are_kept_as_often_as_they_should() -> None:
    keep = np.linspace(0.05, 1, 20).astype(np.float32)
    ids = np.arange(200_000) % 20
    kept = np.bincount([center for _, center, *_ in windows(ids, keep=keep)], minlength=20)
    expected = 10_000 * keep
    chi_square = ((kept - expected)[:-1] ** 2 / (expected * (1 - keep))[:-1]).sum()
    assert chi_square < 43.8  # 19 degrees of freedom, p = 0.001
    assert kept[-1] == 10_000  # keep probability 1 means always


def test_another_stream_draws_other_windows() -> None:
    ids = list(range(40))
    assert windows(ids, stream=5) == windows(ids, stream=5)
    assert windows(ids, stream=5) != windows(ids, stream=6)


def test_the_last_word_that_stands_again_within_reach_is_marked() -> None:
    ids = np.array([4, 4, 5, 6, 7, 8, 4, TEXT_END, 4], np.int32)
    laid = empty_windows(len(ids), 0)
    for window, repeated in ((2, 0), (3, 1)):
        rules = WindowRules(KEEP_ALL, window, False)
        lay_windows(ids, 0, (0, len(ids)), (True, True), rules, np.uint64(1), laid)
        assert laid.repeated[:8].tolist() == [-1, 0, 0, 0, 0, 0, repeated, -1]
