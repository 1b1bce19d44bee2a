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
        contexts_at_full_step: a center that predicts more contexts than this moves as far as for so many, since the
            sum of their steps would go past its goal; None: it moves by the sum.

    >>> import torch
    >>> windows = Windows(torch.tensor([2]), torch.tensor([[4, 7]]), torch.tensor([[True, True]]))
    >>> predictions = SkipGram("center")(nn.Embedding(9, 5), windows)
    >>> predictions.hidden.shape, predictions.targets.tolist()
    (torch.Size([1, 1, 5]), [[4, 7]])
    """

    def __init__(
        self,
        input: Literal["center", "context"] = "center",  # noqa: A002
        contexts_at_full_step: int | None = None,
    ):
        super().__init__()
        self.input = input
        self.contexts_at_full_step = contexts_at_full_step

    def forward(self, input_embedding: nn.Module, windows: Windows) -> Predictions:
        """Pair each center with each of its contexts."""
        inputs, targets = windows.centers[:, None], windows.contexts  # (B, 1), (B, C)
        if self.input == "context":
            inputs, targets = targets, inputs
        hidden = input_embedding(inputs)  # (B, 1, D) or (B, C, D)
        if self.input == "center":
            hidden = _moving_no_further(hidden, windows.is_context, self.contexts_at_full_step)
        return Predictions(hidden, targets, windows.is_context, windows.negatives)


class Cbow(nn.Module):
    """The context words of a window, put together, predict its center (Mikolov et al., 2013a, §3.1).

    Args:
        pooling: "mean" or "sum" of the contexts' vectors. The gradient is the exact one: with "mean", each context
            gets its share, where word2vec.c and gensim give each of them the whole.
        contexts_at_full_step: with "sum", more contexts than this make smaller steps, so that all together move their
            sum as far as so many would; None: each makes a whole one.

    >>> import torch
    >>> windows = Windows(torch.tensor([2]), torch.tensor([[4, 7]]), torch.tensor([[True, False]]))
    >>> embedding = nn.Embedding(9, 5)
    >>> bool((Cbow("mean")(embedding, windows).hidden == embedding.weight[4]).all())
    True
    """

    def __init__(self, pooling: Literal["mean", "sum"] = "mean", contexts_at_full_step: int | None = None):
        super().__init__()
        self.pooling = pooling
        self.contexts_at_full_step = contexts_at_full_step

    def forward(self, input_embedding: nn.Module, windows: Windows) -> Predictions:
        """Pool the contexts of each window into one hidden vector."""
        is_context = windows.is_context[..., None]  # (B, C, 1)
        hidden: Tensor = (input_embedding(windows.contexts) * is_context).sum(1, keepdim=True)  # (B, 1, D)
        if self.pooling == "mean":
            hidden = hidden / is_context.sum(1, keepdim=True).clamp(min=1)
        else:
            hidden = _moving_no_further(hidden, windows.is_context, self.contexts_at_full_step)
        has_context = windows.is_context.any(1, keepdim=True)  # (B, 1)
        return Predictions(hidden, windows.centers[:, None], has_context, windows.negatives)


def _moving_no_further(
    hidden: Tensor,  # (B, 1, D)  shared by all contexts of a window
    is_context: Tensor,  # (B, C) bool
    contexts_at_full_step: int | None,
) -> Tensor:
    """The same vectors, whose gradients are cut back to those of so many contexts; the outputs' are left whole."""
    if contexts_at_full_step is None or is_context.shape[1] <= contexts_at_full_step:
        return hidden
    num_contexts = is_context.sum(1)[:, None, None].clamp(min=1)  # (B, 1, 1)
    share = (contexts_at_full_step / num_contexts).clamp(max=1.0)
    moving = hidden * share
    return moving + (hidden - moving).detach()
