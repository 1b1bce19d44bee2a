"""Block schedule: in which order windows are trained, where blocks end, and what the threads share that train them.

Deterministic training takes a round of the corpus at a time. Its windows go to blocks; the windows of one block are all
scored before any of them moves a row, so they may not have too many rows in common.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.windows import LaidWindows, empty_windows
from wordvec.kernels.simd.compile import kernel, kernel_part

__all__ = [
    "CENTERS_PER_BLOCK",
    "CENTERS_PER_CHUNK",
    "MARKS_PER_CACHE_LINE",
    "MOVE_COUNTERS",
    "BlockSchedule",
    "cut_blocks",
    "empty_schedule",
]

CENTERS_PER_BLOCK = 64  # at most
CENTERS_PER_CHUNK = 8  # scored by one thread: few, so that all threads end about together
MARKS_PER_CACHE_LINE = 8
MOVE_COUNTERS = 2**14  # for each matrix, a power of 2; words that share one are taken for the same word
COUNTS_PER_BLOCK = 2**40  # more than any counter comes to in one block


class BlockSchedule(NamedTuple):
    """A round of the corpus in P parts of N places each, whose windows are trained block by block.

    A block is scored in chunks of its windows, and rows are moved in slices of their columns.
    """

    windows: LaidWindows  # (P, N) each
    moves: NDArray[np.int64]  # (P, 2, MOVE_COUNTERS)
    num_blocks: NDArray[np.int64]  # (P,)
    order: NDArray[np.int32]  # (P, N)  places of the centers, in the order of training
    ends: NDArray[np.int32]  # (P, N)  where in `order` each block ends
    gradients: NDArray[np.float32]  # (CENTERS_PER_BLOCK·G,)  of one block: G numbers for each window
    losses: NDArray[np.float64]  # (blocks, chunks)  summed over the pairs
    pairs: NDArray[np.int64]  # (blocks, chunks)
    marks: NDArray[np.int64]  # (blocks, M)  chunks done, slices done, claims on each

    def part(self, number: int) -> LaidWindows:
        """The windows of one part, to be written."""
        return LaidWindows(*(array[number] for array in self.windows))

    def begin(self) -> None:
        """Mark all blocks that there are now as not yet trained."""
        blocks = slice(int(self.num_blocks.sum()))
        for array in (self.losses, self.pairs, self.marks):
            array[blocks] = 0

    def totals(self) -> tuple[float, int]:
        """(loss, pairs) of all blocks."""
        blocks = slice(int(self.num_blocks.sum()))
        return float(self.losses[blocks].sum()), int(self.pairs[blocks].sum())


def empty_schedule(
    num_parts: int,
    *,
    positions_per_part: int,
    halo: int,  # positions read on each side of a part
    negatives: int,
    gradients_per_window: int,
    max_slices: int,  # one for each thread is enough
) -> BlockSchedule:
    """Room for a round; what is not used of it takes no memory."""
    places_per_part = positions_per_part + 2 * halo
    max_blocks = num_parts * positions_per_part
    num_chunks = -(-CENTERS_PER_BLOCK // CENTERS_PER_CHUNK)
    return BlockSchedule(
        windows=empty_windows((num_parts, places_per_part), negatives),
        moves=np.empty((num_parts, 2, MOVE_COUNTERS), np.int64),
        num_blocks=np.zeros(num_parts, np.int64),
        order=np.empty((num_parts, places_per_part), np.int32),
        ends=np.empty((num_parts, places_per_part), np.int32),
        gradients=np.empty(CENTERS_PER_BLOCK * gradients_per_window, np.float32),
        losses=np.empty((max_blocks, num_chunks)),
        pairs=np.empty((max_blocks, num_chunks), np.int64),
        marks=np.empty((max_blocks, 2 * MARKS_PER_CACHE_LINE + num_chunks + max_slices), np.int64),
    )


@kernel
def cut_blocks(  # type: ignore[no-untyped-def]
    windows,  # LaidWindows
    centers,  # (first, end): places of the centers
    max_moves,  # of one row in one block
    contexts_per_part,  # contexts of a window that are moved at once, at most
    moves,  # (2, MOVE_COUNTERS) int64, overwritten: pairs that move the rows of each matrix
    order,  # (N,) int32, overwritten: the centers' places, in the order of training
    ends,  # (N,) int32, overwritten: where in `order` each block ends
):
    """Cut centers into blocks that move no row more than `max_moves` times; return their number.

    Neighboring windows have their words in common, so they go to different blocks: the text is read at 64 places at
    the same time, as far from each other as can be. A single window is a block by itself, if it moves a row too often.
    """
    moves[:] = 0
    num_centers = centers[1] - centers[0]
    _interleave(centers[0], num_centers, order)
    begin, num_blocks = 0, 0
    so_far = max_of_block = np.int64(0)
    for number in range(num_centers):
        max_of_window = _count_moves(windows, order[number], contexts_per_part, so_far, moves)
        max_of_block = max(max_of_block, max_of_window)
        if number > begin and (max_of_block > max_moves or number - begin == CENTERS_PER_BLOCK):
            ends[num_blocks] = number
            num_blocks += 1
            begin = number
            so_far += COUNTS_PER_BLOCK  # what is less than that belongs to blocks before
            max_of_block = _count_moves(windows, order[number], contexts_per_part, so_far, moves)
    if begin < num_centers:
        ends[num_blocks] = num_centers
        num_blocks += 1
    return num_blocks


@kernel_part
def _interleave(first_center, num_centers, order):  # type: ignore[no-untyped-def]
    """Begin at 64 places, and take one center at each in turn."""
    number = 0
    for step in range((num_centers + CENTERS_PER_BLOCK - 1) // CENTERS_PER_BLOCK):
        for beginning in range(CENTERS_PER_BLOCK):
            place = num_centers * beginning // CENTERS_PER_BLOCK + step
            if place < num_centers * (beginning + 1) // CENTERS_PER_BLOCK:
                order[number] = first_center + place
                number += 1


@kernel_part
def _count_moves(windows, center, contexts_per_part, so_far, moves):  # type: ignore[no-untyped-def]
    """Add a window's moves at once; return the largest number that one of its rows comes to in this block.

    A context row that stands in several parts of a wide window is counted as if all were moved at once.
    """
    first, last = windows.first[center], windows.last[center]
    num_contexts = min(np.int64(last - first), contexts_per_part)
    num_negatives = windows.negatives.shape[1]
    largest = np.int64(0)
    for place in range(first, last + 1):
        if place != center:
            largest = max(largest, _count(moves, 0, windows.words[place], so_far, 1 + num_negatives))
    largest = max(largest, _count(moves, 1, windows.words[center], so_far, num_contexts))
    for number in range(num_negatives):
        largest = max(largest, _count(moves, 1, windows.negatives[center, number], so_far, num_contexts))
    return largest


@kernel_part
def _count(moves, matrix, word, so_far, number):  # type: ignore[no-untyped-def]
    counter = word & (MOVE_COUNTERS - 1)
    count = max(moves[matrix, counter], so_far) + number
    moves[matrix, counter] = count
    return count - so_far
