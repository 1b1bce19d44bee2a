"""Noise: the distribution that negative samples are drawn from, and drawing from it in constant time (alias table)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["AliasTable", "alias_table", "noise_distribution"]


def noise_distribution(
    counts: NDArray[np.int64], power: float, table_slots: int | None = None
) -> NDArray[np.float64]:
    """Probability of each word as a negative sample: in proportion to count ** power (Mikolov et al., 2013, §2.2).

    Power 1 draws words as often as the corpus has them, 0 draws all equally often, negative powers draw rare words more
    often than frequent ones; the paper found 3/4 best for text, and recommenders do better below 0 (Caselles-Dupré et
    al., 2018).

    Systems that draw from a table of word ids round each probability to whole slots, and give every word at least
    one; with `table_slots` the result is what such a table draws, without the table.

    Args:
        counts: (V,) occurrences of each word, one of them above 0; a word that does not occur is never drawn.
        power: of each count; it may be negative.
        table_slots: size of the table before rounding, or None for the exact distribution.

    Returns:
        (V,) probabilities; they sum to 1.

    >>> counts = np.array([16, 1, 0])
    >>> noise_distribution(counts, power=0.75).round(3).tolist()
    [0.889, 0.111, 0.0]
    >>> noise_distribution(counts, power=0.75, table_slots=4).tolist()
    [0.8, 0.2, 0.0]
    >>> noise_distribution(counts, power=-0.5).tolist()
    [0.2, 0.8, 0.0]
    """
    occurring = counts > 0
    weights = np.zeros(len(counts))
    np.power(counts / counts.max(), power, out=weights, where=occurring)
    if table_slots is not None:
        slots = np.round(weights / weights.sum() * table_slots)
        weights = np.where(occurring, np.maximum(slots, 1), 0.0)
    return np.asarray(weights / weights.sum())


class AliasTable(NamedTuple):
    """Choose a slot uniformly; keep it with probability `keep[slot]`, else take `alias[slot]`."""

    keep: NDArray[np.float32]  # (V,)  in [0, 1]
    alias: NDArray[np.int32]  # (V,)  word ids

    def probabilities(self) -> NDArray[np.float64]:
        """(V,) the distribution that the table draws from.

        >>> alias_table(np.array([0.5, 0.25, 0.25])).probabilities().tolist()
        [0.5, 0.25, 0.25]
        """
        size = len(self.keep)
        given_away = np.bincount(self.alias, weights=1 - self.keep.astype(np.float64), minlength=size)
        return np.asarray((self.keep + given_away) / size)


def alias_table(probabilities: NDArray[np.float64]) -> AliasTable:
    """Build the table for a distribution over V words, in time proportional to V.

    Args:
        probabilities: (V,) at least 0, summing to 1.
    """
    size = len(probabilities)
    shares = (np.asarray(probabilities) * size).tolist()  # a slot's fair share is 1
    keep, alias = [1.0] * size, list(range(size))
    poor = [slot for slot in range(size) if shares[slot] < 1]
    rich = [slot for slot in range(size) if shares[slot] >= 1]
    while poor and rich:
        receiver, giver = poor.pop(), rich[-1]
        keep[receiver], alias[receiver] = shares[receiver], giver
        shares[giver] -= 1 - shares[receiver]
        if shares[giver] < 1:
            poor.append(rich.pop())
    # The remaining shares differ from 1 by rounding alone, and keep their whole slots.
    return AliasTable(np.array(keep, np.float32), np.array(alias, np.int32))
