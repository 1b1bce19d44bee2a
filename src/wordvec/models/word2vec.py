"""Word2Vec: an architecture and an objective around one matrix of input vectors. Start reading here."""

from __future__ import annotations

from torch import nn

from wordvec.models.predictions import Architecture, ExampleLosses, Objective
from wordvec.models.windows import Windows

__all__ = ["Word2Vec"]


class Word2Vec(nn.Module):
    """Any architecture with any objective; the rows of `input_embedding` become the word vectors.

    Args:
        input_embedding: v, a row of D numbers for each of the V words.
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

    def __init__(self, input_embedding: nn.Embedding, architecture: Architecture, objective: Objective):
        super().__init__()
        self.input_embedding = input_embedding
        self.architecture = architecture
        self.objective = objective

    def forward(self, windows: Windows) -> ExampleLosses:
        """The loss of each window, and of how many terms it is the sum."""
        return self.objective(self.architecture(self.input_embedding, windows))
