"""Windows: what a model is shown, centers with their contexts and the noise words drawn for them."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

__all__ = ["Windows"]


class Windows(NamedTuple):
    """B windows of at most C context words; all randomness has happened when they reach a model.

    Windows are padded to the widest of the batch: what stands where `is_context` is False is no word, and any
    id there will do. Id 0 is an ordinary word.

    `negatives` holds noise words, K for each true pair, in one of three shapes: (B, P, K), drawn for each pair
    (P = C for skip-gram, 1 for CBOW); (B, K), shared by the pairs of a window; (K,), shared by the whole batch.
    """

    centers: Tensor  # (B,) int64  word ids
    contexts: Tensor  # (B, C) int64  word ids
    is_context: Tensor  # (B, C) bool
    negatives: Tensor | None = None  # int64 word ids; None for objectives without noise
