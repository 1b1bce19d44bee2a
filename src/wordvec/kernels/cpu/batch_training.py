"""Batch training: steps of an optimizer along the gradient of a batch of windows; threads change nothing about them.

A step takes four phases, and no thread begins one before all have done with the last, except that some score while
others still sort, where that moves no row:

    draw    noise words, and list the examples: a hidden row and the rows that it is scored against
    sort    list the rows that are touched, and the examples of each
    score   the pairs of each example, with both matrices as they are; and add up its hidden row's gradient
    move    each row that was touched, along the sum of what its examples say

In the first and third each example is one thread's, in the others each row is. So each number is computed by one
thread, from the same numbers in the same order, whichever thread that is and however many there are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.batch_examples import (
    BY_EXAMPLE,
    BY_TERM,
    WINDOWS_PER_CHUNK,
    Batches,
    Examples,
    PairRules,
    contexts_of,
    draw_chunk,
    first_pair,
    pairs_of_example,
    word_of_example,
)
from wordvec.kernels.cpu.matrices import Matrices
from wordvec.kernels.cpu.row_lists import RowLists, sort_inputs, sort_outputs
from wordvec.kernels.cpu.row_optimizers import Memory, Steps
from wordvec.kernels.cpu.tile import (
    Rows,
    TileShape,
    copy_row,
    score_pairs,
    weigh_gradients,
    weighted_sum,
    weighted_sum_of_far_rows,
)
from wordvec.kernels.simd.compile import kernel, kernel_part
from wordvec.kernels.simd.memory import next_piece, piece_done, prefetch_row, wait_for_pieces

__all__ = [
    "FLOATS_IN_CACHE",
    "PHASES",
    "BatchScratch",
    "Stretch",
    "empty_batch_scratch",
    "train_batches",
    "wake_all_rows",
]

PHASES = 4  # of a step
DRAW, SORT, SCORE, MOVE = range(PHASES)
FLOATS_IN_CACHE = 2**18  # of the second level
READS_WORTH_BLOCKS = 8  # of each hidden row
COLUMNS_AT_ONCE = 128  # where rows that are read so often would not stay there as a whole
TINY = np.float32(1e-7)  # as in torch.embedding_renorm_

# R floats of a row; T targets of an example


class Stretch(NamedTuple):
    """What the threads share that train on a stretch."""

    matrices: Matrices  # updated
    memories: tuple[Memory, Memory]  # of the input and the output matrix, updated
    rules: PairRules
    batches: Batches
    steps: Steps
    examples: Examples  # overwritten
    row_lists: tuple[RowLists, RowLists]  # of the input and the output matrix, overwritten
    yield_address: int  # see `thread_yield_address`


class BatchScratch(NamedTuple):
    """One thread's working memory."""

    one_row: NDArray[np.int64]  # (1,)
    target_rows: NDArray[np.int64]  # (T,)  of an example, and padding
    scores: NDArray[np.float32]  # (T + room for whole vectors,)
    weights: NDArray[np.float32]  # the same
    loss: NDArray[np.float32]  # (lanes,)
    gradient: NDArray[np.float32]  # (R,)


def empty_batch_scratch(tile: TileShape, max_pairs: int, row_length: int) -> BatchScratch:
    """Working memory for examples of `max_pairs` pairs."""
    padded = -(-max_pairs // tile.targets) * tile.targets
    return BatchScratch(
        one_row=np.zeros(1, np.int64),
        target_rows=np.zeros(padded, np.int64),
        scores=np.zeros(padded + 2 * tile.pitch, np.float32),
        weights=np.zeros(padded + 2 * tile.pitch, np.float32),
        loss=np.zeros(tile.lanes, np.float32),
        gradient=np.zeros(row_length, np.float32),
    )


@kernel
def train_batches(tile, optimizer, stretch, scratch, moves):  # type: ignore[no-untyped-def]
    """One thread's share of the steps of a stretch. Each thread takes the work that it finds undone.

    Unless `moves`, no row is sorted or moved, and the losses alone are found: one kernel for both, as it takes some
    seconds to compile.
    """
    batches = stretch.batches
    num_groups = len(stretch.row_lists[0].number)
    wakes_rows = optimizer.moves_all_rows or stretch.rules.max_norm < np.inf
    for batch in range(len(batches.cuts) - 1):
        num_chunks = _num_chunks(batches, batch)
        for part in range(batches.first_step[batch + 1] - batches.first_step[batch]):
            step = batches.first_step[batch] + part
            _draw(optimizer, stretch, batch, part, step)
            wait_for_pieces(
                stretch.batches.marks, step * PHASES + DRAW, num_chunks + 1, stretch.yield_address
            )
            if moves:
                _sort(optimizer, stretch, batch, part, step)
                if wakes_rows:  # else no row is moved that is about to be read
                    wait_for_pieces(
                        stretch.batches.marks, step * PHASES + SORT, 2 * num_groups, stretch.yield_address
                    )
            _score(tile, stretch, batch, part, step, scratch)
            wait_for_pieces(stretch.batches.marks, step * PHASES + SCORE, num_chunks, stretch.yield_address)
            if moves:
                wait_for_pieces(
                    stretch.batches.marks, step * PHASES + SORT, 2 * num_groups, stretch.yield_address
                )
                _move(tile, optimizer, stretch, step, scratch)
                wait_for_pieces(
                    stretch.batches.marks, step * PHASES + MOVE, 2 * num_groups, stretch.yield_address
                )


@kernel
def wake_all_rows(optimizer, vectors, row_length, memory, steps):  # type: ignore[no-untyped-def]
    """Let all rows of a matrix come to where they are after `steps`, had they moved in each."""
    step = np.int64(len(steps.size))
    optimizer.begin_step(steps, step)
    for row in range(len(vectors) // row_length):
        optimizer.wake_row_and_memory(optimizer, vectors, memory, np.int64(row), row_length, steps, step)


@kernel_part
def _num_chunks(batches, batch):  # type: ignore[no-untyped-def]
    return (batches.cuts[batch + 1] - batches.cuts[batch] + WINDOWS_PER_CHUNK - 1) // WINDOWS_PER_CHUNK


@kernel_part
def _draw(optimizer, stretch, batch, part, step):  # type: ignore[no-untyped-def]
    """The first phase; meanwhile, the optimizer finds what its step needs."""
    num_chunks = _num_chunks(stretch.batches, batch)
    turn = next_piece(stretch.batches.marks, step * PHASES + DRAW)
    while turn <= num_chunks:
        if turn < num_chunks:
            draw_chunk(stretch.rules, stretch.batches, batch, part, turn, stretch.examples)
        else:
            optimizer.begin_step(stretch.steps, step)
        piece_done(stretch.batches.marks, step * PHASES + DRAW)
        turn = next_piece(stretch.batches.marks, step * PHASES + DRAW)


@kernel_part
def _sort(optimizer, stretch, batch, part, step):  # type: ignore[no-untyped-def]
    """The second phase; rows that are not where they should be are brought there before they are read."""
    num_groups, row_length = len(stretch.row_lists[0].number), stretch.matrices.row_length
    turn = next_piece(stretch.batches.marks, step * PHASES + SORT)
    while turn < 2 * num_groups:
        group = turn // 2
        if turn % 2:
            lists, vectors = stretch.row_lists[1], stretch.matrices.output_vectors
            sort_outputs(
                stretch.rules, stretch.batches, batch, part, stretch.examples, row_length, lists, group
            )
            _wake(optimizer, stretch, vectors, stretch.memories[1], lists, group, step)
        else:
            lists, vectors = stretch.row_lists[0], stretch.matrices.input_vectors
            sort_inputs(stretch.rules, stretch.batches, batch, part, row_length, lists, group)
            _wake(optimizer, stretch, vectors, stretch.memories[0], lists, group, step)
        piece_done(stretch.batches.marks, step * PHASES + SORT)
        turn = next_piece(stretch.batches.marks, step * PHASES + SORT)


@kernel_part
def _wake(optimizer, stretch, vectors, memory, lists, group, step):  # type: ignore[no-untyped-def]
    """Bring rows to where they are at this step, and no longer than allowed."""
    row_length, max_norm = stretch.matrices.row_length, stretch.rules.max_norm
    if optimizer.moves_all_rows or max_norm < np.inf:
        for index in range(lists.number[group]):
            row = np.int64(lists.rows[group, index])
            _ask_for_next_row(vectors, memory, lists, group, index, row_length, (np.int64(0), row_length))
            optimizer.wake_row(optimizer, vectors, memory, row, row_length, stretch.steps, step)
            if max_norm < np.inf:
                _shorten(vectors, row * row_length, row_length, max_norm)


@kernel_part
def _ask_for_next_row(vectors, memory, lists, group, index, row_length, columns):  # type: ignore[no-untyped-def]
    """Ask for some columns = (first, number) of the row that follows in a list, and for what is remembered of them."""
    if index + 1 < lists.number[group]:
        start = np.int64(lists.rows[group, index + 1]) * row_length + columns[0]
        prefetch_row(vectors, start, columns[1])
        if len(memory.mean) > 0:
            prefetch_row(memory.mean, start, columns[1])
        if len(memory.square) > 0:
            prefetch_row(memory.square, start, columns[1])


@kernel_part
def _shorten(vectors, start, row_length, max_norm):  # type: ignore[no-untyped-def]
    squared = 0.0
    for column in range(start, start + row_length):
        squared += np.float64(vectors[column]) * np.float64(vectors[column])
    norm = np.sqrt(squared)
    if norm > max_norm:
        factor = np.float32(max_norm / (norm + TINY))
        for column in range(start, start + row_length):
            vectors[column] *= factor


@kernel_part
def _score(tile, stretch, batch, part, step, scratch):  # type: ignore[no-untyped-def]
    """The third phase."""
    batches, rules, terms = stretch.batches, stretch.rules, stretch.examples.terms
    begin, end = batches.cuts[batch], batches.cuts[batch + 1]
    scale = np.float32(1.0)
    if rules.reduction == BY_TERM:
        total = np.int64(0)
        for window in range(end - begin):
            total += terms[window]
        scale = np.float32(1.0 / max(total, np.int64(1)))
    turn = next_piece(stretch.batches.marks, step * PHASES + SCORE)
    while turn < _num_chunks(batches, batch):
        loss, num_terms = 0.0, np.int64(0)
        first = begin + turn * WINDOWS_PER_CHUNK
        for window in range(first, min(first + WINDOWS_PER_CHUNK, end)):
            num_terms += terms[window - begin]
            if rules.reduction == BY_EXAMPLE:
                scale = np.float32(1.0 / max(terms[window - begin], np.int64(1)))
            loss += _score_window(tile, stretch, batch, part, window, scale, scratch)
        batches.losses[step, turn] = loss
        batches.terms[step, turn] = num_terms
        piece_done(stretch.batches.marks, step * PHASES + SCORE)
        turn = next_piece(stretch.batches.marks, step * PHASES + SCORE)


@kernel_part
def _score_window(tile, stretch, batch, part, window, scale, scratch):  # type: ignore[no-untyped-def]
    """Find the gradients of a window's examples; return their loss."""
    rules, batches = stretch.rules, stretch.batches
    first, number, before = contexts_of(rules, batches, batch, part, window)
    window_of_batch = window - batches.cuts[batch]
    pair = first_pair(rules, window_of_batch, before)
    num_examples = min(number, np.int64(1)) if rules.looks_up_center else number
    example = window_of_batch if rules.looks_up_center else before
    num_pairs = pairs_of_example(rules, number)
    share = np.float32(1.0)  # of the hidden row's gradient
    if rules.looks_up_center and number > rules.contexts_at_full_step:
        share = np.float32(rules.contexts_at_full_step / number)
    loss = 0.0
    for index in range(num_examples):
        word = np.int64(word_of_example(rules, batches, window, first, index))
        loss += _score_example(tile, stretch, word, example + index, pair, num_pairs, scale, share, scratch)
        pair += num_pairs
    return loss


@kernel_part
def _score_example(tile, stretch, word, example, pair, num_pairs, scale, share, scratch):  # type: ignore[no-untyped-def]
    matrices, examples = stretch.matrices, stretch.examples
    row_length = matrices.row_length
    hidden_row = example * row_length
    copy_row(tile, matrices.input_vectors, word * row_length, examples.hidden, hidden_row, row_length)
    scratch.one_row[0] = hidden_row
    for index in range(num_pairs):
        place = np.uint64(pair + index)  # of a signed one, numba would ask whether it counts from the end
        scratch.target_rows[index] = np.int64(examples.targets[place]) * row_length
        scratch.weights[index] = examples.weights[place]
    padded = (num_pairs + tile.targets - 1) // tile.targets * tile.targets
    for index in range(num_pairs, padded):
        scratch.target_rows[index] = scratch.target_rows[0]
    for index in range(num_pairs, padded + tile.pitch):
        scratch.weights[index] = np.float32(0.0)

    hidden = Rows(examples.hidden, scratch.one_row)
    targets = Rows(matrices.output_vectors, scratch.target_rows)
    for first in range(0, padded, tile.targets):
        score_pairs(tile, hidden, 0, 1, targets, first, row_length, scratch.scores, first)
    weigh_gradients(tile, num_pairs, scratch.scores, scratch.weights, scale, scratch.loss)
    weighted_sum(
        tile, targets, 0, num_pairs, scratch.scores, examples.hidden_gradients, hidden_row, row_length
    )
    for index in range(num_pairs):
        examples.gradients[np.uint64(pair + index)] = scratch.scores[index]
    if share < np.float32(1.0):
        for column in range(hidden_row, hidden_row + row_length):
            examples.hidden_gradients[column] *= share
    loss = 0.0
    for lane in range(tile.lanes):
        loss += np.float64(scratch.loss[lane])
        scratch.loss[lane] = np.float32(0.0)
    return loss


@kernel_part
def _move(tile, optimizer, stretch, step, scratch):  # type: ignore[no-untyped-def]
    """The fourth phase."""
    examples, matrices = stretch.examples, stretch.matrices
    num_groups = len(stretch.row_lists[0].number)
    turn = next_piece(stretch.batches.marks, step * PHASES + MOVE)
    while turn < 2 * num_groups:
        group = turn // 2
        if turn % 2:
            lists = stretch.row_lists[1]
            _weigh_pairs(lists, group, examples.gradients)
            _move_rows(
                tile,
                optimizer,
                stretch,
                matrices.output_vectors,
                stretch.memories[1],
                lists,
                group,
                examples.hidden,
                step,
                scratch,
            )
        else:
            lists = stretch.row_lists[0]
            _move_rows(
                tile,
                optimizer,
                stretch,
                matrices.input_vectors,
                stretch.memories[0],
                lists,
                group,
                examples.hidden_gradients,
                step,
                scratch,
            )
        piece_done(stretch.batches.marks, step * PHASES + MOVE)
        turn = next_piece(stretch.batches.marks, step * PHASES + MOVE)


@kernel_part
def _weigh_pairs(lists, group, gradients):  # type: ignore[no-untyped-def]
    """Fetch the gradient of each pair that a row is in."""
    if lists.number[group]:
        for entry in range(lists.ends[group, lists.number[group] - 1]):
            lists.weights[group, entry] = gradients[np.uint64(lists.places[group, entry])]


@kernel_part
def _move_rows(tile, optimizer, stretch, vectors, memory, lists, group, others, step, scratch):  # type: ignore[no-untyped-def]
    """Move the touched rows of a group: by the weighted sum of the rows that each met."""
    if lists.number[group] == 0:
        return
    row_length = np.int64(stretch.matrices.row_length)
    floats_to_read = lists.ends[group, lists.number[group] - 1] * row_length
    if len(others) > FLOATS_IN_CACHE and floats_to_read > READS_WORTH_BLOCKS * len(others):
        for column in range(np.int64(0), row_length, np.int64(COLUMNS_AT_ONCE)):
            columns: Any = (column, min(row_length - column, np.int64(COLUMNS_AT_ONCE)))
            _move_columns(
                tile, optimizer, stretch, vectors, memory, lists, group, others, columns, True, step, scratch
            )
    else:
        columns = (np.int64(0), row_length)
        _move_columns(
            tile, optimizer, stretch, vectors, memory, lists, group, others, columns, False, step, scratch
        )


@kernel_part
def _move_columns(  # type: ignore[no-untyped-def]
    tile, optimizer, stretch, vectors, memory, lists, group, others, columns, are_far, step, scratch
):
    """Move some columns = (first, number) of the touched rows of a group."""
    first, number = columns
    row_length = stretch.matrices.row_length
    met = Rows(others[first:], lists.offsets[group])
    begin: Any = np.int64(0)
    for index in range(lists.number[group]):
        _ask_for_next_row(vectors, memory, lists, group, index, row_length, columns)
        end = lists.ends[group, index]
        weights, total = lists.weights[group], scratch.gradient
        if are_far:
            weighted_sum_of_far_rows(tile, met, begin, end - begin, weights, total, 0, number)
        else:
            weighted_sum(tile, met, begin, end - begin, weights, total, 0, number)
        row = np.int64(lists.rows[group, index])
        start = row * row_length + first
        optimizer.move_row(optimizer, vectors, memory, row, start, number, total, stretch.steps, step)
        if first + number == row_length:
            optimizer.remember_step(memory, row, stretch.steps, step)
        begin = end
