"""Reductions: from the losses of a batch's examples to the one number that a step lowers."""

from __future__ import annotations

from typing import Literal

from torch import Tensor

from wordvec.models.predictions import ExampleLosses

__all__ = ["Reduction", "reduce"]

Reduction = Literal["sum", "mean", "example_mean"]


def reduce(examples: ExampleLosses, reduction: Reduction) -> Tensor:
    """Put the losses of a batch together.

    Args:
        examples: from a model.
        reduction: "sum" makes the step that each pair causes independent of the size of the batch, as in word2vec.c;
            "mean" divides by the terms of the batch; "example_mean" is the sum over the examples of the
            mean over each one's own terms, as with d2l's masked loss.

    >>> import torch
    >>> examples = ExampleLosses(torch.tensor([6.0, 1.0]), torch.tensor([3, 1]))
    >>> [float(reduce(examples, how)) for how in ("sum", "mean", "example_mean")]
    [7.0, 1.75, 3.0]
    """
    losses, num_terms = examples
    if reduction == "example_mean":
        return (losses / num_terms.clamp(min=1)).sum()
    total = losses.sum()
    return total / num_terms.sum().clamp(min=1) if reduction == "mean" else total
