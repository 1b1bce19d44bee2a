"""Word2Vec: an architecture and an objective around one matrix of input vectors. Start reading here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from wordvec.models.architectures import (
    Architecture,
    Cbow,
    ExampleLosses,
    Objective,
    SkipGram,
    SubwordEmbedding,
    SumOfObjectives,
    Windows,
)
from wordvec.models.negative_sampling import NegativeSampling
from wordvec.models.softmax import FullSoftmax, HierarchicalSoftmax

__all__ = ["BuiltModel", "ObjectiveFactory", "Word2Vec", "build_model"]

Floats = NDArray[np.float32]
ObjectiveFactory = Callable[[NDArray[np.int64]], Objective]  # from the words' counts, (V,)


class Word2Vec(nn.Module):
    """Any architecture with any objective; the rows of `input_embedding` become the word vectors.

    Args:
        input_embedding: v, D numbers for each of the V words.
        architecture: what predicts what: `SkipGram`, `Cbow`.
        objective: how predictions are scored: `NegativeSampling`, `HierarchicalSoftmax`, `FullSoftmax`, or your own.

    >>> import torch
    >>> from wordvec.models.architectures import SkipGram
    >>> from wordvec.models.negative_sampling import NegativeSampling
    >>> model = Word2Vec(nn.Embedding(9, 4), SkipGram(), NegativeSampling(nn.Embedding(9, 4)))
    >>> windows = Windows(
    ...     centers=torch.tensor([2]),
    ...     contexts=torch.tensor([[4, 7]]),
    ...     is_context=torch.tensor([[True, True]]),
    ...     negatives=torch.tensor([[1, 5, 0]]),  # shared by both pairs
    ... )
    >>> model(windows).num_terms  # two true pairs, and each with three noise words
    tensor([8])
    """

    def __init__(
        self,
        input_embedding: nn.Embedding | SubwordEmbedding,
        architecture: Architecture,
        objective: Objective,
    ):
        super().__init__()
        self.input_embedding = input_embedding
        self.architecture = architecture
        self.objective = objective

    def forward(self, windows: Windows) -> ExampleLosses:
        """The loss of each window, and the number of terms that it sums."""
        return self.objective(self.architecture(self.input_embedding, windows))


class BuiltModel(NamedTuple):
    """A model, and its matrix of output vectors, (V, D), where the objective has one vector for each word."""

    model: Word2Vec
    output_weight: Tensor | None


def build_model(
    counts: NDArray[np.int64],  # (V,)
    matrices: tuple[Floats, Floats],  # (V, D) each  input and output vectors to start from
    *,
    architecture: Literal["skipgram", "cbow"],
    objective: Literal["negative", "hierarchical", "negative+hierarchical", "softmax"] | ObjectiveFactory,
    skipgram_input: Literal["center", "context"] = "center",
    pooling: Literal["mean", "sum"] = "mean",
    cbow_gradient: Literal["exact", "word2vec"] = "exact",
    num_positions: int = 0,
    max_norm: float | None,
    is_sparse: bool,
    contexts_at_full_step: int | None = None,
    word_rows: tuple[NDArray[np.int64], NDArray[np.int32]] | None = None,
) -> BuiltModel:
    """Build a model; the names are those of `Config`.

    Args:
        counts: occurrences of each word, from which a Huffman tree is made.
        matrices: first vectors.
        architecture: what predicts what.
        objective: how predictions are scored; or a function from the counts to your own objective.
        skipgram_input: which word of a skip-gram pair is looked up in the input matrix.
        pooling: how CBOW puts contexts together.
        cbow_gradient: what each context of a mean learns.
        num_positions: with CBOW, places of a window that have a vector each; 0: none has.
        max_norm: longest allowed input and output vector; training shortens longer ones when it looks them up.
        is_sparse: gradients hold only the rows that a batch touched, instead of (V, D) with zeros.
        contexts_at_full_step: more contexts of a window move the vector that they share no further than this many;
            None: no limit.
        word_rows: starts, (V + 1,), and rows, (N,): which rows of the input matrix, (R, D), make the vector of each
            word; None: row i is word i.
    """

    def embedding(weight: Floats) -> nn.Embedding:
        layer: nn.Embedding = nn.Embedding.from_pretrained(  # type: ignore[no-untyped-call]
            torch.tensor(weight), freeze=False, sparse=is_sparse
        )
        if max_norm is not None:
            layer.register_forward_pre_hook(partial(_cut_back, max_norm))
        return layer

    inputs, outputs = matrices
    output_weight: Tensor | None = None
    scoring: Objective
    if callable(objective):
        scoring = objective(counts)
    elif objective == "softmax":
        layer = nn.Linear(*reversed(outputs.shape))
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(outputs))
            layer.bias.zero_()
        output_weight, scoring = layer.weight, FullSoftmax(layer)
    elif objective == "hierarchical":
        scoring = HierarchicalSoftmax.over_words(counts, embedding(outputs[:-1]))  # V - 1 inner nodes
    else:
        output_embedding = embedding(outputs)
        output_weight, scoring = output_embedding.weight, NegativeSampling(output_embedding)
        if objective == "negative+hierarchical":
            nodes = embedding(np.zeros_like(outputs[:-1]))
            scoring = SumOfObjectives([scoring, HierarchicalSoftmax.over_words(counts, nodes)])
    predicting: Architecture = (
        SkipGram(skipgram_input, contexts_at_full_step)
        if architecture == "skipgram"
        else Cbow(
            pooling,
            contexts_at_full_step,
            gradient=cbow_gradient,
            positions=_first_positions(num_positions, inputs.shape[1]),
        )
    )
    rows = embedding(inputs)
    words: nn.Embedding | SubwordEmbedding = rows
    if word_rows is not None:
        words = SubwordEmbedding(rows, *(torch.from_numpy(part) for part in word_rows))
    return BuiltModel(Word2Vec(words, predicting, scoring), output_weight)


def _first_positions(number: int, dim: int) -> nn.Parameter | None:
    return nn.Parameter(torch.ones(number, dim)) if number else None


@torch.no_grad()
def _cut_back(max_norm: float, layer: nn.Embedding, looked_up: tuple[Tensor]) -> None:
    """What PyTorch's own `max_norm` does, but only in training: measuring a loss must not move a vector."""
    if layer.training:
        torch.embedding_renorm_(layer.weight, looked_up[0].contiguous(), max_norm, 2.0)
