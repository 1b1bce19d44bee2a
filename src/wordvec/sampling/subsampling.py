"""Subsampling: thin frequent words, so that rare ones are seen beside each other (Mikolov et al., 2013, §2.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["keep_probabilities", "share_at_quantile"]

# What to keep of a word, given r = its share of the corpus / the threshold.
FORMULAS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "word2vec": lambda r: (np.sqrt(r) + 1) / r,
    "paper": lambda r: 1 / np.sqrt(r),
    "smooth": lambda r: 1 / np.sqrt(1 + r),
}


def keep_probabilities(
    counts: NDArray[np.int64],
    threshold: float,
    formula: Literal["word2vec", "paper", "smooth"] = "word2vec",
) -> NDArray[np.float32]:
    """Probability of keeping each occurrence of each word, which falls as the word grows more frequent.

    With r = f/t, where f is the word's share of the corpus and t the threshold:

    - word2vec: (√r + 1)/r, which word2vec.c computes; words with r below about 2.6 are always kept;
    - paper: 1/√r, as published (equation 5); words with r up to 1 are always kept;
    - smooth: 1/√(1 + r) = √(t/(f + t)); every word is thinned a little.

    No probability exceeds 1, and with threshold 0 every word is always kept.

    Args:
        counts: (V,) occurrences of each word; a word that does not occur gets 1.
        threshold: relative frequency in [0, 1].
        formula: one of the three above.

    Returns:
        (V,) in (0, 1].

    >>> counts = np.array([9_990, 10])
    >>> keep_probabilities(counts, threshold=1e-3).astype(float).round(3).tolist()
    [0.033, 1.0]
    >>> keep_probabilities(counts, threshold=1e-3, formula="smooth").astype(float).round(3).tolist()
    [0.032, 0.707]
    """
    keep = np.ones(len(counts), np.float32)
    if threshold == 0:
        return keep
    occurring = counts > 0
    relative = counts[occurring] / counts.sum() / threshold
    keep[occurring] = np.minimum(FORMULAS[formula](relative), 1)
    return keep


def share_at_quantile(counts: NDArray[np.int64], quantile: float) -> float:
    """The share of the corpus below which this part of its words lies, each word counted once.

    As a threshold of subsampling it follows the corpus: at 0.85, the most frequent 15 in 100 words are thinned.

    Args:
        counts: (V,) occurrences of each word, one of them above 0; words that do not occur are left out.
        quantile: in [0, 1]; between two words the share is interpolated.

    >>> share_at_quantile(np.array([50, 30, 0, 20]), quantile=0.5)
    0.3
    """
    shares = counts[counts > 0] / counts.sum()
    return float(np.quantile(shares, quantile))
