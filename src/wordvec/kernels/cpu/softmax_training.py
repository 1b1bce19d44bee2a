"""Training by the full softmax: each different word that predicts in a batch is scored against all words, once.

A step takes these phases, and no thread begins one before all have done with the last:

    list     the different words that predict, and the pairs
    look up  their hidden rows
    score    each against all words; each slice of the words is one thread's
    add up   the exponentials of all slices, for each hidden row
    move     the words of a slice, and find what they add to the gradients of the hidden rows
    look up  the hidden rows again, and move them

The third to fifth are done for some hidden rows at a time, so that their scores fit the memory. Slices and sums do not
depend on threads, so the result does not, either.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.batch_examples import Batches, PairRules
from wordvec.kernels.cpu.row_optimizers import Memory, Steps, ask_for_row
from wordvec.kernels.cpu.softmax_pairs import ROWS_PER_CHUNK, SoftmaxPairs, blocks_of_slice, list_pairs
from wordvec.kernels.cpu.softmax_tile import (
    ROWS_PER_TILE,
    WORDS_PER_BLOCK,
    SoftmaxTile,
    exponentials_of_bundle,
    features_by_word,
    gradients_by_word,
    gradients_of_bundle,
    gradients_of_features,
    num_features,
    place_in_bundles,
    score_rows,
    sum_of_rows,
)
from wordvec.kernels.simd.compile import kernel, kernel_part
from wordvec.kernels.simd.memory import next_piece, piece_done, prefetch_row, wait_for_pieces

__all__ = [
    "SMALLEST_SHARE",
    "SoftmaxRows",
    "SoftmaxScratch",
    "SoftmaxStretch",
    "empty_softmax_rows",
    "empty_softmax_scratch",
    "phases_per_step",
    "train_softmax",
]

LIST, LOOK_UP, MOVE_INPUTS = range(3)
PHASES_OF_A_STEP, PHASES_OF_SOME_ROWS = 3, 3
SMALLEST_SHARE = 1e-20  # of a slice in a row's sum of exponentials: less moves nothing

# V words in N blocks and S slices, C different words that predict in P pairs; D dimensions, F features


class SoftmaxRows(NamedTuple):
    """The hidden rows of a step, and their scores."""

    hidden: NDArray[np.float32]  # (C·F,)  D numbers, 1 for the bias, zeros
    hidden_gradients: NDArray[np.float32]  # (S·C·G,)  G numbers, of which the first D count
    scores: NDArray[np.float32]  # (N·rows·WORDS_PER_BLOCK,)  slice by slice, in bundles
    highest: NDArray[np.float32]  # (S·rows,)
    totals: NDArray[np.float32]  # (S·rows,)
    factors: NDArray[np.float32]  # (S·rows,)  what makes gradients of exponentials; 0 where all are too small
    log_totals: NDArray[np.float64]  # (rows,)
    gradients: NDArray[
        np.float32
    ]  # (N·F·WORDS_PER_BLOCK,)  of words, where rows are scored group by group; else empty


def empty_softmax_rows(
    num_words: int, dim: int, row_length: int, num_examples: int, num_slices: int, max_rows: int
) -> SoftmaxRows:
    """Room for the largest step."""
    num_blocks, features = -(-num_words // WORDS_PER_BLOCK), num_features(dim)
    rows = -(-min(num_examples, num_words) // ROWS_PER_CHUNK) * ROWS_PER_CHUNK
    at_once = min(rows, max_rows)
    size_of_blocks = num_blocks * features * WORDS_PER_BLOCK
    return SoftmaxRows(
        hidden=np.empty(rows * features, np.float32),
        hidden_gradients=np.zeros(num_slices * rows * max(features, row_length), np.float32),
        scores=np.empty(num_blocks * at_once * WORDS_PER_BLOCK, np.float32),
        highest=np.empty(num_slices * at_once, np.float32),
        totals=np.empty(num_slices * at_once, np.float32),
        factors=np.empty(num_slices * at_once, np.float32),
        log_totals=np.empty(at_once),
        gradients=np.empty(size_of_blocks if rows > max_rows else 0, np.float32),
    )


class SoftmaxScratch(NamedTuple):
    """One thread's working memory."""

    gradient: NDArray[np.float32]  # of a block of words, or of an input row
    scaled: NDArray[np.float32]  # (rows·F,)  hidden rows, by what makes gradients of a slice's exponentials
    by_word: NDArray[np.float32]  # (words·features,)  some features of a block, turned
    shares: NDArray[np.float64]  # (S,)  of a row's sum of exponentials


def empty_softmax_scratch(
    tile: SoftmaxTile, dim: int, row_length: int, num_slices: int, max_rows: int
) -> SoftmaxScratch:
    """Working memory of a thread."""
    width = tile.feature_vectors * tile.lanes
    return SoftmaxScratch(
        gradient=np.zeros(max(num_features(dim) * WORDS_PER_BLOCK, row_length), np.float32),
        scaled=np.empty(max_rows * num_features(dim), np.float32),
        by_word=np.empty(WORDS_PER_BLOCK * width, np.float32),
        shares=np.empty(num_slices),
    )


class SoftmaxStretch(NamedTuple):
    """What the threads share that train on a stretch."""

    input_vectors: NDArray[np.float32]  # (V·R,)  updated
    row_length: int  # R
    dim: int  # D
    word_blocks: NDArray[np.float32]  # (N·F·WORDS_PER_BLOCK,)  output vectors, and biases, updated
    memories: tuple[Memory, Memory]  # of both, updated; those of words are by block
    rules: PairRules
    batches: Batches
    steps: Steps
    num_rows: NDArray[np.int64]  # (steps,)  C of each step, overwritten; a thread that comes late may ask
    pairs: SoftmaxPairs  # overwritten
    rows: SoftmaxRows  # overwritten
    num_slices: int
    max_rows: int  # hidden rows that are scored at a time, a multiple of ROWS_PER_CHUNK
    phases_per_step: int
    yield_address: int


def phases_per_step(num_groups: int) -> int:
    """Phases of a step with that many groups of hidden rows."""
    return PHASES_OF_A_STEP + PHASES_OF_SOME_ROWS * num_groups


@kernel
def train_softmax(tile, optimizer, stretch, scratch, moves):  # type: ignore[no-untyped-def]
    """One thread's share of the steps of a stretch. Each thread takes the work that it finds undone.

    Unless `moves`, nothing moves, and the losses alone are found: one kernel for both, as it takes some seconds to
    compile.
    """
    for batch in range(len(stretch.batches.cuts) - 1):
        _find_scores_together(tile, optimizer, stretch, batch, scratch, moves)
        if moves:
            chunks = _padded_rows(stretch, batch) // ROWS_PER_CHUNK
            turn = next_piece(stretch.batches.marks, batch * stretch.phases_per_step + MOVE_INPUTS)
            while turn < chunks:
                _move_inputs(tile, optimizer, stretch, batch, turn, scratch)
                piece_done(stretch.batches.marks, batch * stretch.phases_per_step + MOVE_INPUTS)
                turn = next_piece(stretch.batches.marks, batch * stretch.phases_per_step + MOVE_INPUTS)
            wait_for_pieces(
                stretch.batches.marks,
                batch * stretch.phases_per_step + MOVE_INPUTS,
                chunks,
                stretch.yield_address,
            )


@kernel_part
def _find_scores_together(tile, optimizer, stretch, batch, scratch, moves):  # type: ignore[no-untyped-def]
    if next_piece(stretch.batches.marks, batch * stretch.phases_per_step + LIST) == 0:
        optimizer.begin_step(stretch.steps, batch)
        pairs = stretch.pairs
        num_pairs, num_rows = list_pairs(
            stretch.rules, stretch.batches, batch, stretch.num_slices, stretch.max_rows, pairs
        )
        stretch.batches.terms[batch, 0], stretch.num_rows[batch] = num_pairs, num_rows
        piece_done(stretch.batches.marks, batch * stretch.phases_per_step + LIST)
    wait_for_pieces(stretch.batches.marks, batch * stretch.phases_per_step + LIST, 1, stretch.yield_address)

    chunks = _padded_rows(stretch, batch) // ROWS_PER_CHUNK
    turn = next_piece(stretch.batches.marks, batch * stretch.phases_per_step + LOOK_UP)
    while turn < chunks:
        _look_up(optimizer, stretch, batch, turn, moves)
        piece_done(stretch.batches.marks, batch * stretch.phases_per_step + LOOK_UP)
        turn = next_piece(stretch.batches.marks, batch * stretch.phases_per_step + LOOK_UP)
    wait_for_pieces(
        stretch.batches.marks, batch * stretch.phases_per_step + LOOK_UP, chunks, stretch.yield_address
    )

    num_slices = np.int64(stretch.num_slices)
    num_groups = (_padded_rows(stretch, batch) + stretch.max_rows - 1) // stretch.max_rows
    for group in range(num_groups):
        score = np.int64(PHASES_OF_A_STEP + PHASES_OF_SOME_ROWS * group)
        turn = next_piece(stretch.batches.marks, batch * stretch.phases_per_step + score)
        while turn < num_slices:
            _score_slice(tile, stretch, batch, group, turn)
            piece_done(stretch.batches.marks, batch * stretch.phases_per_step + score)
            turn = next_piece(stretch.batches.marks, batch * stretch.phases_per_step + score)
        wait_for_pieces(
            stretch.batches.marks, batch * stretch.phases_per_step + score, num_slices, stretch.yield_address
        )

        add_up = score + 1
        chunks = _rows_of_group(stretch, batch, group) // ROWS_PER_CHUNK
        turn = next_piece(stretch.batches.marks, batch * stretch.phases_per_step + add_up)
        while turn < chunks:
            _add_up(tile, stretch, batch, group, turn, scratch)
            piece_done(stretch.batches.marks, batch * stretch.phases_per_step + add_up)
            turn = next_piece(stretch.batches.marks, batch * stretch.phases_per_step + add_up)
        wait_for_pieces(
            stretch.batches.marks, batch * stretch.phases_per_step + add_up, chunks, stretch.yield_address
        )

        move = score + 2
        turn = next_piece(stretch.batches.marks, batch * stretch.phases_per_step + move)
        while turn < num_slices:
            stretch.batches.losses[batch, turn] += _loss_of_slice(stretch, group, turn)
            if moves:
                _find_gradients(tile, stretch, batch, group, turn, scratch)
                _move_slice(tile, optimizer, stretch, batch, group, group == num_groups - 1, turn, scratch)
            piece_done(stretch.batches.marks, batch * stretch.phases_per_step + move)
            turn = next_piece(stretch.batches.marks, batch * stretch.phases_per_step + move)
        wait_for_pieces(
            stretch.batches.marks, batch * stretch.phases_per_step + move, num_slices, stretch.yield_address
        )


@kernel_part
def _padded_rows(stretch, step):  # type: ignore[no-untyped-def]
    """Hidden rows of a step, in whole chunks."""
    return (stretch.num_rows[step] + ROWS_PER_CHUNK - 1) // ROWS_PER_CHUNK * ROWS_PER_CHUNK


@kernel_part
def _rows_of_group(stretch, step, group):  # type: ignore[no-untyped-def]
    """Hidden rows that are scored together, in whole chunks."""
    return min(_padded_rows(stretch, step) - group * stretch.max_rows, np.int64(stretch.max_rows))


@kernel_part
def _rows_in_bundles(tile, stretch, step, group):  # type: ignore[no-untyped-def]
    """Hidden rows that are scored together, without those that pad a chunk, in whole bundles."""
    left = stretch.num_rows[step] - group * stretch.max_rows
    return min((left + tile.hidden - 1) // tile.hidden * tile.hidden, np.int64(stretch.max_rows))


@kernel_part
def _num_blocks(stretch):  # type: ignore[no-untyped-def]
    return len(stretch.word_blocks) // (_features(stretch) * WORDS_PER_BLOCK)


@kernel_part
def _features(stretch):  # type: ignore[no-untyped-def]
    return np.int64((stretch.dim + ROWS_PER_TILE) // ROWS_PER_TILE * ROWS_PER_TILE)


@kernel_part
def _gradient_length(stretch):  # type: ignore[no-untyped-def]
    """G: from the gradient of a hidden row to that of the next."""
    return max(_features(stretch), np.int64(stretch.row_length))


@kernel_part
def _blocks_of_slice(stretch, piece):  # type: ignore[no-untyped-def]
    return blocks_of_slice(_num_blocks(stretch), stretch.num_slices, piece)


@kernel_part
def _look_up(optimizer, stretch, step, chunk, moves):  # type: ignore[no-untyped-def]
    """Copy some hidden rows, with 1 for the bias; rows that pad the last chunk are zero."""
    pairs, rows, features = stretch.pairs, stretch.rows, _features(stretch)
    vectors, memory, row_length = stretch.input_vectors, stretch.memories[0], stretch.row_length
    num_rows = stretch.num_rows[step]
    for row in range(chunk * ROWS_PER_CHUNK, (chunk + 1) * ROWS_PER_CHUNK):
        start = row * features
        rows.hidden[start : start + features] = np.float32(0.0)
        if row < num_rows:
            word = np.int64(pairs.words[row])
            if moves:
                ask_for_row(vectors, memory, pairs.words[min(row + 1, num_rows - 1)] * row_length, row_length)
                optimizer.wake_row(optimizer, vectors, memory, word, row_length, stretch.steps, step)
            for column in range(stretch.dim):
                rows.hidden[start + column] = vectors[word * row_length + column]
            rows.hidden[start + stretch.dim] = np.float32(1.0)


@kernel_part
def _score_slice(tile, stretch, step, group, piece):  # type: ignore[no-untyped-def]
    """Score some hidden rows against the words of a slice, and turn the scores into exponentials."""
    pairs, rows, features = stretch.pairs, stretch.rows, _features(stretch)
    num_rows = _rows_of_group(stretch, step, group)
    begin, end = _blocks_of_slice(stretch, piece)
    first_score, bundle_size = _first_score(num_rows, begin), _bundle_size(tile, end - begin)
    hidden = rows.hidden[group * stretch.max_rows * features :]
    rows_in_bundles = _rows_in_bundles(tile, stretch, step, group)
    for block in range(begin, end):
        score_rows(
            tile,
            hidden,
            features,
            (rows_in_bundles + ROWS_PER_TILE - 1) // ROWS_PER_TILE * ROWS_PER_TILE,
            stretch.dim + 1,
            stretch.word_blocks,
            block * features * WORDS_PER_BLOCK,
            rows.scores,
            first_score + (block - begin) * _bundle_size(tile, 1),
            bundle_size,
        )
    key = group * stretch.num_slices + piece
    for pair in range(pairs.ends[key], pairs.ends[key + 1]):
        pairs.pair_scores[pair] = rows.scores[_place_of_pair(tile, stretch, step, group, piece, pair)]
    for row in range(0, rows_in_bundles, tile.hidden):
        exponentials_of_bundle(
            tile,
            rows.scores,
            first_score + row // tile.hidden * bundle_size,
            bundle_size,
            rows.highest,
            rows.totals,
            piece * num_rows + row,
        )


@kernel_part
def _first_score(num_rows, first_block):  # type: ignore[no-untyped-def]
    """Where the scores of a slice begin."""
    return first_block * num_rows * WORDS_PER_BLOCK


@kernel_part
def _bundle_size(tile, num_blocks):  # type: ignore[no-untyped-def]
    """The scores of a bundle with the words of some blocks."""
    return np.int64(num_blocks * (WORDS_PER_BLOCK * tile.hidden))


@kernel_part
def _place_of_pair(tile, stretch, step, group, piece, pair):  # type: ignore[no-untyped-def]
    """Where the score of a pair stands."""
    row = np.int64(stretch.pairs.pair_rows[1, pair]) - group * stretch.max_rows
    begin, end = _blocks_of_slice(stretch, piece)
    word = np.int64(stretch.pairs.pair_targets[1, pair]) - begin * WORDS_PER_BLOCK
    first = _first_score(_rows_of_group(stretch, step, group), begin)
    return first + place_in_bundles(tile, end - begin, row, word)


@kernel_part
def _add_up(tile, stretch, step, group, chunk, scratch):  # type: ignore[no-untyped-def]
    """Find the logarithm of each row's sum of exponentials, and what makes gradients of those of each slice."""
    pairs, rows = stretch.pairs, stretch.rows
    num_rows, num_slices = _rows_of_group(stretch, step, group), stretch.num_slices
    end = min((chunk + 1) * ROWS_PER_CHUNK, _rows_in_bundles(tile, stretch, step, group))
    for row in range(chunk * ROWS_PER_CHUNK, end):
        highest = rows.highest[row]
        for piece in range(1, num_slices):
            highest = max(highest, rows.highest[piece * num_rows + row])
        total = 0.0
        for piece in range(num_slices):
            place = piece * num_rows + row
            scratch.shares[piece] = np.exp(np.float64(rows.highest[place] - highest))
            total += np.float64(rows.totals[place]) * scratch.shares[piece]
        rows.log_totals[row] = np.float64(highest) + np.log(total)
        of_step = group * stretch.max_rows + row
        weight = np.float64(pairs.weights[of_step]) if of_step < stretch.num_rows[step] else 1.0  # of zeros
        for piece in range(num_slices):
            share = scratch.shares[piece] / total
            factor = np.float32(-weight * share) if share > SMALLEST_SHARE else np.float32(0.0)
            rows.factors[piece * num_rows + row] = factor


@kernel_part
def _loss_of_slice(stretch, group, piece):  # type: ignore[no-untyped-def]
    pairs, rows = stretch.pairs, stretch.rows
    loss = 0.0
    key = group * stretch.num_slices + piece
    for pair in range(pairs.ends[key], pairs.ends[key + 1]):
        row = np.int64(pairs.pair_rows[1, pair]) - group * stretch.max_rows
        loss += rows.log_totals[row] - np.float64(pairs.pair_scores[pair])
    return loss


@kernel_part
def _find_gradients(tile, stretch, step, group, piece, scratch):  # type: ignore[no-untyped-def]
    """Add to each pair's exponential what its gradient has beside, and sum up what the slice says to each hidden row.

    A score's gradient is its exponential times the factor of its row; pairs add theirs divided by that.
    """
    pairs, rows = stretch.pairs, stretch.rows
    num_rows = _rows_of_group(stretch, step, group)
    begin, end = _blocks_of_slice(stretch, piece)
    first_score = _first_score(num_rows, begin)
    factors = rows.factors[piece * num_rows : (piece + 1) * num_rows]
    rows_in_bundles = _rows_in_bundles(tile, stretch, step, group)
    for row in range(rows_in_bundles):
        if factors[row] == 0.0:
            factors[row] = np.float32(-1.0)
            for word in range((end - begin) * WORDS_PER_BLOCK):
                rows.scores[first_score + place_in_bundles(tile, end - begin, row, word)] = np.float32(0.0)
    key = group * stretch.num_slices + piece
    for pair in range(pairs.ends[key], pairs.ends[key + 1]):
        row = np.int64(pairs.pair_rows[1, pair]) - group * stretch.max_rows
        place = _place_of_pair(tile, stretch, step, group, piece, pair)
        rows.scores[place] += pairs.pair_weights[1, pair] / factors[row]
    _find_hidden_gradients(tile, stretch, step, group, piece, factors, scratch)


@kernel_part
def _find_hidden_gradients(tile, stretch, step, group, piece, factors, scratch):  # type: ignore[no-untyped-def]
    """Sum up what the words of a slice say to each hidden row.

    With features side by side, each score serves a vector of them. What features are left then is summed up over
    vectors of words, whose lanes must be added up in the end.
    """
    rows, features, length = stretch.rows, _features(stretch), _gradient_length(stretch)
    begin, end = _blocks_of_slice(stretch, piece)
    first_score = _first_score(_rows_of_group(stretch, step, group), begin)
    size, bundle_size = features * WORDS_PER_BLOCK, _bundle_size(tile, end - begin)
    rows_in_bundles = _rows_in_bundles(tile, stretch, step, group)
    first_gradient = (piece * _padded_rows(stretch, step) + group * stretch.max_rows) * length
    feature = np.int64(0)
    while feature + tile.lanes <= stretch.dim:
        num_vectors = _vectors_at_once(tile, (stretch.dim - feature) // tile.lanes)
        for block in range(begin, end):  # one at a time, which stays in the nearest cache
            first = block * size + feature * WORDS_PER_BLOCK
            features_by_word(tile, stretch.word_blocks, first, num_vectors, scratch.by_word)
            for row in range(0, rows_in_bundles, tile.hidden):
                gradients_by_word(
                    tile,
                    rows.scores,
                    first_score + row // tile.hidden * bundle_size + (block - begin) * _bundle_size(tile, 1),
                    scratch.by_word,
                    num_vectors,
                    factors,
                    row,
                    rows.hidden_gradients,
                    first_gradient + row * length + feature,
                    length,
                    block > begin,
                )
        feature += num_vectors * tile.lanes
    while feature < stretch.dim:
        first = min(feature, features - ROWS_PER_TILE)
        for row in range(0, rows_in_bundles, tile.hidden):
            gradients_of_bundle(
                tile,
                rows.scores,
                first_score + row // tile.hidden * bundle_size,
                stretch.word_blocks,
                begin * size + first * WORDS_PER_BLOCK,
                size,
                end - begin,
                factors,
                row,
                rows.hidden_gradients,
                first_gradient + row * length + first,
                length,
            )
        feature += ROWS_PER_TILE


@kernel_part
def _vectors_at_once(tile, left):  # type: ignore[no-untyped-def]
    """How many of the vectors of features that are left are summed up together."""
    most = np.int64(tile.feature_vectors)
    if left >= most:
        return most
    return most // 2 if left >= most // 2 else np.int64(1)


@kernel_part
def _move_slice(tile, optimizer, stretch, step, group, is_last, piece, scratch):  # type: ignore[no-untyped-def]
    """Find the gradients of the words of a slice, and move them when all hidden rows have told theirs."""
    rows, features = stretch.rows, _features(stretch)
    num_rows = _rows_of_group(stretch, step, group)
    begin, end = _blocks_of_slice(stretch, piece)
    first_score, bundle_size = _first_score(num_rows, begin), _bundle_size(tile, end - begin)
    first_row = group * stretch.max_rows
    hidden = rows.hidden[first_row * features :]
    rows_in_bundles = _rows_in_bundles(tile, stretch, step, group)
    for row in range(rows_in_bundles):
        factor = rows.factors[piece * num_rows + row]
        # Of signed numbers, numba would ask whether they count from the end.
        for feature in range(np.uint64(row * features), np.uint64((row + 1) * features)):
            scratch.scaled[feature] = hidden[feature] * factor
    size = features * WORDS_PER_BLOCK
    for block in range(begin, end):
        for feature in range(0, features, ROWS_PER_TILE):
            place, number = feature * WORDS_PER_BLOCK, ROWS_PER_TILE * WORDS_PER_BLOCK
            if is_last:
                prefetch_row(stretch.memories[1].mean, block * size + place, np.int64(number))
                prefetch_row(stretch.memories[1].square, block * size + place, np.int64(number))
            gradients_of_features(
                tile,
                scratch.scaled,
                feature,
                features,
                rows_in_bundles // tile.hidden,
                rows.scores,
                first_score + (block - begin) * _bundle_size(tile, 1),
                bundle_size,
                scratch.gradient,
                place,
            )
        if len(rows.gradients) > 0:
            for place in range(size):
                if group > 0:
                    scratch.gradient[place] += rows.gradients[block * size + place]
                rows.gradients[block * size + place] = scratch.gradient[place]
        if is_last:
            optimizer.move_row(
                optimizer,
                stretch.word_blocks,
                stretch.memories[1],
                block,
                size,
                scratch.gradient,
                stretch.steps,
                step,
            )
            optimizer.remember_step(stretch.memories[1], block, stretch.steps, step)


@kernel_part
def _move_inputs(tile, optimizer, stretch, step, chunk, scratch):  # type: ignore[no-untyped-def]
    """Add up what all slices say to some hidden rows, and move them."""
    pairs, rows, steps = stretch.pairs, stretch.rows, stretch.steps
    vectors, memory, row_length = stretch.input_vectors, stretch.memories[0], stretch.row_length
    length, num_rows = _gradient_length(stretch), stretch.num_rows[step]
    size_of_slice = _padded_rows(stretch, step) * length
    for row in range(chunk * ROWS_PER_CHUNK, min((chunk + 1) * ROWS_PER_CHUNK, num_rows)):
        ask_for_row(vectors, memory, pairs.words[min(row + 1, num_rows - 1)] * row_length, row_length)
        sum_of_rows(
            tile,
            rows.hidden_gradients,
            row * length,
            size_of_slice,
            stretch.num_slices,
            scratch.gradient,
            row_length,
        )
        scratch.gradient[stretch.dim : row_length] = np.float32(0.0)
        word = np.int64(pairs.words[row])
        optimizer.move_row(optimizer, vectors, memory, word, row_length, scratch.gradient, steps, step)
        optimizer.remember_step(memory, word, steps, step)
