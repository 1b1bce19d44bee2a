"""Windows: what a model is shown, centers with their contexts and the noise words drawn for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from torch import Tensor

__all__ = ["Windows", "in_parts"]


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


def in_parts(windows: Windows, contexts_per_part: int) -> Iterator[Windows]:
    """The windows with their first contexts alone, then those that have more with the next ones, and so on.

    Each part keeps the noise words that its pairs have in the whole window.

    >>> import torch
    >>> contexts = torch.tensor([[4, 7, 5], [0, 8, 0]])
    >>> is_context = torch.tensor([[True, True, True], [False, True, False]])
    >>> for part in in_parts(Windows(torch.tensor([2, 3]), contexts, is_context), 2):
    ...     print(part.centers.tolist(), part.contexts.tolist(), part.is_context.tolist())
    [2, 3] [[4, 7], [8, 0]] [[True, True], [True, False]]
    [2] [[5]] [[True]]
    """
    centers, contexts, is_context, negatives = windows
    if contexts.shape[1] <= contexts_per_part:
        yield windows
        return
    widest = int(is_context.sum(1).max())
    order = is_context.int().argsort(dim=1, descending=True, stable=True)[:, :widest]
    contexts, is_context = contexts.gather(1, order), is_context.gather(1, order)
    if negatives is not None and negatives.dim() == 3:  # of their own for each pair, so they move with it
        negatives = negatives.gather(1, order[..., None].expand(-1, -1, negatives.shape[2]))
    for first in range(0, widest, contexts_per_part):
        columns = slice(first, first + contexts_per_part)
        has_more = is_context[:, first]
        noise = negatives
        if noise is not None and noise.dim() > 1:
            noise = noise[has_more, columns] if noise.dim() == 3 else noise[has_more]
        yield Windows(centers[has_more], contexts[has_more, columns], is_context[has_more, columns], noise)
