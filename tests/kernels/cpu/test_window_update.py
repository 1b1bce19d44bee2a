"""The update of a window: which rows are listed for it."""

from __future__ import annotations

import numba as nb
import numpy as np
import pytest
from tests.kernels.steps import repeated_places

from wordvec.kernels.cpu.hot_rows import ROWS_LISTED_AT_ONCE
from wordvec.kernels.cpu.matrices import Matrices
from wordvec.kernels.cpu.skipgram import skip_gram
from wordvec.kernels.cpu.window_update import empty_scratch, lay_upcoming, list_contexts, plain_data
from wordvec.kernels.cpu.windows import LaidWindows, WindowRules, empty_windows, lay_windows

NUM_PLACES, NUM_WORDS, COLUMN, UNTOUCHED = 40, 15, 3, -7
MATRICES = Matrices.zeros(NUM_WORDS, NUM_WORDS, 0, 10)
ROW_LENGTH = MATRICES.row_length


@nb.njit(nogil=True, _nrt=False, error_model="numpy")
def listed(matrices, windows, center, first, last, rows):  # type: ignore[no-untyped-def]
    columns = (np.int64(COLUMN), np.int64(1))
    return list_contexts(matrices, windows, center, first, last, columns, rows)


@nb.njit(nogil=True, _nrt=False, error_model="numpy")
def upcoming(model, matrices, data, windows, center, scratch):  # type: ignore[no-untyped-def]
    columns = (np.int64(0), np.int64(matrices.row_length))
    return lay_upcoming(model, matrices, data, windows, center, columns, scratch)


@pytest.fixture(scope="module")
def windows() -> LaidWindows:
    rng = np.random.default_rng(1)
    laid = empty_windows(NUM_PLACES, 1)
    laid.words[:] = rng.integers(0, NUM_WORDS, NUM_PLACES)
    laid.repeated[:] = repeated_places(laid.words.tolist())
    return laid


def test_contexts_are_all_words_of_a_window_but_its_center(windows: LaidWindows) -> None:
    seen = set()
    for center in range(NUM_PLACES):
        for first in range(max(center - 12, 0), center + 1):
            for last in range(center, min(center + 12, NUM_PLACES)):
                places = [place for place in range(first, last + 1) if place != center]
                rows = np.full(24 + ROWS_LISTED_AT_ONCE, UNTOUCHED)
                has_repeats = listed(MATRICES, windows, center, first, last, rows)
                words = windows.words[places]
                assert rows[: len(places)].tolist() == (words.astype(int) * ROW_LENGTH + COLUMN).tolist()
                assert (rows[len(places) + ROWS_LISTED_AT_ONCE :] == UNTOUCHED).all()
                assert has_repeats == (len(set(windows.words[first : last + 1])) < 1 + len(places))
                seen.add(has_repeats)
    assert seen == {True, False}


@pytest.mark.parametrize(("first", "last"), [(0, 9), (12, 19), (20, 21), (22, 35)])
def test_a_part_of_a_window_may_lie_on_either_side_of_the_center(
    first: int, last: int, windows: LaidWindows
) -> None:
    center, rows = 20, np.full(24 + ROWS_LISTED_AT_ONCE, UNTOUCHED)
    listed(MATRICES, windows, center, first, last, rows)
    words = [int(windows.words[place]) for place in range(first, last + 1) if place != center]
    assert rows[: len(words)].tolist() == [word * ROW_LENGTH + COLUMN for word in words]


@pytest.mark.parametrize(("first", "last"), [(21, 20), (30, 12), (10_000, 35)])
def test_parts_beyond_the_last_have_no_contexts_and_nothing_is_written(
    first: int, last: int, windows: LaidWindows
) -> None:
    whole = np.full(64, UNTOUCHED)
    assert not listed(MATRICES, windows, 20, first, last, whole[32:])
    assert (whole == UNTOUCHED).all()


@pytest.mark.parametrize("is_fixed", [False, True], ids=["random reach", "fixed reach"])
def test_each_context_is_asked_for_before_the_first_window_that_has_it(is_fixed: bool) -> None:
    window, num_words = 5, 300
    laid, model = empty_windows(num_words, 1), skip_gram(1)
    rules = WindowRules(np.ones(num_words, np.float32), window, is_fixed)
    ids = np.arange(num_words, dtype=np.int32)
    lay_windows(ids, 0, (0, num_words), (True, True), rules, np.uint64(3), laid)
    laid.negatives[:] = 0
    scratch = empty_scratch(model.tile, num_hidden=2 * window, num_targets=2, row_length=ROW_LENGTH)
    data = plain_data()._replace(reach=window)
    asked_for = set(range(window))  # by nobody
    for center in range(num_words):
        upcoming(model, MATRICES, data, laid, center, scratch)
        asked_for.add(int(scratch.upcoming_context[0]) // ROW_LENGTH)
        assert asked_for >= set(range(laid.first[center], laid.last[center] + 1))
    assert asked_for == set(range(num_words)), "each place of the text, and none beyond it"
