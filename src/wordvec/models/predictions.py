"""Predictions: what an architecture hands to an objective, and what the objective makes of it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from torch import Tensor, nn

from wordvec.models.windows import Windows

__all__ = ["Architecture", "ExampleLosses", "Objective", "Predictions"]


class Predictions(NamedTuple):
    """In each of B examples, I hidden vectors that should each predict each of T target words.

    One of I and T is 1, so an example has P = max(I, T) pairs of a vector and its target.
    """

    hidden: Tensor  # (B, I, D)
    targets: Tensor  # (B, T) int64  word ids
    is_pair: Tensor  # (B, P) bool  False where a pair is padding
    negatives: Tensor | None  # as in Windows


class ExampleLosses(NamedTuple):
    """The loss of each example, and of how many terms it is the sum."""

    losses: Tensor  # (B,)
    num_terms: Tensor  # (B,) int64


class Architecture(Protocol):
    """What predicts what: from windows to predictions."""

    def __call__(self, input_embedding: nn.Module, windows: Windows) -> Predictions:
        """Look up the input vectors of the words that predict, and name the words to be predicted."""


class Objective(Protocol):
    """How predictions are scored: an `nn.Module` that owns whatever it needs beside the input vectors.

    This is all that an objective of your own must do; docs/custom-objectives.md has one, trained.
    """

    def __call__(self, predictions: Predictions) -> ExampleLosses:
        """The loss of each example, and the number of terms that the reported loss is a mean over.

        Padding, where `is_pair` is False, must count in neither.
        """
