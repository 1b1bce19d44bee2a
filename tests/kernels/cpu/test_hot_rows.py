"""Hot rows: which are copied, how often copies are merged, and that nothing that a thread moves is lost."""

from __future__ import annotations

import numba as nb
import numpy as np
import pytest

from wordvec.kernels.cpu.hot_rows import (
    ROWS_LISTED_AT_ONCE,
    HotRows,
    begin_copies,
    hot_rows,
    list_own_rows,
    merge_copies,
    no_hot_rows,
    own_row,
)
from wordvec.kernels.cpu.tile import tile_shape

LENGTH = 16
TILE = tile_shape(6, 16)


# Compiled anew: what tests define does not belong in the cache of kernels.
@nb.njit(nogil=True, _nrt=False, error_model="numpy")
def copied(hot, rows):  # type: ignore[no-untyped-def]
    for place in range(len(rows)):
        rows[place] = own_row(hot, rows[place])


@nb.njit(nogil=True, _nrt=False, error_model="numpy")
def begin(tile, hot, vectors):  # type: ignore[no-untyped-def]
    begin_copies(tile, hot, vectors, np.int64(16))


@nb.njit(nogil=True, _nrt=False, error_model="numpy")
def merge(tile, hot, vectors, turn):  # type: ignore[no-untyped-def]
    merge_copies(tile, hot, vectors, np.int64(16), turn)


@nb.njit(nogil=True, _nrt=False, error_model="numpy")
def listed(hot, rows, first, number, offsets, place):  # type: ignore[no-untyped-def]
    list_own_rows(hot, rows, first, number, 16, np.int64(3), offsets, place)


# Rows of words fall from the beginning on, those of nodes rise to the end.
MOVES = np.array([2.0, 0.5, 0.4, 1e-5, 1e-6, 1e-9, 1e-7, 0.002, 0.03, 1.0])


def of_thread(number: int, max_moves: int = 16) -> HotRows:
    hot = hot_rows(MOVES, max_moves=max_moves, first_copy=len(MOVES), row_length=LENGTH)
    own = number * hot.number
    return hot._replace(shift_first=hot.shift_first + own, shift_last=hot.shift_last + own)


def test_rows_at_both_ends_are_hot_as_far_as_they_are_moved_often() -> None:
    hot = of_thread(0)
    assert (hot.num_first, hot.first_last, hot.number) == (3, 7, 6)
    rows = np.arange(10)
    copied(hot, rows)
    assert rows.tolist() == [10, 11, 12, 3, 4, 5, 6, 13, 14, 15]
    copied(of_thread(1), rows := np.arange(10))
    assert rows.tolist() == [16, 17, 18, 3, 4, 5, 6, 19, 20, 21]


@pytest.mark.parametrize("number", [0, 1, 7, 8, 9, 10])
def test_rows_that_are_listed_together_are_those_that_are_found_one_by_one(number: int) -> None:
    rows = np.concatenate([[4, 2], np.arange(10), np.zeros(ROWS_LISTED_AT_ONCE)]).astype(np.int32)
    for hot in (of_thread(1), no_hot_rows()):
        offsets = np.full(1 + 2 * ROWS_LISTED_AT_ONCE, -1)
        listed(hot, rows, 2, number, offsets, 1)
        copied(hot, wanted := np.arange(10))
        assert offsets[1 : 1 + number].tolist() == (wanted[:number] * LENGTH + 3).tolist()
        assert offsets[0] == -1


def test_the_more_often_a_row_is_moved_the_sooner_it_is_merged() -> None:
    assert of_thread(0).tiers.tolist() == [
        [0, 1, 16],  # at most every 16 windows, though eight would do
        [1, 3, 32],
        [7, 8, 4096],
        [8, 9, 512],
        [9, 10, 16],
    ]


@pytest.mark.parametrize("moves", [[1.0, 1.0], [1e-9, 1e-9], []])
def test_all_rows_may_be_hot_or_none(moves: list[float]) -> None:
    hot = hot_rows(np.array(moves), max_moves=16, first_copy=len(moves), row_length=LENGTH)
    assert hot.number in (0, len(moves))
    rows = np.arange(len(moves))
    copied(hot, rows)
    assert len(set(rows.tolist())) == len(moves)


def vectors() -> np.ndarray:
    return np.random.default_rng(1).normal(size=22 * LENGTH).astype(np.float32)


def rows_of(flat: np.ndarray) -> np.ndarray:
    return flat.reshape(-1, LENGTH)


def test_shared_rows_get_what_all_threads_have_moved() -> None:
    flat, threads = vectors(), [of_thread(0), of_thread(1)]
    before = rows_of(flat)[:10].copy()
    for hot in threads:
        begin(TILE, hot, flat)
    np.testing.assert_array_equal(rows_of(flat)[10:16], before[[0, 1, 2, 7, 8, 9]])
    rows_of(flat)[10] += 1  # the first thread moves row 0
    rows_of(flat)[16] += 2  # the second one, too
    rows_of(flat)[21] += 4  # and row 9
    for hot in threads:
        merge(TILE, hot, flat, 0)
    expected = before.copy()
    expected[0] += 3
    expected[9] += 4
    np.testing.assert_allclose(rows_of(flat)[:10], expected, rtol=1e-6)
    merge(TILE, threads[0], flat, 0)  # takes over what the second has added, and adds nothing twice
    np.testing.assert_allclose(rows_of(flat)[10:16], expected[[0, 1, 2, 7, 8, 9]], rtol=1e-6)
    np.testing.assert_allclose(rows_of(flat)[:10], expected, rtol=1e-6)


def test_a_row_is_merged_when_it_is_its_turn() -> None:
    flat, hot = vectors(), of_thread(0)
    begin(TILE, hot, flat)
    before = rows_of(flat)[:10].copy()
    rows_of(flat)[10:16] += 1
    merge(TILE, hot, flat, 16)
    moved = np.flatnonzero(np.any(rows_of(flat)[:10] != before, axis=1))
    assert moved.tolist() == [0, 9]
    merge(TILE, hot, flat, 32)
    moved = np.flatnonzero(np.any(rows_of(flat)[:10] != before, axis=1))
    assert moved.tolist() == [0, 1, 2, 9]


def test_without_hot_rows_every_row_is_moved_itself() -> None:
    rows = np.arange(5)
    copied(no_hot_rows(), rows)
    assert rows.tolist() == [0, 1, 2, 3, 4]
