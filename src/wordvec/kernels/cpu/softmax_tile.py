"""The register tile of the full softmax: products of matrices whose words stand in blocks of 64, side by side.

Scores of hidden rows against all words, gradients of words, and gradients of hidden rows are three products. With
words side by side, a vector register holds several words' numbers, so that the scores come out as vectors, ready for
the exponential; and each loaded vector serves several fused multiply-adds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from wordvec.kernels.simd.intrinsics import Float, Floats, Int, compile_time_constants, emitted
from wordvec.kernels.simd.vectors import (
    INT64,
    Simd,
    exponential_of_negative,
    lanes_of_this_machine,
)

__all__ = [
    "ROWS_PER_TILE",
    "WORDS_PER_BLOCK",
    "SoftmaxTile",
    "exponentials_of_row",
    "multiply_by_words",
    "multiply_rows",
    "pack_rows",
    "scale_row",
    "softmax_tile",
]

WORDS_PER_BLOCK = 64
ROWS_PER_TILE = 6


@compile_time_constants
@dataclass(frozen=True)
class SoftmaxTile:
    """How rows are grouped in registers. Kernels are compiled for each one."""

    lanes: int  # float32 in a vector register
    vectors: int  # of words that are scored together
    hidden: int  # hidden rows whose gradients are found together


def softmax_tile(lanes: int | None = None) -> SoftmaxTile:
    """The tile for this machine: 24 running sums where there are 32 registers, else 12.

    >>> softmax_tile(lanes=8)
    SoftmaxTile(lanes=8, vectors=2, hidden=2)
    """
    lanes = lanes or lanes_of_this_machine()
    return SoftmaxTile(lanes, vectors=2, hidden=2) if lanes == 8 else SoftmaxTile(lanes, vectors=4, hidden=4)


@emitted
def multiply_rows(
    builder: Any,
    tile: Any,  # SoftmaxTile
    factors: Floats,
    row_step: Int,  # from a factor to that of the next row of the product
    term_step: Int,  # and to that of the next term of a sum
    num_rows: Int,  # a multiple of ROWS_PER_TILE
    num_terms: Int,  # above 0
    blocks: Floats,
    first: Int,  # of the block: a row of WORDS_PER_BLOCK numbers for each term
    product: Floats,
    first_product: Int,  # overwritten: a row of WORDS_PER_BLOCK numbers for each row
) -> None:
    """Write product[r] = Σ_t factor[r, t] · block[t], row by row."""
    simd = Simd(builder, tile.lanes)
    width = tile.vectors * tile.lanes
    with simd.loop(num_rows, ROWS_PER_TILE) as row, simd.loop(INT64(WORDS_PER_BLOCK), width) as word:
        sums = [
            [simd.variable(simd.constant(0.0)) for _ in range(tile.vectors)] for _ in range(ROWS_PER_TILE)
        ]
        starts = [
            simd.address(factors, builder.mul(builder.add(row, INT64(number)), row_step))
            for number in range(ROWS_PER_TILE)
        ]
        with simd.loop(num_terms, 1) as term:
            place = builder.add(builder.add(first, word), builder.mul(term, INT64(WORDS_PER_BLOCK)))
            of_block = [
                simd.load(blocks, builder.add(place, INT64(vector * tile.lanes)))
                for vector in range(tile.vectors)
            ]
            offset = builder.mul(term, term_step)
            for start, sums_of_row in zip(starts, sums, strict=True):
                factor = simd.broadcast(start, offset)
                for vector, so_far in zip(of_block, sums_of_row, strict=True):
                    so_far.value = simd.fma(factor, vector, so_far.value)
        for number, sums_of_row in enumerate(sums):
            to = builder.mul(builder.add(row, INT64(number)), INT64(WORDS_PER_BLOCK))
            to = builder.add(builder.add(first_product, word), to)
            for vector, so_far in enumerate(sums_of_row):
                simd.store(so_far.value, product, builder.add(to, INT64(vector * tile.lanes)))


@emitted
def pack_rows(
    builder: Any,
    tile: Any,  # SoftmaxTile
    rows: Floats,
    first: Int,  # of the first row in the first block; others follow, each of WORDS_PER_BLOCK numbers
    step: Int,  # to the next block
    num_blocks: Int,  # above 0
    num_rows: Int,  # a multiple of tile.hidden
    packed: Floats,  # overwritten, in the order in which `multiply_by_words` reads
) -> None:
    """Copy rows so that each tile's numbers stand one after the other, which the processor fetches ahead."""
    simd = Simd(builder, tile.lanes)
    size_of_tile = builder.mul(num_blocks, INT64(WORDS_PER_BLOCK * tile.hidden))
    with simd.loop(num_rows, tile.hidden) as row, simd.loop(num_blocks, 1) as block:
        source = builder.add(
            builder.add(first, builder.mul(row, INT64(WORDS_PER_BLOCK))), builder.mul(block, step)
        )
        target = builder.mul(builder.sdiv(row, INT64(tile.hidden)), size_of_tile)
        target = builder.add(target, builder.mul(block, INT64(WORDS_PER_BLOCK * tile.hidden)))
        for word in range(0, WORDS_PER_BLOCK, tile.lanes):
            for number in range(tile.hidden):
                vector = simd.load(rows, builder.add(source, INT64(number * WORDS_PER_BLOCK + word)))
                place = INT64(word * tile.hidden + number * tile.lanes)
                simd.store(vector, packed, builder.add(target, place))


@emitted
def multiply_by_words(
    builder: Any,
    tile: Any,  # SoftmaxTile
    packed: Floats,  # hidden rows, by `pack_rows`
    first_packed: Int,  # of the first of tile.hidden rows
    features: Floats,
    first_feature: Int,  # the first of ROWS_PER_TILE rows of WORDS_PER_BLOCK numbers, in the first block
    feature_step: Int,  # to the next block
    num_blocks: Int,  # above 0
    sums: Floats,  # overwritten in whole vectors: for each hidden row, its product with each feature
) -> None:
    """Write Σ hidden · feature over all words of some blocks, for each pair of a tile."""
    simd = Simd(builder, tile.lanes)
    products = [[simd.variable(simd.constant(0.0)) for _ in range(ROWS_PER_TILE)] for _ in range(tile.hidden)]
    with simd.loop(num_blocks, 1) as block:
        of_block = builder.add(first_packed, builder.mul(block, INT64(WORDS_PER_BLOCK * tile.hidden)))
        start = builder.add(first_feature, builder.mul(block, feature_step))
        for word in range(0, WORDS_PER_BLOCK, tile.lanes):
            of_features = [
                simd.load(features, builder.add(start, INT64(number * WORDS_PER_BLOCK + word)))
                for number in range(ROWS_PER_TILE)
            ]
            for number, products_of_row in enumerate(products):
                place = INT64(word * tile.hidden + number * tile.lanes)
                one = simd.load(packed, builder.add(of_block, place))
                for feature, product in zip(of_features, products_of_row, strict=True):
                    product.value = simd.fma(one, feature, product.value)
    in_order = [product.value for products_of_row in products for product in products_of_row]
    for position, vector in enumerate(simd.sums(in_order)):
        simd.store(vector, sums, INT64(position * tile.lanes))


@emitted
def exponentials_of_row(
    builder: Any,
    tile: Any,  # SoftmaxTile
    scores: Floats,  # overwritten by exp(score - highest)
    first: Int,  # of the row in the first block
    step: Int,  # to the next block
    num_blocks: Int,  # above 0
    highest: Floats,  # the highest score of the row is written here
    total: Floats,  # and the sum of its exponentials
    place: Int,
) -> None:
    """Turn a row of scores into exponentials, none of which is above 1."""
    simd = Simd(builder, tile.lanes)
    most = simd.variable(simd.constant(float(np.finfo(np.float32).min)))
    with simd.loop(num_blocks, 1) as block, simd.loop(INT64(WORDS_PER_BLOCK), tile.lanes) as word:
        offset = builder.add(builder.add(first, builder.mul(block, step)), word)
        most.value = simd.maximum(most.value, simd.load(scores, offset))
    of_row = simd.highest(most.value)
    subtracted = simd.splat(of_row)
    sums = simd.variable(simd.constant(0.0))
    with simd.loop(num_blocks, 1) as block, simd.loop(INT64(WORDS_PER_BLOCK), tile.lanes) as word:
        offset = builder.add(builder.add(first, builder.mul(block, step)), word)
        exponential = exponential_of_negative(simd, simd.subtract(simd.load(scores, offset), subtracted))
        simd.store(exponential, scores, offset)
        sums.value = simd.add(sums.value, exponential)
    packed = simd.sums([sums.value])[0]
    builder.store(of_row, simd.address(highest, place), align=4)
    builder.store(builder.extract_element(packed, INT64(0)), simd.address(total, place), align=4)


@emitted
def scale_row(
    builder: Any,
    tile: Any,  # SoftmaxTile
    row: Floats,
    first: Int,
    step: Int,  # to the next block
    num_blocks: Int,  # above 0
    factor: Float,
) -> None:
    """Multiply a row of all blocks by a number."""
    simd = Simd(builder, tile.lanes)
    of_all = simd.splat(factor)
    with simd.loop(num_blocks, 1) as block, simd.loop(INT64(WORDS_PER_BLOCK), tile.lanes) as word:
        offset = builder.add(builder.add(first, builder.mul(block, step)), word)
        simd.store(simd.multiply(simd.load(row, offset), of_all), row, offset)
