"""Batch training: steps of an optimizer along the gradient of a batch of windows; threads change nothing about them.

A step takes these phases, and no thread begins one before all have done with the last:

    draw    noise words, and list the examples: a hidden row and the rows that it is scored against
    sort    list the rows that are touched, and the examples of each, in three phases (`row_lists`)
    wake    rows that are not where they should be, so that they are read there
    score   the pairs of each example, with both matrices as they are; and add up its hidden row's gradient
    move    each output row that was touched, along the sum of what its examples say; then each input row

When windows are drawn and scored, each example is one thread's; when rows wake and move, each row is. So each number is
computed by one thread, from the same numbers in the same order, whichever thread that is and however many there are.
A thread may come to a phase that the others have long left, so how much there is to do in it follows from the batch.
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
from wordvec.kernels.cpu.row_lists import (
    RowLists,
    count_inputs,
    count_outputs,
    place_entries,
    rows_of_share,
    write_inputs,
    write_outputs,
)
from wordvec.kernels.cpu.row_optimizers import Memory, Steps, ask_for_row
from wordvec.kernels.cpu.tile import (
    Rows,
    TileShape,
    score_pairs,
    weigh_gradients,
    weighted_sum,
)
from wordvec.kernels.simd.compile import kernel, kernel_part
from wordvec.kernels.simd.memory import next_piece, piece_done, wait_for_pieces

__all__ = [
    "PHASES_PER_STEP",
    "BatchScratch",
    "Stretch",
    "empty_batch_scratch",
    "train_batches",
    "wake_all_rows",
]

DRAW, COUNT, PLACE, WRITE, WAKE, SCORE, MOVE_OUTPUTS, MOVE_INPUTS = range(8)
PHASES_PER_STEP = 8
SHARES_OF_LIST = 16  # each is woken, and moved, by one thread
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
    wakes_rows = optimizer.moves_all_rows or stretch.rules.max_norm < np.inf
    for batch in range(len(batches.cuts) - 1):
        for part in range(batches.first_step[batch + 1] - batches.first_step[batch]):
            step = batches.first_step[batch] + part
            _draw(optimizer, stretch, batch, part, step)
            if moves:
                _sort(stretch, batch, part, step)
                if wakes_rows:
                    _wake(optimizer, stretch, step)
            _score(tile, stretch, batch, part, step, scratch)
            if moves:
                _move(tile, optimizer, stretch, step, scratch)


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
    """Draw the noise of the windows; meanwhile, the optimizer finds what its step needs."""
    num_chunks = _num_chunks(stretch.batches, batch)
    turn = _next_piece(stretch, step, DRAW)
    while turn <= num_chunks:
        if turn < num_chunks:
            draw_chunk(stretch.rules, stretch.batches, batch, part, turn, stretch.examples)
        else:
            optimizer.begin_step(stretch.steps, step)
        _piece_done(stretch, step, DRAW)
        turn = _next_piece(stretch, step, DRAW)
    _wait_for_pieces(stretch, step, DRAW, num_chunks + 1)


@kernel_part
def _sort(stretch, batch, part, step):  # type: ignore[no-untyped-def]
    """List the rows that are touched, and the examples of each: in three phases, as `row_lists` says."""
    num_pieces = _num_sections(stretch)
    for phase in range(COUNT, WRITE + 1):
        turn = _next_piece(stretch, step, phase)
        while turn < num_pieces:
            _sort_section(stretch, batch, part, phase, turn)
            _piece_done(stretch, step, phase)
            turn = _next_piece(stretch, step, phase)
        _wait_for_pieces(stretch, step, phase, num_pieces)


@kernel_part
def _sort_section(stretch, batch, part, phase, section):  # type: ignore[no-untyped-def]
    """One phase of sorting a section: sections of output rows stand first, then those of input rows."""
    rules, batches, (inputs, outputs) = stretch.rules, stretch.batches, stretch.row_lists
    row_length = stretch.matrices.row_length
    if section < len(outputs.number):
        if phase == COUNT:
            count_outputs(rules, batches, batch, part, stretch.examples, outputs, section)
        elif phase == PLACE:
            place_entries(outputs, section)
        else:
            write_outputs(rules, batches, batch, part, row_length, stretch.examples, outputs, section)
    else:
        section -= len(outputs.number)
        if phase == COUNT:
            count_inputs(rules, batches, batch, part, inputs, section)
        elif phase == PLACE:
            place_entries(inputs, section)
        else:
            write_inputs(rules, batches, batch, part, row_length, inputs, section)


@kernel_part
def _wake(optimizer, stretch, step):  # type: ignore[no-untyped-def]
    """Bring the rows that are touched to where they are at this step, and no longer than allowed."""
    (inputs, outputs), matrices = stretch.row_lists, stretch.matrices
    num_pieces = SHARES_OF_LIST * _num_sections(stretch)
    turn = _next_piece(stretch, step, WAKE)
    while turn < num_pieces:
        section, share = turn // SHARES_OF_LIST, turn % SHARES_OF_LIST
        if section < len(outputs.number):
            vectors, memory = matrices.output_vectors, stretch.memories[1]
            _wake_rows(optimizer, stretch, vectors, memory, outputs, section, share, step)
        else:
            vectors, memory, section = (
                matrices.input_vectors,
                stretch.memories[0],
                section - len(outputs.number),
            )
            _wake_rows(optimizer, stretch, vectors, memory, inputs, section, share, step)
        _piece_done(stretch, step, WAKE)
        turn = _next_piece(stretch, step, WAKE)
    _wait_for_pieces(stretch, step, WAKE, num_pieces)


@kernel_part
def _wake_rows(optimizer, stretch, vectors, memory, lists, section, share, step):  # type: ignore[no-untyped-def]
    row_length, max_norm, steps = stretch.matrices.row_length, stretch.rules.max_norm, stretch.steps
    first, end = rows_of_share(lists, section, share, SHARES_OF_LIST)
    for index in range(first, end):
        row = np.int64(lists.rows[section, index])
        following = np.int64(lists.rows[section, min(index + 1, end - 1)])
        if optimizer.has_rested(memory, following, steps, step):
            ask_for_row(vectors, memory, following * row_length, row_length)
        if optimizer.has_rested(memory, row, steps, step):
            optimizer.wake_row(optimizer, vectors, memory, row, row_length, steps, step)
        if max_norm < np.inf:
            _shorten(vectors, row * row_length, row_length, max_norm)


@kernel_part
def _num_sections(stretch):  # type: ignore[no-untyped-def]
    """Of both matrices."""
    return len(stretch.row_lists[0].number) + len(stretch.row_lists[1].number)


@kernel_part
def _next_piece(stretch, step, phase):  # type: ignore[no-untyped-def]
    return next_piece(stretch.batches.marks, step * PHASES_PER_STEP + phase)


@kernel_part
def _piece_done(stretch, step, phase):  # type: ignore[no-untyped-def]
    piece_done(stretch.batches.marks, step * PHASES_PER_STEP + phase)


@kernel_part
def _wait_for_pieces(stretch, step, phase, number):  # type: ignore[no-untyped-def]
    wait_for_pieces(stretch.batches.marks, step * PHASES_PER_STEP + phase, number, stretch.yield_address)


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
    batches, rules, terms = stretch.batches, stretch.rules, stretch.examples.terms
    begin, end = batches.cuts[batch], batches.cuts[batch + 1]
    scale = np.float32(1.0)
    if rules.reduction == BY_TERM:
        total = np.int64(0)
        for window in range(end - begin):
            total += terms[window]
        scale = np.float32(1.0 / max(total, np.int64(1)))
    turn = _next_piece(stretch, step, SCORE)
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
        _piece_done(stretch, step, SCORE)
        turn = _next_piece(stretch, step, SCORE)
    _wait_for_pieces(stretch, step, SCORE, _num_chunks(batches, batch))


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
    scratch.one_row[0] = word * row_length
    for index in range(num_pairs):
        place = np.uint64(pair + index)  # of a signed one, numba would ask whether it counts from the end
        scratch.target_rows[index] = np.int64(examples.targets[place]) * row_length
        scratch.weights[index] = examples.weights[place]
    padded = (num_pairs + tile.targets - 1) // tile.targets * tile.targets
    for index in range(num_pairs, padded):
        scratch.target_rows[index] = scratch.target_rows[0]
    for index in range(num_pairs, padded + tile.pitch):
        scratch.weights[index] = np.float32(0.0)

    hidden, gradient_row = Rows(matrices.input_vectors, scratch.one_row), example * row_length
    targets = Rows(matrices.output_vectors, scratch.target_rows)
    for first in range(0, padded, tile.targets):
        score_pairs(tile, hidden, 0, 1, targets, first, row_length, scratch.scores, first)
    weigh_gradients(tile, num_pairs, scratch.scores, scratch.weights, scale, scratch.loss)
    weighted_sum(
        tile, targets, 0, num_pairs, scratch.scores, examples.hidden_gradients, gradient_row, row_length
    )
    for index in range(num_pairs):
        examples.gradients[np.uint64(pair + index)] = scratch.scores[index]
    if share < np.float32(1.0):
        for column in range(gradient_row, gradient_row + row_length):
            examples.hidden_gradients[column] *= share
    loss = 0.0
    for lane in range(tile.lanes):
        loss += np.float64(scratch.loss[lane])
        scratch.loss[lane] = np.float32(0.0)
    return loss


@kernel_part
def _move(tile, optimizer, stretch, step, scratch):  # type: ignore[no-untyped-def]
    """Move output rows along the input rows that they met, which are still as they were; then those."""
    (inputs, outputs), matrices, examples = stretch.row_lists, stretch.matrices, stretch.examples
    for phase in range(MOVE_OUTPUTS, MOVE_INPUTS + 1):
        lists, vectors, memory, met = (
            (outputs, matrices.output_vectors, stretch.memories[1], matrices.input_vectors)
            if phase == MOVE_OUTPUTS
            else (inputs, matrices.input_vectors, stretch.memories[0], examples.hidden_gradients)
        )
        num_pieces = SHARES_OF_LIST * len(lists.number)
        turn = _next_piece(stretch, step, phase)
        while turn < num_pieces:
            section, share = turn // SHARES_OF_LIST, turn % SHARES_OF_LIST
            if phase == MOVE_OUTPUTS:
                _weigh_pairs(outputs, section, share, examples.gradients)
            _move_rows(tile, optimizer, stretch, vectors, memory, lists, section, share, met, step, scratch)
            _piece_done(stretch, step, phase)
            turn = _next_piece(stretch, step, phase)
        _wait_for_pieces(stretch, step, phase, num_pieces)


@kernel_part
def _weigh_pairs(lists, section, share, gradients):  # type: ignore[no-untyped-def]
    """Fetch the gradient of each pair that the rows of a share are in."""
    first, end = rows_of_share(lists, section, share, SHARES_OF_LIST)
    if first < end:
        for entry in range(_first_entry(lists, section, first), _first_entry(lists, section, end)):
            lists.weights[np.uint64(entry)] = gradients[np.uint64(lists.places[np.uint64(entry)])]


@kernel_part
def _first_entry(lists, section, index):  # type: ignore[no-untyped-def]
    """Where the entries of a row of a list begin."""
    begin = np.int64(section * lists.room)
    if index > 0:
        begin += lists.ends[section, index - 1]
    return begin


@kernel_part
def _move_rows(tile, optimizer, stretch, vectors, memory, lists, section, share, met_vectors, step, scratch):  # type: ignore[no-untyped-def]
    """Move the rows of a share: by the weighted sum of the rows that each met."""
    row_length, total, steps = stretch.matrices.row_length, scratch.gradient, stretch.steps
    met = Rows(met_vectors, lists.offsets)
    first, end_of_share = rows_of_share(lists, section, share, SHARES_OF_LIST)
    begin: Any = _first_entry(lists, section, first)
    for index in range(first, end_of_share):
        row = np.int64(lists.rows[section, index])
        following = np.int64(lists.rows[section, min(index + 1, end_of_share - 1)])
        ask_for_row(vectors, memory, following * row_length, row_length)
        end = _first_entry(lists, section, index + 1)
        weighted_sum(tile, met, begin, end - begin, lists.weights, total, 0, row_length)
        optimizer.move_row(optimizer, vectors, memory, row, row_length, total, steps, step)
        optimizer.remember_step(memory, row, steps, step)
        begin = end
