"""Alignment: the words that models share, and turning one model's space into another's (orthogonal Procrustes)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import EvaluationError
from wordvec.vectors.directions import unit_rows
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["Shared", "aligned", "shared_words"]

# S shared words, D dimensions
Floats = NDArray[np.float32]


class Shared(NamedTuple):
    """The words that all models have, and each model's vectors of them."""

    words: list[str]  # (S,)  in the order of the first model: by habit, the most frequent first
    units: list[NDArray[np.float32]]  # (S, D) for each model, rows of length 1 or 0


def shared_words(models: Sequence[WordVectors], search_limit: int) -> Shared:
    """Take the first `search_limit` words of the first model that all the others have, too.

    Raises:
        EvaluationError: there are fewer than two such words.

    >>> one, other = WordVectors(["a", "b", "c"], np.eye(3)), WordVectors(["c", "a"], np.eye(2))
    >>> shared_words([one, other], 10).words
    ['a', 'c']
    """
    words = [word for word in models[0].words if all(word in model for model in models[1:])][:search_limit]
    if len(words) < 2:
        raise EvaluationError(
            f"models are compared by the words that they share, got {len(words)} such words; are they of one language "
            "and one way to cut words?"
        )
    return Shared(words, [unit_rows(model.lookup(words)) for model in models])


def aligned(unit: Floats, target: Floats, num_anchors: int) -> Floats:
    """Rotate vectors, (S, D), so that their first `num_anchors` rows come as near to those of the target as can be.

    The rotation, which may be a reflection, too, is U V' of the singular value decomposition U S V' of the anchors'
    cross-products (Schönemann, 1966; Hamilton et al., 2016).

    >>> turned = np.array([[0, 1], [-1, 0], [0, -1]], np.float32)
    >>> aligned(turned, np.array([[1, 0], [0, 1], [-1, 0]], np.float32), 3).round().tolist()
    [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]
    """
    products = unit[:num_anchors].astype(np.float64).T @ target[:num_anchors]
    left, _, right = np.linalg.svd(products)
    turned: Floats = (unit.astype(np.float64) @ (left @ right)).astype(np.float32)
    return turned
