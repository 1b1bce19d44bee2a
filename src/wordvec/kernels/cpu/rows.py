"""Rows: which contexts are moved together, and where in the matrices they and their targets stand."""

from __future__ import annotations

import numpy as np

from wordvec.kernels.simd.compile import kernel_part

__all__ = ["contexts_of_part", "list_contexts", "list_targets", "num_parts"]


@kernel_part
def num_parts(num_contexts, contexts_per_part):  # type: ignore[no-untyped-def]
    """How many parts a window is moved in: most have one, those with more contexts than that have several."""
    return (num_contexts + contexts_per_part - 1) // contexts_per_part


@kernel_part
def contexts_of_part(  # type: ignore[no-untyped-def]
    first,  # place of the window's leftmost word
    center,  # place of the word in its middle
    last,  # place of its rightmost word
    part,
    contexts_per_part,
):
    """The places of a part's first and last context, and how many contexts it has: none beyond the last part."""
    begin = np.int64(part * contexts_per_part)
    end = min(begin + contexts_per_part, np.int64(last - first))
    first_of_part, last_of_part = first + begin, first + end - 1
    first_of_part += first_of_part >= center
    last_of_part += last_of_part >= center
    return first_of_part, last_of_part, max(end - begin, 0)


@kernel_part
def list_contexts(  # type: ignore[no-untyped-def]
    centers,  # Centers
    origin,  # index in `centers` that places count from
    first,  # place of the leftmost context
    center,  # place of the word in the middle of the window
    last,  # place of the rightmost context
    row_length,
    column,  # where in each row to begin
    context_rows,  # (C,) int64, overwritten
):
    """Write the rows of the contexts in [first, last]; say whether one stands there twice."""
    has_repeats = False
    number = 0
    for place in range(first, last + 1):
        if place != center:
            context_rows[number] = np.int64(centers.words[origin + place]) * row_length + column
            has_repeats |= centers.same[origin + place] >= first
            number += 1
    return has_repeats


@kernel_part
def list_targets(  # type: ignore[no-untyped-def]
    centers,  # Centers
    origin,
    center,  # place of a word
    negatives,  # (N, K) int32
    row_length,
    column,
    target_rows,  # (T,) int64, overwritten
):
    """Write the rows of a window's targets: the center and its negatives.

    Places of a tile that are left over hold the center, too; their sign, and so their step, is 0.
    """
    num_negatives = negatives.shape[1]
    center_row = np.int64(centers.words[origin + center]) * row_length + column
    target_rows[0] = center_row
    for number in range(num_negatives):
        target_rows[1 + number] = np.int64(negatives[origin + center, number]) * row_length + column
    for place in range(1 + num_negatives, len(target_rows)):
        target_rows[place] = center_row
