"""Alias table: draw from any fixed distribution over words in constant time (Walker, 1977; Vose, 1991)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["AliasTable", "alias_table"]


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
    # What is left over differs from 1 by rounding alone and keeps its whole slot.
    return AliasTable(np.array(keep, np.float32), np.array(alias, np.int32))
