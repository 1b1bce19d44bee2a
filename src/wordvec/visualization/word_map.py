"""Word map: words on a plane, and what is known about each; what pages and hand-off files are made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["WordMap"]

# N words, k neighbours of each


class WordMap(NamedTuple):
    """Words with their places, the most important ones first."""

    words: Sequence[str]
    points: NDArray[np.float32]  # (N, 2)  both axes in one unit
    groups: NDArray[np.int64]  # (N,)  numbered as they are met
    neighbors: NDArray[np.int64]  # (N, k)  rows of this map, the nearest first; a word is not its own
    cosines: NDArray[np.float32]  # (N, k)  in [-1, 1]
    counts: NDArray[np.int64] | None = None  # (N,)
