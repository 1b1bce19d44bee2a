"""The update of a window: which rows are listed for it."""

from __future__ import annotations

import numba as nb
import numpy as np
import pytest

from wordvec.kernels.cpu.hot_rows import ROWS_LISTED_AT_ONCE, no_hot_rows
from wordvec.kernels.cpu.window_update import list_contexts
from wordvec.kernels.cpu.windows import LaidWindows, empty_windows

NUM_PLACES, ROW_LENGTH, COLUMN, UNTOUCHED = 40, 16, 3, -7


@nb.njit(nogil=True, _nrt=False, error_model="numpy")
def listed(hot, windows, center, first, last, rows):  # type: ignore[no-untyped-def]
    return list_contexts(hot, windows, center, first, last, ROW_LENGTH, np.int64(COLUMN), rows)


@pytest.fixture(scope="module")
def windows() -> LaidWindows:
    rng = np.random.default_rng(1)
    laid = empty_windows(NUM_PLACES, 1)
    laid.words[:] = rng.integers(0, 15, NUM_PLACES)
    for place, word in enumerate(laid.words):
        laid.same[place] = max(np.flatnonzero(laid.words[:place] == word), default=-1)
    return laid


def test_contexts_are_all_words_of_a_window_but_its_center(windows: LaidWindows) -> None:
    seen = set()
    for center in range(NUM_PLACES):
        for first in range(max(center - 12, 0), center + 1):
            for last in range(center, min(center + 12, NUM_PLACES)):
                places = [place for place in range(first, last + 1) if place != center]
                rows = np.full(24 + ROWS_LISTED_AT_ONCE, UNTOUCHED)
                has_repeats = listed(no_hot_rows(), windows, center, first, last, rows)
                words = windows.words[places]
                assert rows[: len(places)].tolist() == (words.astype(int) * ROW_LENGTH + COLUMN).tolist()
                assert (rows[len(places) + ROWS_LISTED_AT_ONCE :] == UNTOUCHED).all()
                earlier = [windows.same[place] >= first for place in places]
                assert has_repeats == any(earlier)
                seen.add(has_repeats)
    assert seen == {True, False}


@pytest.mark.parametrize(("first", "last"), [(0, 9), (12, 19), (20, 21), (22, 35)])
def test_a_part_of_a_window_may_lie_on_either_side_of_the_center(
    first: int, last: int, windows: LaidWindows
) -> None:
    center, rows = 20, np.full(24 + ROWS_LISTED_AT_ONCE, UNTOUCHED)
    listed(no_hot_rows(), windows, center, first, last, rows)
    words = [int(windows.words[place]) for place in range(first, last + 1) if place != center]
    assert rows[: len(words)].tolist() == [word * ROW_LENGTH + COLUMN for word in words]


@pytest.mark.parametrize(("first", "last"), [(21, 20), (30, 12), (10_000, 35)])
def test_parts_beyond_the_last_have_no_contexts_and_nothing_is_written(
    first: int, last: int, windows: LaidWindows
) -> None:
    whole = np.full(64, UNTOUCHED)
    assert not listed(no_hot_rows(), windows, 20, first, last, whole[32:])
    assert (whole == UNTOUCHED).all()
