"""Centroids: the mean of several words, how near each word is to it, and how alike the means of two sets are."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wordvec.errors import ConfigError
from wordvec.vectors.directions import unit_rows

__all__ = ["centralities", "mean_cosine", "weighted_mean"]

# n vectors, D dimensions
Floats = NDArray[np.float32]


def weighted_mean(vectors: Floats, weights: ArrayLike | None = None) -> Floats:
    """The mean of vectors, (n, D), each with its weight (default: 1): their sum by the sum of the weights' sizes.

    Raises:
        ConfigError: there are no vectors; or weights are not one for each, not finite, or all zero.

    >>> weighted_mean(np.eye(2, dtype=np.float32), [3.0, -1.0]).tolist()
    [0.75, -0.25]
    """
    _check_some(vectors)
    try:
        checked = np.ones(len(vectors)) if weights is None else np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError) as problem:
        raise ConfigError(f"weights must be numbers, one for each word, got {weights!r}") from problem
    if checked.shape != (len(vectors),):
        raise ConfigError(f"weights must be {len(vectors)} numbers, one for each word, got {checked.shape}")
    if not np.isfinite(checked).all() or not checked.any():
        raise ConfigError(f"weights must be finite and not all zero, got {checked.tolist()}")
    mean: Floats = (checked @ vectors.astype(np.float64) / np.abs(checked).sum()).astype(np.float32)
    return mean


def centralities(unit_vectors: Floats) -> Floats:
    """The cosine of each vector with the mean direction of all, (n,).

    >>> centralities(np.array([[1, 0], [1, 0], [0, 1]], np.float32)).round(2)
    array([0.89, 0.89, 0.45], dtype=float32)
    """
    _check_some(unit_vectors)
    direction = unit_rows(unit_vectors.mean(axis=0, dtype=np.float64)[None, :])[0]
    return np.asarray(np.einsum("ij,j->i", unit_vectors.astype(np.float64), direction), np.float32)


def mean_cosine(one: Floats, other: Floats) -> float:
    """The cosine of the means of two sets of vectors.

    >>> round(mean_cosine(np.eye(2, dtype=np.float32), np.array([[2.0, 2.0]], np.float32)), 6)
    1.0
    """
    means = unit_rows(np.stack([weighted_mean(vectors) for vectors in (one, other)]))
    return float(np.clip(means[0].astype(np.float64) @ means[1], -1.0, 1.0).astype(np.float32))


def _check_some(vectors: Floats) -> None:
    if not len(vectors):
        raise ConfigError("at least one word is needed, got none")
