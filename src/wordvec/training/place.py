"""Place: how far a run has come, so that it can go on from there."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["BEGINNING", "Place"]


class Place(NamedTuple):
    """Where a run stands between two stretches, and what it has counted in the epoch under way."""

    epochs_done: int
    position: int  # of the corpus; all before it is done in this epoch, and nothing after it
    words: int = 0  # in-vocabulary words of this epoch so far
    pairs: int = 0  # true and noise pairs
    loss: float = 0.0  # summed over the pairs


BEGINNING = Place(0, 0)
