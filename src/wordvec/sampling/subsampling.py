"""Subsampling: thin frequent words, so that rare ones are seen beside each other (Mikolov et al., 2013, §2.3)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["keep_probabilities"]


def keep_probabilities(counts: NDArray[np.int64], threshold: float) -> NDArray[np.float32]:
    """Probability of keeping each occurrence of each word: (√(f/t) + 1) · t/f, at most 1.

    f is the word's share of the corpus and t the threshold. This is the formula of word2vec.c; the paper's own is
    √(t/f). Words with f below about 2.6·t are always kept, and with threshold 0 all words are.

    Args:
        counts: (V,) occurrences of each word, each at least 1.
        threshold: relative frequency in [0, 1).

    Returns:
        (V,) in (0, 1].

    >>> keep_probabilities(np.array([9_990, 10]), threshold=1e-3).astype(float).round(3).tolist()
    [0.033, 1.0]
    """
    if threshold == 0:
        return np.ones(len(counts), np.float32)
    relative = counts / counts.sum() / threshold
    keep = (np.sqrt(relative) + 1) / relative
    return np.asarray(np.minimum(keep, 1), np.float32)
