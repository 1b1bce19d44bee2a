"""Small models of every kind, awkward windows to show them, and the losses as the papers write them."""

from __future__ import annotations

import math
from itertools import product
from typing import NamedTuple

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from wordvec.models.architectures import Windows
from wordvec.models.word2vec import BuiltModel, build_model
from wordvec.sampling.huffman import huffman_tree

VOCABULARY_SIZE, DIM = 9, 3
COUNTS = np.array([7, 30, 2, 5, 11, 1, 3, 19, 4])  # not sorted, and with a deep tree
TREE = huffman_tree(COUNTS)

# Word 0 is a center, a context and a noise word; a context stands twice in its window; noise words hit a center, a
# context of their own pair and one of another pair; one window has no context at all.
CENTERS = [5, 0, 7, 2, 7]
CONTEXTS = [[1, 8, 1, 4], [3, 6, 0, 5], [0, 2, 8, 1], [4, 4, 4, 3], [6, 7, 3, 0]]
IS_CONTEXT = [[1, 1, 1, 1], [0, 1, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0], [1, 1, 0, 1]]
SHARED_BY_WINDOW = [[5, 4, 8], [0, 1, 0], [3, 3, 0], [2, 4, 1], [6, 2, 5]]
SHARED_BY_BATCH = [7, 1, 0, 8]


class Kind(NamedTuple):
    """What a model is put together from."""

    architecture: str  # skipgram or cbow
    variant: str  # skipgram: which word is the input; cbow: how contexts are pooled
    objective: str
    sharing: str | None = None  # of noise words: pair, window, batch

    @property
    def name(self) -> str:
        return " ".join(filter(None, self))


KINDS = [
    Kind(*architecture, *objective)
    for architecture, objective in product(
        [("skipgram", "center"), ("skipgram", "context"), ("cbow", "mean"), ("cbow", "sum")],
        [
            ("negative", "pair"),
            ("negative", "window"),
            ("negative", "batch"),
            ("hierarchical",),
            ("softmax",),
        ],
    )
]
EACH_KIND = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


class Weights(NamedTuple):
    """All that a model learns."""

    inputs: NDArray[np.float64]  # (V, D)
    outputs: NDArray[np.float64]  # (V, D); (V - 1, D) for the nodes of a tree
    bias: NDArray[np.float64]  # (V,)  of the softmax alone


def weights_of(kind: Kind, scale: float = 1.0) -> Weights:
    rng = np.random.default_rng(5)
    inputs, outputs = rng.normal(size=(2, VOCABULARY_SIZE, DIM)) * scale
    bias = rng.normal(size=VOCABULARY_SIZE) if kind.objective == "softmax" else np.empty(0)
    return Weights(inputs, outputs[:-1] if kind.objective == "hierarchical" else outputs, bias)


def built(
    kind: Kind,
    weights: Weights,
    *,
    is_sparse: bool = False,
    max_norm: float | None = None,
    contexts_at_full_step: int | None = None,
) -> BuiltModel:
    """A model in float64 with these weights."""
    empty = np.zeros((VOCABULARY_SIZE, DIM), np.float32)
    model, output_weight = build_model(
        COUNTS,
        (empty, empty),
        architecture=kind.architecture,  # type: ignore[arg-type]
        objective=kind.objective,  # type: ignore[arg-type]
        skipgram_input=kind.variant if kind.architecture == "skipgram" else "center",  # type: ignore[arg-type]
        pooling=kind.variant if kind.architecture == "cbow" else "mean",  # type: ignore[arg-type]
        max_norm=max_norm,
        is_sparse=is_sparse,
        contexts_at_full_step=contexts_at_full_step,
    )
    model.double()
    with torch.no_grad():
        for parameter, weight in zip(model.parameters(), weights, strict=False):
            parameter.copy_(torch.tensor(weight))
    return BuiltModel(model, output_weight)


def windows_for(kind: Kind) -> Windows:
    """The five windows, with noise words as the kind wants them."""
    negatives = None
    if kind.sharing == "pair":
        num_pairs = 4 if kind.architecture == "skipgram" else 1
        drawn = np.random.default_rng(8).integers(0, VOCABULARY_SIZE, (5, num_pairs, 3))
        drawn[0, 0, 1] = 1  # the pair's context
        drawn[4, 0, 2] = 7  # the pair's center
        negatives = torch.tensor(drawn)
    elif kind.sharing is not None:
        negatives = torch.tensor(SHARED_BY_WINDOW if kind.sharing == "window" else SHARED_BY_BATCH)
    return Windows(
        torch.tensor(CENTERS), torch.tensor(CONTEXTS), torch.tensor(IS_CONTEXT, dtype=torch.bool), negatives
    )


def window(windows: Windows, number: int) -> Windows:
    """One of the windows as a batch of its own."""
    one = slice(number, number + 1)
    negatives = windows.negatives
    if negatives is not None and negatives.dim() > 1:
        negatives = negatives[one]
    return Windows(windows.centers[one], windows.contexts[one], windows.is_context[one], negatives)


def loss_and_terms(kind: Kind, weights: Weights, windows: Windows) -> tuple[NDArray[np.float64], list[int]]:
    """The loss of each window and the number of its terms, one pair after the other."""
    losses, terms = [], []
    for number in range(len(windows.centers)):
        found = [_pair(kind, weights, *pair) for pair in _pairs(kind, weights, windows, number)]
        losses.append(sum(loss for loss, _ in found))
        terms.append(sum(term for _, term in found))
    return np.array(losses, float), terms


def _pairs(
    kind: Kind, weights: Weights, windows: Windows, number: int
) -> list[tuple[NDArray[np.float64], int, list[int]]]:
    """(hidden vector, target, noise words) of each pair of a window."""
    center = int(windows.centers[number])
    places = windows.is_context[number].nonzero().flatten().tolist()
    contexts = windows.contexts[number].tolist()
    noise: dict[int, list[int]] = {place: [] for place in range(max(4, len(contexts)))}
    if windows.negatives is not None:
        of_window = windows.negatives.tolist()
        for place in noise:
            if kind.sharing == "batch":
                noise[place] = of_window
            elif kind.sharing == "window":
                noise[place] = of_window[number]
            elif place < len(of_window[number]):
                noise[place] = of_window[number][place]
    if kind.architecture == "cbow":
        if not places:
            return []
        hidden = np.sum([weights.inputs[contexts[place]] for place in places], axis=0)
        return [(hidden / len(places) if kind.variant == "mean" else hidden, center, noise[0])]
    if kind.variant == "center":
        return [(weights.inputs[center], contexts[place], noise[place]) for place in places]
    return [(weights.inputs[contexts[place]], center, noise[place]) for place in places]


def _pair(
    kind: Kind, weights: Weights, hidden: NDArray[np.float64], target: int, noise: list[int]
) -> tuple[float, int]:
    if kind.objective == "negative":
        loss = softplus(-weights.outputs[target] @ hidden)
        others = [word for word in noise if word != target]
        return loss + sum(softplus(weights.outputs[word] @ hidden) for word in others), 1 + len(others)
    if kind.objective == "hierarchical":
        loss = 0.0
        for turn in range(TREE.lengths[target]):
            score = weights.outputs[TREE.nodes[target, turn]] @ hidden
            loss += softplus(score if TREE.turns[target, turn] else -score)
        return loss, 1
    scores = weights.outputs @ hidden + weights.bias
    return float(np.log(np.exp(scores).sum()) - scores[target]), 1


def softplus(x: float) -> float:
    """ln(1 + exp(x)) = -ln σ(-x)."""
    return max(x, 0) + math.log1p(math.exp(-abs(x)))
