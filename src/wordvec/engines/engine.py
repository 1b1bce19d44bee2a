"""Engine: what the trainer needs from the code that does the arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.encoded import EncodedCorpus

__all__ = ["Engine", "LossSum", "Pending", "Worker"]

Floats = NDArray[np.float32]


class LossSum(NamedTuple):
    """What was learned from, and the loss of it: of a stretch, of an epoch so far, or of the last second."""

    words: int = 0  # in-vocabulary words, before subsampling
    pairs: int = 0  # true and noise pairs
    loss: float = 0.0  # summed over the pairs

    def plus(self, other: LossSum) -> LossSum:
        """Both together."""
        return LossSum(self.words + other.words, self.pairs + other.pairs, self.loss + other.loss)

    @property
    def mean(self) -> float | None:
        """The mean loss of a pair; None where there is none."""
        return self.loss / self.pairs if self.pairs else None


Pending = Callable[[], LossSum]  # gives the sum when it is needed: a device may still be at work on it


class Worker(Protocol):
    """One thread's part of an engine."""

    def train_stretch(
        self, corpus: EncodedCorpus, epoch: int, start: int, stop: int, learning_rates: tuple[float, float]
    ) -> Pending:
        """Train on the positions [start, stop) of the corpus.

        The learning rate goes in a straight line from the first of `learning_rates`, at the beginning of the epoch,
        to the second, at its end. The loss is fetched later, so that no step waits for a device to finish it.
        """

    def measure_stretch(self, corpus: EncodedCorpus, start: int, stop: int) -> Pending:
        """The loss on the positions [start, stop), with windows and negatives that are the same each time."""


class Engine(Protocol):
    """Two matrices, and a way to train them."""

    def compile(self) -> None:
        """Do whatever is slow the first time, so that it is not counted as training."""

    def num_workers(self, threads: int) -> int:
        """How many workers may run at the same time, where so many threads are there."""

    def worker(self) -> Worker:
        """A new worker."""

    def stretches(self, corpus: EncodedCorpus, threads: int) -> Iterator[tuple[int, int]]:
        """Cut the corpus into the stretches (start, stop) that workers take in turn."""

    def vectors(self) -> tuple[Floats, Floats | None]:
        """Copies of the input and output matrices, each (V, D), as they are now.

        There is no output matrix where the objective has none with a row for each word.
        """

    def state(self) -> dict[str, NDArray[np.generic]]:
        """Everything that training changes, by name: matrices, and whatever the optimizer remembers."""

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Go on from what `state` gave.

        Raises:
            EngineError: the state is that of another model or optimizer.
        """

    def into_vectors(self) -> tuple[Floats, Floats | None]:
        """Give away what `vectors` copies, without a second copy; the end of the engine."""
