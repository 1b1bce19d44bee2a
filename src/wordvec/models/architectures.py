"""Architectures: what predicts what. Skip-gram lets each context word predict alone, CBOW all together."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

from wordvec.models.predictions import Predictions
from wordvec.models.windows import Windows

__all__ = ["Cbow", "SkipGram"]

# B windows, C contexts of each, D dimensions


class SkipGram(nn.Module):
    """A word by itself predicts a word near it (Mikolov et al., 2013a, §3.2).

    Args:
        input: "center": the center predicts each of its contexts, as the paper has it; "context": each context
            predicts the center, as word2vec.c does it. Over a corpus, both see the same pairs; they differ in
            what shares a window's negative samples.

    >>> import torch
    >>> windows = Windows(torch.tensor([2]), torch.tensor([[4, 7]]), torch.tensor([[True, True]]))
    >>> predictions = SkipGram("center")(nn.Embedding(9, 5), windows)
    >>> predictions.hidden.shape, predictions.targets.tolist()
    (torch.Size([1, 1, 5]), [[4, 7]])
    """

    def __init__(self, input: Literal["center", "context"] = "center"):  # noqa: A002
        super().__init__()
        self.input = input

    def forward(self, input_embedding: nn.Module, windows: Windows) -> Predictions:
        """Pair each center with each of its contexts."""
        inputs, targets = windows.centers[:, None], windows.contexts  # (B, 1), (B, C)
        if self.input == "context":
            inputs, targets = targets, inputs
        return Predictions(input_embedding(inputs), targets, windows.is_context, windows.negatives)


class Cbow(nn.Module):
    """The context words of a window, put together, predict its center (Mikolov et al., 2013a, §3.1).

    Args:
        pooling: "mean" or "sum" of the contexts' vectors. The gradient is the exact one: with "mean", each context
            gets its share, where word2vec.c and gensim give each of them the whole.

    >>> import torch
    >>> windows = Windows(torch.tensor([2]), torch.tensor([[4, 7]]), torch.tensor([[True, False]]))
    >>> embedding = nn.Embedding(9, 5)
    >>> bool((Cbow("mean")(embedding, windows).hidden == embedding.weight[4]).all())
    True
    """

    def __init__(self, pooling: Literal["mean", "sum"] = "mean"):
        super().__init__()
        self.pooling = pooling

    def forward(self, input_embedding: nn.Module, windows: Windows) -> Predictions:
        """Pool the contexts of each window into one hidden vector."""
        is_context = windows.is_context[..., None]  # (B, C, 1)
        hidden: Tensor = (input_embedding(windows.contexts) * is_context).sum(1, keepdim=True)  # (B, 1, D)
        if self.pooling == "mean":
            hidden = hidden / is_context.sum(1, keepdim=True).clamp(min=1)
        has_context = windows.is_context.any(1, keepdim=True)  # (B, 1)
        return Predictions(hidden, windows.centers[:, None], has_context, windows.negatives)
