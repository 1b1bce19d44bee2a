"""Rows: where in the matrices the contexts and the targets of a window stand, as offsets of their first floats."""

from __future__ import annotations

import numpy as np

from wordvec.kernels.cpu.compile import kernel_part

__all__ = ["list_contexts", "list_targets"]


@kernel_part
def list_contexts(  # type: ignore[no-untyped-def]
    centers,  # Centers
    part,  # index in `centers` that places count from
    first,  # place of the window's leftmost word
    center,  # place of the word in its middle
    last,  # place of its rightmost word
    row_length,
    column,  # where in each row to begin
    context_rows,  # (2·window,) int64, overwritten
):
    """Write the rows of a window's contexts; say whether one stands there twice."""
    has_repeats = False
    number = 0
    for place in range(first, last + 1):
        if place != center:
            context_rows[number] = np.int64(centers.words[part + place]) * row_length + column
            has_repeats |= centers.same[part + place] >= first
            number += 1
    return has_repeats


@kernel_part
def list_targets(  # type: ignore[no-untyped-def]
    centers,  # Centers
    part,
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
    center_row = np.int64(centers.words[part + center]) * row_length + column
    target_rows[0] = center_row
    for number in range(num_negatives):
        target_rows[1 + number] = np.int64(negatives[part + center, number]) * row_length + column
    for place in range(1 + num_negatives, len(target_rows)):
        target_rows[place] = center_row
