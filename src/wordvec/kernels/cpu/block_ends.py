"""Block ends: in which order windows are trained block by block, and where blocks are cut."""

from __future__ import annotations

import numpy as np

from wordvec.kernels.simd.compile import kernel, kernel_part

__all__ = ["CENTERS_PER_BLOCK", "MOVE_COUNTERS", "cut_blocks"]

CENTERS_PER_BLOCK = 64  # at most
MOVE_COUNTERS = 2**14  # for each matrix, a power of 2; words that share one are taken for the same word
COUNTS_PER_BLOCK = 2**40  # more than any counter comes to in one block


@kernel
def cut_blocks(  # type: ignore[no-untyped-def]
    centers,  # Centers
    first_center,
    end_of_centers,
    negatives,  # (N, K) int32
    most_moves,  # of one row in one block
    contexts_per_part,  # contexts of a window that are moved at once, at most
    moves,  # (2, MOVE_COUNTERS) int64, overwritten: pairs that move the rows of each matrix
    order,  # (N,) int32, overwritten: the centers' places, in the order of training
    ends,  # (N,) int32, overwritten: where in `order` each block ends
):
    """Cut centers into blocks that move no row more than `most_moves` times; return their number.

    Neighbouring windows have their words in common, so they go to different blocks: the text is read at 64 places at
    the same time, as far from each other as can be. A single window is a block of its own, if it moves a row too often.
    """
    moves[:] = 0
    num_centers = end_of_centers - first_center
    _interleave(first_center, num_centers, order)
    begin, num_blocks = 0, 0
    so_far = most_of_block = np.int64(0)
    for number in range(num_centers):
        most = _count_moves(centers, order[number], negatives, contexts_per_part, so_far, moves)
        most_of_block = max(most_of_block, most)
        if number > begin and (most_of_block > most_moves or number - begin == CENTERS_PER_BLOCK):
            ends[num_blocks] = number
            num_blocks += 1
            begin = number
            so_far += COUNTS_PER_BLOCK  # what is less than that belongs to blocks before
            most_of_block = _count_moves(centers, order[number], negatives, contexts_per_part, so_far, moves)
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
def _count_moves(centers, center, negatives, contexts_per_part, so_far, moves):  # type: ignore[no-untyped-def]
    """Add a window's moves at once; return the most that one of its rows comes to in this block.

    A context row that stands in several parts of a wide window is counted as if all were moved at once.
    """
    first, last = centers.first[center], centers.last[center]
    num_contexts = min(np.int64(last - first), contexts_per_part)
    num_targets = 1 + negatives.shape[1]
    largest = np.int64(0)
    for place in range(first, last + 1):
        if place != center:
            largest = max(largest, _count(moves, 0, centers.words[place], so_far, num_targets))
    largest = max(largest, _count(moves, 1, centers.words[center], so_far, num_contexts))
    for number in range(negatives.shape[1]):
        largest = max(largest, _count(moves, 1, negatives[center, number], so_far, num_contexts))
    return largest


@kernel_part
def _count(moves, matrix, word, so_far, number):  # type: ignore[no-untyped-def]
    counter = word & (MOVE_COUNTERS - 1)
    count = max(moves[matrix, counter], so_far) + number
    moves[matrix, counter] = count
    return count - so_far
