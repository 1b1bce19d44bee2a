"""Skip-gram with negative sampling: train on the centers of one stretch of the corpus."""

from __future__ import annotations

import numpy as np

from wordvec.kernels.cpu.compile import kernel
from wordvec.kernels.cpu.window import (
    move_window,
    score_window,
    scores_of_window_to_gradients,
    take_loss,
)

__all__ = ["train_centers"]

PREFETCH_DISTANCE = 2  # centers


@kernel
def train_centers(  # type: ignore[no-untyped-def]
    shape,  # TileShape
    input_vectors,  # (V·row_length,) float32, updated
    output_vectors,  # ((V + 1)·row_length,) float32, updated; its last row is padding and stays zero
    row_length,
    centers,  # Centers
    first_center,
    end_of_centers,
    negatives,  # (N, K) int32
    learning_rate,  # at offset 0 of the stretch of corpus
    learning_rate_slope,  # added for each position
    scratch,  # Scratch
):
    """Move both matrices along the gradient of each center's window in turn; return (loss, pairs).

    The update of one window is that of `kernels.reference.update_window`: all pairs of contexts and targets from the
    rows' values before the window.
    """
    num_negatives = negatives.shape[1]
    padding_row = len(output_vectors) - row_length
    scratch.target_rows[1 + num_negatives :] = padding_row
    scratch.upcoming_targets[1 + num_negatives :] = padding_row
    loss, num_pairs, factors = 0.0, 0, 0
    for center in range(first_center, end_of_centers):
        rate = learning_rate + learning_rate_slope * centers.offset[center]
        num_contexts, has_repeats = 0, False
        first = centers.first[center]
        for place in range(first, centers.last[center] + 1):
            if place != center:
                scratch.context_rows[num_contexts] = np.int64(centers.words[place]) * row_length
                has_repeats |= centers.same[place] >= first
                num_contexts += 1
        if num_contexts == 0:
            continue
        scratch.target_rows[0] = np.int64(centers.words[center]) * row_length
        for number in range(num_negatives):
            scratch.target_rows[1 + number] = np.int64(negatives[center, number]) * row_length

        ahead = min(center + PREFETCH_DISTANCE, end_of_centers - 1)
        upcoming_context = np.int64(centers.words[centers.last[ahead]]) * row_length
        scratch.upcoming_targets[0] = np.int64(centers.words[ahead]) * row_length
        for number in range(num_negatives):
            scratch.upcoming_targets[1 + number] = np.int64(negatives[ahead, number]) * row_length

        score_window(shape, input_vectors, output_vectors, row_length, num_contexts, scratch)
        window_loss, factors = scores_of_window_to_gradients(
            shape, num_contexts, np.float32(rate), scratch, factors
        )
        loss += window_loss
        num_pairs += num_contexts * (1 + num_negatives)
        move_window(
            shape,
            input_vectors,
            output_vectors,
            row_length,
            num_contexts,
            has_repeats,
            upcoming_context,
            scratch,
        )
    return loss + take_loss(scratch.loss), num_pairs
