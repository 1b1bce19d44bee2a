"""The update of a window, in parts that models fill: every loop that trains is composed of these.

    hidden = lay_window(...)             make the hidden rows, and list the targets
    loss = find_gradients(...)           score the targets, and turn scores to gradients
    move_window(...)                     move the targets, and spread the hidden rows' gradients

A `Model` says what is different: its architecture makes hidden rows (skip-gram: each context's row is one) and spreads
their gradients, its objective lists targets. Kernels are compiled for each model, so a choice costs nothing. The
gradients of the pairs lie in an array between the two halves: either a window moves at once, or a block of windows is
scored first, and then an optimizer takes a step along the gradients of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.tile import Rows, TileShape, copy_row, move_rows, score_pairs, scores_to_gradients
from wordvec.kernels.simd.compile import kernel, kernel_part
from wordvec.kernels.simd.intrinsics import compile_time_constants

__all__ = [
    "Hidden",
    "LearningRate",
    "Model",
    "Scratch",
    "empty_scratch",
    "find_gradients",
    "lay_upcoming",
    "lay_window",
    "move_window",
    "rate_at",
    "take_loss",
    "train_windows",
]

PREFETCH_DISTANCE = 2  # windows
MAX_FACTORS = 100  # each factor of the loss product is at most 2, and float32 ends at 2**128

# H hidden rows that are moved at once, T target rows, padding included


@compile_time_constants
@dataclass(frozen=True)
class Model:
    """What a kernel is compiled for. Architecture and objective are classes whose attributes are kernel parts.

    An architecture has:

        num_parts(windows, center, scratch)
            how many parts a window is moved in, one after the other; 0 if it has no contexts
        make_hidden(matrices, windows, center, part, columns, scratch) -> Hidden
            the hidden rows of a part of a window
        spread_hidden(matrices, hidden, columns, scratch)
            what is left to do when hidden.moved has the hidden rows' gradients

    An objective has:

        list_targets(matrices, windows, center, columns, target_rows)
            write the rows that the hidden rows are scored against
    """

    tile: TileShape
    architecture: Any
    objective: Any


class Hidden(NamedTuple):
    """The hidden rows of a window, or of a part of one."""

    rows: Rows  # to be scored
    moved: Rows  # where each row's gradient is added: the same ones, where a hidden row is a row of the input matrix
    number: int
    num_contexts: int
    has_repeats: bool  # whether a row stands there twice


class LearningRate(NamedTuple):
    """A rate that falls with the position in the corpus."""

    start: float  # at position 0
    slope: float  # added for each position


class Scratch(NamedTuple):
    """One thread's working memory. Rows are named by the offset of their first float."""

    hidden_rows: NDArray[np.int64]  # (H,)
    gradient_rows: NDArray[np.int64]  # (H,)  where the gradients of each hidden row's pairs stand
    target_rows: NDArray[np.int64]  # (T,)  targets, padding
    gradients: NDArray[np.float32]  # flat
    signs: NDArray[
        np.float32
    ]  # flat: for 4, 2 and 1 hidden rows, for each target tile, the signs of its pairs
    snapshot: NDArray[np.float32]  # flat: the rows of a window as they were
    snapshot_hidden_rows: NDArray[np.int64]  # (H,)
    snapshot_target_rows: NDArray[np.int64]  # (T,)
    upcoming_context: NDArray[np.int64]  # (1,)  the row that a later window is the first to need
    upcoming_targets: NDArray[np.int64]  # (T,)  target rows of a later window
    loss: NDArray[np.float32]  # (2·lanes,)  running sums, then running products
    loss_factors: NDArray[np.int64]  # (1,)  how many factors are in each product


def empty_scratch(shape: TileShape, num_hidden: int, negatives: int, row_length: int) -> Scratch:
    """Working memory for windows, or parts of windows, of `num_hidden` hidden rows at most."""
    num_targets = shape.targets * shape.target_tiles
    snapshot_rows = np.arange(num_hidden + num_targets) * row_length
    return Scratch(
        hidden_rows=np.zeros(num_hidden, np.int64),
        gradient_rows=np.zeros(num_hidden, np.int64),
        target_rows=np.zeros(num_targets, np.int64),
        gradients=np.zeros(shape.target_tiles * num_hidden * shape.pitch, np.float32),
        signs=_signs(shape, 1 + negatives),
        snapshot=np.zeros((num_hidden + num_targets) * row_length, np.float32),
        snapshot_hidden_rows=snapshot_rows[:num_hidden].copy(),
        snapshot_target_rows=snapshot_rows[num_hidden:].copy(),
        upcoming_context=np.zeros(1, np.int64),
        upcoming_targets=np.zeros(num_targets, np.int64),
        loss=np.concatenate([np.zeros(shape.lanes), np.ones(shape.lanes)]).astype(np.float32),
        loss_factors=np.zeros(1, np.int64),
    )


def _signs(shape: TileShape, num_targets: int) -> NDArray[np.float32]:
    signs = np.zeros((3, shape.target_tiles, 4 * shape.pitch), np.float32)
    for kind, num_hidden in enumerate((4, 2, 1)):
        for tile in range(shape.target_tiles):
            for hidden in range(num_hidden):
                for slot in range(shape.targets):
                    target = tile * shape.targets + slot
                    sign = 0 if target >= num_targets else (-1 if target == 0 else 1)
                    signs[kind, tile, hidden * shape.targets + slot] = sign
    return signs.ravel()


@kernel
def train_windows(  # type: ignore[no-untyped-def]
    model,  # Model
    matrices,  # Matrices, updated
    windows,  # LaidWindows
    centers,  # (first, end): places of the centers to train on
    learning_rate,  # LearningRate
    scratch,  # Scratch
):
    """Move both matrices along the gradient of each window in turn, by plain SGD; return (loss, pairs).

    The update of one window is that of `kernels.reference.update_window`: all pairs of hidden and target rows from the
    rows' values before the window, or before its part where it is moved in several.
    """
    columns = (np.int64(0), np.int64(matrices.row_length))
    num_targets = 1 + windows.negatives.shape[1]
    loss, num_pairs = 0.0, 0
    for center in range(centers[0], centers[1]):
        num_parts = model.architecture.num_parts(windows, center, scratch)
        if num_parts == 0:
            continue
        ahead = min(center + PREFETCH_DISTANCE, centers[1] - 1)
        lay_upcoming(model, matrices, windows, ahead, columns, scratch)
        rate = rate_at(learning_rate, windows, center)
        for part in range(num_parts):
            hidden = lay_window(model, matrices, windows, center, part, columns, scratch)
            loss += find_gradients(model, matrices, hidden, rate, scratch.gradients, scratch)
            move_window(model, matrices, hidden, columns, scratch.gradients, scratch)
            num_pairs += hidden.number * num_targets
    return loss + take_loss(scratch), num_pairs


@kernel_part
def rate_at(learning_rate, windows, center):  # type: ignore[no-untyped-def]
    """The learning rate of a window."""
    return np.float32(learning_rate.start + learning_rate.slope * windows.positions[center])


@kernel_part
def lay_window(model, matrices, windows, center, part, columns, scratch):  # type: ignore[no-untyped-def]
    """Make the hidden rows of a part of a window, and list its targets, in `columns` = (first, number) of each row."""
    hidden = model.architecture.make_hidden(matrices, windows, center, part, columns, scratch)
    model.objective.list_targets(matrices, windows, center, columns, scratch.target_rows)
    _list_gradients(model.tile, hidden.number, scratch.gradient_rows)
    return hidden


@kernel_part
def lay_upcoming(model, matrices, windows, center, columns, scratch):  # type: ignore[no-untyped-def]
    """List rows of a later window, to be prefetched: its targets, and the context that no window before it has."""
    newest = np.int64(windows.words[windows.last[center]])
    scratch.upcoming_context[0] = newest * matrices.row_length + columns[0]
    model.objective.list_targets(matrices, windows, center, columns, scratch.upcoming_targets)


@kernel_part
def _list_gradients(tile, num_hidden, gradient_rows):  # type: ignore[no-untyped-def]
    """Write where the gradients of each hidden row's pairs stand: tiles of rows begin at whole vectors."""
    first = 0
    while first < num_hidden:
        number = _hidden_of_tile(tile, num_hidden - first)
        for row in range(number):
            gradient_rows[first + row] = first * tile.pitch + row * tile.targets
        first += number


@kernel_part
def _hidden_of_tile(tile, num_left):  # type: ignore[no-untyped-def]
    if tile.hidden == 4 and num_left >= 4:
        return 4
    return 2 if num_left >= 2 else 1


@kernel_part
def find_gradients(  # type: ignore[no-untyped-def]
    model,
    matrices,
    hidden,  # Hidden
    weight,  # of each gradient: the learning rate for plain SGD, 1 for optimizers that see gradients first
    gradients,  # flat float32, overwritten
    scratch,
):
    """Score each hidden row against each target, and turn scores to gradients.

    The loss is collected in scratch.loss; what had to be taken out of it is returned.
    """
    tile = model.tile
    targets = Rows(matrices.output_vectors, scratch.target_rows)
    gradients_per_tile = len(scratch.hidden_rows) * tile.pitch
    signs_per_tile = len(scratch.signs) // (3 * tile.target_tiles)
    first = 0
    while first < hidden.number:
        number = _hidden_of_tile(tile, hidden.number - first)
        for target_tile in range(tile.target_tiles):
            first_score = first * tile.pitch + target_tile * gradients_per_tile
            first_target = target_tile * tile.targets
            score_pairs(
                tile,
                hidden.rows,
                first,
                number,
                targets,
                first_target,
                matrices.row_length,
                gradients,
                first_score,
            )
        first += number

    loss = 0.0
    first = 0
    while first < hidden.number:
        number = _hidden_of_tile(tile, hidden.number - first)
        kind = 0 if number == 4 else (1 if number == 2 else 2)
        for target_tile in range(tile.target_tiles):
            first_score = first * tile.pitch + target_tile * gradients_per_tile
            first_sign = (kind * tile.target_tiles + target_tile) * signs_per_tile
            scores_to_gradients(
                tile, number, gradients, first_score, scratch.signs, first_sign, weight, scratch.loss
            )
            at_least_its_vectors = number * tile.targets // tile.lanes + 1
            scratch.loss_factors[0] += at_least_its_vectors
            if scratch.loss_factors[0] > MAX_FACTORS:
                loss += take_loss(scratch)
        first += number
    return loss


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


@kernel_part
def move_window(model, matrices, hidden, columns, gradients, scratch):  # type: ignore[no-untyped-def]
    """Add the gradients to the targets and the hidden rows, in `columns`; the architecture spreads the latter."""
    tile = model.tile
    moved_targets = Rows(matrices.output_vectors, scratch.target_rows)
    old_hidden, old_targets = hidden.rows, moved_targets
    if hidden.has_repeats or tile.passes > 1:
        # A row that is moved twice must be read as it was before the window.
        old_hidden = Rows(scratch.snapshot, scratch.snapshot_hidden_rows)
        old_targets = Rows(scratch.snapshot, scratch.snapshot_target_rows)
        _copy_rows(tile, hidden.rows, old_hidden, hidden.number, columns[1])
        _copy_rows(tile, moved_targets, old_targets, len(scratch.target_rows), columns[1])
    gradients_per_tile = len(scratch.hidden_rows) * tile.pitch
    for number in range(tile.passes):
        first_tile = number * tile.tiles_per_pass
        move_rows(
            tile,
            old_hidden,
            hidden.moved,
            hidden.number,
            old_targets,
            moved_targets,
            first_tile * tile.targets,
            columns[1],
            Rows(gradients, scratch.gradient_rows),
            first_tile * gradients_per_tile,
            gradients_per_tile,
            Rows(matrices.input_vectors, scratch.upcoming_context),
            Rows(matrices.output_vectors, scratch.upcoming_targets),
        )
    model.architecture.spread_hidden(matrices, hidden, columns, scratch)


@kernel_part
def _copy_rows(tile, source, target, number, num_columns):  # type: ignore[no-untyped-def]
    for row in range(number):
        copy_row(tile, source.vectors, source.offsets[row], target.vectors, target.offsets[row], num_columns)
