"""The register tile: a few hidden rows against a few target rows, all their products in registers at once.

Word2vec's arithmetic is, for each window, two products of small matrices: scores = hidden · targetsᵀ, then both
sides move along the other's rows. Loaded row by row, that is bound by loads; held as a tile, each loaded vector serves
several fused multiply-adds. `score_pairs` computes a tile of scores, `scores_to_gradients` the gradients of the
logistic loss, and `move_rows` adds the gradients of a whole window. Every model with a logistic loss is built of
these three: they know rows and signs, not where the rows come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial, reduce
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numpy.typing import NDArray

from wordvec.kernels.simd.intrinsics import Bool, Float, Floats, Int, compile_time_constants, emitted
from wordvec.kernels.simd.vectors import INT64, Simd, lanes_of_this_machine, logarithm_of_one_plus, logistic

__all__ = [
    "Rows",
    "TileShape",
    "copy_row",
    "find_gradients_of_row",
    "move_rows",
    "move_targets_and_sum",
    "score_pairs",
    "scores_to_gradients",
    "tile_shape",
    "weigh_gradients",
    "weighted_sum",
]


@compile_time_constants
@dataclass(frozen=True)
class TileShape:
    """How rows are grouped in registers. Kernels take it as an argument and are compiled for each one."""

    lanes: int  # float32 in a vector register
    hidden: int  # hidden rows in the largest tile of scores: 4 or 2; 1 where there never are more
    targets: int  # target rows in a tile of scores
    passes: int  # how often a window's hidden rows are gone over to move all targets
    tiles_per_pass: int  # tiles of targets that are moved together
    columns: int  # vectors of each row that are moved together

    @property
    def target_tiles(self) -> int:
        """Tiles that hold all target rows of a window."""
        return self.passes * self.tiles_per_pass

    def padded_targets(self, num_targets: int) -> int:
        """Places for that many target rows: whole passes over them."""
        per_pass = self.targets * self.tiles_per_pass
        return _divide_up(num_targets, per_pass) * per_pass

    @property
    def hidden_counts(self) -> tuple[int, ...]:
        """How many hidden rows a tile of scores may have, largest first."""
        return {4: (4, 2, 1), 2: (2, 1), 1: (1,)}[self.hidden]

    @property
    def pitch(self) -> int:
        """Scores from one hidden row to the next where each begins a tile of its own: a tile fills whole vectors."""
        return _divide_up(self.targets, self.lanes) * self.lanes


class _Registers(NamedTuple):
    targets_moved: int  # target rows whose running sums fit beside what else is needed
    targets_scored: int


COLUMNS_OF_SUMS = 8  # vectors of a row that are added up at once

REGISTERS = {  # by lanes
    16: _Registers(24, 8),  # AVX-512: 32 registers
    8: _Registers(12, 6),  # AVX2: 16 registers
    4: _Registers(24, 8),  # NEON: 32 registers
}


def tile_shape(num_targets: int, lanes: int | None = None) -> TileShape:
    """The tiles for windows of `num_targets` target rows: as few as fit the registers, evenly filled.

    >>> tile_shape(1 + 5, lanes=16)
    TileShape(lanes=16, hidden=4, targets=6, passes=1, tiles_per_pass=1, columns=2)
    """
    lanes = lanes or lanes_of_this_machine()
    registers = REGISTERS[lanes]
    passes = _divide_up(num_targets, registers.targets_moved)
    targets_per_pass = _divide_up(num_targets, passes)
    tiles_per_pass = _divide_up(targets_per_pass, registers.targets_scored)
    targets = _divide_up(targets_per_pass, tiles_per_pass)
    has_room = lanes != 8 and targets <= 6  # H hidden rows and T targets take H·T registers for their sums
    return TileShape(
        lanes,
        hidden=4 if has_room else 2,
        targets=targets,
        passes=passes,
        tiles_per_pass=tiles_per_pass,
        columns=2 if has_room and tiles_per_pass == 1 else 1,
    )


def _divide_up(number: int, by: int) -> int:
    return -(-number // by)


class Rows(NamedTuple):
    """Some rows of a matrix, in the order that they are used in; one may be named twice."""

    vectors: NDArray[np.float32]  # flat
    offsets: NDArray[np.int64]  # (R,)  of each row's first float


@emitted
def score_pairs(
    builder: Any,
    shape: Any,  # TileShape
    hidden: Rows,
    first_hidden: Int,
    num_hidden: Int,  # of this tile, one of shape.hidden_counts
    targets: Rows,
    first_target: Int,
    row_length: Int,  # a multiple of the lanes
    scores: Floats,  # written in whole vectors
    first_score: Int,
) -> None:
    """Write the dot product of each pair of the tile, hidden row by hidden row."""
    simd = Simd(builder, shape.lanes)
    target_rows = simd.integers(targets.offsets, first_target, shape.targets)

    def score(number: int) -> None:
        hidden_rows = simd.integers(hidden.offsets, first_hidden, number)
        products = [[simd.variable(simd.constant(0.0)) for _ in target_rows] for _ in hidden_rows]
        with simd.loop(row_length, shape.lanes) as column:
            loaded = [simd.load(targets.vectors, builder.add(row, column)) for row in target_rows]
            for row, products_of_row in zip(hidden_rows, products, strict=True):
                of_hidden = simd.load(hidden.vectors, builder.add(row, column))
                for of_target, product in zip(loaded, products_of_row, strict=True):
                    product.value = simd.fma(of_hidden, of_target, product.value)
        sums = simd.sums([product.value for products_of_row in products for product in products_of_row])
        for position, vector in enumerate(sums):
            simd.store(vector, scores, builder.add(first_score, INT64(position * shape.lanes)))

    simd.one_of(num_hidden, shape.hidden_counts, score)


@emitted
def scores_to_gradients(
    builder: Any,
    shape: Any,  # TileShape
    num_hidden: Int,  # of this tile, one of shape.hidden_counts
    scores: Floats,  # overwritten by gradients
    first_score: Int,
    signs: Floats,  # -1 true pair, +1 noise, 0 padding
    first_sign: Int,
    weight: Float,  # of this window's gradients; with plain SGD, the learning rate
    loss: Floats,  # (2·lanes,)  updated: Σ maximum(x, 0) and Π (1 + exp(-|x|))
) -> None:
    """Turn a tile's scores into the gradients of its pairs, downhill: weight · (label - σ(score)).

    With sign s = -1 for a true pair and +1 for noise, the gradient is -s · weight · σ(s · score) and the loss is
    softplus(s · score): one formula for both, which loses no digits where σ is close to 1. The loss is kept as
    a sum and a product, because one multiplication for each pair is cheaper than one logarithm.
    """
    simd = Simd(builder, shape.lanes)
    negative_weight = simd.subtract(simd.constant(0.0), simd.splat(weight))

    def convert(number: int) -> None:
        linear, product = simd.load(loss, INT64(0)), simd.load(loss, INT64(shape.lanes))
        for offset in range(0, number * shape.targets, shape.lanes):
            place = builder.add(first_score, INT64(offset))
            sign = simd.load(signs, builder.add(first_sign, INT64(offset)))
            wrongness = logistic(simd, simd.multiply(simd.load(scores, place), sign))
            gradient = simd.multiply(simd.multiply(sign, negative_weight), wrongness.sigmoid)
            simd.store(gradient, scores, place)
            linear = simd.add(linear, wrongness.positive_part)
            product = simd.fma(product, simd.multiply(wrongness.decay, simd.absolute(sign)), product)
        simd.store(linear, loss, INT64(0))
        simd.store(product, loss, INT64(shape.lanes))

    simd.one_of(num_hidden, shape.hidden_counts, convert)


@emitted
def find_gradients_of_row(
    builder: Any,
    shape: Any,  # TileShape
    hidden: Floats,
    hidden_row: Int,  # the only hidden row: offset of its first float
    targets: Rows,  # as many as fill whole tiles
    num_tiles: Int,  # above 0
    row_length: Int,
    signs: Floats,  # of one target after the other: -1 true, +1 noise, 0 padding; read in whole vectors
    weight: Float,
    gradients: Floats,  # written in whole vectors, one target after the other
    loss: Floats,  # (2·lanes,)  updated
) -> None:
    """Score a single hidden row against its targets and turn scores to gradients: `score_pairs`, `scores_to_gradients`.

    With one hidden row, the scores of several tiles fill a vector, and become gradients without leaving its register.
    """
    simd, lanes = Simd(builder, shape.lanes), shape.lanes
    negative_weight = simd.subtract(simd.constant(0.0), simd.splat(weight))
    tiles_at_once = lanes // shape.targets

    def find(first_tile: Any, num: int) -> None:
        first_target = builder.mul(first_tile, INT64(shape.targets))
        num_targets = num * shape.targets
        rows = simd.integers(targets.offsets, first_target, num_targets)
        products = [simd.variable(simd.constant(0.0)) for _ in rows]

        def multiply(first_column: Any, num_columns: int) -> None:
            columns = [builder.add(first_column, INT64(column * lanes)) for column in range(num_columns)]
            of_hidden = [simd.load(hidden, builder.add(hidden_row, column)) for column in columns]
            for row, product in zip(rows, products, strict=True):
                for of_column, column in zip(of_hidden, columns, strict=True):
                    of_target = simd.load(targets.vectors, builder.add(row, column))
                    product.value = simd.fma(of_column, of_target, product.value)

        simd.columns_at_once(row_length, multiply)
        (scores,) = simd.sums([product.value for product in products])
        sign = simd.first_lanes(simd.load(signs, first_target), num_targets)
        wrongness = logistic(simd, simd.multiply(scores, sign))
        gradient = simd.multiply(simd.multiply(sign, negative_weight), wrongness.sigmoid)
        simd.store(gradient, gradients, first_target)
        linear, product_so_far = simd.load(loss, INT64(0)), simd.load(loss, INT64(lanes))
        simd.store(simd.add(linear, wrongness.positive_part), loss, INT64(0))
        factor = simd.multiply(wrongness.decay, simd.absolute(sign))
        simd.store(simd.fma(product_so_far, factor, product_so_far), loss, INT64(lanes))

    with simd.loop(num_tiles, tiles_at_once) as first_tile:
        left = builder.sub(num_tiles, first_tile)
        num = builder.select(builder.icmp_signed("<", left, INT64(tiles_at_once)), left, INT64(tiles_at_once))
        simd.one_of(num, range(1, tiles_at_once + 1), partial(find, first_tile))


@emitted
def move_rows(
    builder: Any,
    shape: Any,  # TileShape
    old_hidden: Rows,  # as they were when the gradients were computed
    hidden: Rows,  # updated
    num_hidden: Int,
    old_targets: Rows,  # as they were when the gradients were computed
    targets: Rows,  # updated
    first_target: Int,
    row_length: Int,
    gradients: Rows,  # of each hidden row, those of its pairs with the first tile's targets
    first_gradient: Int,
    gradients_per_tile: Int,
    upcoming_hidden: Rows,  # needed soon: its first row
    upcoming_targets: Rows,  # needed soon
    asks_for_upcoming: Bool,  # else somebody has
) -> None:
    """Move a window's hidden rows and one pass of its target rows, both along the other's old values.

    hidden += Σ gradient · old target;  target += Σ gradient · old hidden. The same row may be named twice on either
    side, if its old values are elsewhere: additions are made one after the other, so both count. Where rows are
    updated in place, and no target is named twice, each is loaded once. Between the arithmetic, the rows of a
    later window are prefetched: asked for in one go, they would have to queue.
    """
    num_targets, lanes = shape.targets * shape.tiles_per_pass, shape.lanes
    num_sums = min(4, -(-num_targets // 4))
    simd = Simd(builder, lanes)
    old_rows, target_rows, upcoming_rows = (
        simd.integers(rows.offsets, first_target, num_targets)
        for rows in (old_targets, targets, upcoming_targets)
    )
    upcoming_hidden_row = simd.integer(upcoming_hidden.offsets, INT64(0))
    tile_starts = [
        builder.add(first_gradient, builder.mul(gradients_per_tile, INT64(tile)))
        for tile in range(shape.tiles_per_pass)
    ]
    gradient_starts = [simd.address(gradients.vectors, start) for start in tile_starts]

    def move_columns(first_column: Any, num_columns: int, *, are_distinct: bool, are_in_place: bool) -> None:
        columns = [builder.add(first_column, INT64(column * lanes)) for column in range(num_columns)]
        with builder.if_then(asks_for_upcoming):
            for column in columns:
                simd.prefetch(upcoming_hidden.vectors, builder.add(upcoming_hidden_row, column))
                for row in upcoming_rows:
                    simd.prefetch(upcoming_targets.vectors, builder.add(row, column))
        of_old_targets = [
            [simd.load(old_targets.vectors, builder.add(row, column)) for column in columns]
            for row in old_rows
        ]
        zero = simd.constant(0.0)
        steps = [
            [simd.variable(old_target if are_distinct else zero) for old_target in of_old_target]
            for of_old_target in of_old_targets
        ]
        with simd.loop(num_hidden, 1) as number:
            row, gradient_row = (simd.integer(rows.offsets, number) for rows in (hidden, gradients))
            of_hidden = [simd.load(hidden.vectors, builder.add(row, column)) for column in columns]
            if are_in_place:
                of_old_hidden = of_hidden
            else:
                old_row = simd.integer(old_hidden.offsets, number)
                of_old_hidden = [
                    simd.load(old_hidden.vectors, builder.add(old_row, column)) for column in columns
                ]
            # Several running sums for each moved row: one alone would wait for its own last addition.
            sums = [[of_row] + [None] * (num_sums - 1) for of_row in of_hidden]
            for target in range(num_targets):
                tile, slot = divmod(target, shape.targets)
                gradient = simd.broadcast(gradient_starts[tile], builder.add(gradient_row, INT64(slot)))
                for column in range(num_columns):
                    old_target = of_old_targets[target][column]
                    so_far = sums[column][target % num_sums]
                    sums[column][target % num_sums] = (
                        simd.multiply(gradient, old_target)
                        if so_far is None
                        else simd.fma(gradient, old_target, so_far)
                    )
                    step = steps[target][column]
                    step.value = simd.fma(gradient, of_old_hidden[column], step.value)
            for sums_of_column, column in zip(sums, columns, strict=True):
                simd.store(simd.total(sums_of_column), hidden.vectors, builder.add(row, column))
        for row, steps_of_row in zip(target_rows, steps, strict=True):
            for column, step in zip(columns, steps_of_row, strict=True):
                offset = builder.add(row, column)
                moved_target = (
                    step.value if are_distinct else simd.add(simd.load(targets.vectors, offset), step.value)
                )
                simd.store(moved_target, targets.vectors, offset)

    def move(**known: bool) -> None:
        simd.columns(row_length, shape.columns, partial(move_columns, **known))

    if shape.passes * shape.tiles_per_pass > 1:
        move(are_distinct=False, are_in_place=False)
        return
    are_in_place = _are_same_rows(builder, old_hidden, hidden)
    are_distinct = builder.and_(
        _are_same_rows(builder, old_targets, targets), _are_distinct(builder, target_rows)
    )
    with builder.if_else(are_distinct) as (distinct, repeated):
        with distinct, builder.if_else(are_in_place) as (in_place, apart):
            with in_place:
                move(are_distinct=True, are_in_place=True)
            with apart:
                move(are_distinct=True, are_in_place=False)
        with repeated:
            move(are_distinct=False, are_in_place=False)


def _are_same_rows(builder: Any, some: Rows, others: Rows) -> Any:
    """Whether two lists of rows are one, in one matrix."""
    are_equal = [builder.icmp_unsigned("==", *pair) for pair in zip(some, others, strict=True)]
    return reduce(builder.and_, are_equal)


def _are_distinct(builder: Any, rows: list[Any]) -> Any:
    """Whether no row stands among a few twice."""
    are_different = [builder.icmp_unsigned("!=", *pair) for pair in combinations(rows, 2)]
    return reduce(builder.and_, are_different, ir.IntType(1)(1))


@emitted
def move_targets_and_sum(
    builder: Any,
    shape: Any,  # TileShape
    hidden: Floats,
    hidden_row: Int,  # the only hidden row: offset of its first float
    sum_row: Int,  # overwritten
    old_targets: Rows,  # as they were when the gradients were computed
    targets: Rows,  # updated
    number: Int,  # of targets, above 0
    row_length: Int,
    gradients: Floats,  # of one target after the other
    upcoming_targets: Rows,  # needed soon
) -> None:
    """Move targets along a single hidden row, and write that row's gradient: what `move_rows` does for one row apart.

    target += gradient · hidden;  sum = Σ gradient · old target. With one hidden row, its numbers and the sum stay in
    registers while the targets pass by, as many as there are.
    """
    simd = Simd(builder, shape.lanes)

    def move(first_column: Any, num_columns: int) -> None:
        columns = [builder.add(first_column, INT64(column * shape.lanes)) for column in range(num_columns)]
        of_hidden = [simd.load(hidden, builder.add(hidden_row, column)) for column in columns]
        sums = [simd.variable(simd.constant(0.0)) for _ in columns]
        with simd.loop(number, 1) as target:
            old_row, row, upcoming_row = (
                simd.integer(rows.offsets, target) for rows in (old_targets, targets, upcoming_targets)
            )
            gradient = simd.broadcast(gradients, target)
            for column, of_row, so_far in zip(columns, of_hidden, sums, strict=True):
                offset = builder.add(row, column)
                simd.prefetch(upcoming_targets.vectors, builder.add(upcoming_row, column))
                old_target = simd.load(old_targets.vectors, builder.add(old_row, column))
                so_far.value = simd.fma(gradient, old_target, so_far.value)
                moved = simd.fma(gradient, of_row, simd.load(targets.vectors, offset))
                simd.store(moved, targets.vectors, offset)
        for column, so_far in zip(columns, sums, strict=True):
            simd.store(so_far.value, hidden, builder.add(sum_row, column))

    simd.columns_at_once(row_length, move)


@emitted
def weigh_gradients(
    builder: Any,
    shape: Any,  # TileShape
    number: Int,  # of pairs, above 0
    scores: Floats,  # overwritten by gradients, in whole vectors
    weights: Floats,  # in whole vectors: how often each pair counts; below 0 for true pairs, 0 for padding
    scale: Float,  # of all gradients
    loss: Floats,  # (lanes,)  updated
) -> None:
    """Turn scores into gradients, as `scores_to_gradients` does, where pairs count more than once, or not at all.

    The loss is that of each pair, as often as it counts, but not scaled.
    """
    simd = Simd(builder, shape.lanes)
    minus_one, zero = simd.constant(-1.0), simd.constant(0.0)
    minus_scale = simd.subtract(zero, simd.splat(scale))
    with simd.loop(number, shape.lanes) as place:
        weight = simd.load(weights, place)
        sign = simd.maximum(
            minus_one, simd.subtract(zero, simd.maximum(minus_one, simd.subtract(zero, weight)))
        )
        wrongness = logistic(simd, simd.multiply(simd.load(scores, place), sign))
        gradient = simd.multiply(simd.multiply(weight, minus_scale), wrongness.sigmoid)
        simd.store(gradient, scores, place)
        of_pair = simd.add(wrongness.positive_part, logarithm_of_one_plus(simd, wrongness.decay))
        total = simd.fma(of_pair, simd.absolute(weight), simd.load(loss, INT64(0)))
        simd.store(total, loss, INT64(0))


@emitted
def weighted_sum(
    builder: Any,
    shape: Any,  # TileShape
    rows: Rows,
    first: Int,  # of the rows, and of their weights
    number: Int,  # above 0
    weights: Floats,
    total: Floats,
    total_row: Int,  # overwritten: offset of its first float
    row_length: Int,
) -> None:
    """Write Σ weight · row."""
    simd = Simd(builder, shape.lanes)

    def add_up(first_column: Any, num_columns: int) -> None:
        columns = [builder.add(first_column, INT64(column * shape.lanes)) for column in range(num_columns)]
        sums = [simd.variable(simd.constant(0.0)) for _ in columns]
        with simd.loop(number, 1) as index:
            place = builder.add(first, index)
            row, weight = simd.integer(rows.offsets, place), simd.broadcast(weights, place)
            for column, so_far in zip(columns, sums, strict=True):
                so_far.value = simd.fma(
                    weight, simd.load(rows.vectors, builder.add(row, column)), so_far.value
                )
        for column, so_far in zip(columns, sums, strict=True):
            simd.store(so_far.value, total, builder.add(total_row, column))

    simd.columns_in_halves(row_length, COLUMNS_OF_SUMS, add_up)


@emitted
def copy_row(
    builder: Any,
    shape: Any,  # TileShape
    source: Floats,
    source_row: Int,  # offset of its first float
    target: Floats,
    target_row: Int,
    row_length: Int,
) -> None:
    """Copy a row with the same vectors that will read it: wider loads than stores stall on store forwarding."""
    simd = Simd(builder, shape.lanes)
    with simd.loop(row_length, shape.lanes) as column:
        vector = simd.load(source, builder.add(source_row, column))
        simd.store(vector, target, builder.add(target_row, column))
