"""The register tile of the full softmax: products of matrices whose words stand in blocks of 64, side by side.

Scores of hidden rows against all words, gradients of words, and gradients of hidden rows are three products. With
words side by side, a vector register holds several words' numbers, so that the scores come out as vectors, ready for
the exponential; and each loaded vector serves several fused multiply-adds.

Scores stand in *bundles*, of as many hidden rows as a tile takes: a vector of the first row's scores, of the second's
and so on, then the next words'. So the scores of a slice of words are always read one after the other, which the
processor fetches ahead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.simd.compile import kernel_part
from wordvec.kernels.simd.intrinsics import Bool, Floats, Int, compile_time_constants, emitted
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
    "blocks_of_words",
    "exponentials_of_bundle",
    "features_by_word",
    "gradients_by_word",
    "gradients_of_bundle",
    "gradients_of_features",
    "num_features",
    "place_in_bundles",
    "score_rows",
    "softmax_tile",
    "sum_of_rows",
    "words_of_blocks",
]

WORDS_PER_BLOCK = 64
PARTS_OF_TILE = ((0, 4), (4, 2))  # the first of ROWS_PER_TILE numbers, and how many are stored at once
ROWS_PER_TILE = 6
COLUMNS_OF_SUMS = 4  # vectors of a row that are added up at once
BIAS_OF_NO_WORD = -1e30  # what pads the last block has a probability of 0

AddTerm = Callable[
    [Callable[[int], Any], list[Any]], None
]  # adds factor · vector, for some factors and vectors


@compile_time_constants
@dataclass(frozen=True)
class SoftmaxTile:
    """How rows are grouped in registers. Kernels are compiled for each one."""

    lanes: int  # float32 in a vector register
    vectors: int  # of words that are scored together
    hidden: int  # rows of a bundle: hidden rows whose gradients are found together

    @property
    def feature_vectors(self) -> int:
        """Vectors of features that are added up together for each row of a bundle; half of them, or one, at the end."""
        return 4 if self.lanes == 8 else 6


def softmax_tile(lanes: int | None = None) -> SoftmaxTile:
    """The tile for this machine: 24 running sums where there are 32 registers, else 12.

    >>> softmax_tile(lanes=8)
    SoftmaxTile(lanes=8, vectors=2, hidden=2)
    """
    lanes = lanes or lanes_of_this_machine()
    return SoftmaxTile(lanes, vectors=2, hidden=2) if lanes == 8 else SoftmaxTile(lanes, vectors=4, hidden=4)


def num_features(dim: int) -> int:
    """F: the dimensions and the bias, in whole tiles.

    >>> num_features(100)
    102
    """
    return -(-(dim + 1) // ROWS_PER_TILE) * ROWS_PER_TILE


def blocks_of_words(outputs: NDArray[np.float32], biases: NDArray[np.float32]) -> NDArray[np.float32]:
    """Output vectors, (V, D), and biases, (V,), as kernels take them: (N·F·WORDS_PER_BLOCK,), words side by side."""
    num_words, dim = outputs.shape
    num_blocks = -(-num_words // WORDS_PER_BLOCK)
    rows = np.zeros((num_blocks * WORDS_PER_BLOCK, num_features(dim)), np.float32)
    rows[:num_words, :dim] = outputs
    rows[:num_words, dim] = biases
    rows[num_words:, dim] = BIAS_OF_NO_WORD
    blocks = rows.reshape(num_blocks, WORDS_PER_BLOCK, -1).transpose(0, 2, 1)
    return np.ascontiguousarray(blocks).reshape(-1)


def words_of_blocks(
    blocks: NDArray[np.float32], num_words: int, dim: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What `blocks_of_words` took.

    >>> outputs, biases = np.arange(6, dtype=np.float32).reshape(3, 2), np.arange(3, dtype=np.float32)
    >>> words_of_blocks(blocks_of_words(outputs, biases), 3, 2)[1].tolist()
    [0.0, 1.0, 2.0]
    """
    rows = blocks.reshape(-1, num_features(dim), WORDS_PER_BLOCK).transpose(0, 2, 1)
    flat = rows.reshape(-1, num_features(dim))[:num_words]
    return flat[:, :dim].copy(), flat[:, dim].copy()


@kernel_part
def place_in_bundles(tile, num_blocks, row, word):  # type: ignore[no-untyped-def]
    """Where the score of a hidden row with a word of a slice stands, among all of the slice."""
    bundle, number = row // tile.hidden, row % tile.hidden
    vector, lane = word // tile.lanes, word % tile.lanes
    first = bundle * num_blocks * (WORDS_PER_BLOCK * tile.hidden)
    return first + (vector * tile.hidden + number) * tile.lanes + lane


@emitted
def score_rows(
    builder: Any,
    tile: Any,  # SoftmaxTile
    hidden: Floats,
    row_length: Int,
    num_rows: Int,  # a multiple of ROWS_PER_TILE
    num_terms: Int,  # features, the bias among them
    blocks: Floats,
    first: Int,  # of the block: a row of WORDS_PER_BLOCK numbers for each feature
    scores: Floats,
    first_score: Int,  # of the block, in the first bundle; overwritten
    bundle_size: Int,
) -> None:
    """Write the scores of hidden rows with the words of a block: Σ_f hidden[f] · block[f]."""
    simd = Simd(builder, tile.lanes)
    rows_of_bundle = INT64(tile.hidden)
    with simd.loop(num_rows, ROWS_PER_TILE) as row, simd.loop(INT64(WORDS_PER_BLOCK), _width(tile)) as word:
        starts = [
            simd.address(hidden, builder.mul(builder.add(row, INT64(number)), row_length))
            for number in range(ROWS_PER_TILE)
        ]
        place = builder.add(first, word)

        def add_feature(feature: Any, add: AddTerm) -> None:
            offset = builder.add(place, builder.mul(feature, INT64(WORDS_PER_BLOCK)))
            vectors = [
                simd.load(blocks, builder.add(offset, INT64(vector * tile.lanes)))
                for vector in range(tile.vectors)
            ]
            add(lambda number: simd.broadcast(starts[number], feature), vectors)

        sums = _sum_of_terms(simd, tile, num_terms, add_feature)
        for number, sums_of_row in enumerate(sums):
            one = builder.add(row, INT64(number))
            to = builder.add(first_score, builder.mul(builder.sdiv(one, rows_of_bundle), bundle_size))
            to = builder.add(to, builder.mul(builder.srem(one, rows_of_bundle), INT64(tile.lanes)))
            to = builder.add(to, builder.mul(word, rows_of_bundle))
            for vector, total in enumerate(sums_of_row):
                simd.store(total, scores, builder.add(to, INT64(vector * tile.lanes * tile.hidden)))


@emitted
def gradients_of_features(
    builder: Any,
    tile: Any,  # SoftmaxTile
    hidden: Floats,
    first_feature: Int,  # of ROWS_PER_TILE, in the first row
    row_length: Int,
    num_bundles: Int,  # above 0
    scores: Floats,
    first_score: Int,  # of a block of words, in the first bundle
    bundle_size: Int,
    gradient: Floats,
    first_gradient: Int,  # overwritten: a row of WORDS_PER_BLOCK numbers for each of the features
) -> None:
    """Write Σ_r hidden[r, feature] · score[r] over hidden rows r, for the words of a block."""
    simd = Simd(builder, tile.lanes)
    with simd.loop(INT64(WORDS_PER_BLOCK), _width(tile)) as word:
        place = builder.add(first_score, builder.mul(word, INT64(tile.hidden)))

        def add_bundle(bundle: Any, add: AddTerm) -> None:
            of_bundle = builder.add(place, builder.mul(bundle, bundle_size))
            for number in range(tile.hidden):
                row = builder.add(builder.mul(bundle, INT64(tile.hidden)), INT64(number))
                features = simd.address(hidden, builder.add(first_feature, builder.mul(row, row_length)))
                vectors = [
                    simd.load(
                        scores, builder.add(of_bundle, INT64((vector * tile.hidden + number) * tile.lanes))
                    )
                    for vector in range(tile.vectors)
                ]

                def factor_of(feature: int, features: Any = features) -> Any:
                    return simd.broadcast(features, INT64(feature))

                add(factor_of, vectors)

        sums = _sum_of_terms(simd, tile, num_bundles, add_bundle)
        for feature, sums_of_feature in enumerate(sums):
            to = builder.add(builder.add(first_gradient, word), INT64(feature * WORDS_PER_BLOCK))
            for vector, total in enumerate(sums_of_feature):
                simd.store(total, gradient, builder.add(to, INT64(vector * tile.lanes)))


def _width(tile: SoftmaxTile) -> int:
    """Words whose sums fit the registers."""
    return tile.vectors * tile.lanes


def _sum_of_terms(
    simd: Simd, tile: SoftmaxTile, number: Any, add_terms: Callable[[Any, AddTerm], None]
) -> list[list[Any]]:
    """Σ factor · vector, for ROWS_PER_TILE factors and the vectors of a tile; `add_terms` adds those of each turn."""
    sums = [[simd.variable(simd.constant(0.0)) for _ in range(tile.vectors)] for _ in range(ROWS_PER_TILE)]

    def add(factor_of: Callable[[int], Any], vectors: list[Any]) -> None:
        for row, sums_of_row in enumerate(sums):
            factor = factor_of(row)
            for vector, so_far in zip(vectors, sums_of_row, strict=True):
                so_far.value = simd.fma(factor, vector, so_far.value)

    with simd.loop(number, 1) as turn:
        add_terms(turn, add)
    return [[so_far.value for so_far in sums_of_row] for sums_of_row in sums]


@emitted
def features_by_word(
    builder: Any,
    tile: Any,  # SoftmaxTile
    features: Floats,
    first_feature: Int,  # in a block
    num_vectors: Int,  # of features
    by_word: Floats,  # overwritten: a row of those features for each word
) -> None:
    """Turn some features of a block, in which words stand side by side, so that features do."""
    simd = Simd(builder, tile.lanes)
    width = builder.mul(num_vectors, INT64(tile.lanes))
    with (
        simd.loop(INT64(WORDS_PER_BLOCK), tile.lanes) as word,
        simd.loop(width, tile.lanes) as feature,
    ):
        start = builder.add(first_feature, word)
        start = builder.add(start, builder.mul(feature, INT64(WORDS_PER_BLOCK)))
        turned = simd.transposed(
            [
                simd.load(features, builder.add(start, INT64(number * WORDS_PER_BLOCK)))
                for number in range(tile.lanes)
            ]
        )
        for number, vector in enumerate(turned):
            to = builder.mul(builder.add(word, INT64(number)), width)
            simd.store(vector, by_word, builder.add(to, feature))


@emitted
def gradients_by_word(
    builder: Any,
    tile: Any,  # SoftmaxTile
    scores: Floats,
    first_score: Int,  # of a block of words, in the bundle
    by_word: Floats,  # as `features_by_word` writes them
    num_vectors: Int,  # of features, as `tile.feature_vectors` says
    factors: Floats,
    first_factor: Int,  # of the bundle's first row
    gradients: Floats,
    first_gradient: Int,  # of the bundle's first row: a number for each feature
    row_length: Int,  # to the gradient of the next row
    adds: Bool,  # to what is there; else that is overwritten
) -> None:
    """Write factor · Σ_w score[w] · feature[w] over the words of a block, for the hidden rows of a bundle."""
    simd = Simd(builder, tile.lanes)

    def add_up(number: int) -> None:
        sums = [[simd.variable(simd.constant(0.0)) for _ in range(number)] for _ in range(tile.hidden)]
        with simd.loop(INT64(WORDS_PER_BLOCK), tile.lanes) as word:
            of_words = builder.add(first_score, builder.mul(word, INT64(tile.hidden)))
            start = builder.mul(word, INT64(number * tile.lanes))
            for lane in range(tile.lanes):
                of_word = builder.add(start, INT64(lane * number * tile.lanes))
                vectors = [
                    simd.load(by_word, builder.add(of_word, INT64(vector * tile.lanes)))
                    for vector in range(number)
                ]
                for row, sums_of_row in enumerate(sums):
                    score = simd.broadcast(scores, builder.add(of_words, INT64(row * tile.lanes + lane)))
                    for vector, so_far in zip(vectors, sums_of_row, strict=True):
                        so_far.value = simd.fma(score, vector, so_far.value)
        for row, sums_of_row in enumerate(sums):
            at = builder.add(first_gradient, builder.mul(row_length, INT64(row)))
            factor = simd.broadcast(factors, builder.add(first_factor, INT64(row)))
            for vector, total in enumerate(sums_of_row):
                place = builder.add(at, INT64(vector * tile.lanes))
                before = builder.select(adds, simd.load(gradients, place), simd.constant(0.0))
                simd.store(simd.fma(factor, total.value, before), gradients, place)

    simd.one_of(num_vectors, (tile.feature_vectors, tile.feature_vectors // 2, 1), add_up)


@emitted
def sum_of_rows(
    builder: Any,
    tile: Any,  # SoftmaxTile
    rows: Floats,
    first: Int,
    step: Int,  # from one row to the next
    number: Int,  # above 0
    total: Floats,  # overwritten
    row_length: Int,  # in whole vectors
) -> None:
    """Write the sum of some rows that stand evenly apart."""
    simd = Simd(builder, tile.lanes)

    def add_up(first_column: Any, num_columns: int) -> None:
        sums = [simd.variable(simd.constant(0.0)) for _ in range(num_columns)]
        with simd.loop(number, 1) as row:
            start = builder.add(builder.add(first, builder.mul(row, step)), first_column)
            for column, so_far in enumerate(sums):
                so_far.value = simd.add(
                    so_far.value, simd.load(rows, builder.add(start, INT64(column * tile.lanes)))
                )
        for column, so_far in enumerate(sums):
            simd.store(so_far.value, total, builder.add(first_column, INT64(column * tile.lanes)))

    simd.columns_in_halves(row_length, COLUMNS_OF_SUMS, add_up)


@emitted
def gradients_of_bundle(
    builder: Any,
    tile: Any,  # SoftmaxTile
    scores: Floats,
    first_score: Int,  # of the bundle
    features: Floats,
    first_feature: Int,  # the first of ROWS_PER_TILE rows of WORDS_PER_BLOCK numbers, in the first block
    feature_step: Int,  # to the next block
    num_blocks: Int,  # above 0
    factors: Floats,
    first_factor: Int,  # of the bundle's first row
    gradients: Floats,
    first_gradient: Int,  # of the bundle's first row: overwritten, a number for each feature
    row_length: Int,  # to the gradient of the next row
) -> None:
    """Write factor · Σ_w score[w] · feature[w] over the words of some blocks, for the hidden rows of a bundle."""
    simd = Simd(builder, tile.lanes)
    products = [[simd.variable(simd.constant(0.0)) for _ in range(ROWS_PER_TILE)] for _ in range(tile.hidden)]
    with simd.loop(num_blocks, 1) as block:
        of_block = builder.add(first_score, builder.mul(block, INT64(WORDS_PER_BLOCK * tile.hidden)))
        start = builder.add(first_feature, builder.mul(block, feature_step))
        for word in range(0, WORDS_PER_BLOCK, tile.lanes):
            of_features = [
                simd.load(features, builder.add(start, INT64(number * WORDS_PER_BLOCK + word)))
                for number in range(ROWS_PER_TILE)
            ]
            for number, products_of_row in enumerate(products):
                place = INT64(word * tile.hidden + number * tile.lanes)
                one = simd.load(scores, builder.add(of_block, place))
                for feature, product in zip(of_features, products_of_row, strict=True):
                    product.value = simd.fma(one, feature, product.value)
    sums = simd.sums([product.value for products_of_row in products for product in products_of_row])
    for number in range(tile.hidden):
        at = builder.add(first_gradient, builder.mul(row_length, INT64(number)))
        of_row = builder.add(first_factor, INT64(number))
        for lane, lanes in PARTS_OF_TILE:
            narrow = Simd(builder, lanes)
            part = simd.part_of(sums, number * ROWS_PER_TILE + lane, lanes)
            part = narrow.multiply(part, narrow.broadcast(factors, of_row))
            narrow.store(part, gradients, builder.add(at, INT64(lane)))


@emitted
def exponentials_of_bundle(
    builder: Any,
    tile: Any,  # SoftmaxTile
    scores: Floats,  # overwritten by exp(score - highest of the row)
    first: Int,  # of the bundle
    size: Int,  # of it
    highest: Floats,  # the highest score of each row is written here
    totals: Floats,  # and the sum of its exponentials
    place: Int,  # of the first row
) -> None:
    """Turn the scores of a bundle into exponentials, none of which is above 1."""
    simd = Simd(builder, tile.lanes)
    rows = range(tile.hidden)
    starts = [builder.add(first, INT64(number * tile.lanes)) for number in rows]
    most = [simd.variable(simd.constant(float(np.finfo(np.float32).min))) for _ in rows]
    with simd.loop(size, tile.hidden * tile.lanes) as offset:
        for start, of_row in zip(starts, most, strict=True):
            of_row.value = simd.maximum(of_row.value, simd.load(scores, builder.add(start, offset)))
    highest_of_rows = [simd.highest(of_row.value) for of_row in most]
    subtracted = [simd.splat(of_row) for of_row in highest_of_rows]
    sums = [simd.variable(simd.constant(0.0)) for _ in rows]
    with simd.loop(size, tile.hidden * tile.lanes) as offset:
        for start, of_row, so_far in zip(starts, subtracted, sums, strict=True):
            at = builder.add(start, offset)
            exponential = exponential_of_negative(simd, simd.subtract(simd.load(scores, at), of_row))
            simd.store(exponential, scores, at)
            so_far.value = simd.add(so_far.value, exponential)
    packed = simd.sums([so_far.value for so_far in sums])[0]
    for number, of_row in enumerate(highest_of_rows):
        at = builder.add(place, INT64(number))
        builder.store(of_row, simd.address(highest, at), align=4)
        builder.store(builder.extract_element(packed, INT64(number)), simd.address(totals, at), align=4)
