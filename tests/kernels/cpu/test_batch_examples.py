"""Examples of a batch: the pairs of each window, with noise that is value for value that of tensors."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.kernels.cpu.batches import (
    NEGATIVES,
    NOISE_STREAM,
    VOCABULARY_SIZE,
    WINDOW,
    Drawn,
    batches_of,
    draw,
    examples_of,
    pair_rules,
    small_text,
)

from wordvec.kernels.torch.windows import NoiseRules, draw_negatives
from wordvec.sampling.noise import noise_distribution

ZIPF = noise_distribution(np.arange(VOCABULARY_SIZE, 0, -1), power=0.75)
LOOKED_UP = pytest.mark.parametrize("looks_up_center", [True, False], ids=["center", "context"])
SHARED = pytest.mark.parametrize("sharing", ["window", "pair", "batch"])
AVOIDING = pytest.mark.parametrize("avoids_all_targets", [False, True], ids=["own", "all"])
NOISE = pytest.mark.parametrize(
    "noise",
    [
        ZIPF,
        np.eye(VOCABULARY_SIZE)[0],  # drawn 64 times, then the next word
        np.where(np.arange(VOCABULARY_SIZE) == 1, 1 - 1e-3, 1e-3 / (VOCABULARY_SIZE - 1)),
    ],
    ids=["zipf", "all one word", "nearly all one word"],
)


def noise_by_tensors(drawn: Drawn) -> NDArray[np.int64]:
    """(B, C, K) noise words of each pair, by the slot of its context, shared or not."""
    rules, table = drawn.rules, drawn.batches.noise
    size = (len(drawn.centers), 2 * WINDOW)
    contexts, is_context = torch.zeros(size, dtype=torch.int64), torch.zeros(size, dtype=torch.bool)
    first = drawn.batches.cuts[-2]
    for window, words in enumerate(drawn.forbidden):
        start = drawn.batches.contexts.first[first + window]
        for number, word in enumerate(words):
            slot = int(drawn.batches.contexts.slots[start + number])
            contexts[window, slot], is_context[window, slot] = word, True
    how = NoiseRules(
        torch.tensor(table.keep),
        torch.tensor(table.alias, dtype=torch.int64),
        NEGATIVES,
        ("window", "pair", "batch")[rules.sharing],  # type: ignore[arg-type]
        rules.avoids_all_targets,
    )
    targets = contexts if rules.looks_up_center else torch.tensor(drawn.centers)[:, None]
    found = draw_negatives(torch.tensor(drawn.positions), targets, is_context, how, NOISE_STREAM)
    found = found.reshape(-1, found.shape[-2] if found.dim() == 3 else 1, NEGATIVES)
    return np.asarray(found.expand(*size, NEGATIVES).numpy())


def pairs_by_tensors(drawn: Drawn) -> tuple[list[list[tuple[int, float]]], list[int]]:
    """Of each example, the (target, weight) of its pairs; and the number of terms of each window."""
    noise, examples, terms = noise_by_tensors(drawn), [], []
    for window, contexts in enumerate(drawn.contexts):
        slots, pairs_of_examples = drawn.slots[window], []
        if not drawn.rules.looks_up_center:
            center = drawn.centers[window]
            for slot in slots:
                words = noise[window, slot].tolist()
                pairs_of_examples.append([(center, -1.0), *((word, float(word != center)) for word in words)])
        elif contexts:
            pairs = [(word, -1.0) for word in contexts]
            if drawn.rules.sharing == 1:  # noise for each pair
                for slot, context in zip(slots, contexts, strict=True):
                    pairs += [(word, float(word != context)) for word in noise[window, slot].tolist()]
            else:
                words = noise[window, slots[0]].tolist()
                pairs += [(word, float(sum(word != context for context in contexts))) for word in words]
            pairs_of_examples.append(pairs)
        examples += pairs_of_examples
        terms.append(int(sum(abs(weight) for pairs in pairs_of_examples for _, weight in pairs)))
    return examples, terms


def assert_pairs_of_tensors(drawn: Drawn) -> None:
    expected, terms = pairs_by_tensors(drawn)
    listed = examples_of(drawn)
    targets, weights = drawn.examples.targets.tolist(), drawn.examples.weights.tolist()
    assert [
        list(zip(targets[first : first + number], weights[first : first + number], strict=True))
        for _, _, first, number in listed
    ] == expected
    assert drawn.examples.terms.tolist() == terms
    is_listed = np.zeros(len(targets), bool)
    for _, _, first, number in listed:
        assert not is_listed[first : first + number].any()
        is_listed[first : first + number] = True
    assert (drawn.examples.targets[~is_listed] == -7).all()


@LOOKED_UP
@SHARED
@AVOIDING
@NOISE
@pytest.mark.parametrize("batch", [0, 1])
def test_pairs_and_noise_are_those_of_tensors(
    looks_up_center: bool, sharing: str, avoids_all_targets: bool, noise: NDArray[np.float64], batch: int
) -> None:
    batches = batches_of(small_text(), noise)
    if batch == 0:
        batches = batches._replace(cuts=batches.cuts[[0, 1]], first_step=np.array([0, 1]))
    drawn = draw(pair_rules(looks_up_center, sharing, avoids_all_targets), batches, batch)
    assert len(drawn.centers) > 20
    assert_pairs_of_tensors(drawn)


@LOOKED_UP
@SHARED
def test_parts_of_windows_keep_the_noise_of_their_pairs(looks_up_center: bool, sharing: str) -> None:
    batches = batches_of(small_text(), ZIPF, contexts_per_part=3)
    seen: list[list[int]] = [[] for _ in range(int(batches.cuts[2] - batches.cuts[1]))]
    for part in range(3):
        drawn = draw(pair_rules(looks_up_center, sharing, contexts_per_part=3), batches, part=part)
        assert_pairs_of_tensors(drawn)
        for words, contexts in zip(seen, drawn.contexts, strict=True):
            words += contexts
    assert seen == drawn.forbidden
    assert any(not contexts for contexts in drawn.contexts)  # the last part of narrow windows is empty
    assert all(
        terms == 0 for terms, words in zip(drawn.examples.terms, drawn.contexts, strict=True) if not words
    )


def test_the_text_has_windows_in_which_mistakes_show() -> None:
    drawn = draw(pair_rules(looks_up_center=True, sharing="batch"), batches_of(small_text(), ZIPF))
    assert any(len(set(contexts)) < len(contexts) for contexts in drawn.contexts)
    assert any(center in contexts for center, contexts in zip(drawn.centers, drawn.contexts, strict=True))
    assert {1, 2 * WINDOW} <= {len(contexts) for contexts in drawn.contexts}
    weights = drawn.examples.weights
    assert {0.0, 1.0, 2.0} <= set(weights[~np.isnan(weights)].tolist())
