"""The update of a window, in parts that models fill: training by windows and by blocks is composed of these.

    hidden = lay_window(...)             make the hidden rows, and list the targets
    loss = find_gradients(...)           score the targets, and turn scores to gradients
    move_window(...)                     move the targets, and spread the hidden rows' gradients

A `Model` says what is different: its architecture makes hidden rows (skip-gram: each context's row is one; CBOW: their
mean is) and spreads their gradients, its objective lists targets (the center and its noise words, the nodes on the
center's path through a tree, or both). Kernels are compiled for each model, so a choice costs nothing. The gradients of
the pairs lie in an array between the two halves: either a window moves at once, or a block of windows is scored first,
and then an optimizer takes a step along the gradients of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.hot_rows import (
    MERGE_INTERVAL,
    ROWS_LISTED_AT_ONCE,
    begin_copies,
    list_own_rows,
    merge_copies,
    own_row,
)
from wordvec.kernels.cpu.tile import (
    Rows,
    TileShape,
    copy_row,
    find_gradients_of_row,
    move_rows,
    move_targets_and_sum,
    score_pairs,
    scores_to_gradients,
)
from wordvec.kernels.simd.compile import kernel, kernel_part
from wordvec.kernels.simd.intrinsics import compile_time_constants
from wordvec.kernels.simd.memory import prefetch_element, prefetch_row

__all__ = [
    "Hidden",
    "LearningRate",
    "Model",
    "ModelData",
    "MovesAlongOneRow",
    "MovesAsListed",
    "Scratch",
    "begin_all_copies",
    "copy_rows",
    "empty_scratch",
    "end_all_copies",
    "find_gradients",
    "lay_upcoming",
    "lay_window",
    "list_contexts",
    "move_window",
    "plain_data",
    "rate_at",
    "take_loss",
    "train_centers",
    "train_windows",
]

PREFETCH_DISTANCE = 4  # windows
NEGATIVES_DISTANCE = 16  # windows: drawn long before, so that they have left the nearest cache
MAX_FACTORS = 100  # each factor of the loss product is at most 2, and float32 ends at 2**128

# H hidden rows that are moved at once, T target rows, padding included; C contexts of a window, where those are pooled


@compile_time_constants
@dataclass(frozen=True)
class Model:
    """What a kernel is compiled for. Architecture and objective are classes whose attributes are kernel parts.

    An architecture has:

        num_parts(windows, center, scratch)
            how many parts a window is moved in, one after the other; 0 if it has no contexts
        make_hidden(model, matrices, data, windows, center, part, columns, scratch) -> Hidden
            the hidden rows of a part of a window
        spread_hidden(model, matrices, data, hidden, columns, scratch)
            what is left to do when hidden.moved has the hidden rows' gradients
        moves_rows_in_place
            1 if hidden rows are rows of the input matrix, 0 if there is one, whose gradient is collected elsewhere

    An objective has:

        list_targets(tile, matrices, data, windows, center, columns, target_rows) -> number
            write the rows that the hidden rows are scored against, and fill the last tile
        list_signs(tile, data, windows, center, num_hidden, signs)
            write which of them are true and which are noise, where that differs from window to window
        num_terms(windows) -> number
            how many terms the loss of a pair of hidden row and center has
        num_passes(tile, num_targets) -> number
            how often the hidden rows are gone over to move that many targets
        targets_may_repeat
            1 if a row may be listed twice, else 0
    """

    tile: TileShape
    architecture: Any
    objective: Any
    mover: Any  # `MovesAsListed`, or `MovesAlongOneRow`, the faster one for one hidden row and many targets


class ModelData(NamedTuple):
    """What parts of a model look up: known before training, and not changed by it."""

    path_starts: NDArray[np.int64]  # (V,)  where in the next two arrays the path to each word begins
    path_lengths: NDArray[np.int64]  # (V,)  nodes on it
    path_rows: NDArray[
        np.int32
    ]  # rows of the output matrix: inner nodes of a tree, those near the word first, and padding to whole tiles
    path_signs: NDArray[
        np.float32
    ]  # -1 where the branch called 0 is taken, +1 where the one called 1 is, 0 for padding
    rows_per_word: NDArray[np.float32]  # (V,)  where words are made of several rows: how many; else empty
    contexts_at_full_step: int  # more contexts move what they share only as far as this many would
    reach: int  # places from a center to its farthest context: rows are asked for when they come that near


class Hidden(NamedTuple):
    """The hidden rows of a window, or of a part of one."""

    rows: Rows  # to be scored
    moved: Rows  # where each row's gradient is added: the same ones, where a hidden row is a row of the input matrix
    number: int
    num_contexts: int
    has_repeats: bool  # whether a row of the input matrix stands there twice


class LearningRate(NamedTuple):
    """A rate that falls with the position in the corpus."""

    start: float  # at position 0
    slope: float  # added for each position


class Scratch(NamedTuple):
    """One thread's working memory. Rows are named by the offset of their first float."""

    hidden_rows: NDArray[np.int64]  # (H + 8,)
    moved_rows: NDArray[np.int64]  # (H,)  where their gradients are added, if not to them
    gradient_rows: NDArray[
        np.int64
    ]  # (H + 1, H)  for each number of hidden rows, where the gradients of each one's pairs stand
    target_rows: NDArray[np.int64]  # (T + 8,)  targets, padding
    gradients: NDArray[np.float32]  # flat
    signs: NDArray[
        np.float32
    ]  # flat: for 4, 2 and 1 hidden rows, for each target tile, the signs of its pairs; where there is but one
    # hidden row, of one target after the other
    context_rows: NDArray[np.int64]  # (C + 8,)  those that are pooled in a hidden row
    context_shares: NDArray[np.float32]  # (C,)  what part of their mean each is, if not all the same
    position_rows: NDArray[np.int64]  # (C,)  where each stands in the window
    hidden: NDArray[np.float32]  # flat: a hidden row that is not a row of a matrix, and its gradient
    snapshot: NDArray[np.float32]  # flat: the rows of a window as they were
    snapshot_hidden_rows: NDArray[np.int64]  # (H,)
    snapshot_target_rows: NDArray[np.int64]  # (T,)
    snapshot_context_rows: NDArray[np.int64]  # (C,)
    upcoming_context: NDArray[np.int64]  # (1,)  the row that a later window is the first to need
    upcoming_targets: NDArray[np.int64]  # (T + 8,)  target rows of a later window
    loss: NDArray[np.float32]  # (2·lanes,)  running sums, then running products
    loss_factors: NDArray[np.int64]  # (1,)  how many factors are in each product


def empty_scratch(
    shape: TileShape,
    *,
    num_hidden: int,
    num_targets: int,
    row_length: int,
    num_contexts: int = 0,
) -> Scratch:
    """Working memory for one thread.

    Args:
        shape: of the model's tiles.
        num_hidden: hidden rows that are moved at once, at most.
        num_targets: of a window, at most.
        row_length: padding included.
        num_contexts: those that are pooled in a hidden row, at most.
    """
    num_targets_with_padding = shape.padded_targets(num_targets)
    num_listed = num_targets_with_padding + ROWS_LISTED_AT_ONCE
    snapshot_rows = np.arange(num_hidden + num_targets_with_padding + num_contexts) * row_length
    of_hidden, of_targets, of_contexts = np.split(
        snapshot_rows, [num_hidden, num_hidden + num_targets_with_padding]
    )
    return Scratch(
        hidden_rows=np.zeros(num_hidden + ROWS_LISTED_AT_ONCE, np.int64),
        moved_rows=np.zeros(num_hidden, np.int64),
        gradient_rows=_gradient_rows(shape, num_hidden),
        target_rows=np.zeros(num_listed, np.int64),
        gradients=np.zeros(num_targets_with_padding // shape.targets * num_hidden * shape.pitch, np.float32),
        signs=_signs(shape, num_targets),
        context_rows=np.zeros(num_contexts + ROWS_LISTED_AT_ONCE, np.int64),
        context_shares=np.zeros(num_contexts, np.float32),
        position_rows=np.zeros(num_contexts, np.int64),
        hidden=np.zeros(2 * row_length, np.float32),
        snapshot=np.zeros(len(snapshot_rows) * row_length, np.float32),
        snapshot_hidden_rows=of_hidden.copy(),
        snapshot_target_rows=of_targets.copy(),
        snapshot_context_rows=of_contexts.copy(),
        upcoming_context=np.zeros(1, np.int64),
        upcoming_targets=np.zeros(num_listed, np.int64),
        loss=np.concatenate([np.zeros(shape.lanes), np.ones(shape.lanes)]).astype(np.float32),
        loss_factors=np.zeros(1, np.int64),
    )


def _gradient_rows(shape: TileShape, num_hidden: int) -> NDArray[np.int64]:
    """Tiles of hidden rows begin at whole vectors."""
    rows = np.zeros((num_hidden + 1, num_hidden), np.int64)
    for number in range(num_hidden + 1):
        first = 0
        while first < number:
            of_tile = next(size for size in shape.hidden_counts if size <= number - first)
            rows[number, first : first + of_tile] = first * shape.pitch + np.arange(of_tile) * shape.targets
            first += of_tile
    return rows


def plain_data() -> ModelData:
    """For models that look nothing up."""
    none = np.zeros(0, np.int64)
    nothing = np.zeros(0, np.float32)
    return ModelData(none, none, np.zeros(0, np.int32), nothing, nothing, 1, 1)


def _signs(shape: TileShape, num_targets: int) -> NDArray[np.float32]:
    """The signs of windows whose first target is the true one, and whose other targets are noise."""
    num_tiles = shape.padded_targets(num_targets) // shape.targets
    if shape.hidden == 1:
        of_row = np.zeros(num_tiles * shape.targets + 2 * shape.lanes, np.float32)
        of_row[:num_targets] = 1
        of_row[:1] = -1
        return of_row
    signs = np.zeros((3, num_tiles, 4 * shape.pitch), np.float32)
    for kind, num_hidden in enumerate((4, 2, 1)):
        for tile in range(num_tiles):
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
    data,  # ModelData
    windows,  # LaidWindows
    centers,  # (first, end): places of the centers to train on
    learning_rate,  # LearningRate
    scratch,  # Scratch
):
    """Move both matrices along the gradient of each window in turn, by plain SGD; return (loss, pairs).

    The update of one window is that of `kernels.reference.update_window`: all pairs of hidden and target rows from the
    rows' values before the window, or before its part where it is moved in several.
    """
    begin_all_copies(model.tile, matrices)
    found = train_centers(model, matrices, data, windows, centers, learning_rate, scratch)
    end_all_copies(model.tile, matrices)
    return found


@kernel_part
def begin_all_copies(tile, matrices):  # type: ignore[no-untyped-def]
    """Copy the rows that other threads move, too, all the time."""
    begin_copies(tile, matrices.hot_inputs, matrices.input_vectors, matrices.row_length)
    begin_copies(tile, matrices.hot_outputs, matrices.output_vectors, matrices.row_length)
    begin_copies(tile, matrices.hot_positions, matrices.position_vectors, matrices.row_length)


@kernel_part
def end_all_copies(tile, matrices):  # type: ignore[no-untyped-def]
    """Merge all copies with the shared rows."""
    _merge_all_copies(tile, matrices, np.int64(0))


@kernel_part
def _merge_all_copies(tile, matrices, turn):  # type: ignore[no-untyped-def]
    merge_copies(tile, matrices.hot_inputs, matrices.input_vectors, matrices.row_length, turn)
    merge_copies(tile, matrices.hot_outputs, matrices.output_vectors, matrices.row_length, turn)
    merge_copies(tile, matrices.hot_positions, matrices.position_vectors, matrices.row_length, turn)


@kernel_part
def train_centers(model, matrices, data, windows, centers, learning_rate, scratch):  # type: ignore[no-untyped-def]
    """What `train_windows` does, for kernels that do more."""
    columns = (np.int64(0), np.int64(matrices.row_length))
    loss, num_pairs = 0.0, 0
    for center in range(centers[0], centers[1]):
        if center & (MERGE_INTERVAL - 1) == 0:
            _merge_all_copies(model.tile, matrices, np.int64(center))
        num_parts = model.architecture.num_parts(windows, center, scratch)
        if num_parts == 0:
            continue
        ahead = min(center + PREFETCH_DISTANCE, centers[1] - 1)
        lay_upcoming(model, matrices, data, windows, ahead, columns, scratch)
        rate = rate_at(learning_rate, windows, center)
        for part in range(num_parts):
            hidden, num_targets = lay_window(model, matrices, data, windows, center, part, columns, scratch)
            loss += find_gradients(model, matrices, hidden, num_targets, rate, scratch.gradients, scratch)
            move_window(
                model, matrices, data, hidden, num_targets, columns, scratch.gradients, scratch, part == 0
            )
            num_pairs += hidden.number * model.objective.num_terms(windows)
    return loss + take_loss(scratch), num_pairs


@kernel_part
def rate_at(learning_rate, windows, center):  # type: ignore[no-untyped-def]
    """The learning rate of a window."""
    return np.float32(learning_rate.start + learning_rate.slope * windows.positions[center])


@kernel_part
def lay_window(model, matrices, data, windows, center, part, columns, scratch):  # type: ignore[no-untyped-def]
    """Make the hidden rows of a part of a window, and list its targets, in `columns` = (first, number) of each row.

    Returns the hidden rows, and how many targets there are.
    """
    hidden = model.architecture.make_hidden(model, matrices, data, windows, center, part, columns, scratch)
    num_targets = model.objective.list_targets(
        model.tile, matrices, data, windows, center, columns, scratch.target_rows
    )
    model.objective.list_signs(model.tile, data, windows, center, hidden.number, scratch.signs)
    return hidden, num_targets


@kernel_part
def lay_upcoming(model, matrices, data, windows, center, columns, scratch):  # type: ignore[no-untyped-def]
    """List rows of a later window, to be prefetched: its targets, and the context that comes into reach with it.

    Returns how many targets there are. Of windows that reach differently far, one may bring several contexts that none
    before it had, and the next one none: what is asked for is not the window's own last context.
    """
    prefetch_element(windows.negatives, (center + NEGATIVES_DISTANCE) * windows.negatives.shape[1])
    place = min(center + data.reach, len(windows.input_rows) - 1)
    newest = own_row(matrices.hot_inputs, np.int64(windows.input_rows[place]))
    scratch.upcoming_context[0] = newest * matrices.row_length + columns[0]
    return model.objective.list_targets(
        model.tile, matrices, data, windows, center, columns, scratch.upcoming_targets
    )


@kernel_part
def list_contexts(matrices, windows, center, first, last, columns, rows):  # type: ignore[no-untyped-def]
    """Write the offsets of the rows of contexts from place `first` to `last`.

    Up to eight more are written, unless `last` is before `first`: then there are no contexts, and nothing is read.
    Returns whether a word stands there twice, the center included.
    """
    if last < first:
        return False
    num_before = min(max(center - first, 0), last + 1 - first)
    after = max(first, center + 1)
    num_after = max(last + 1 - after, 0)
    hot, inputs, length = matrices.hot_inputs, windows.input_rows, matrices.row_length
    list_own_rows(hot, inputs, first, num_before, length, columns[0], rows, np.int64(0))
    list_own_rows(hot, inputs, after, num_after, length, columns[0], rows, num_before)
    return windows.repeated[last] >= first


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
    num_targets,
    weight,  # of each gradient: the learning rate for plain SGD, 1 for optimizers that see gradients first
    gradients,  # flat float32, overwritten
    scratch,
):
    """Score each hidden row against each target, and turn scores to gradients, laid out as the mover reads them.

    The loss is collected in scratch.loss; what had to be taken out of it is returned.
    """
    return model.mover.find_gradients(model, matrices, hidden, num_targets, weight, gradients, scratch)


@kernel_part
def _find_gradients_of_one_row(model, matrices, hidden, num_targets, weight, gradients, scratch):  # type: ignore[no-untyped-def]
    tile = model.tile
    num_tiles = model.objective.num_passes(tile, num_targets)
    if num_tiles == 0:
        return 0.0
    targets = Rows(matrices.output_vectors, scratch.target_rows)
    find_gradients_of_row(
        tile,
        scratch.hidden,
        hidden.rows.offsets[0],
        targets,
        num_tiles,
        matrices.row_length,
        scratch.signs,
        weight,
        gradients,
        scratch.loss,
    )
    scratch.loss_factors[0] += num_tiles
    return take_loss(scratch) if scratch.loss_factors[0] > MAX_FACTORS else 0.0


@kernel_part
def _find_gradients_of_tiles(model, matrices, hidden, num_targets, weight, gradients, scratch):  # type: ignore[no-untyped-def]
    tile = model.tile
    targets = Rows(matrices.output_vectors, scratch.target_rows)
    num_tiles = model.objective.num_passes(tile, num_targets) * tile.tiles_per_pass
    gradients_per_tile = len(scratch.moved_rows) * tile.pitch
    signs_per_tile = 4 * tile.pitch
    signs_per_kind = len(scratch.signs) // 3
    first = 0
    while first < hidden.number:
        number = _hidden_of_tile(tile, hidden.number - first)
        for target_tile in range(num_tiles):
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
        for target_tile in range(num_tiles):
            first_score = first * tile.pitch + target_tile * gradients_per_tile
            first_sign = kind * signs_per_kind + target_tile * signs_per_tile
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
def move_window(  # type: ignore[no-untyped-def]
    model, matrices, data, hidden, num_targets, columns, gradients, scratch, asks_for_upcoming
):
    """Add the gradients to the targets and the hidden rows, in `columns`; the architecture spreads the latter."""
    model.mover.move(model, matrices, hidden, num_targets, columns, gradients, scratch, asks_for_upcoming)
    model.architecture.spread_hidden(model, matrices, data, hidden, columns, scratch)


@kernel_part
def _move_as_listed(  # type: ignore[no-untyped-def]
    model, matrices, hidden, num_targets, columns, gradients, scratch, asks_for_upcoming
):
    """Move targets and hidden rows, or collect the gradients of these, a pass of targets at a time."""
    tile = model.tile
    moved_targets = Rows(matrices.output_vectors, scratch.target_rows)
    old_hidden, old_targets = hidden.rows, moved_targets
    num_passes = model.objective.num_passes(tile, num_targets)
    # A row that is moved twice must be read as it was before the window.
    if model.architecture.moves_rows_in_place and (hidden.has_repeats or num_passes > 1):
        old_hidden = Rows(scratch.snapshot, scratch.snapshot_hidden_rows)
        copy_rows(tile, hidden.rows, old_hidden, hidden.number, columns[1])
    if model.objective.targets_may_repeat and num_passes > 1:
        old_targets = Rows(scratch.snapshot, scratch.snapshot_target_rows)
        num_rows = num_passes * tile.tiles_per_pass * tile.targets
        copy_rows(tile, moved_targets, old_targets, num_rows, columns[1])
    gradients_per_tile = len(scratch.moved_rows) * tile.pitch
    for number in range(num_passes):
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
            Rows(gradients, scratch.gradient_rows[hidden.number]),
            first_tile * gradients_per_tile,
            gradients_per_tile,
            Rows(matrices.input_vectors, scratch.upcoming_context),
            Rows(matrices.output_vectors, scratch.upcoming_targets),
            asks_for_upcoming,
        )


@kernel_part
def _move_along_one_row(  # type: ignore[no-untyped-def]
    model, matrices, hidden, num_targets, columns, gradients, scratch, asks_for_upcoming
):
    """Move targets along the only hidden row, and collect its gradient; both stand in scratch.hidden."""
    tile = model.tile
    moved_targets = Rows(matrices.output_vectors, scratch.target_rows)
    old_targets = moved_targets
    if model.objective.targets_may_repeat:
        old_targets = Rows(scratch.snapshot, scratch.snapshot_target_rows)
        copy_rows(tile, moved_targets, old_targets, num_targets, columns[1])
    prefetch_row(matrices.input_vectors, scratch.upcoming_context[0], columns[1])
    if num_targets > 0:
        move_targets_and_sum(
            tile,
            scratch.hidden,
            hidden.rows.offsets[0],
            hidden.moved.offsets[0],
            old_targets,
            moved_targets,
            num_targets,
            columns[1],
            gradients,
            Rows(matrices.output_vectors, scratch.upcoming_targets),
        )


@compile_time_constants
@dataclass(frozen=True)
class MovesAsListed:
    """Hidden rows one after the other, past a few targets in registers."""

    find_gradients = _find_gradients_of_tiles
    move = _move_as_listed


@compile_time_constants
@dataclass(frozen=True)
class MovesAlongOneRow:
    """Targets one after the other, past the only hidden row in registers."""

    find_gradients = _find_gradients_of_one_row
    move = _move_along_one_row


@kernel_part
def copy_rows(tile, source, target, number, num_columns):  # type: ignore[no-untyped-def]
    """Copy some columns of `number` rows."""
    for row in range(number):
        copy_row(tile, source.vectors, source.offsets[row], target.vectors, target.offsets[row], num_columns)
