"""Hot rows: rows that all threads move all the time, of which each thread moves copies of its own.

Threads that share matrices without locks pay for it where they move the same rows: each takes the cache lines from the
other, again and again. Few rows do that, those of the most frequent words, of the nodes next to a tree's root, and of
positions. Of these a thread has copies, which it merges with the shared rows after a few moves: it adds what it has
moved since, and takes over what others have. The more often a row is moved, the sooner it is merged, so that what
threads do not yet know of each other comes to about the same for all: some moves each.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.simd.compile import kernel_part
from wordvec.kernels.simd.intrinsics import Floats, Int, Ints, emitted
from wordvec.kernels.simd.vectors import Simd

__all__ = [
    "MERGE_INTERVAL",
    "ROWS_LISTED_AT_ONCE",
    "HotRows",
    "begin_copies",
    "hot_rows",
    "list_own_rows",
    "merge_copies",
    "no_hot_rows",
    "own_row",
]

MERGE_INTERVAL = 16  # windows, at least, from one merge of a row to the next
ROWS_LISTED_AT_ONCE = 8
MAX_INTERVAL = 8192  # rows that are moved so seldom leave the cache before they are moved again
NONE = np.int64(2**62)

# R rows of a matrix, H hot ones of these


class HotRows(NamedTuple):
    """Which rows of a matrix a thread has copies of, and where: the first rows of the matrix, and the last ones."""

    num_first: int  # rows [0, num_first) are hot
    first_last: int  # rows from this one on are hot
    shift_first: int  # what is added to the number of a row to get that of its copy, of the first rows
    shift_last: int  # and of the last ones
    tiers: NDArray[np.int64]  # (tiers, 3)  first row, end, and windows between two merges, a power of 2
    base: NDArray[np.float32]  # (H·row_length,)  the copies as they were after the last merge

    @property
    def number(self) -> int:
        """H."""
        return int((self.tiers[:, 1] - self.tiers[:, 0]).sum())


def no_hot_rows() -> HotRows:
    """For one thread, or for rows that each thread has by itself."""
    return HotRows(0, int(NONE), 0, 0, np.zeros((0, 3), np.int64), np.zeros(0, np.float32))


def hot_rows(
    moves: NDArray[
        np.float64
    ],  # (R,)  how often each row is expected to be moved, in each window of one thread
    *,
    max_moves: int,  # of a copy between two merges
    first_copy: int,  # row of the matrix in which the copies begin
    row_length: int,
) -> HotRows:
    """Choose the rows at the beginning and at the end of a matrix that are moved often.

    Args:
        moves: must fall from the beginning on, and rise to the end, as far as rows are to be found hot.
        max_moves: expected, of a copy between two merges.
        first_copy: the copies stand one after the other from there on.
        row_length: padding included.
    """
    intervals = np.exp2(np.floor(np.log2(max_moves / np.maximum(moves, 1e-12))))
    is_hot = intervals <= MAX_INTERVAL
    num_first = len(moves) if is_hot.all() else int(np.argmin(is_hot))
    num_last = 0 if is_hot.all() else int(np.argmin(is_hot[::-1]))
    first_last = len(moves) - num_last
    intervals = np.maximum(intervals, MERGE_INTERVAL).astype(np.int64)
    tiers = [
        (int(part[0]), int(part[-1]) + 1, int(intervals[part].min()))
        for side in (np.arange(num_first), np.arange(first_last, len(moves)))
        for part in np.split(side, np.flatnonzero(np.diff(intervals[side])) + 1)
        if len(part)
    ]
    return HotRows(
        num_first=num_first,
        first_last=first_last if num_last else int(NONE),
        shift_first=first_copy,
        shift_last=first_copy + num_first - first_last,
        tiers=np.array(tiers, np.int64).reshape(-1, 3),
        base=np.zeros((num_first + num_last) * row_length, np.float32),
    )


@kernel_part
def own_row(hot, row):  # type: ignore[no-untyped-def]
    """The row that this thread moves in place of a row of the matrix."""
    return row + (row < hot.num_first) * hot.shift_first + (row >= hot.first_last) * hot.shift_last


@kernel_part
def list_own_rows(hot, rows, first, number, row_length, first_column, offsets, place):  # type: ignore[no-untyped-def]
    """Write the offsets of the rows that this thread moves in place of rows[first : first + number], from `place` on.

    Eight at a time, and once at least: up to eight more are read and written.
    """
    _list_offsets(
        rows,
        first,
        number,
        np.int64(row_length),
        first_column,
        np.int64(hot.num_first),
        np.int64(hot.shift_first),
        np.int64(hot.first_last),
        np.int64(hot.shift_last),
        offsets,
        place,
    )


@emitted
def _list_offsets(
    builder: Any,
    rows: Ints,  # int32
    first: Int,
    number: Int,
    row_length: Int,
    first_column: Int,
    num_first: Int,
    shift_first: Int,
    first_last: Int,
    shift_last: Int,
    offsets: Ints,  # int64
    place: Int,
) -> None:
    simd = Simd(builder, ROWS_LISTED_AT_ONCE)
    length, column, end_of_first, first_shift, begin_of_last, last_shift = (
        simd.splat(value)
        for value in (row_length, first_column, num_first, shift_first, first_last, shift_last)
    )
    zero = builder.sub(length, length)
    with simd.loop(number, ROWS_LISTED_AT_ONCE) as index:
        row = simd.load_int32(rows, builder.add(first, index))
        is_first = builder.icmp_signed("<", row, end_of_first)
        is_last = builder.icmp_signed(">=", row, begin_of_last)
        row = builder.add(row, builder.select(is_first, first_shift, zero))
        row = builder.add(row, builder.select(is_last, last_shift, zero))
        simd.store_int64(builder.add(builder.mul(row, length), column), offsets, builder.add(place, index))


@kernel_part
def begin_copies(tile, hot, vectors, row_length):  # type: ignore[no-untyped-def]
    """Copy all hot rows."""
    place = np.int64(0)
    for tier in range(hot.tiers.shape[0]):
        for row in range(hot.tiers[tier, 0], hot.tiers[tier, 1]):
            own = own_row(hot, row) * row_length
            for column in range(row_length):
                vectors[own + column] = hot.base[place + column] = vectors[row * row_length + column]
            place += row_length


@kernel_part
def merge_copies(tile, hot, vectors, row_length, turn):  # type: ignore[no-untyped-def]
    """Merge the copies whose turn it is, after `turn` windows."""
    place = np.int64(0)
    for tier in range(hot.tiers.shape[0]):
        first, end, interval = hot.tiers[tier, 0], hot.tiers[tier, 1], hot.tiers[tier, 2]
        if turn & (interval - 1) == 0:
            for number in range(end - first):
                row = first + number
                _merge_row(
                    tile,
                    vectors,
                    row * row_length,
                    own_row(hot, row) * row_length,
                    hot.base,
                    place + number * row_length,
                    row_length,
                )
        place += (end - first) * row_length


@emitted
def _merge_row(
    builder: Any,
    shape: Any,  # TileShape
    vectors: Floats,
    row: Int,  # the shared one: offset of its first float
    own_row: Int,
    base: Floats,
    base_row: Int,
    row_length: Int,
) -> None:
    """Shared += own - base; own = base = shared."""
    simd = Simd(builder, shape.lanes)
    with simd.loop(row_length, shape.lanes) as column:
        own, of_base, shared = (builder.add(start, column) for start in (own_row, base_row, row))
        moved = simd.subtract(simd.load(vectors, own), simd.load(base, of_base))
        merged = simd.add(simd.load(vectors, shared), moved)
        for target, place in ((vectors, shared), (vectors, own), (base, of_base)):
            simd.store(merged, target, place)
