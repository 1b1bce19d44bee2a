"""Blocks: many threads train on the same windows, and the result does not depend on them."""

from __future__ import annotations

import numpy as np

from wordvec.kernels.cpu.round import CENTERS_PER_CHUNK, MARKS_PER_CACHE_LINE
from wordvec.kernels.cpu.rows import contexts_of_part, list_contexts, list_targets, num_parts
from wordvec.kernels.cpu.window import (
    list_gradients,
    move_window,
    score_window,
    scores_of_window_to_gradients,
    take_loss,
)
from wordvec.kernels.simd import FLOATS_PER_CACHE_LINE
from wordvec.kernels.simd.compile import kernel, kernel_part
from wordvec.kernels.simd.memory import add_one, claim, prefetch_row, wait_for

__all__ = ["train_blocks"]

PREFETCH_DISTANCE = 2  # centers


@kernel
def train_blocks(  # type: ignore[no-untyped-def]
    shape,  # TileShape
    input_vectors,  # (V·row_length,) float32, updated
    output_vectors,  # (V·row_length,) float32, updated
    row_length,
    shared,  # Round
    learning_rate,  # at position 0 of the corpus
    learning_rate_slope,  # added for each position
    scratch,  # Scratch of this thread, with the gradients of the round
    thread,  # number of this thread
    num_threads,
    give_way,  # see `thread_yield_address`
):
    """One thread's share of training on a round.

    Each block takes two steps, and no thread begins one before all have done with the last. First, its windows are
    scored, with both matrices as they are; each is one thread's. Then they move the rows, one window after the
    other as in `train_centers`, along those gradients; each thread moves columns of its own. So each number is
    computed by one thread, from the same numbers in the same order, whoever that is and however many there are.
    Where a window has more contexts than are moved at once, the block takes the two steps for the first part of each
    of its windows, then for the second, and so on.

    Whatever a thread finds undone it does: none waits for one that has not come yet.
    """
    num_slices = min(num_threads, row_length // FLOATS_PER_CACHE_LINE)
    block = 0
    for number in range(len(shared.num_blocks)):
        end = np.int64(0)
        for block_of_part in range(shared.num_blocks[number]):
            begin, end = end, np.int64(shared.ends[number, block_of_part])
            num_chunks = (end - begin + CENTERS_PER_CHUNK - 1) // CENTERS_PER_CHUNK
            chunks_done = block * shared.marks.shape[1]
            slices_done = chunks_done + MARKS_PER_CACHE_LINE
            chunk_marks = slices_done + MARKS_PER_CACHE_LINE
            slice_marks = chunk_marks + shared.losses.shape[1]

            for part in range(_most_parts(shared, number, begin, end, scratch)):
                for turn in range(num_chunks):
                    chunk = (thread * num_chunks // num_threads + turn) % num_chunks
                    if claim(shared.marks, chunk_marks + chunk, part):
                        first_of_chunk = begin + chunk * CENTERS_PER_CHUNK
                        loss, pairs = _score(
                            shape,
                            input_vectors,
                            output_vectors,
                            row_length,
                            shared,
                            number,
                            part,
                            begin,
                            first_of_chunk,
                            min(first_of_chunk + CENTERS_PER_CHUNK, end),
                            end,
                            learning_rate,
                            learning_rate_slope,
                            scratch,
                        )
                        shared.losses[block, chunk] += loss
                        shared.pairs[block, chunk] += pairs
                        add_one(shared.marks, chunks_done)
                wait_for(shared.marks, chunks_done, (part + 1) * num_chunks, give_way)

                for turn in range(num_slices):
                    piece = (thread + turn) % num_slices
                    if claim(shared.marks, slice_marks + piece, part):
                        lines = row_length // FLOATS_PER_CACHE_LINE
                        column = lines * piece // num_slices * FLOATS_PER_CACHE_LINE
                        end_column = lines * (piece + 1) // num_slices * FLOATS_PER_CACHE_LINE
                        _move(
                            shape,
                            input_vectors,
                            output_vectors,
                            row_length,
                            column,
                            end_column - column,
                            shared,
                            number,
                            part,
                            begin,
                            end,
                            scratch,
                        )
                        add_one(shared.marks, slices_done)
                wait_for(shared.marks, slices_done, (part + 1) * num_slices, give_way)
            block += 1


@kernel_part
def _most_parts(shared, number, begin, end, scratch):  # type: ignore[no-untyped-def]
    """Parts of the widest window of a block."""
    origin = number * shared.ends.shape[1]
    most = np.int64(0)
    for turn in range(begin, end):
        center = origin + shared.order[number, turn]
        num_contexts = np.int64(shared.centers.last[center] - shared.centers.first[center])
        most = max(most, num_parts(num_contexts, len(scratch.context_rows)))
    return most


@kernel_part
def _score(  # type: ignore[no-untyped-def]
    shape,
    input_vectors,
    output_vectors,
    row_length,
    shared,
    number,  # of the round's part
    part,  # of each window
    begin,  # of the block
    first_turn,  # in the order of training, to be scored
    last_turn,  # after the last one to be scored
    end,  # of the block
    learning_rate,
    learning_rate_slope,
    scratch,
):
    """Compute the gradients of some centers' windows; return (loss, pairs)."""
    centers, negatives = shared.centers, shared.negatives
    gradients_per_center = _gradients_per_center(shape, scratch)
    origin = number * shared.ends.shape[1]
    loss, num_pairs = 0.0, 0
    for turn in range(first_turn, last_turn):
        center = shared.order[number, turn]
        first, last = centers.first[origin + center], centers.last[origin + center]
        first, last, num_contexts = contexts_of_part(first, center, last, part, len(scratch.context_rows))
        if num_contexts == 0:
            continue
        ahead = shared.order[number, min(turn + PREFETCH_DISTANCE, end - 1)]
        newest_context = centers.words[origin + centers.last[origin + ahead]]
        prefetch_row(input_vectors, np.int64(newest_context) * row_length, row_length)
        list_targets(centers, origin, ahead, negatives, row_length, 0, scratch.upcoming_targets)
        for target in range(1 + negatives.shape[1]):
            prefetch_row(output_vectors, scratch.upcoming_targets[target], row_length)

        list_contexts(centers, origin, first, center, last, row_length, 0, scratch.context_rows)
        list_targets(centers, origin, center, negatives, row_length, 0, scratch.target_rows)
        first_gradient = (turn - begin) * gradients_per_center
        score_window(shape, input_vectors, output_vectors, row_length, num_contexts, first_gradient, scratch)
        position = shared.first_position[number] + centers.offset[origin + center]
        rate = np.float32(learning_rate + learning_rate_slope * position)
        loss += scores_of_window_to_gradients(shape, num_contexts, rate, first_gradient, scratch)
        num_pairs += num_contexts * (1 + negatives.shape[1])
    return loss + take_loss(scratch), num_pairs


@kernel_part
def _move(  # type: ignore[no-untyped-def]
    shape,
    input_vectors,
    output_vectors,
    row_length,
    column,
    num_columns,
    shared,
    number,  # of the round's part
    part,  # of each window
    begin,  # of the block
    end,
    scratch,
):
    """Move some columns of all rows of a block's windows."""
    centers, negatives = shared.centers, shared.negatives
    gradients_per_center = _gradients_per_center(shape, scratch)
    origin = number * shared.ends.shape[1]
    for turn in range(begin, end):
        center = shared.order[number, turn]
        first, last = centers.first[origin + center], centers.last[origin + center]
        first, last, num_contexts = contexts_of_part(first, center, last, part, len(scratch.context_rows))
        if num_contexts == 0:
            continue
        has_repeats = list_contexts(
            centers, origin, first, center, last, row_length, column, scratch.context_rows
        )
        list_targets(centers, origin, center, negatives, row_length, column, scratch.target_rows)
        ahead = shared.order[number, min(turn + PREFETCH_DISTANCE, end - 1)]
        list_targets(centers, origin, ahead, negatives, row_length, column, scratch.upcoming_targets)
        scratch.upcoming_context[0] = (
            np.int64(centers.words[origin + centers.last[origin + ahead]]) * row_length + column
        )
        first_gradient = (turn - begin) * gradients_per_center
        list_gradients(shape, num_contexts, first_gradient, scratch.gradient_rows)
        move_window(
            shape,
            input_vectors,
            output_vectors,
            num_columns,
            num_contexts,
            has_repeats,
            scratch,
        )


@kernel_part
def _gradients_per_center(shape, scratch):  # type: ignore[no-untyped-def]
    """Each has room for as many contexts as there may be."""
    return len(scratch.context_rows) * shape.pitch * shape.target_tiles
