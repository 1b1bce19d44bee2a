"""Skip-gram with negative sampling: train on the centers of one stretch of the corpus."""

from __future__ import annotations

from typing import NamedTuple

from wordvec.kernels.cpu.compile import kernel, kernel_part
import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.machine import TileShape
from wordvec.kernels.cpu.tile import copy_row, move_rows, score_pairs, scores_to_gradients

__all__ = ["Scratch", "empty_scratch", "train_centers"]

PREFETCH_DISTANCE = 2  # centers
MOST_FACTORS = 100  # each factor of the loss product is at most 2, and float32 ends at 2**128


class Scratch(NamedTuple):
    """One thread's working memory. Rows are named by the offset of their first float."""

    context_rows: NDArray[np.int64]  # (2·window,)
    gradient_rows: NDArray[np.int64]  # (2·window,)  where each context's gradients stand
    target_rows: NDArray[np.int64]  # (T,)  center, negatives, padding
    gradients: NDArray[np.float32]  # flat
    signs: NDArray[np.float32]  # flat: for 4, 2 and 1 contexts, for each target tile, the signs of its pairs
    snapshot: NDArray[np.float32]  # flat: the rows of a window as they were
    snapshot_context_rows: NDArray[np.int64]  # (2·window,)
    snapshot_target_rows: NDArray[np.int64]  # (T,)
    upcoming_targets: NDArray[np.int64]  # (T,)  target rows of a later window
    loss: NDArray[np.float32]  # (2·lanes,)


def empty_scratch(shape: TileShape, window: int, negatives: int, row_length: int) -> Scratch:
    """Working memory for windows of this size."""
    num_contexts, num_targets = 2 * window, shape.targets * shape.target_tiles
    per_tile = _gradients_per_target_tile(shape.lanes, shape.targets, num_contexts)
    snapshot_rows = np.arange(num_contexts + num_targets) * row_length
    return Scratch(
        context_rows=np.zeros(num_contexts, np.int64),
        gradient_rows=np.zeros(num_contexts, np.int64),
        target_rows=np.zeros(num_targets, np.int64),
        gradients=np.zeros(shape.target_tiles * per_tile, np.float32),
        signs=_signs(shape, 1 + negatives),
        snapshot=np.zeros((num_contexts + num_targets) * row_length, np.float32),
        snapshot_context_rows=snapshot_rows[:num_contexts].copy(),
        snapshot_target_rows=snapshot_rows[num_contexts:].copy(),
        upcoming_targets=np.zeros(num_targets, np.int64),
        loss=np.concatenate([np.zeros(shape.lanes), np.ones(shape.lanes)]).astype(np.float32),
    )


def _signs(shape: TileShape, num_targets: int) -> NDArray[np.float32]:
    signs = np.zeros((3, shape.target_tiles, _vectors_of(4 * shape.targets, shape.lanes)), np.float32)
    for kind, contexts in enumerate((4, 2, 1)):
        for tile in range(shape.target_tiles):
            for context in range(contexts):
                for slot in range(shape.targets):
                    target = tile * shape.targets + slot
                    sign = 0 if target >= num_targets else (-1 if target == 0 else 1)
                    signs[kind, tile, context * shape.targets + slot] = sign
    return signs.ravel()


def _vectors_of(count: int, lanes: int) -> int:
    return -(-count // lanes) * lanes


def _gradients_per_target_tile(lanes: int, targets: int, num_contexts: int) -> int:
    return (num_contexts + 2) * _vectors_of(targets, lanes)


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

        _score_window(shape, input_vectors, output_vectors, row_length, num_contexts, scratch)
        window_loss, factors = _window_gradients(shape, num_contexts, np.float32(rate), scratch, factors)
        loss += window_loss
        num_pairs += num_contexts * (1 + num_negatives)
        _move_window(
            shape,
            input_vectors,
            output_vectors,
            row_length,
            num_contexts,
            has_repeats,
            upcoming_context,
            scratch,
        )
    return loss + _take_loss(scratch.loss), num_pairs


@kernel_part
def _score_window(  # type: ignore[no-untyped-def]
    shape, input_vectors, output_vectors, row_length, num_contexts, scratch
):
    """Fill scratch.gradients with the scores of all pairs of the window, and scratch.gradient_rows."""
    context = 0
    while context < num_contexts:
        contexts = _contexts_of_tile(shape, num_contexts - context)
        start = context * _pitch(shape)
        for number in range(contexts):
            scratch.gradient_rows[context + number] = start + number * shape.targets
        for tile in range(shape.target_tiles):
            first_target = tile * shape.targets
            first_score = start + tile * _per_target_tile(shape, scratch)
            if contexts == 4:
                score_pairs(
                    shape,
                    4,
                    input_vectors,
                    scratch.context_rows,
                    context,
                    output_vectors,
                    scratch.target_rows,
                    first_target,
                    row_length,
                    scratch.gradients,
                    first_score,
                )
            elif contexts == 2:
                score_pairs(
                    shape,
                    2,
                    input_vectors,
                    scratch.context_rows,
                    context,
                    output_vectors,
                    scratch.target_rows,
                    first_target,
                    row_length,
                    scratch.gradients,
                    first_score,
                )
            else:
                score_pairs(
                    shape,
                    1,
                    input_vectors,
                    scratch.context_rows,
                    context,
                    output_vectors,
                    scratch.target_rows,
                    first_target,
                    row_length,
                    scratch.gradients,
                    first_score,
                )
        context += contexts


@kernel_part
def _window_gradients(shape, num_contexts, learning_rate, scratch, factors):  # type: ignore[no-untyped-def]
    """Turn scores into gradients; return (loss taken out of scratch.loss, factors in its product)."""
    signs_per_tile = len(scratch.signs) // (3 * shape.target_tiles)
    loss = 0.0
    context = 0
    while context < num_contexts:
        contexts = _contexts_of_tile(shape, num_contexts - context)
        kind = 0 if contexts == 4 else (1 if contexts == 2 else 2)
        for tile in range(shape.target_tiles):
            first_sign = (kind * shape.target_tiles + tile) * signs_per_tile
            first_score = context * _pitch(shape) + tile * _per_target_tile(shape, scratch)
            if contexts == 4:
                scores_to_gradients(
                    shape,
                    4,
                    scratch.gradients,
                    first_score,
                    scratch.signs,
                    first_sign,
                    learning_rate,
                    scratch.loss,
                )
            elif contexts == 2:
                scores_to_gradients(
                    shape,
                    2,
                    scratch.gradients,
                    first_score,
                    scratch.signs,
                    first_sign,
                    learning_rate,
                    scratch.loss,
                )
            else:
                scores_to_gradients(
                    shape,
                    1,
                    scratch.gradients,
                    first_score,
                    scratch.signs,
                    first_sign,
                    learning_rate,
                    scratch.loss,
                )
            factors += contexts * shape.targets // shape.lanes + 1  # at least the vectors of the tile
            if factors > MOST_FACTORS:
                loss += _take_loss(scratch.loss)
                factors = 0
        context += contexts
    return loss, factors


@kernel_part
def _contexts_of_tile(shape, num_left):  # type: ignore[no-untyped-def]
    if shape.contexts == 4 and num_left >= 4:
        return 4
    return 2 if num_left >= 2 else 1


@kernel_part
def _pitch(shape):  # type: ignore[no-untyped-def]
    """Gradients from one context to the next, if each began a tile of its own."""
    return (shape.targets + shape.lanes - 1) // shape.lanes * shape.lanes


@kernel_part
def _per_target_tile(shape, scratch):  # type: ignore[no-untyped-def]
    return len(scratch.gradients) // shape.target_tiles


@kernel_part
def _move_window(  # type: ignore[no-untyped-def]
    shape, input_vectors, output_vectors, row_length, num_contexts, has_repeats, upcoming_context, scratch
):
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
            old_input,
            old_context_rows,
            input_vectors,
            scratch.context_rows,
            scratch.gradient_rows,
            num_contexts,
            old_output,
            old_target_rows,
            output_vectors,
            scratch.target_rows,
            first_tile * shape.targets,
            row_length,
            scratch.gradients,
            first_tile * _per_target_tile(shape, scratch),
            _per_target_tile(shape, scratch),
            upcoming_context,
            scratch.upcoming_targets,
        )


@kernel_part
def _take_loss(loss):  # type: ignore[no-untyped-def]
    """The loss collected by `pair_gradients`, which starts again from nothing."""
    lanes = len(loss) // 2
    total = 0.0
    for lane in range(lanes):
        total += np.float64(loss[lane]) + np.log(np.float64(loss[lanes + lane]))
        loss[lane] = 0.0
        loss[lanes + lane] = 1.0
    return total
