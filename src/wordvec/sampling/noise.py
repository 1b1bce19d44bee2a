"""Noise distribution: which words are drawn as negative samples, and how often."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["noise_weights"]


def noise_weights(
    counts: NDArray[np.int64], power: float, table_slots: int | None = None
) -> NDArray[np.float64]:
    """Probability of each word as a negative sample: in proportion to count ** power (Mikolov et al., 2013, §2.2).

    Power 1 draws words as the corpus has them, 0 draws all alike; the paper found 3/4 best.

    Systems that draw from a table of word ids round each probability to whole slots, and give every word at least
    one; with `table_slots` the result is what such a table draws, without the table.

    Args:
        counts: (V,) occurrences of each word, one of them above 0; a word that does not occur is never drawn.
        power: at least 0.
        table_slots: size of the table before rounding, or None for the exact distribution.

    Returns:
        (V,) probabilities; they sum to 1.

    >>> counts = np.array([16, 1, 0])
    >>> noise_weights(counts, power=0.75).round(3).tolist()
    [0.889, 0.111, 0.0]
    >>> noise_weights(counts, power=0.75, table_slots=4).tolist()
    [0.8, 0.2, 0.0]
    """
    occurring = counts > 0
    weights = np.where(occurring, (counts / counts.max()) ** power, 0.0)
    if table_slots is not None:
        slots = np.round(weights / weights.sum() * table_slots)
        weights = np.where(occurring, np.maximum(slots, 1), 0.0)
    return np.asarray(weights / weights.sum())
