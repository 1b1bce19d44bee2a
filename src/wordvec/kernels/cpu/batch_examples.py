"""Examples of a batch: hidden rows and the rows that each is scored against, listed with noise words that are drawn."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.batch_windows import Contexts
from wordvec.kernels.cpu.windows import draw_noise, draw_word, draw_words, hash64, is_among
from wordvec.kernels.simd.compile import kernel_part
from wordvec.sampling.noise import AliasTable

__all__ = [
    "BY_BATCH",
    "BY_EXAMPLE",
    "BY_PAIR",
    "BY_TERM",
    "BY_WINDOW",
    "SUM",
    "WINDOWS_PER_CHUNK",
    "Batches",
    "Examples",
    "PairRules",
    "contexts_of",
    "draw_chunk",
    "empty_examples",
    "first_pair",
    "pairs_of_example",
    "word_of_example",
]

WINDOWS_PER_CHUNK = 16  # drawn and scored by one thread
BY_WINDOW, BY_PAIR, BY_BATCH = range(3)  # who shares noise words
SUM, BY_EXAMPLE, BY_TERM = range(3)  # what losses are divided by before they are added up

# V words in rows of R floats; B windows of a batch, N examples with E pairs in all, K noise words


class PairRules(NamedTuple):
    """Which pairs a window has, and how much each counts."""

    looks_up_center: bool  # the center predicts each of its contexts; else each context predicts the center
    window: int  # words on each side of a center, at most
    negatives: int  # K
    sharing: int  # BY_WINDOW, BY_PAIR or BY_BATCH
    avoids_all_targets: bool  # a noise word of a pair that is any target of its window is drawn again
    reduction: int  # SUM, BY_EXAMPLE or BY_TERM
    contexts_per_part: int  # a window with more takes a step for each part of that many contexts
    contexts_at_full_step: int  # more of them move what they share no further than that many
    max_norm: float  # longer vectors are shortened to this when they are looked up; infinity for no limit


class Batches(NamedTuple):
    """The steps of a stretch: batch after batch, each for the first part of its windows, then for the next."""

    contexts: Contexts
    cuts: NDArray[np.int64]  # (batches + 1,)  where each begins among the windows
    first_step: NDArray[np.int64]  # (batches + 1,)  number of each batch's first step among these
    noise: AliasTable
    stream: np.uint64
    marks: NDArray[np.int64]  # (steps·phases·MARKS_PER_PHASE,)  0 before the threads begin
    losses: NDArray[np.float64]  # (steps, chunks)
    terms: NDArray[np.int64]  # (steps, chunks)


class Examples(NamedTuple):
    """The examples of a step."""

    targets: NDArray[np.int32]  # (E,)  word ids
    weights: NDArray[np.float32]  # (E,)  how often each pair counts; below 0 for true pairs
    gradients: NDArray[np.float32]  # (E,)
    terms: NDArray[np.int64]  # (B,)  of each window's loss
    hidden_gradients: NDArray[np.float32]  # (N·R,)  of the rows that predict


def empty_examples(num_windows: int, num_examples: int, num_pairs: int, row_length: int) -> Examples:
    """Room for the largest step."""
    return Examples(
        targets=np.empty(num_pairs, np.int32),
        weights=np.empty(num_pairs, np.float32),
        gradients=np.empty(num_pairs, np.float32),
        terms=np.zeros(num_windows, np.int64),
        hidden_gradients=np.empty(num_examples * row_length, np.float32),
    )


# Where the examples of a window stand: an example for each context that predicts its center, or one for the window


@kernel_part
def contexts_of(rules, batches, batch, part, window):  # type: ignore[no-untyped-def]
    """The first of a part's contexts, how many it has, and how many contexts of this step stand before them."""
    contexts = batches.contexts
    first = contexts.first[window]
    total = contexts.first[window + 1] - first
    begin = np.int64(part * rules.contexts_per_part)
    number = max(min(total - begin, np.int64(rules.contexts_per_part)), np.int64(0))
    if batches.first_step[batch + 1] - batches.first_step[batch] == 1:  # all are whole: without gaps
        return first, number, first - contexts.first[batches.cuts[batch]]
    return first + begin, number, (window - batches.cuts[batch]) * np.int64(rules.contexts_per_part)


@kernel_part
def first_pair(rules, window_of_batch, contexts_before):  # type: ignore[no-untyped-def]
    """Where the pairs of a window begin."""
    if rules.looks_up_center and rules.sharing != BY_PAIR:
        return contexts_before + window_of_batch * rules.negatives
    return contexts_before * (1 + rules.negatives)


@kernel_part
def pairs_of_example(rules, num_contexts):  # type: ignore[no-untyped-def]
    """How many pairs each example has of a window with that many contexts."""
    if not rules.looks_up_center:
        return np.int64(1 + rules.negatives)
    if rules.sharing == BY_PAIR:
        return num_contexts * (1 + rules.negatives)
    return num_contexts + rules.negatives


# Draw


@kernel_part
def draw_chunk(rules, batches, batch, part, chunk, examples):  # type: ignore[no-untyped-def]
    """Draw the noise words of some windows, and list their pairs."""
    begin = batches.cuts[batch]
    first_window = begin + chunk * WINDOWS_PER_CHUNK
    for window in range(first_window, min(first_window + WINDOWS_PER_CHUNK, batches.cuts[batch + 1])):
        first, number, before = contexts_of(rules, batches, batch, part, window)
        pair = first_pair(rules, window - begin, before)
        if rules.looks_up_center:
            terms = _draw_for_center(rules, batches, batch, window, first, number, pair, examples)
        else:
            terms = _draw_for_contexts(rules, batches, batch, window, first, number, pair, examples)
        examples.terms[window - begin] = terms


@kernel_part
def _draw_for_center(rules, batches, batch, window, first, number, pair, examples):  # type: ignore[no-untyped-def]
    """List the pairs of a center with its contexts, and with noise; return how many terms its loss has."""
    contexts, negatives = batches.contexts, np.int64(rules.negatives)
    position = contexts.positions[window]
    for context in range(number):
        examples.targets[pair + context] = contexts.words[first + context]
        examples.weights[pair + context] = np.float32(-1.0)
    pair += number
    terms = np.int64(number)
    if number == 0:
        return terms
    first_of_window, end_of_window = contexts.first[window], contexts.first[window + 1]
    if rules.sharing == BY_PAIR:
        num_slots = np.int64(2 * rules.window)
        for context in range(first, first + number):
            counter = (position * num_slots + contexts.slots[context]) * negatives
            forbidden, end = (
                (first_of_window, end_of_window) if rules.avoids_all_targets else (context, context + 1)
            )
            for negative in range(negatives):
                word = draw_noise(
                    batches.stream, counter + negative, batches.noise, contexts.words, forbidden, end
                )
                is_noise = word != contexts.words[context]
                examples.targets[pair] = word
                examples.weights[pair] = np.float32(is_noise)
                terms += is_noise
                pair += 1
        return terms
    from_position = position if rules.sharing == BY_WINDOW else contexts.positions[batches.cuts[batch]]
    counter = from_position * negatives
    draw_words(batches.stream, counter, negatives, batches.noise, examples.targets, pair)
    for negative in range(negatives):
        times = np.int64(number)
        if is_among(examples.targets[pair + negative], contexts.words, first_of_window, end_of_window):
            if rules.sharing == BY_WINDOW:
                examples.targets[pair + negative] = draw_noise(
                    batches.stream,
                    counter + negative,
                    batches.noise,
                    contexts.words,
                    first_of_window,
                    end_of_window,
                )
            for context in range(first, first + number):
                times -= contexts.words[context] == examples.targets[pair + negative]
        examples.weights[pair + negative] = np.float32(times)
        terms += times
    return terms


@kernel_part
def _draw_for_contexts(rules, batches, batch, window, first, number, pair, examples):  # type: ignore[no-untyped-def]
    """List the pairs of each context with the center, and with noise; return how many terms their losses have."""
    contexts, negatives = batches.contexts, np.int64(rules.negatives)
    position, center = contexts.positions[window], contexts.centers[window]
    terms = np.int64(number)
    num_slots = np.int64(2 * rules.window)
    first_noise = pair + 1
    for context in range(first, first + number):
        examples.targets[pair] = center
        examples.weights[pair] = np.float32(-1.0)
        pair += 1
        counter = position * negatives
        if rules.sharing == BY_PAIR:
            counter = (position * num_slots + contexts.slots[context]) * negatives
        for negative in range(negatives):
            if rules.sharing != BY_PAIR and context > first:
                word = np.int64(examples.targets[first_noise + negative])
            elif rules.sharing == BY_BATCH:
                word = _noise_of_batch(batches, batch, negatives, negative)
            else:
                word = draw_noise(
                    batches.stream, counter + negative, batches.noise, contexts.centers, window, window + 1
                )
            is_noise = word != center
            examples.targets[pair] = word
            examples.weights[pair] = np.float32(is_noise)
            terms += is_noise
            pair += 1
    return terms


@kernel_part
def _noise_of_batch(batches, batch, negatives, negative):  # type: ignore[no-untyped-def]
    position = batches.contexts.positions[batches.cuts[batch]]
    return draw_word(hash64(batches.stream, position * negatives + negative), batches.noise)


@kernel_part
def word_of_example(rules, batches, window, first, index):  # type: ignore[no-untyped-def]
    """The word whose row predicts."""
    if rules.looks_up_center:
        return batches.contexts.centers[window]
    return batches.contexts.words[first + index]
