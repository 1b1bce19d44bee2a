"""Window: the three steps of one window's update, over as many tiles as its rows take."""

from __future__ import annotations

import numpy as np

from wordvec.kernels.cpu.tile import Rows, copy_row, move_rows, score_pairs, scores_to_gradients
from wordvec.kernels.simd.compile import kernel_part

__all__ = ["list_gradients", "move_window", "score_window", "scores_of_window_to_gradients", "take_loss"]

MOST_FACTORS = 100  # each factor of the loss product is at most 2, and float32 ends at 2**128


@kernel_part
def score_window(  # type: ignore[no-untyped-def]
    shape, input_vectors, output_vectors, row_length, num_contexts, first_gradient, scratch
):
    """Fill scratch.gradients, from `first_gradient` on, with the scores of all pairs of the window.

    Where those of each context stand goes to scratch.gradient_rows.
    """
    gradients_per_tile = len(scratch.context_rows) * shape.pitch
    context = 0
    while context < num_contexts:
        contexts = _contexts_of_tile(shape, num_contexts - context)
        start = first_gradient + context * shape.pitch
        for number in range(contexts):
            scratch.gradient_rows[context + number] = start + number * shape.targets
        for tile in range(shape.target_tiles):
            score_pairs(
                shape,
                Rows(input_vectors, scratch.context_rows),
                context,
                contexts,
                Rows(output_vectors, scratch.target_rows),
                tile * shape.targets,
                row_length,
                scratch.gradients,
                start + tile * gradients_per_tile,
            )
        context += contexts


@kernel_part
def scores_of_window_to_gradients(  # type: ignore[no-untyped-def]
    shape, num_contexts, learning_rate, first_gradient, scratch
):
    """Turn scores into gradients; return the loss that had to be taken out of scratch.loss."""
    gradients_per_tile = len(scratch.context_rows) * shape.pitch
    signs_per_tile = len(scratch.signs) // (3 * shape.target_tiles)
    loss = 0.0
    context = 0
    while context < num_contexts:
        contexts = _contexts_of_tile(shape, num_contexts - context)
        kind = 0 if contexts == 4 else (1 if contexts == 2 else 2)
        for tile in range(shape.target_tiles):
            scores_to_gradients(
                shape,
                contexts,
                scratch.gradients,
                first_gradient + context * shape.pitch + tile * gradients_per_tile,
                scratch.signs,
                (kind * shape.target_tiles + tile) * signs_per_tile,
                learning_rate,
                scratch.loss,
            )
            at_least_its_vectors = contexts * shape.targets // shape.lanes + 1
            scratch.loss_factors[0] += at_least_its_vectors
            if scratch.loss_factors[0] > MOST_FACTORS:
                loss += take_loss(scratch)
        context += contexts
    return loss


@kernel_part
def list_gradients(shape, num_contexts, first_gradient, gradient_rows):  # type: ignore[no-untyped-def]
    """Write where the gradients of each context stand, once more: as `score_window` did."""
    context = 0
    while context < num_contexts:
        contexts = _contexts_of_tile(shape, num_contexts - context)
        start = first_gradient + context * shape.pitch
        for number in range(contexts):
            gradient_rows[context + number] = start + number * shape.targets
        context += contexts


@kernel_part
def _contexts_of_tile(shape, num_left):  # type: ignore[no-untyped-def]
    if shape.hidden == 4 and num_left >= 4:
        return 4
    return 2 if num_left >= 2 else 1


@kernel_part
def move_window(  # type: ignore[no-untyped-def]
    shape, input_vectors, output_vectors, row_length, num_contexts, has_repeats, scratch
):
    """Apply scratch.gradients, at scratch.gradient_rows, to the rows of the window."""
    gradients_per_tile = len(scratch.context_rows) * shape.pitch
    old_input, old_context_rows = input_vectors, scratch.context_rows
    old_output, old_target_rows = output_vectors, scratch.target_rows
    if has_repeats or shape.passes > 1:
        # A row that is moved twice must be read as it was before the window.
        old_input = old_output = scratch.snapshot
        old_context_rows, old_target_rows = scratch.snapshot_context_rows, scratch.snapshot_target_rows
        for context in range(num_contexts):
            row, old_row = scratch.context_rows[context], old_context_rows[context]
            copy_row(shape, input_vectors, row, old_input, old_row, row_length)
        for target in range(len(old_target_rows)):
            row, old_row = scratch.target_rows[target], old_target_rows[target]
            copy_row(shape, output_vectors, row, old_output, old_row, row_length)
    for number in range(shape.passes):
        first_tile = number * shape.tiles_per_pass
        move_rows(
            shape,
            Rows(old_input, old_context_rows),
            Rows(input_vectors, scratch.context_rows),
            num_contexts,
            Rows(old_output, old_target_rows),
            Rows(output_vectors, scratch.target_rows),
            first_tile * shape.targets,
            row_length,
            Rows(scratch.gradients, scratch.gradient_rows),
            first_tile * gradients_per_tile,
            gradients_per_tile,
            Rows(input_vectors, scratch.upcoming_context),
            Rows(output_vectors, scratch.upcoming_targets),
        )


@kernel_part
def take_loss(scratch):  # type: ignore[no-untyped-def]
    """The loss collected by `scores_to_gradients`, which starts again from nothing."""
    loss = scratch.loss
    lanes = len(loss) // 2
    total = 0.0
    for lane in range(lanes):
        total += np.float64(loss[lane]) + np.log(np.float64(loss[lanes + lane]))
        loss[lane] = 0.0
        loss[lanes + lane] = 1.0
    scratch.loss_factors[0] = 0
    return total
