"""Engine: what the trainer needs from whatever does the arithmetic."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.encoded import EncodedCorpus

__all__ = ["Engine", "StretchLoss", "Worker"]


class StretchLoss(NamedTuple):
    """What was learned from one stretch of the corpus."""

    words: int  # in-vocabulary words, before subsampling
    pairs: int  # true and noise pairs
    loss: float  # summed over the pairs


class Worker(Protocol):
    """One thread's part of an engine."""

    def train_stretch(
        self, corpus: EncodedCorpus, epoch: int, start: int, stop: int, learning_rates: tuple[float, float]
    ) -> StretchLoss:
        """Train on the positions [start, stop) of the corpus.

        The learning rate goes in a straight line from the first of `learning_rates`, at the beginning of the epoch,
        to the second, at its end.
        """


class Engine(Protocol):
    """Two matrices, and a way to train them."""

    def compile(self) -> None:
        """Do whatever is slow the first time, so that it is not counted as training."""

    def worker(self) -> Worker:
        """A new worker; workers may run at the same time."""

    def hand_over(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Give away the input and output matrices, each (V, D), without a second copy; the end of the engine."""
