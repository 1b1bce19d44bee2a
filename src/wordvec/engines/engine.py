"""Stretches: how a corpus is cut into pieces of work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.encoded import TEXT_END, EncodedCorpus

__all__ = ["Engine", "StretchLoss", "Worker", "even_stretches", "stretches_of_texts"]

MOST_POSITIONS = 32_768  # of one stretch: some 10 ms of work for a compiled kernel, small beside the matrices
FEWEST_STRETCHES = 16  # for each thread and epoch, so that all threads end about together
FEWEST_POSITIONS = 256
MOST_POSITIONS_OF_TEXTS = 65_536  # so that long texts do not ask for more memory than there is
POSITIONS_AT_A_TIME = 2**20

Floats = NDArray[np.float32]


def even_stretches(
    num_positions: int, threads: int, most_positions: int = MOST_POSITIONS
) -> Iterator[tuple[int, int]]:
    """Cut [0, num_positions) into stretches small enough to share and large enough to be worth a call.

    >>> list(even_stretches(1000, threads=1))
    [(0, 256), (256, 512), (512, 768), (768, 1000)]
    """
    size = num_positions // (threads * FEWEST_STRETCHES)
    size = max(min(size, most_positions), FEWEST_POSITIONS)
    for start in range(0, num_positions, size):
        yield start, min(start + size, num_positions)


def stretches_of_texts(corpus: EncodedCorpus, num_texts: int) -> Iterator[tuple[int, int]]:
    """Cut after every `num_texts` texts; and within them, where they are longer than 65,536 positions together."""
    start, ends_seen = 0, 0
    for first in range(0, corpus.num_positions, POSITIONS_AT_A_TIME):
        ids = corpus.read(first, min(first + POSITIONS_AT_A_TIME, corpus.num_positions))
        text_stops = first + 1 + np.flatnonzero(ids == TEXT_END)
        for stop in text_stops[num_texts - 1 - ends_seen :: num_texts].tolist():
            yield from _pieces(start, stop)
            start = stop
        ends_seen = (ends_seen + len(text_stops)) % num_texts
    yield from _pieces(start, corpus.num_positions)


def _pieces(start: int, stop: int) -> Iterator[tuple[int, int]]:
    for first in range(start, stop, MOST_POSITIONS_OF_TEXTS):
        yield first, min(first + MOST_POSITIONS_OF_TEXTS, stop)


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

    def measure_stretch(self, corpus: EncodedCorpus, start: int, stop: int) -> StretchLoss:
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

    def hand_over(self) -> tuple[Floats, Floats | None]:
        """Give away what `vectors` copies, without a second copy; the end of the engine."""
