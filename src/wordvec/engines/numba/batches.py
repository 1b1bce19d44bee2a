"""Batch engines: compiled steps of an optimizer along the gradient of a batch; threads change nothing about them.

`BatchEngine` has what all of them do; `NegativeSamplingEngine` is here, `SoftmaxEngine` in a file of its own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.encoded import EncodedCorpus
from wordvec.engines.draws import Draws
from wordvec.engines.engine import LossSum, Pending, Worker
from wordvec.engines.numba.drawn_windows import ContextLister, Ids
from wordvec.engines.numba.optimizer_state import FlatRows, OptimizerState
from wordvec.engines.numba.thread_team import ThreadTeam
from wordvec.engines.stretches import (
    ends_of_batches,
    even_stretches,
    shuffled_stretches,
    stretches_of_texts,
)
from wordvec.errors import EngineError
from wordvec.kernels.cpu.batch_examples import (
    BY_BATCH,
    BY_EXAMPLE,
    BY_PAIR,
    BY_TERM,
    BY_WINDOW,
    SUM,
    WINDOWS_PER_CHUNK,
    Batches,
    Examples,
    PairRules,
    empty_examples,
)
from wordvec.kernels.cpu.batch_training import (
    PHASES_PER_STEP,
    BatchScratch,
    Stretch,
    empty_batch_scratch,
    train_batches,
)
from wordvec.kernels.cpu.batch_windows import Contexts
from wordvec.kernels.cpu.matrices import Matrices
from wordvec.kernels.cpu.row_lists import RowLists, empty_row_lists
from wordvec.kernels.cpu.softmax_pairs import MAX_SLICES
from wordvec.kernels.cpu.tile import tile_shape
from wordvec.kernels.simd.memory import MARKS_PER_PHASE
from wordvec.sampling.noise import AliasTable, alias_table
from wordvec.sampling.seeds import HELD_OUT_EPOCH, Purpose, stream

__all__ = ["NO_LIMIT", "BatchEngine", "BatchSettings", "NegativeSamplingEngine"]

Floats = NDArray[np.float32]

SHARING = {"window": BY_WINDOW, "pair": BY_PAIR, "batch": BY_BATCH}
REDUCTIONS = {"sum": SUM, "example_mean": BY_EXAMPLE, "mean": BY_TERM}

BATCHES_PER_STRETCH = 64
MAX_POSITIONS_OF_BATCHES = 2**20  # of one stretch, however large the batches
TARGETS_PER_TILE = 8
NO_LIMIT = 2**31
MAX_PAIRS = 17 * 10**8  # of a step: with a fourth more in reserve, what `row_lists` counts in 32 bits
NO_NOISE = AliasTable(np.empty(0, np.float32), np.empty(0, np.int32))


class BatchSettings(NamedTuple):
    """What one step learns from, and how."""

    optimizer: str  # "sgd", "adagrad", "sparseadam" or "adam"
    reduction: Literal["sum", "mean", "example_mean"]
    batch_size: int
    batch_unit: Literal["centers", "texts"]
    looks_up_center: bool  # the center predicts its contexts; else contexts predict the center
    contexts_per_part: int | None = (
        None  # a window with more takes a step for each part of that many contexts
    )
    contexts_at_full_step: int | None = None  # more move what they share no further than that many
    max_norm: float | None = None


class BatchEngine(ABC):
    """Skip-gram in batches. It is its own worker: a step begins where the last one has ended.

    Args:
        draws: where windows and negatives come from.
        settings: batches, and the optimizer.
        start: (V, D) input and output vectors to begin with.
        threads: that work on each step together; the result does not depend on them.
        lanes: float32 in a vector register; by default, what this machine has.
    """

    def __init__(
        self,
        draws: Draws,
        settings: BatchSettings,
        *,
        start: tuple[Floats, Floats],
        threads: int,
        lanes: int | None = None,
    ):
        self._draws, self._settings, self._lanes = draws, settings, lanes
        self._rules = _pair_rules(draws, settings)
        self._state = self._new_state(start)
        self._epoch = 0  # of the last step
        self._team = ThreadTeam(threads)
        self._lister = ContextLister(draws)

    @abstractmethod
    def _new_state(self, start: tuple[Floats, Floats]) -> OptimizerState:
        """The matrices as the kernels take them, and the optimizer that moves them."""

    @abstractmethod
    def _take_steps(self, batches: Batches, rates: NDArray[np.float64]) -> None:
        """Take the steps of a stretch at these learning rates, (steps,), and write their losses and terms."""

    @abstractmethod
    def _find_losses(self, batches: Batches) -> None:
        """Write the losses and terms of a stretch, and move nothing."""

    def compile(self) -> None:
        """Compile the kernels, or load them from the cache, by running them on a text of three words."""
        noise = None if self._draws.noise is None else alias_table(np.full(3, 1 / 3))
        draws = self._draws._replace(keep=np.ones(3, np.float32), noise=noise, window=1, is_full=False)
        start = (np.zeros((3, 1), np.float32), np.zeros((3, 1), np.float32))
        small = type(self)(draws, self._settings, start=start, threads=1, lanes=self._lanes)
        small.train_on(_ThreeWords(), 0, 0, 3, (0.1, 0.1))
        small.vectors()
        small.measure(_ThreeWords(), 0, 3)

    def num_workers(self, threads: int) -> int:  # noqa: ARG002
        """One, which has threads of its own."""
        return 1

    def worker(self) -> Worker:
        """The engine itself."""
        return self

    def stretches(self, corpus: EncodedCorpus, threads: int) -> Iterator[tuple[int, int]]:  # noqa: ARG002
        """Stretches of some batches each; the same for any number of threads."""
        if self._settings.batch_unit == "texts":
            return stretches_of_texts(corpus, self._settings.batch_size, batches_at_once=BATCHES_PER_STRETCH)
        if self._draws.shuffles:
            return shuffled_stretches(corpus.num_positions, self._draws.window)
        size = min(BATCHES_PER_STRETCH * self._settings.batch_size, MAX_POSITIONS_OF_BATCHES)
        return even_stretches(corpus.num_positions, 1, size)

    def train_stretch(
        self, corpus: EncodedCorpus, epoch: int, start: int, stop: int, learning_rates: tuple[float, float]
    ) -> Pending:
        """Take a step for each batch of the windows whose centers stand in [start, stop)."""
        found = self.train_on(corpus, epoch, start, stop, learning_rates)
        return lambda: found

    def measure_stretch(self, corpus: EncodedCorpus, start: int, stop: int) -> Pending:
        """The loss on [start, stop), with windows and negatives that are the same each time."""
        found = self.measure(corpus, start, stop)
        return lambda: found

    def train_on(
        self, ids: Ids, epoch: int, start: int, stop: int, learning_rates: tuple[float, float]
    ) -> LossSum:
        """Take the steps of a stretch."""
        if epoch != self._epoch:
            self._state.settle()
            self._epoch = epoch
        num_windows, contexts = self._lister.list(ids, start, stop, epoch=epoch)
        if num_windows == 0:
            return LossSum(_num_words(ids, start, stop))
        cuts = self._cuts(ids, start, stop, contexts, num_windows)
        batches = self._batches(contexts, cuts, epoch, self._settings.contexts_per_part)
        positions = contexts.positions[batches.cuts[:-1]].astype(np.float64)
        if self._draws.shuffles:  # and follow each other evenly
            positions = start + (stop - start) * batches.cuts[:-1] / num_windows
        first_rate, last_rate = learning_rates
        rates = first_rate + (last_rate - first_rate) * positions / ids.num_positions
        self._take_steps(batches, np.repeat(rates, np.diff(batches.first_step)))
        return _loss_sum(ids, start, stop, batches)

    def measure(self, ids: Ids, start: int, stop: int) -> LossSum:
        """The loss of a stretch."""
        self._state.settle()
        num_windows, contexts = self._lister.list(ids, start, stop, epoch=HELD_OUT_EPOCH)
        if num_windows == 0:
            return LossSum(_num_words(ids, start, stop))
        cuts = self._cuts(ids, start, stop, contexts, num_windows)
        batches = self._batches(contexts, cuts, HELD_OUT_EPOCH, None)
        self._find_losses(batches)
        return _loss_sum(ids, start, stop, batches)

    def _cuts(
        self, ids: Ids, start: int, stop: int, contexts: Contexts, num_windows: int
    ) -> NDArray[np.int64]:
        """Where batches begin among the windows of a stretch, and where the last one ends: (batches + 1,)."""
        if self._settings.batch_unit == "texts":
            ends = start + ends_of_batches(ids.read(start, stop), self._settings.batch_size)
            cuts = np.searchsorted(contexts.positions[:num_windows], ends)
            return np.unique(np.concatenate([[0], cuts]))  # no step for texts without a window
        num_batches = -(-num_windows // self._settings.batch_size)
        return num_windows * np.arange(num_batches + 1) // num_batches

    def _batches(
        self, contexts: Contexts, cuts: NDArray[np.int64], epoch: int, contexts_per_part: int | None
    ) -> Batches:
        """The steps for the windows between these cuts."""
        num_parts = np.ones(len(cuts) - 1, np.int64)
        if contexts_per_part is not None:
            widest = np.maximum.reduceat(np.diff(contexts.first[: cuts[-1] + 1]), cuts[:-1])
            num_parts = -(-widest // contexts_per_part)
        first_step = np.concatenate([[0], np.cumsum(num_parts)])
        num_steps, max_chunks = int(first_step[-1]), -(-int(np.diff(cuts).max()) // WINDOWS_PER_CHUNK)
        shape = (num_steps, max(max_chunks, MAX_SLICES))
        return Batches(
            contexts=contexts,
            cuts=cuts,
            first_step=first_step,
            noise=self._draws.noise or NO_NOISE,
            stream=stream(self._draws.seed, Purpose.NEGATIVES, epoch),
            marks=np.zeros(num_steps * self._phases_per_step(contexts, cuts) * MARKS_PER_PHASE, np.int64),
            losses=np.zeros(shape),
            terms=np.zeros(shape, np.int64),
        )

    @abstractmethod
    def _phases_per_step(self, contexts: Contexts, cuts: NDArray[np.int64]) -> int:
        """How many phases one of these batches' steps has, at most."""

    def vectors(self) -> tuple[Floats, Floats]:
        """Copies of the input and output matrices, each (V, D), as they are now."""
        return self._state.settled_copies()

    def into_vectors(self) -> tuple[Floats, Floats]:
        """The input and output matrices, each (V, D)."""
        return self.vectors()

    def position_weights(self) -> Floats | None:
        """None: skip-gram has none."""
        return None

    def state(self) -> dict[str, NDArray[np.generic]]:
        """The matrices, what the optimizer remembers, and the epoch of its last step."""
        return {**self._state.pack(), "epoch": np.array(self._epoch)}

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Go on from what `state` gave.

        Raises:
            EngineError: the state is that of another model or optimizer.
        """
        others = {name: array for name, array in state.items() if name != "epoch"}
        try:
            self._state.unpack(others)
            self._epoch = int(np.asarray(state["epoch"]))
        except (ValueError, KeyError) as problem:
            raise EngineError(f"the checkpoint is that of another model or optimizer: {problem}") from problem


class NegativeSamplingEngine(BatchEngine):
    """Skip-gram with negative sampling, in batches."""

    def _new_state(self, start: tuple[Floats, Floats]) -> OptimizerState:
        self._tile = tile_shape(TARGETS_PER_TILE, self._lanes)
        self._room: _Room | None = None
        self._matrices = Matrices.holding(*start)
        dim, row_length, inputs, outputs, *_ = self._matrices
        sides = FlatRows(inputs, row_length, dim), FlatRows(outputs, row_length, dim)
        return OptimizerState(self._settings.optimizer, *sides, self._tile.lanes)

    def _take_steps(self, batches: Batches, rates: NDArray[np.float64]) -> None:
        self._work_on(*self._stretch(batches, self._rules, rates), moves=True)

    def _find_losses(self, batches: Batches) -> None:
        whole_windows = self._rules._replace(contexts_per_part=NO_LIMIT)
        self._work_on(*self._stretch(batches, whole_windows, np.zeros(0)), moves=False)

    def _work_on(self, stretch: Stretch, room: _Room, *, moves: bool) -> None:
        def work(thread: int) -> None:
            train_batches(self._tile, self._state.optimizer, stretch, room.scratches[thread], moves)

        self._team.run(work)

    def _phases_per_step(self, contexts: Contexts, cuts: NDArray[np.int64]) -> int:  # noqa: ARG002
        return PHASES_PER_STEP

    def _stretch(
        self, batches: Batches, rules: PairRules, rates: NDArray[np.float64]
    ) -> tuple[Stretch, _Room]:
        row_length, size = self._matrices.row_length, _size_of_steps(batches, rules)
        if self._room is None or any(has < needs for has, needs in zip(self._room.size, size, strict=True)):
            larger = _with_reserve(size)
            vocabulary_size, threads = len(self._draws.keep), self._team.size
            self._room = _Room(
                larger,
                empty_examples(larger.windows, larger.examples, larger.pairs, row_length),
                (
                    empty_row_lists(threads, vocabulary_size, larger.examples),
                    empty_row_lists(threads, vocabulary_size, larger.pairs),
                ),
                [
                    empty_batch_scratch(self._tile, larger.pairs_of_example, row_length)
                    for _ in range(threads)
                ],
            )
        stretch = Stretch(
            self._matrices,
            self._state.memories,
            rules,
            batches,
            self._state.upcoming(rates),
            self._room.examples,
            self._room.row_lists,
            self._team.yield_address,
        )
        return stretch, self._room

    def into_vectors(self) -> tuple[Floats, Floats]:
        """The input and output matrices, each (V, D); the engine has none after that."""
        self._state.settle()
        matrices = self._matrices
        del self._matrices, self._state
        return matrices.compacted()


class _Size(NamedTuple):
    """How large a step may be."""

    windows: int
    examples: int
    pairs: int
    pairs_of_example: int


def _with_reserve(size: _Size) -> _Size:
    """Somewhat more, so that memory is not taken anew for each step that is a little larger.

    Raises:
        EngineError: a step has more pairs than kernels can count.
    """
    if size.pairs > MAX_PAIRS:
        raise EngineError(
            f"a batch has {size.pairs:,} pairs of words, true and noise, and the compiled kernels count at most "
            f"{MAX_PAIRS:,}; set a smaller batch_size (or window, or negatives)"
        )
    return _Size(*(needs + needs // 4 for needs in size))


class _Room(NamedTuple):
    """Working memory for steps of that size."""

    size: _Size
    examples: Examples
    row_lists: tuple[RowLists, RowLists]
    scratches: list[BatchScratch]


class _ThreeWords:
    """A text to compile kernels with."""

    num_positions = 3

    def read(self, start: int, stop: int) -> NDArray[np.int32]:
        """Word after word, read-only as a corpus is: kernels are compiled for just that."""
        ids = np.array([0, 1, 2], np.int32)[start:stop]
        ids.flags.writeable = False
        return ids


def _loss_sum(ids: Ids, start: int, stop: int, batches: Batches) -> LossSum:
    return LossSum(_num_words(ids, start, stop), int(batches.terms.sum()), float(batches.losses.sum()))


def _num_words(ids: Ids, start: int, stop: int) -> int:
    return int(np.count_nonzero(ids.read(start, stop) >= 0))


def _pair_rules(draws: Draws, settings: BatchSettings) -> PairRules:
    return PairRules(
        looks_up_center=settings.looks_up_center,
        window=draws.window,
        negatives=draws.negatives,
        sharing=SHARING[draws.sharing],
        avoids_all_targets=draws.avoids_all_targets,
        reduction=REDUCTIONS[settings.reduction],
        contexts_per_part=settings.contexts_per_part or NO_LIMIT,
        contexts_at_full_step=settings.contexts_at_full_step or NO_LIMIT,
        max_norm=np.inf if settings.max_norm is None else float(settings.max_norm),
    )


def _size_of_steps(batches: Batches, rules: PairRules) -> _Size:
    """The largest of the batches' steps."""
    first = batches.contexts.first
    windows = int(np.diff(batches.cuts).max())
    widest = min(int(np.diff(first[: batches.cuts[-1] + 1]).max()), rules.contexts_per_part)
    contexts = int(np.diff(first[batches.cuts]).max())
    if (
        len(batches.first_step) <= batches.first_step[-1]
    ):  # windows have parts, with room for as many contexts each
        contexts = max(contexts, windows * widest)
    each = 1 + rules.negatives
    if not rules.looks_up_center:
        return _Size(windows, contexts, contexts * each, each)
    if rules.sharing == BY_PAIR:
        return _Size(windows, windows, contexts * each, widest * each)
    return _Size(windows, windows, contexts + windows * rules.negatives, widest + rules.negatives)
