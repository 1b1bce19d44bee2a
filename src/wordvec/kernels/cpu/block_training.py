"""Block training: many threads train on the same windows, and the result does not depend on them.

Each block takes two halves, and no thread begins one before all have done with the last. First the gradients of its
windows' pairs are found, with both matrices as they are; each window is one thread's. Then an optimizer takes its step
along them; each column is one thread's. So each number is computed by one thread, from the same numbers in the same
order, whichever thread that is and however many there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.block_schedule import CENTERS_PER_CHUNK, MARKS_PER_CACHE_LINE
from wordvec.kernels.cpu.window_update import (
    PREFETCH_DISTANCE,
    LearningRate,
    Scratch,
    find_gradients,
    lay_upcoming,
    lay_window,
    move_window,
    rate_at,
    take_loss,
)
from wordvec.kernels.cpu.windows import LaidWindows
from wordvec.kernels.simd import FLOATS_PER_CACHE_LINE
from wordvec.kernels.simd.compile import kernel, kernel_part
from wordvec.kernels.simd.intrinsics import compile_time_constants
from wordvec.kernels.simd.memory import add_one, claim, prefetch_row, wait_for

__all__ = ["Block", "Sgd", "TrainingThread", "train_blocks"]


class TrainingThread(NamedTuple):
    """One of the threads that train on the same schedule."""

    number: int
    num_threads: int
    scratch: Scratch
    yield_address: int  # see `thread_yield_address`


class Block(NamedTuple):
    """Some windows of one part of a round; a turn is an index into their order."""

    number: int  # of all blocks of the round
    windows: LaidWindows
    order: NDArray[np.int32]  # (N,)  places of the centers, in the order of training
    begin: int  # its first turn
    end: int  # after its last turn
    learning_rate: LearningRate
    gradients: NDArray[np.float32]  # flat: of the pairs of each window in turn


@kernel
def train_blocks(  # type: ignore[no-untyped-def]
    model,  # Model
    optimizer,  # such as Sgd
    matrices,  # Matrices, updated
    data,  # ModelData
    schedule,  # BlockSchedule
    learning_rate,  # LearningRate
    thread,  # TrainingThread
):
    """One thread's share of training on a round.

    Where windows have several parts, the block takes the two halves for the first part of each of its windows, then for
    the second, and so on. Each thread takes the work that it finds undone: none waits for one that has not come yet.
    """
    number = 0
    for part_of_round in range(len(schedule.num_blocks)):
        windows = _windows_of_part(schedule.windows, part_of_round)
        end: Any = np.int64(0)
        for block_of_part in range(schedule.num_blocks[part_of_round]):
            begin: Any = end
            end = np.int64(schedule.ends[part_of_round, block_of_part])
            order = schedule.order[part_of_round]
            block = Block(number, windows, order, begin, end, learning_rate, schedule.gradients)
            for part in range(_max_parts(model, block, thread.scratch)):
                _find_gradients_together(model, optimizer, matrices, data, schedule, block, part, thread)
                _step_together(model, optimizer, matrices, data, schedule, block, part, thread)
            number += 1


@kernel_part
def _windows_of_part(windows, part):  # type: ignore[no-untyped-def]
    return LaidWindows(
        windows.words[part],
        windows.input_rows[part],
        windows.positions[part],
        windows.first[part],
        windows.last[part],
        windows.repeated[part],
        windows.negatives[part],
    )


@kernel_part
def _max_parts(model, block, scratch):  # type: ignore[no-untyped-def]
    """Parts of the widest window of a block."""
    max_parts = np.int64(0)
    for turn in range(block.begin, block.end):
        center = block.order[turn]
        max_parts = max(max_parts, model.architecture.num_parts(block.windows, center, scratch))
    return max_parts


@kernel_part
def _find_gradients_together(model, optimizer, matrices, data, schedule, block, part, thread):  # type: ignore[no-untyped-def]
    """The first half of a block: take chunks of windows until none is left, and wait for the other threads."""
    chunks_done = block.number * schedule.marks.shape[1]
    chunk_marks = chunks_done + 2 * MARKS_PER_CACHE_LINE
    num_chunks = (block.end - block.begin + CENTERS_PER_CHUNK - 1) // CENTERS_PER_CHUNK
    for turn in range(num_chunks):
        chunk = (thread.number * num_chunks // thread.num_threads + turn) % num_chunks
        if claim(schedule.marks, chunk_marks + chunk, part):
            loss, pairs = _find_gradients_of_chunk(
                model, optimizer, matrices, data, block, part, chunk, thread.scratch
            )
            schedule.losses[block.number, chunk] += loss
            schedule.pairs[block.number, chunk] += pairs
            add_one(schedule.marks, chunks_done)
    wait_for(schedule.marks, chunks_done, (part + 1) * num_chunks, thread.yield_address)


@kernel_part
def _step_together(model, optimizer, matrices, data, schedule, block, part, thread):  # type: ignore[no-untyped-def]
    """The second half of a block: take slices of columns until none is left, and wait for the other threads."""
    slices_done = block.number * schedule.marks.shape[1] + MARKS_PER_CACHE_LINE
    slice_marks = slices_done + MARKS_PER_CACHE_LINE + schedule.losses.shape[1]
    lines = matrices.row_length // FLOATS_PER_CACHE_LINE
    num_slices = min(thread.num_threads, lines)
    for turn in range(num_slices):
        piece = (thread.number + turn) % num_slices
        if claim(schedule.marks, slice_marks + piece, part):
            first = lines * piece // num_slices * FLOATS_PER_CACHE_LINE
            end = lines * (piece + 1) // num_slices * FLOATS_PER_CACHE_LINE
            optimizer.step(model, matrices, data, block, part, (first, end - first), thread.scratch)
            add_one(schedule.marks, slices_done)
    wait_for(schedule.marks, slices_done, (part + 1) * num_slices, thread.yield_address)


@kernel_part
def _find_gradients_of_chunk(model, optimizer, matrices, data, block, part, chunk, scratch):  # type: ignore[no-untyped-def]
    """Find the gradients of some windows' pairs; return (loss, pairs)."""
    windows, all_columns = block.windows, (np.int64(0), np.int64(matrices.row_length))
    first_turn = block.begin + chunk * CENTERS_PER_CHUNK
    loss, num_pairs = 0.0, 0
    for turn in range(first_turn, min(first_turn + CENTERS_PER_CHUNK, block.end)):
        center = block.order[turn]
        if part >= model.architecture.num_parts(windows, center, scratch):
            continue
        ahead = _center_ahead(block, turn)
        num_upcoming = lay_upcoming(model, matrices, data, windows, ahead, all_columns, scratch)
        prefetch_row(matrices.input_vectors, scratch.upcoming_context[0], matrices.row_length)
        for target in range(num_upcoming):
            prefetch_row(matrices.output_vectors, scratch.upcoming_targets[target], matrices.row_length)

        hidden, num_targets = lay_window(model, matrices, data, windows, center, part, all_columns, scratch)
        weight = optimizer.weight_of_gradients(rate_at(block.learning_rate, windows, center))
        first, end = _places_of_gradients(block, turn, scratch)
        gradients = block.gradients[first:end]
        loss += find_gradients(model, matrices, hidden, num_targets, weight, gradients, scratch)
        num_pairs += hidden.number * model.objective.num_terms(windows)
    return loss + take_loss(scratch), num_pairs


@kernel_part
def _center_ahead(block, turn):  # type: ignore[no-untyped-def]
    return block.order[min(turn + PREFETCH_DISTANCE, block.end - 1)]


@kernel_part
def _places_of_gradients(block, turn, scratch):  # type: ignore[no-untyped-def]
    """Where the gradients of a window begin and end: each has room for as many as there may be."""
    size = len(scratch.gradients)
    first = (turn - block.begin) * size
    return first, first + size


@kernel_part
def _learning_rate(rate):  # type: ignore[no-untyped-def]
    """The weight of a window's gradients."""
    return rate


@kernel_part
def _move_windows_in_turn(model, matrices, data, block, part, columns, scratch):  # type: ignore[no-untyped-def]
    """Move some columns of all rows of a block's windows, one window after the other, as `train_windows` does."""
    windows = block.windows
    for turn in range(block.begin, block.end):
        center = block.order[turn]
        if part >= model.architecture.num_parts(windows, center, scratch):
            continue
        hidden, num_targets = lay_window(model, matrices, data, windows, center, part, columns, scratch)
        lay_upcoming(model, matrices, data, windows, _center_ahead(block, turn), columns, scratch)
        first, end = _places_of_gradients(block, turn, scratch)
        gradients = block.gradients[first:end]
        move_window(model, matrices, data, hidden, num_targets, columns, gradients, scratch, True)


@compile_time_constants
@dataclass(frozen=True)
class Sgd:
    """The optimizer without memory: gradients have the learning rate in them, and are added to the rows as they are.

    An optimizer with memory would weigh gradients by 1, and in its step add up those of a row before it moves the row.
    """

    weight_of_gradients = _learning_rate
    step = _move_windows_in_turn
