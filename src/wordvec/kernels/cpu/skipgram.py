"""Skip-gram with negative sampling: train on the centers of one stretch of the corpus."""

from __future__ import annotations

import numpy as np

from wordvec.kernels.cpu.rows import contexts_of_part, list_contexts, list_targets, num_parts
from wordvec.kernels.cpu.window import (
    move_window,
    score_window,
    scores_of_window_to_gradients,
    take_loss,
)
from wordvec.kernels.simd.compile import kernel

__all__ = ["train_centers"]

PREFETCH_DISTANCE = 2  # centers


@kernel
def train_centers(  # type: ignore[no-untyped-def]
    shape,  # TileShape
    input_vectors,  # (V·row_length,) float32, updated
    output_vectors,  # (V·row_length,) float32, updated
    row_length,
    centers,  # Centers
    first_center,
    end_of_centers,
    negatives,  # (N, K) int32
    first_position,  # position in the corpus that the centers' offsets count from
    learning_rate,  # at position 0 of the corpus
    learning_rate_slope,  # added for each position
    scratch,  # Scratch, with room for as many contexts as are moved at once
):
    """Move both matrices along the gradient of each center's window in turn; return (loss, pairs).

    The update of one window is that of `kernels.reference.update_window`: all pairs of contexts and targets from the
    rows' values before the window, or before its part where it has more contexts than are moved at once.
    """
    contexts_per_part = len(scratch.context_rows)
    loss, num_pairs = 0.0, 0
    for center in range(first_center, end_of_centers):
        first, last = centers.first[center], centers.last[center]
        num_contexts = np.int64(last - first)
        if num_contexts == 0:
            continue
        list_targets(centers, 0, center, negatives, row_length, 0, scratch.target_rows)
        ahead = min(center + PREFETCH_DISTANCE, end_of_centers - 1)
        list_targets(centers, 0, ahead, negatives, row_length, 0, scratch.upcoming_targets)
        scratch.upcoming_context[0] = np.int64(centers.words[centers.last[ahead]]) * row_length

        rate = np.float32(learning_rate + learning_rate_slope * (first_position + centers.offset[center]))
        for part in range(num_parts(num_contexts, contexts_per_part)):
            begin, end, num_moved = contexts_of_part(first, center, last, part, contexts_per_part)
            has_repeats = list_contexts(centers, 0, begin, center, end, row_length, 0, scratch.context_rows)
            score_window(shape, input_vectors, output_vectors, row_length, num_moved, 0, scratch)
            loss += scores_of_window_to_gradients(shape, num_moved, rate, 0, scratch)
            move_window(
                shape,
                input_vectors,
                output_vectors,
                row_length,
                num_moved,
                has_repeats,
                scratch,
            )
        num_pairs += num_contexts * (1 + negatives.shape[1])
    return loss + take_loss(scratch), num_pairs
