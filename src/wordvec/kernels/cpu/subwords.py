"""Subwords: words whose input vector is the mean of several rows, its own and those of its character n-grams.

A word occurs in about as many windows as a window has contexts, and has some twenty rows. So a few centers are trained
on at a time, a *group*: the vectors of their words are made of rows once, all windows of the group move these vectors
as if they were rows of the input matrix, and then the rows of each word move as far as its vector has.

That is fastText's step: there, each row gets the whole gradient of the mean, so that the mean moves just as far as one
row alone would (Bojanowski et al., 2017). It is put off to the end of the group, and where two words of a group have an
n-gram in common, their steps add up.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.hot_rows import no_hot_rows
from wordvec.kernels.cpu.matrices import Matrices
from wordvec.kernels.cpu.tile import Rows
from wordvec.kernels.cpu.window_update import begin_all_copies, end_all_copies, train_centers
from wordvec.kernels.simd.compile import kernel, kernel_part
from wordvec.kernels.simd.intrinsics import Float, Floats, Int, emitted
from wordvec.kernels.simd.vectors import INT64, Simd
from wordvec.vocabulary.subwords import WordRows

__all__ = ["GroupScratch", "empty_group", "train_windows_of_subwords"]

NOT_IN_GROUP = -1

# V words, N rows of all words together, G words of a group at most, M rows of a word at most


class GroupScratch(NamedTuple):
    """One thread's working memory for the words of a group."""

    places: NDArray[np.int32]  # (V,)  of each word in the group, or NOT_IN_GROUP
    words: NDArray[np.int64]  # (G,)
    before: NDArray[np.float32]  # (G·row_length,)  the words' vectors before they are moved
    offsets: NDArray[np.int64]  # (M,)  of the rows of one word


def empty_group(word_rows: WordRows, *, max_words: int, matrices: Matrices) -> tuple[GroupScratch, Matrices]:
    """Working memory, and matrices whose input rows are the vectors of a group's words.

    Args:
        word_rows: of all words.
        max_words: of a group.
        matrices: those with the rows, whose other vectors are shared.
    """
    vectors = Matrices.zeros(max_words, 0, 0, matrices.dim)
    scratch = GroupScratch(
        places=np.full(len(word_rows.starts) - 1, NOT_IN_GROUP, np.int32),
        words=np.zeros(max_words, np.int64),
        before=np.zeros_like(vectors.input_vectors),
        offsets=np.zeros(word_rows.max_rows, np.int64),
    )
    return scratch, matrices._replace(input_vectors=vectors.input_vectors, hot_inputs=no_hot_rows())


@kernel
def train_windows_of_subwords(  # type: ignore[no-untyped-def]
    model,  # Model
    table,  # flat float32, updated: the rows that make words
    word_rows,  # WordRows
    matrices,  # Matrices, updated, whose input rows are those of a group's words
    data,  # ModelData
    windows,  # LaidWindows
    centers,  # (first, end): places of the centers to train on
    centers_per_group,
    learning_rate,  # LearningRate
    group,  # GroupScratch
    scratch,  # Scratch
):
    """Train on windows as `train_windows` does, group by group; return (loss, pairs)."""
    begin_all_copies(model.tile, matrices)
    loss, num_pairs = 0.0, 0
    first: Any = np.int64(centers[0])
    while first < centers[1]:
        end = min(first + centers_per_group, np.int64(centers[1]))
        num_words = _enter_words(windows, first, end, group)
        _make_vectors(model.tile, table, word_rows, num_words, matrices, group)
        found = train_centers(model, matrices, data, windows, (first, end), learning_rate, scratch)
        loss += found[0]
        num_pairs += found[1]
        _move_rows(model.tile, table, word_rows, num_words, matrices, group)
        for place in range(num_words):
            group.places[group.words[place]] = NOT_IN_GROUP
        first = end
    end_all_copies(model.tile, matrices)
    return loss, num_pairs


@kernel_part
def _enter_words(windows, first, end, group):  # type: ignore[no-untyped-def]
    """Give each word in the windows of a group a place, and write it where the word stands; return their number."""
    begin, last = np.int64(windows.first[first]), np.int64(windows.last[first])
    for center in range(first + 1, end):
        begin = min(begin, np.int64(windows.first[center]))
        last = max(last, np.int64(windows.last[center]))
    num_words = np.int64(0)
    for place in range(begin, last + 1):
        word = windows.words[place]
        if group.places[word] == NOT_IN_GROUP:
            group.places[word] = num_words
            group.words[num_words] = word
            num_words += 1
        windows.input_rows[place] = group.places[word]
    return num_words


@kernel_part
def _make_vectors(tile, table, word_rows, num_words, matrices, group):  # type: ignore[no-untyped-def]
    for place in range(num_words):
        number = _list_rows(word_rows, group.words[place], matrices.row_length, group.offsets)
        _mean_of_rows(
            tile,
            Rows(table, group.offsets),
            number,
            np.float32(1.0) / np.float32(number),
            matrices.input_vectors,
            group.before,
            place * matrices.row_length,
            matrices.row_length,
        )


@kernel_part
def _move_rows(tile, table, word_rows, num_words, matrices, group):  # type: ignore[no-untyped-def]
    """Move each row of a word as far as the word's vector has moved."""
    for place in range(num_words):
        number = _list_rows(word_rows, group.words[place], matrices.row_length, group.offsets)
        _add_difference(
            tile,
            Rows(table, group.offsets),
            number,
            matrices.input_vectors,
            group.before,
            place * matrices.row_length,
            matrices.row_length,
        )


@kernel_part
def _list_rows(word_rows, word, row_length, offsets):  # type: ignore[no-untyped-def]
    begin = word_rows.starts[word]
    number = word_rows.starts[word + 1] - begin
    for index in range(number):
        offsets[index] = np.int64(word_rows.rows[begin + index]) * row_length
    return number


@emitted
def _mean_of_rows(
    builder: Any,
    shape: Any,  # TileShape
    rows: Rows,
    number: Int,  # above 0
    share: Float,  # 1 / number
    means: Floats,  # written
    copies: Floats,  # written, the same
    place: Int,  # where in both
    row_length: Int,
) -> None:
    simd = Simd(builder, shape.lanes)
    factor = simd.splat(share)

    def add_up(first_column: Any, num_columns: int) -> None:
        columns = [builder.add(first_column, INT64(column * shape.lanes)) for column in range(num_columns)]
        sums = [simd.variable(simd.constant(0.0)) for _ in columns]
        with simd.loop(number, 1) as index:
            row = simd.integer(rows.offsets, index)
            for column, so_far in zip(columns, sums, strict=True):
                so_far.value = simd.add(so_far.value, simd.load(rows.vectors, builder.add(row, column)))
        for column, so_far in zip(columns, sums, strict=True):
            mean = simd.multiply(so_far.value, factor)
            for target in (means, copies):
                simd.store(mean, target, builder.add(place, column))

    simd.columns_at_once(row_length, add_up)


@emitted
def _add_difference(
    builder: Any,
    shape: Any,  # TileShape
    rows: Rows,  # updated; one named twice is moved twice
    number: Int,  # above 0
    means: Floats,
    copies: Floats,  # as they were
    place: Int,  # where in both
    row_length: Int,
) -> None:
    simd = Simd(builder, shape.lanes)

    def add(first_column: Any, num_columns: int) -> None:
        columns = [builder.add(first_column, INT64(column * shape.lanes)) for column in range(num_columns)]
        steps = [
            simd.subtract(
                simd.load(means, builder.add(place, column)), simd.load(copies, builder.add(place, column))
            )
            for column in columns
        ]
        with simd.loop(number, 1) as index:
            row = simd.integer(rows.offsets, index)
            for column, step in zip(columns, steps, strict=True):
                offset = builder.add(row, column)
                simd.store(simd.add(simd.load(rows.vectors, offset), step), rows.vectors, offset)

    simd.columns_at_once(row_length, add)
