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

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.batch_examples import BY_EXAMPLE, BY_TERM, Batches, PairRules
from wordvec.kernels.cpu.row_optimizers import Memory, Steps
from wordvec.kernels.cpu.softmax_tile import (
    ROWS_PER_TILE,
    WORDS_PER_BLOCK,
    exponentials_of_bundle,
    gradients_of_bundle,
    gradients_of_features,
    num_features,
    place_in_bundles,
    score_rows,
)
from wordvec.kernels.simd.compile import kernel, kernel_part
from wordvec.kernels.simd.memory import next_piece, piece_done, prefetch_row, wait_for_pieces

__all__ = [
    "MAX_SLICES",
    "ROWS_PER_CHUNK",
    "SMALLEST_SHARE",
    "SoftmaxPairs",
    "SoftmaxScratch",
    "SoftmaxStretch",
    "empty_pairs",
    "empty_softmax_scratch",
    "num_slices_of",
    "phases_per_step",
    "train_softmax",
]

MAX_SLICES = 64
BLOCKS_PER_SLICE = 8
ROWS_PER_CHUNK = 12  # a multiple of the hidden rows of all tiles and bundles
LIST, LOOK_UP, MOVE_INPUTS = range(3)
PHASES_OF_A_STEP, PHASES_OF_SOME_ROWS = 3, 3
SMALLEST_SHARE = 1e-20  # of a slice in a row's sum of exponentials: less moves nothing

# V words in N blocks and S slices, C different words that predict in P pairs; D dimensions, F features


class SoftmaxPairs(NamedTuple):
    """The pairs of a step, and what becomes of them."""

    num_listed: NDArray[np.int64]  # (1,)  C of the last step that was listed
    rows: NDArray[np.int32]  # (V,)  hidden row of a word in this step, else -1
    words: NDArray[np.int32]  # (C,)  the word of each hidden row
    weights: NDArray[np.float32]  # (C,)  of all of its pairs together
    pair_rows: NDArray[np.int32]  # (2, P)  as listed; then by the hidden rows scored together and by slice
    pair_targets: NDArray[np.int32]  # (2, P)
    pair_weights: NDArray[np.float32]  # (2, P)
    pair_scores: NDArray[np.float32]  # (P,)
    ends: NDArray[np.int64]  # (groups·S + 1,)  where the pairs of each end, after a 0
    hidden: NDArray[np.float32]  # (C·H,)  hidden rows: D numbers, 1 for the bias, zeros
    hidden_gradients: NDArray[np.float32]  # (S·C·H,)
    scores: NDArray[np.float32]  # (N·rows·WORDS_PER_BLOCK,)  slice by slice, in bundles
    highest: NDArray[np.float32]  # (S·rows,)
    totals: NDArray[np.float32]  # (S·rows,)
    factors: NDArray[np.float32]  # (S·rows,)  what makes gradients of exponentials; 0 where all are too small
    log_totals: NDArray[np.float64]  # (rows,)
    gradients: NDArray[
        np.float32
    ]  # (N·F·WORDS_PER_BLOCK,)  of words, where rows are scored group by group; else empty


class SoftmaxScratch(NamedTuple):
    """One thread's working memory."""

    gradient: NDArray[np.float32]  # of a block of words, or of an input row
    scaled: NDArray[np.float32]  # (rows·F,)  hidden rows, by what makes gradients of a slice's exponentials


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
    num_slices: int
    max_rows: int  # hidden rows that are scored at a time, a multiple of ROWS_PER_CHUNK
    phases_per_step: int
    yield_address: int


def phases_per_step(num_groups: int) -> int:
    """Phases of a step with that many groups of hidden rows."""
    return PHASES_OF_A_STEP + PHASES_OF_SOME_ROWS * num_groups


def empty_pairs(
    num_words: int, dim: int, num_examples: int, num_pairs: int, num_slices: int, max_rows: int
) -> SoftmaxPairs:
    """Room for the largest step."""
    num_blocks, features = -(-num_words // WORDS_PER_BLOCK), num_features(dim)
    rows = -(-min(num_examples, num_words) // ROWS_PER_CHUNK) * ROWS_PER_CHUNK
    num_groups, at_once = -(-rows // max_rows), min(rows, max_rows)
    size_of_blocks = num_blocks * features * WORDS_PER_BLOCK
    return SoftmaxPairs(
        num_listed=np.zeros(1, np.int64),
        rows=np.full(num_words, -1, np.int32),
        words=np.empty(rows, np.int32),
        weights=np.empty(rows, np.float32),
        pair_rows=np.empty((2, num_pairs), np.int32),
        pair_targets=np.empty((2, num_pairs), np.int32),
        pair_weights=np.empty((2, num_pairs), np.float32),
        pair_scores=np.empty(num_pairs, np.float32),
        ends=np.zeros(num_groups * num_slices + 1, np.int64),
        hidden=np.empty(rows * features, np.float32),
        hidden_gradients=np.empty(num_slices * rows * features, np.float32),
        scores=np.empty(num_blocks * at_once * WORDS_PER_BLOCK, np.float32),
        highest=np.empty(num_slices * at_once, np.float32),
        totals=np.empty(num_slices * at_once, np.float32),
        factors=np.empty(num_slices * at_once, np.float32),
        log_totals=np.empty(at_once),
        gradients=np.empty(size_of_blocks if num_groups > 1 else 0, np.float32),
    )


def empty_softmax_scratch(dim: int, row_length: int, max_rows: int) -> SoftmaxScratch:
    """Working memory of a thread."""
    return SoftmaxScratch(
        gradient=np.zeros(max(num_features(dim) * WORDS_PER_BLOCK, row_length), np.float32),
        scaled=np.empty(max_rows * num_features(dim), np.float32),
    )


def num_slices_of(num_blocks: int) -> int:
    """S: slices of eight blocks or more, as shorter ones cost more; a multiple of 4, so that threads get as many.

    >>> num_slices_of(105), num_slices_of(2000), num_slices_of(3)
    (12, 64, 3)
    """
    return min(num_blocks // BLOCKS_PER_SLICE // 4 * 4, MAX_SLICES) or min(num_blocks, 4)


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
                _move_inputs(optimizer, stretch, batch, turn, scratch)
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
        _list_pairs(stretch, batch)
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
            _add_up(tile, stretch, batch, group, turn)
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
def _blocks_of_slice(stretch, piece):  # type: ignore[no-untyped-def]
    """The first block of a slice, and the end of its blocks."""
    num_blocks = _num_blocks(stretch)
    return num_blocks * piece // stretch.num_slices, num_blocks * (piece + 1) // stretch.num_slices


@kernel_part
def _slice_of_word(stretch, word):  # type: ignore[no-untyped-def]
    block, num_blocks = word // WORDS_PER_BLOCK, _num_blocks(stretch)
    piece = block * stretch.num_slices // num_blocks
    while _blocks_of_slice(stretch, piece)[1] <= block:
        piece += 1
    return piece


@kernel_part
def _list_pairs(stretch, batch):  # type: ignore[no-untyped-def]
    """List the pairs of a batch, and give each different word that predicts a hidden row; then sort the pairs."""
    pairs, rules, contexts = stretch.pairs, stretch.rules, stretch.batches.contexts
    for row in range(pairs.num_listed[0]):  # in the last step
        pairs.rows[pairs.words[row]] = -1
    first_window, end = stretch.batches.cuts[batch], stretch.batches.cuts[batch + 1]
    total = contexts.first[end] - contexts.first[first_window]
    num_rows: Any = np.int64(0)
    num_pairs: Any = np.int64(0)
    for window in range(first_window, end):
        first, last = contexts.first[window], contexts.first[window + 1]
        weight = np.float32(1.0)
        if rules.reduction == BY_TERM:
            weight = np.float32(1.0 / total)
        elif rules.reduction == BY_EXAMPLE:
            weight = np.float32(1.0 / (last - first))
        for context in range(first, last):
            word, target = contexts.centers[window], contexts.words[context]
            if not rules.looks_up_center:
                word, target = target, word
            predicting: Any = np.int64(pairs.rows[word])
            if predicting < 0:
                predicting = num_rows
                pairs.rows[word] = predicting
                pairs.words[predicting] = word
                pairs.weights[predicting] = np.float32(0.0)
                num_rows += 1
            pairs.weights[predicting] += weight
            pairs.pair_rows[0, num_pairs] = predicting
            pairs.pair_targets[0, num_pairs] = target
            pairs.pair_weights[0, num_pairs] = weight
            num_pairs += 1
    pairs.num_listed[0] = stretch.num_rows[batch] = num_rows
    stretch.batches.terms[batch, 0] = num_pairs
    _sort_pairs(stretch, num_pairs)


@kernel_part
def _sort_pairs(stretch, num_pairs):  # type: ignore[no-untyped-def]
    """Sort pairs by the hidden rows that are scored together, and by the slice of their target."""
    pairs = stretch.pairs
    pairs.ends[:] = 0
    for is_second_time in range(2):
        for pair in range(num_pairs):
            row, target = np.int64(pairs.pair_rows[0, pair]), np.int64(pairs.pair_targets[0, pair])
            key = row // stretch.max_rows * stretch.num_slices + _slice_of_word(stretch, target)
            if is_second_time:
                place = pairs.ends[key]
                pairs.ends[key] += 1
                pairs.pair_rows[1, place] = row
                pairs.pair_targets[1, place] = target
                pairs.pair_weights[1, place] = pairs.pair_weights[0, pair]
            else:
                pairs.ends[key + 1] += 1
        if not is_second_time:
            for key in range(1, len(pairs.ends)):
                pairs.ends[key] += pairs.ends[key - 1]
    for key in range(len(pairs.ends) - 1, 0, -1):  # each has come to the end of its pairs
        pairs.ends[key] = pairs.ends[key - 1]
    pairs.ends[0] = 0


@kernel_part
def _look_up(optimizer, stretch, step, chunk, moves):  # type: ignore[no-untyped-def]
    """Copy some hidden rows, with 1 for the bias; rows that pad the last chunk are zero."""
    pairs, features = stretch.pairs, _features(stretch)
    for row in range(chunk * ROWS_PER_CHUNK, (chunk + 1) * ROWS_PER_CHUNK):
        start = row * features
        pairs.hidden[start : start + features] = np.float32(0.0)
        if row < stretch.num_rows[step]:
            word = np.int64(pairs.words[row])
            if moves:
                optimizer.wake_row(
                    optimizer,
                    stretch.input_vectors,
                    stretch.memories[0],
                    word,
                    stretch.row_length,
                    stretch.steps,
                    step,
                )
            for column in range(stretch.dim):
                pairs.hidden[start + column] = stretch.input_vectors[word * stretch.row_length + column]
            pairs.hidden[start + stretch.dim] = np.float32(1.0)


@kernel_part
def _score_slice(tile, stretch, step, group, piece):  # type: ignore[no-untyped-def]
    """Score some hidden rows against the words of a slice, and turn the scores into exponentials."""
    pairs, features = stretch.pairs, _features(stretch)
    num_rows = _rows_of_group(stretch, step, group)
    begin, end = _blocks_of_slice(stretch, piece)
    first_score, bundle_size = _first_score(num_rows, begin), _bundle_size(tile, end - begin)
    hidden = pairs.hidden[group * stretch.max_rows * features :]
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
            pairs.scores,
            first_score + (block - begin) * _bundle_size(tile, 1),
            bundle_size,
        )
    key = group * stretch.num_slices + piece
    for pair in range(pairs.ends[key], pairs.ends[key + 1]):
        pairs.pair_scores[pair] = pairs.scores[_place_of_pair(tile, stretch, step, group, piece, pair)]
    for row in range(0, rows_in_bundles, tile.hidden):
        exponentials_of_bundle(
            tile,
            pairs.scores,
            first_score + row // tile.hidden * bundle_size,
            bundle_size,
            pairs.highest,
            pairs.totals,
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
def _add_up(tile, stretch, step, group, chunk):  # type: ignore[no-untyped-def]
    """Find the logarithm of each row's sum of exponentials, and what makes gradients of those of each slice."""
    pairs, num_rows, num_slices = stretch.pairs, _rows_of_group(stretch, step, group), stretch.num_slices
    end = min((chunk + 1) * ROWS_PER_CHUNK, _rows_in_bundles(tile, stretch, step, group))
    for row in range(chunk * ROWS_PER_CHUNK, end):
        highest = pairs.highest[row]
        for piece in range(1, num_slices):
            highest = max(highest, pairs.highest[piece * num_rows + row])
        total = 0.0
        for piece in range(num_slices):
            place = piece * num_rows + row
            total += np.float64(pairs.totals[place]) * np.exp(np.float64(pairs.highest[place] - highest))
        pairs.log_totals[row] = np.float64(highest) + np.log(total)
        of_step = group * stretch.max_rows + row
        weight = np.float64(pairs.weights[of_step]) if of_step < stretch.num_rows[step] else 1.0  # of zeros
        for piece in range(num_slices):
            place = piece * num_rows + row
            share = np.exp(np.float64(pairs.highest[place]) - pairs.log_totals[row])
            pairs.factors[place] = np.float32(-weight * share) if share > SMALLEST_SHARE else np.float32(0.0)


@kernel_part
def _loss_of_slice(stretch, group, piece):  # type: ignore[no-untyped-def]
    pairs = stretch.pairs
    loss = 0.0
    key = group * stretch.num_slices + piece
    for pair in range(pairs.ends[key], pairs.ends[key + 1]):
        row = np.int64(pairs.pair_rows[1, pair]) - group * stretch.max_rows
        loss += pairs.log_totals[row] - np.float64(pairs.pair_scores[pair])
    return loss


@kernel_part
def _find_gradients(tile, stretch, step, group, piece, scratch):  # type: ignore[no-untyped-def]
    """Add to each pair's exponential what its gradient has beside, and sum up what the slice says to each hidden row.

    A score's gradient is its exponential times the factor of its row; pairs add theirs divided by that.
    """
    pairs, features = stretch.pairs, _features(stretch)
    num_rows = _rows_of_group(stretch, step, group)
    begin, end = _blocks_of_slice(stretch, piece)
    first_score, bundle_size = _first_score(num_rows, begin), _bundle_size(tile, end - begin)
    factors = pairs.factors[piece * num_rows : (piece + 1) * num_rows]
    rows_in_bundles = _rows_in_bundles(tile, stretch, step, group)
    for row in range(rows_in_bundles):
        if factors[row] == 0.0:
            factors[row] = np.float32(-1.0)
            for word in range((end - begin) * WORDS_PER_BLOCK):
                pairs.scores[first_score + place_in_bundles(tile, end - begin, row, word)] = np.float32(0.0)
    key = group * stretch.num_slices + piece
    for pair in range(pairs.ends[key], pairs.ends[key + 1]):
        row = np.int64(pairs.pair_rows[1, pair]) - group * stretch.max_rows
        place = _place_of_pair(tile, stretch, step, group, piece, pair)
        pairs.scores[place] += pairs.pair_weights[1, pair] / factors[row]

    first_gradient = (piece * _padded_rows(stretch, step) + group * stretch.max_rows) * features
    for feature in range(0, features, ROWS_PER_TILE):
        for row in range(0, rows_in_bundles, tile.hidden):
            gradients_of_bundle(
                tile,
                pairs.scores,
                first_score + row // tile.hidden * bundle_size,
                stretch.word_blocks,
                (begin * features + feature) * WORDS_PER_BLOCK,
                features * WORDS_PER_BLOCK,
                end - begin,
                factors,
                row,
                pairs.hidden_gradients,
                first_gradient + row * features + feature,
                features,
            )


@kernel_part
def _move_slice(tile, optimizer, stretch, step, group, is_last, piece, scratch):  # type: ignore[no-untyped-def]
    """Find the gradients of the words of a slice, and move them when all hidden rows have told theirs."""
    pairs, features = stretch.pairs, _features(stretch)
    num_rows = _rows_of_group(stretch, step, group)
    begin, end = _blocks_of_slice(stretch, piece)
    first_score, bundle_size = _first_score(num_rows, begin), _bundle_size(tile, end - begin)
    first_row = group * stretch.max_rows
    hidden = pairs.hidden[first_row * features :]
    rows_in_bundles = _rows_in_bundles(tile, stretch, step, group)
    for row in range(rows_in_bundles):
        factor = pairs.factors[piece * num_rows + row]
        for feature in range(
            np.uint64(row * features), np.uint64((row + 1) * features)
        ):  # see `_move_inputs`
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
                pairs.scores,
                first_score + (block - begin) * _bundle_size(tile, 1),
                bundle_size,
                scratch.gradient,
                place,
            )
        if len(pairs.gradients) > 0:
            for place in range(size):
                if group > 0:
                    scratch.gradient[place] += pairs.gradients[block * size + place]
                pairs.gradients[block * size + place] = scratch.gradient[place]
        if is_last:
            optimizer.move_row(
                optimizer,
                stretch.word_blocks,
                stretch.memories[1],
                block,
                block * size,
                size,
                scratch.gradient,
                stretch.steps,
                step,
            )
            optimizer.remember_step(stretch.memories[1], block, stretch.steps, step)


@kernel_part
def _move_inputs(optimizer, stretch, step, chunk, scratch):  # type: ignore[no-untyped-def]
    """Add up what all slices say to some hidden rows, and move them."""
    pairs, features = stretch.pairs, _features(stretch)
    size_of_slice = _padded_rows(stretch, step) * features
    for row in range(chunk * ROWS_PER_CHUNK, min((chunk + 1) * ROWS_PER_CHUNK, stretch.num_rows[step])):
        scratch.gradient[: stretch.row_length] = np.float32(0.0)
        for piece in range(stretch.num_slices):
            first = piece * size_of_slice + row * features
            of_slice = pairs.hidden_gradients[first : first + features]
            for column in range(
                np.uint64(stretch.dim)
            ):  # of signed ones, numba asks if they count from the end
                scratch.gradient[column] += of_slice[column]
        word = np.int64(pairs.words[row])
        optimizer.move_row(
            optimizer,
            stretch.input_vectors,
            stretch.memories[0],
            word,
            word * stretch.row_length,
            stretch.row_length,
            scratch.gradient,
            stretch.steps,
            step,
        )
        optimizer.remember_step(stretch.memories[0], word, stretch.steps, step)
