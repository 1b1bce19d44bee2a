"""Batches of a small text, with room for their examples that just suffices."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.encoded import TEXT_END
from wordvec.kernels.cpu.batch_examples import (
    BY_BATCH,
    BY_PAIR,
    BY_WINDOW,
    SUM,
    Batches,
    Examples,
    PairRules,
    draw_chunk,
    empty_examples,
)
from wordvec.kernels.cpu.batch_windows import ContextRules, empty_contexts, list_contexts
from wordvec.kernels.simd.compile import kernel
from wordvec.sampling.noise import alias_table

WINDOW, NEGATIVES, VOCABULARY_SIZE = 4, 3, 12
STREAM, NOISE_STREAM = np.uint64(5), np.uint64(2**63 + 9)
ROW_LENGTH = 16
SHARING = {"window": BY_WINDOW, "pair": BY_PAIR, "batch": BY_BATCH}
GUARD = 64


class Drawn(NamedTuple):
    """The examples of one step."""

    rules: PairRules
    batches: Batches
    examples: Examples
    contexts: list[list[int]]  # of each window of the batch, those of this step
    slots: list[list[int]]
    centers: list[int]
    positions: list[int]
    forbidden: list[list[int]]  # all contexts of each window


def small_text(seed: int = 1) -> NDArray[np.int32]:
    """Few words, so that a window has some twice, and its center among them."""
    rng = np.random.default_rng(seed)
    ids = np.minimum(rng.zipf(1.3, 150) - 1, VOCABULARY_SIZE - 1).astype(np.int32)
    ids[rng.random(150) < 0.05] = TEXT_END
    ids.flags.writeable = False
    return ids


def pair_rules(
    looks_up_center: bool, sharing: str, avoids_all_targets: bool = False, contexts_per_part: int = 99
) -> PairRules:
    return PairRules(
        looks_up_center,
        WINDOW,
        NEGATIVES,
        SHARING[sharing],
        avoids_all_targets,
        SUM,
        contexts_per_part,
        99,
        np.inf,
    )


@kernel
def draw_all(rules, batches, batch, part, num_chunks, examples):  # type: ignore[no-untyped-def]
    for chunk in range(num_chunks):
        draw_chunk(rules, batches, batch, part, chunk, examples)


def batches_of(ids: NDArray[np.int32], noise: NDArray[np.float64], contexts_per_part: int = 99) -> Batches:
    """Two batches of windows."""
    contexts = empty_contexts(len(ids), 2 * WINDOW * (len(ids) + 1))
    rules = ContextRules(np.ones(len(noise), np.float32), WINDOW, False, False, True)
    number = list_contexts(ids, 0, (0, len(ids)), (True, True), rules, STREAM, STREAM, contexts)
    cuts = np.array([0, number // 3, number])
    widest = np.maximum.reduceat(np.diff(contexts.first[: number + 1]), cuts[:-1])
    first_step = np.concatenate([[0], np.cumsum(-(-widest // contexts_per_part))])
    nothing = np.zeros(0, np.int64)
    return Batches(
        contexts,
        cuts,
        first_step,
        alias_table(noise),
        NOISE_STREAM,
        nothing,
        np.zeros((0, 0)),
        nothing[:, None],
    )


def draw(rules: PairRules, batches: Batches, batch: int = 1, part: int = 0) -> Drawn:
    """Draw a step's examples, into memory full of nonsense."""
    first, end = batches.cuts[batch : batch + 2].tolist()
    cuts = batches.contexts.first
    which = [
        slice(
            cuts[window] + part * rules.contexts_per_part,
            min(cuts[window] + (part + 1) * rules.contexts_per_part, cuts[window + 1]),
        )
        for window in range(first, end)
    ]
    contexts, slots = (
        [array[one].tolist() for one in which] for array in (batches.contexts.words, batches.contexts.slots)
    )
    widest = min(int(np.diff(cuts[first : end + 1]).max()), rules.contexts_per_part)
    num_pairs = (end - first) * widest * (1 + NEGATIVES)
    examples = empty_examples(end - first, (end - first) * widest, num_pairs, ROW_LENGTH)
    examples.targets[:], examples.weights[:], examples.terms[:] = -7, np.nan, -7
    draw_all(rules, batches, batch, part, -(-(end - first) // 16), examples)
    return Drawn(
        rules,
        batches,
        examples,
        contexts,
        slots,
        batches.contexts.centers[first:end].tolist(),
        batches.contexts.positions[first:end].tolist(),
        [batches.contexts.words[cuts[window] : cuts[window + 1]].tolist() for window in range(first, end)],
    )


class Example(NamedTuple):
    """A hidden row, and where its pairs stand."""

    word: int
    place: int  # of its hidden row
    first_pair: int
    num_pairs: int


def examples_of(drawn: Drawn) -> list[Example]:
    """The examples of a step, in the order of the text."""
    rules, found = drawn.rules, []
    is_whole = drawn.contexts == drawn.forbidden
    pair, before = 0, 0
    for window, contexts in enumerate(drawn.contexts):
        if not is_whole:  # each window has room for a whole part
            before = window * rules.contexts_per_part
            pair = before * (1 + NEGATIVES)
            if rules.looks_up_center and rules.sharing != BY_PAIR:
                pair = before + window * NEGATIVES
        if rules.looks_up_center:
            noise = NEGATIVES * (len(contexts) if rules.sharing == BY_PAIR else 1)
            if contexts:
                found.append(Example(drawn.centers[window], window, pair, len(contexts) + noise))
                pair += len(contexts) + noise
        else:
            for number, word in enumerate(contexts):
                found.append(Example(word, before + number, pair, 1 + NEGATIVES))
                pair += 1 + NEGATIVES
        before += len(contexts)
    return found
