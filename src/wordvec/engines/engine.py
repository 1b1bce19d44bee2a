"""Engine: what the trainer needs from the code that does the arithmetic, and what that code says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.corpus.encoded import EncodedCorpus
from wordvec.vocabulary.subwords import WordRows

if TYPE_CHECKING:
    from wordvec.models.word2vec import ObjectiveFactory

__all__ = ["Build", "Engine", "EngineMemory", "EngineSpec", "LossSum", "Pending", "RankEngine", "Worker"]

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
        """Do what is slow the first time, so that it does not count as training."""

    def num_workers(self, threads: int) -> int:
        """How many workers may run at the same time on that many threads."""

    def worker(self) -> Worker:
        """A new worker."""

    def stretches(self, corpus: EncodedCorpus, threads: int) -> Iterator[tuple[int, int]]:
        """Cut the corpus into the stretches (start, stop) that workers take in turn."""

    def vectors(self) -> tuple[Floats, Floats | None]:
        """Copies of the input rows, (R, D), and the output matrix, (V, D), as they are now.

        There is no output matrix where the objective has none with a row for each word.
        """

    def position_weights(self) -> Floats | None:
        """A copy of the vectors of a window's places, (P, D), as they are now, where they are trained."""

    def state(self) -> dict[str, NDArray[np.generic]]:
        """Everything that training changes, by name: matrices, and what the optimizer remembers."""

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Go on from what `state` gave.

        Raises:
            EngineError: the state is that of another model or optimizer.
        """

    def into_vectors(self) -> tuple[Floats, Floats | None]:
        """Give away what `vectors` copies, without a second copy; the end of the engine."""


class RankEngine(Engine, Protocol):
    """An engine that can be one of several ranks: its steps are sums, and others may write to its matrices."""

    def matrices(self) -> dict[str, Floats]:
        """Views of all that training changes, by name, (R, D) each; whole when no worker is at work."""

    def moves(self) -> dict[str, NDArray[np.float64]]:
        """How often each row of these matrices is expected to move, (R,), for each position that is trained on.

        A row that moves for several contexts at once moves as often.
        """

    def curvature_weights(self) -> dict[str, dict[str, NDArray[np.float64]]]:
        """For each matrix, the rows of others that its rows are multiplied with, and how much each counts, (R,).

        The curvature of a row's loss in a move is about a quarter of the sum of w x xᵀ over these rows x and weights w.
        """

    def pieces(self, start: int, stop: int, threads: int) -> Iterator[tuple[int, int]]:
        """Cut the positions [start, stop) into the stretches that workers take in turn."""


class EngineMemory(NamedTuple):
    """What an engine holds while it trains, in bytes."""

    matrices: int  # with what its optimizer remembers, and gradients that fill whole matrices
    state: int  # what a checkpoint copies of these
    batches: int = 0  # what is looked up at a time, in all threads
    copies_vectors: bool = False  # whether the vectors at the end are a copy of the engine's
    state_has_vectors: bool = (
        True  # whether the state's matrices are the vectors, so that a checkpoint has them once
    )


class Build(Protocol):
    """Builds an engine."""

    def __call__(
        self,
        config: Config,
        counts: NDArray[np.int64],  # (V,)  how often each word occurs in the text to train on
        start: tuple[Floats, Floats] | None = None,  # (R, D), (V, D)  to begin with; by default, new ones
        custom_objective: ObjectiveFactory | None = None,  # in place of the one in the settings
        word_rows: WordRows | None = None,  # which of R rows make each word; by default, row i is word i
    ) -> Engine:
        """Build the engine for these settings and a vocabulary with these counts."""


def _in_main_memory(_: Config) -> int | None:
    return None


@dataclass(frozen=True, kw_only=True, repr=False)
class EngineSpec:
    """An engine, described by itself; importing a spec loads none of the engine's packages.

    A run takes the first engine of `engines.choose.ENGINES` that honors all of its settings.
    """

    name: str  # as the setting `engine` names it
    package: str | None = (
        None  # of `packages.PACKAGES`, where the engine needs one that is not always installed
    )
    getting_ready: tuple[str, str]  # what it does before it trains, and with what, for the progress display
    versions: tuple[str, ...]  # distributions whose versions belong in the record of a run

    obstacles: Callable[[Config], list[str]]  # settings, alone or together, that it does not honor
    obstacles_to_ranks: Callable[[Config], list[str]]  # and those that it does not as one of several ranks
    trains_custom_objectives: bool
    check: Callable[[Config], None]  # raises EngineError or ConfigError for what its packages cannot do
    device: Callable[[Config], str] = lambda _: "cpu"  # where it computes
    device_name: Callable[[str], str] = lambda device: device  # the same, for people

    memory: Callable[[Config, int], EngineMemory]  # with a vocabulary of that many words
    free_device_memory: Callable[[Config], int | None] = _in_main_memory  # None: it computes in main memory
    library_bytes: int  # of memory, for the packages it loads
    library_bytes_while_reading: int = 0  # of these, what is loaded before the text is read
    max_timed_numbers: int | None = (
        None  # in a matrix of a dry run; larger ones are no slower; None: as in the run
    )

    build: Build

    def __repr__(self) -> str:
        return f"<engine {self.name}>"
