"""The register tile: a few context rows against a few target rows, all their products in registers at once.

Word2vec's arithmetic is, for each window, two products of small matrices: scores = contexts · targetsᵀ, then both
sides move along the other's rows. Loaded row by row, that is bound by loads; held as a tile, each loaded vector serves
several fused multiply-adds. `score_pairs` computes a tile of scores, `scores_to_gradients` the gradients of the
logistic loss, and `move_rows` applies the gradients of a whole window. Every model with a logistic loss is built of
these three: they know rows and signs, not where the rows come from.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic

from wordvec.kernels.cpu.arguments import Arguments
from wordvec.kernels.cpu.vector import INT64, Simd
from wordvec.kernels.cpu.vector_math import logistic

__all__ = ["copy_row", "move_rows", "score_pairs", "scores_to_gradients"]


@intrinsic
def score_pairs(
    typing_context: Any,
    shape: Any,
    contexts: Any,  # context rows of this tile, one of shape.context_counts
    input_vectors: Any,  # float32 array
    context_rows: Any,  # int64 array: offsets of rows in input_vectors
    first_context: Any,
    output_vectors: Any,  # float32 array
    target_rows: Any,  # int64 array: offsets of rows in output_vectors
    first_target: Any,
    row_length: Any,  # a multiple of the lanes
    scores: Any,  # float32 array, written in whole vectors
    first_score: Any,
) -> Any:
    """Write the dot product of each pair of the tile, context by context."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        simd = Simd(builder, shape.lanes)
        values = Arguments(context, builder, signature, arguments)
        inputs, outputs = values.pointer(2), values.pointer(5)
        output_rows = values.integers(6, values[7], shape.targets)

        def score(num_contexts: int) -> None:
            input_rows = values.integers(3, values[4], num_contexts)
            products = [[simd.variable(simd.constant(0.0)) for _ in output_rows] for _ in input_rows]
            with simd.loop(values[8], shape.lanes) as place:
                targets = [simd.load(outputs, builder.add(row, place)) for row in output_rows]
                for row, products_of_row in zip(input_rows, products, strict=True):
                    values_of_context = simd.load(inputs, builder.add(row, place))
                    for target, product in zip(targets, products_of_row, strict=True):
                        product.value = simd.fma(values_of_context, target, product.value)
            sums = simd.sums([product.value for products_of_row in products for product in products_of_row])
            for number, vector in enumerate(sums):
                place = builder.add(values[10], INT64(number * shape.lanes))
                simd.store(vector, values.pointer(9), place)

        simd.one_of(values[1], shape.context_counts, score)
        return context.get_dummy_value()

    parameters = (
        shape,
        types.int64,
        input_vectors,
        context_rows,
        types.int64,
        output_vectors,
        target_rows,
        types.int64,
        types.int64,
        scores,
        types.int64,
    )
    return types.none(*parameters), generate


@intrinsic
def scores_to_gradients(
    typing_context: Any,
    shape: Any,
    contexts: Any,  # context rows of this tile, one of shape.context_counts
    scores: Any,  # float32 array, overwritten by gradients
    first_score: Any,
    signs: Any,  # float32 array: -1 true pair, +1 noise, 0 padding
    first_sign: Any,
    learning_rate: Any,
    loss: Any,  # float32 array (2, lanes), updated: Σ maximum(x, 0) and Π (1 + exp(-|x|))
) -> Any:
    """Turn a tile's scores into the steps of its pairs: learning_rate · (label - σ(score)).

    With sign s = -1 for a true pair and +1 for noise, the step is -s · learning_rate · σ(s · score) and the loss is
    softplus(s · score): one formula for both, which loses no digits where σ is close to 1. The loss is kept as
    a sum and a product, because one multiplication for each pair is cheaper than one logarithm.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        simd = Simd(builder, shape.lanes)
        values = Arguments(context, builder, signature, arguments)
        scores_pointer, loss_pointer = values.pointer(2), values.pointer(7)
        negative_rate = simd.subtract(simd.constant(0.0), simd.splat(values[6]))

        def convert(num_contexts: int) -> None:
            linear, product = simd.load(loss_pointer, INT64(0)), simd.load(loss_pointer, INT64(shape.lanes))
            for offset in range(0, num_contexts * shape.targets, shape.lanes):
                place = builder.add(values[3], INT64(offset))
                sign = simd.load(values.pointer(4), builder.add(values[5], INT64(offset)))
                wrongness = logistic(simd, simd.multiply(simd.load(scores_pointer, place), sign))
                step = simd.multiply(simd.multiply(sign, negative_rate), wrongness.sigmoid)
                simd.store(step, scores_pointer, place)
                linear = simd.add(linear, wrongness.positive_part)
                product = simd.fma(product, simd.multiply(wrongness.decay, simd.absolute(sign)), product)
            simd.store(linear, loss_pointer, INT64(0))
            simd.store(product, loss_pointer, INT64(shape.lanes))

        simd.one_of(values[1], shape.context_counts, convert)
        return context.get_dummy_value()

    parameters = (
        shape,
        types.int64,
        scores,
        types.int64,
        signs,
        types.int64,
        types.float32,
        loss,
    )
    return types.none(*parameters), generate


@intrinsic
def move_rows(
    typing_context: Any,
    shape: Any,
    old_input: Any,  # float32 array: rows as they were when the gradients were computed
    old_context_rows: Any,  # int64 array
    input_vectors: Any,  # float32 array, updated
    context_rows: Any,  # int64 array
    gradient_rows: Any,  # int64 array: offset of each context's gradients
    num_contexts: Any,
    old_output: Any,  # float32 array, like old_input
    old_target_rows: Any,  # int64 array
    output_vectors: Any,  # float32 array, updated
    target_rows: Any,  # int64 array
    first_target: Any,
    row_length: Any,
    gradients: Any,  # float32 array
    first_gradient: Any,
    gradients_per_tile: Any,
    upcoming_context: Any,  # offset of a context row that is needed soon
    upcoming_targets: Any,  # int64 array: offsets of target rows that are needed soon
) -> Any:
    """Move a window's context rows and one pass of its target rows, both along the other's old values.

    context += Σ gradient · old target;  target += Σ gradient · old context. The same row may be named twice on either
    side: additions are made one after the other, so both count. Between the arithmetic, the rows of a
    later window are asked for: asked for in one go, they would have to queue.
    """
    num_targets, lanes = shape.targets * shape.tiles_per_pass, shape.lanes
    num_sums = min(4, -(-num_targets // 4))

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        simd = Simd(builder, lanes)
        values = Arguments(context, builder, signature, arguments)
        old_rows = values.integers(8, values[11], num_targets)
        rows = values.integers(10, values[11], num_targets)
        upcoming_rows = values.integers(17, values[11], num_targets)
        tile_starts = [
            builder.add(values[14], builder.mul(values[15], INT64(tile)))
            for tile in range(shape.tiles_per_pass)
        ]
        gradient_starts = [simd.address(values.pointer(13), start) for start in tile_starts]

        def move_columns(place: Any, columns: int) -> None:
            places = [builder.add(place, INT64(column * lanes)) for column in range(columns)]
            for at in places:
                simd.prefetch(values.pointer(3), builder.add(values[16], at))
                for row in upcoming_rows:
                    simd.prefetch(values.pointer(9), builder.add(row, at))
            old_targets = [
                [simd.load(values.pointer(7), builder.add(row, at)) for at in places] for row in old_rows
            ]
            steps = [[simd.variable(simd.constant(0.0)) for _ in places] for _ in rows]
            with simd.loop(values[6], 1) as number:
                old_row, row, gradient_row = (values.integer(argument, number) for argument in (2, 4, 5))
                old_context = [simd.load(values.pointer(1), builder.add(old_row, at)) for at in places]
                # Several running sums for each moved row: one alone would wait for its own last addition.
                sums = [
                    [simd.load(values.pointer(3), builder.add(row, at))] + [None] * (num_sums - 1)
                    for at in places
                ]
                for target in range(num_targets):
                    tile, slot = divmod(target, shape.targets)
                    gradient = simd.broadcast(gradient_starts[tile], builder.add(gradient_row, INT64(slot)))
                    for column in range(columns):
                        old_target = old_targets[target][column]
                        so_far = sums[column][target % num_sums]
                        sums[column][target % num_sums] = (
                            simd.multiply(gradient, old_target)
                            if so_far is None
                            else simd.fma(gradient, old_target, so_far)
                        )
                        step = steps[target][column]
                        step.value = simd.fma(gradient, old_context[column], step.value)
                for column, at in enumerate(places):
                    simd.store(simd.total(sums[column]), values.pointer(3), builder.add(row, at))
            for row, row_steps in zip(rows, steps, strict=True):
                for at, step in zip(places, row_steps, strict=True):
                    offset = builder.add(row, at)
                    moved_target = simd.add(simd.load(values.pointer(9), offset), step.value)
                    simd.store(moved_target, values.pointer(9), offset)

        simd.columns(values[12], shape.columns, move_columns)
        return context.get_dummy_value()

    parameters = (
        shape,
        old_input,
        old_context_rows,
        input_vectors,
        context_rows,
        gradient_rows,
        types.int64,
        old_output,
        old_target_rows,
        output_vectors,
        target_rows,
        types.int64,
        types.int64,
        gradients,
        types.int64,
        types.int64,
        types.int64,
        upcoming_targets,
    )
    return types.none(*parameters), generate


@intrinsic
def copy_row(
    typing_context: Any,
    shape: Any,
    source: Any,
    source_row: Any,
    target: Any,
    target_row: Any,
    row_length: Any,
) -> Any:
    """Copy a row with the same vectors that will read it: wider loads than stores stall on store forwarding."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        simd = Simd(builder, shape.lanes)
        values = Arguments(context, builder, signature, arguments)
        with simd.loop(values[5], shape.lanes) as place:
            vector = simd.load(values.pointer(1), builder.add(values[2], place))
            simd.store(vector, values.pointer(3), builder.add(values[4], place))
        return context.get_dummy_value()

    return types.none(shape, source, types.int64, target, types.int64, types.int64), generate
