"""CBOW, as parts of the window update: a window's contexts, pooled in one hidden row, predict the center."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from wordvec.kernels.cpu.hot_rows import own_row
from wordvec.kernels.cpu.tile import Rows
from wordvec.kernels.cpu.window_update import Hidden, copy_rows, list_contexts
from wordvec.kernels.simd.compile import kernel_part
from wordvec.kernels.simd.intrinsics import Float, Floats, Int, compile_time_constants, emitted
from wordvec.kernels.simd.vectors import INT64, Simd

__all__ = ["Cbow", "PositionWeightedCbow"]


@kernel_part
def _one_part(windows, center, scratch):  # type: ignore[no-untyped-def]
    return np.int64(windows.last[center] > windows.first[center])


@kernel_part
def _pool_contexts(model, matrices, data, windows, center, part, columns, scratch):  # type: ignore[no-untyped-def]
    """Make the hidden row: the sum of the contexts' rows, or their mean."""
    number, _ = _list_contexts(matrices, windows, center, columns, scratch)
    contexts = Rows(matrices.input_vectors, scratch.context_rows)
    scale = _scale(model.architecture, data, windows, center, number, scratch)
    _pool_rows(
        model.tile,
        model.architecture,
        contexts,
        scratch.context_shares,
        number,
        scale,
        scratch.hidden,
        matrices.row_length,
        columns[1],
    )
    return _hidden_row(matrices, number, False, scratch)


@kernel_part
def _pool_weighted_contexts(model, matrices, data, windows, center, part, columns, scratch):  # type: ignore[no-untyped-def]
    """Make the hidden row: the sum or the mean of the contexts' rows, each times the vector of its position."""
    number, has_repeats = _list_contexts(matrices, windows, center, columns, scratch)
    half = len(scratch.position_rows) // 2
    context = 0
    for place in range(windows.first[center], windows.last[center] + 1):
        if place != center:
            position = np.int64(half + place - center - (place > center))
            row = own_row(matrices.hot_positions, position)
            scratch.position_rows[context] = row * matrices.row_length + columns[0]
            context += 1
    contexts = Rows(matrices.input_vectors, scratch.context_rows)
    positions = Rows(matrices.position_vectors, scratch.position_rows)
    scale = _scale(model.architecture, data, windows, center, number, scratch)
    _pool_weighted_rows(
        model.tile,
        model.architecture,
        contexts,
        scratch.context_shares,
        positions,
        number,
        scale,
        scratch.hidden,
        matrices.row_length,
        columns[1],
    )
    return _hidden_row(matrices, number, has_repeats, scratch)


@kernel_part
def _list_contexts(matrices, windows, center, columns, scratch):  # type: ignore[no-untyped-def]
    """Write the rows of all contexts; return how many there are, and whether one stands there twice."""
    first, last = np.int64(windows.first[center]), np.int64(windows.last[center])
    has_repeats = list_contexts(matrices, windows, center, first, last, columns, scratch.context_rows)
    return last - first, has_repeats


@kernel_part
def _scale(architecture, data, windows, center, num_contexts, scratch):  # type: ignore[no-untyped-def]
    """What contexts are multiplied with when they are pooled; shares of their own, where they have some, apart."""
    if architecture.counts_rows:
        _write_shares(data, windows, center, scratch)
        return np.float32(1.0)
    return np.float32(1.0) / np.float32(num_contexts) if architecture.is_mean else np.float32(1.0)


@kernel_part
def _write_shares(data, windows, center, scratch):  # type: ignore[no-untyped-def]
    """Each context's rows, as a part of those of all contexts."""
    first, last = np.uint64(windows.first[center]), np.uint64(windows.last[center])
    total = np.float32(0.0)
    for context in range(last - first):  # unsigned: of signed ones, numba asks if they count from the end
        place = first + context
        place += np.uint64(place >= np.uint64(center))
        rows = data.rows_per_word[np.uint64(windows.words[place])]
        scratch.context_shares[context] = rows
        total += rows
    part = np.float32(1.0) / total
    for context in range(last - first):
        scratch.context_shares[context] *= part


@kernel_part
def _hidden_row(matrices, num_contexts, has_repeats, scratch):  # type: ignore[no-untyped-def]
    scratch.hidden_rows[0] = 0
    scratch.moved_rows[0] = matrices.row_length
    hidden, moved = Rows(scratch.hidden, scratch.hidden_rows), Rows(scratch.hidden, scratch.moved_rows)
    one: Any = np.int64(1)
    return Hidden(hidden, moved, one, num_contexts, has_repeats)


@kernel_part
def _spread_over_contexts(model, matrices, data, hidden, columns, scratch):  # type: ignore[no-untyped-def]
    """Add the hidden row's gradient to each context's row, or the share that is the context's."""
    contexts = Rows(matrices.input_vectors, scratch.context_rows)
    share = _share(model.architecture, data, hidden.num_contexts)
    _spread_row(
        model.tile,
        model.architecture,
        scratch.hidden,
        matrices.row_length,
        share,
        scratch.context_shares,
        contexts,
        hidden.num_contexts,
        columns[1],
    )


@kernel_part
def _spread_over_weighted_contexts(model, matrices, data, hidden, columns, scratch):  # type: ignore[no-untyped-def]
    """Add to each context's row and to its position's vector, both along the other as it was."""
    contexts = Rows(matrices.input_vectors, scratch.context_rows)
    old_contexts = contexts
    if hidden.has_repeats:
        old_contexts = Rows(scratch.snapshot, scratch.snapshot_context_rows)
        copy_rows(model.tile, contexts, old_contexts, hidden.num_contexts, columns[1])
    _spread_weighted_row(
        model.tile,
        model.architecture,
        scratch.hidden,
        matrices.row_length,
        _share(model.architecture, data, hidden.num_contexts),
        scratch.context_shares,
        old_contexts,
        contexts,
        Rows(matrices.position_vectors, scratch.position_rows),
        hidden.num_contexts,
        columns[1],
    )


@kernel_part
def _share(architecture, data, num_contexts):  # type: ignore[no-untyped-def]
    """What part of the hidden row's gradient each context gets; shares of their own, where they have some, apart."""
    if architecture.gives_whole_gradient or architecture.counts_rows:
        return np.float32(1.0)
    if architecture.is_mean:
        return np.float32(1.0) / np.float32(num_contexts)
    return min(np.float32(1.0), np.float32(data.contexts_at_full_step) / np.float32(num_contexts))


@compile_time_constants
@dataclass(frozen=True)
class Cbow:
    """The contexts' sum or mean predicts the center.

    The gradient of a mean is each context's share. word2vec.c gives each the whole (`gives_whole_gradient`). Where
    words are made of several rows, the mean is that of all rows: a context counts as often as it has rows
    (`counts_rows`).
    """

    is_mean: bool = True
    gives_whole_gradient: bool = False
    counts_rows: bool = False  # only of a mean

    num_parts = _one_part
    make_hidden = _pool_contexts
    spread_hidden = _spread_over_contexts
    moves_rows_in_place = 0


@compile_time_constants
@dataclass(frozen=True)
class PositionWeightedCbow:
    """CBOW in which each place of the window has a vector, by which contexts there are multiplied.

    Mikolov et al., "Advances in pre-training distributed word representations" (2018), §2.2.
    """

    is_mean: bool = True
    gives_whole_gradient: bool = False
    counts_rows: bool = False  # only of a mean

    num_parts = _one_part
    make_hidden = _pool_weighted_contexts
    spread_hidden = _spread_over_weighted_contexts
    moves_rows_in_place = 0


def _spreads_shares(architecture: Cbow | PositionWeightedCbow) -> bool:
    return architecture.counts_rows and not architecture.gives_whole_gradient


@emitted
def _pool_rows(
    builder: Any,
    shape: Any,  # TileShape
    architecture: Any,
    rows: Rows,
    shares: Floats,  # of each row, if the architecture counts rows; else 1
    number: Int,  # above 0
    scale: Float,
    hidden: Floats,  # overwritten: its first row by scale · Σ share · row, its second by zeros
    second_row: Int,  # offset of its first float
    row_length: Int,
) -> None:
    simd = Simd(builder, shape.lanes)
    factor, zero = simd.splat(scale), simd.constant(0.0)

    def pool(first_column: Any, num_columns: int) -> None:
        columns = [builder.add(first_column, INT64(column * shape.lanes)) for column in range(num_columns)]
        sums = [simd.variable(zero) for _ in columns]
        with simd.loop(number, 1) as index:
            row = simd.integer(rows.offsets, index)
            share = simd.broadcast(shares, index) if architecture.counts_rows else None
            for column, so_far in zip(columns, sums, strict=True):
                of_row = simd.load(rows.vectors, builder.add(row, column))
                so_far.value = (
                    simd.fma(share, of_row, so_far.value) if share else simd.add(so_far.value, of_row)
                )
        for column, so_far in zip(columns, sums, strict=True):
            simd.store(simd.multiply(so_far.value, factor), hidden, column)
            simd.store(zero, hidden, builder.add(second_row, column))

    simd.columns_at_once(row_length, pool)


@emitted
def _pool_weighted_rows(
    builder: Any,
    shape: Any,  # TileShape
    architecture: Any,
    rows: Rows,
    shares: Floats,  # of each row, if the architecture counts rows; else 1
    weights: Rows,  # as many
    number: Int,  # above 0
    scale: Float,
    hidden: Floats,  # overwritten: its first row by scale · Σ share · weight ⊙ row, its second by zeros
    second_row: Int,  # offset of its first float
    row_length: Int,
) -> None:
    simd = Simd(builder, shape.lanes)
    factor, zero = simd.splat(scale), simd.constant(0.0)

    def pool(first_column: Any, num_columns: int) -> None:
        columns = [builder.add(first_column, INT64(column * shape.lanes)) for column in range(num_columns)]
        sums = [simd.variable(zero) for _ in columns]
        with simd.loop(number, 1) as index:
            row, weight_row = simd.integer(rows.offsets, index), simd.integer(weights.offsets, index)
            share = simd.broadcast(shares, index) if architecture.counts_rows else None
            for column, so_far in zip(columns, sums, strict=True):
                weight = simd.load(weights.vectors, builder.add(weight_row, column))
                weight = simd.multiply(share, weight) if share else weight
                of_row = simd.load(rows.vectors, builder.add(row, column))
                so_far.value = simd.fma(weight, of_row, so_far.value)
        for column, so_far in zip(columns, sums, strict=True):
            simd.store(simd.multiply(so_far.value, factor), hidden, column)
            simd.store(zero, hidden, builder.add(second_row, column))

    simd.columns_at_once(row_length, pool)


@emitted
def _spread_row(
    builder: Any,
    shape: Any,  # TileShape
    architecture: Any,
    source: Floats,
    source_row: Int,  # offset of its first float
    scale: Float,
    shares: Floats,  # of each row, if the architecture counts rows and gives it no more; else 1
    rows: Rows,  # updated: row += scale · share · source; one named twice is moved twice
    number: Int,  # above 0
    row_length: Int,
) -> None:
    simd = Simd(builder, shape.lanes)
    factor = simd.splat(scale)

    def spread(first_column: Any, num_columns: int) -> None:
        columns = [builder.add(first_column, INT64(column * shape.lanes)) for column in range(num_columns)]
        steps = [
            simd.multiply(factor, simd.load(source, builder.add(source_row, column))) for column in columns
        ]
        with simd.loop(number, 1) as index:
            row = simd.integer(rows.offsets, index)
            share = simd.broadcast(shares, index) if _spreads_shares(architecture) else None
            for column, step in zip(columns, steps, strict=True):
                offset = builder.add(row, column)
                of_row = simd.load(rows.vectors, offset)
                moved = simd.fma(share, step, of_row) if share else simd.add(of_row, step)
                simd.store(moved, rows.vectors, offset)

    simd.columns_at_once(row_length, spread)


@emitted
def _spread_weighted_row(
    builder: Any,
    shape: Any,  # TileShape
    architecture: Any,
    source: Floats,
    source_row: Int,  # offset of its first float
    scale: Float,
    shares: Floats,  # of each row, if the architecture counts rows and gives it no more; else 1
    old_rows: Rows,  # as they were when the hidden row was made
    rows: Rows,  # updated: row += scale · share · weight ⊙ source; one named twice is moved twice
    weights: Rows,  # updated: weight += scale · share · old row ⊙ source; none is named twice
    number: Int,  # above 0
    row_length: Int,
) -> None:
    simd = Simd(builder, shape.lanes)
    factor = simd.splat(scale)

    def spread(first_column: Any, num_columns: int) -> None:
        columns = [builder.add(first_column, INT64(column * shape.lanes)) for column in range(num_columns)]
        steps = [
            simd.multiply(factor, simd.load(source, builder.add(source_row, column))) for column in columns
        ]
        with simd.loop(number, 1) as index:
            old_row, row, weight_row = (
                simd.integer(which.offsets, index) for which in (old_rows, rows, weights)
            )
            share = simd.broadcast(shares, index) if _spreads_shares(architecture) else None
            for column, whole_step in zip(columns, steps, strict=True):
                step = simd.multiply(share, whole_step) if share else whole_step
                place, weight_place = builder.add(row, column), builder.add(weight_row, column)
                of_old = simd.load(old_rows.vectors, builder.add(old_row, column))
                of_row = simd.load(rows.vectors, place)
                weight = simd.load(weights.vectors, weight_place)
                simd.store(simd.fma(step, weight, of_row), rows.vectors, place)
                simd.store(simd.fma(step, of_old, weight), weights.vectors, weight_place)

    simd.columns_at_once(row_length, spread)
