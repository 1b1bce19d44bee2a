"""Noise distribution: which words are drawn as negative samples, and how often."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["noise_weights"]


def noise_weights(counts: NDArray[np.int64], power: float) -> NDArray[np.float64]:
    """Probability of each word as a negative sample: in proportion to count ** power (Mikolov et al., 2013, §2.2).

    Power 1 draws words as the corpus has them, 0 draws all alike; the paper found 3/4 best.

    Args:
        counts: (V,) occurrences of each word.
        power: at least 0.

    Returns:
        (V,) probabilities; they sum to 1.

    >>> noise_weights(np.array([16, 1]), power=0.75).round(3).tolist()
    [0.889, 0.111]
    """
    weights = (counts / counts.max()) ** power
    return np.asarray(weights / weights.sum())
