"""Block worker: trains on a round of the corpus with threads of its own, in an order that does not depend on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.encoded import EncodedCorpus
from wordvec.engines.draws import Draws
from wordvec.engines.engine import LossSum, Pending
from wordvec.engines.numba.drawn_windows import draw_windows
from wordvec.engines.numba.thread_team import ThreadTeam
from wordvec.engines.numba.window_model import WindowModel
from wordvec.engines.stretches import Halo
from wordvec.kernels.cpu.block_schedule import BlockSchedule, cut_blocks, empty_schedule
from wordvec.kernels.cpu.block_training import Sgd, TrainingThread, train_blocks
from wordvec.kernels.cpu.matrices import Matrices
from wordvec.kernels.cpu.window_update import LearningRate
from wordvec.sampling.seeds import HELD_OUT_EPOCH

__all__ = ["BlockWorker", "Blocks", "rounds"]

POSITIONS_PER_PART = 8192  # whose windows one thread draws; blocks begin anew in each part
PARTS_PER_ROUND = 16


class Blocks(NamedTuple):
    """How a deterministic run is shared out."""

    max_moves: int  # of a row in one block; the result depends on this
    threads: int  # the result does not depend on this


def rounds(num_positions: int) -> Iterator[tuple[int, int]]:
    """Cut [0, num_positions) into whole parts, always at the same positions.

    >>> list(rounds(300_000))
    [(0, 131072), (131072, 262144), (262144, 300000)]
    """
    size = POSITIONS_PER_PART * PARTS_PER_ROUND
    for start in range(0, num_positions, size):
        yield start, min(start + size, num_positions)


class BlockWorker:
    """The only worker of a deterministic engine."""

    def __init__(self, matrices: Matrices, model: WindowModel, draws: Draws, blocks: Blocks):
        self._matrices, self._model, self._draws, self._blocks = matrices, model, draws, blocks
        self._halo = Halo(draws.window)
        self._scratches = [model.scratch(matrices.row_length) for _ in range(blocks.threads)]
        self._schedule: BlockSchedule | None = None
        self._team = ThreadTeam(blocks.threads)

    def train_stretch(
        self, corpus: EncodedCorpus, epoch: int, start: int, stop: int, learning_rates: tuple[float, float]
    ) -> Pending:
        """Train on positions [start, stop), one of `rounds`."""
        found = self.train_positions(corpus.read, corpus.num_positions, epoch, start, stop, learning_rates)
        return lambda: found

    def measure_stretch(self, corpus: EncodedCorpus, start: int, stop: int) -> Pending:
        """The loss on [start, stop), with the same draws each time: training with steps of size 0."""
        return self.train_stretch(corpus, HELD_OUT_EPOCH, start, stop, (0.0, 0.0))

    def train_positions(
        self,
        read: Callable[[int, int], NDArray[np.int32]],  # ids of the corpus
        num_positions: int,
        epoch: int,
        start: int,
        stop: int,
        learning_rates: tuple[float, float],
    ) -> LossSum:
        """Train on positions [start, stop) of what `read` gives."""
        parts = [
            (number, first, min(first + POSITIONS_PER_PART, stop))
            for number, first in enumerate(range(start, stop, POSITIONS_PER_PART))
        ]

        def attempt() -> list[int] | None:
            schedule = self._room_for(len(parts))
            words: list[int | None] = [None] * len(parts)

            def draw(thread: int) -> None:
                for part in parts[thread :: self._blocks.threads]:
                    words[part[0]] = self._draw(schedule, read, num_positions, epoch, *part)

            self._team.run(draw)
            found = [number for number in words if number is not None]
            if len(found) == len(parts):
                return found
            self._schedule = None  # its parts have no room for wider halos
            return None

        words = self._halo.widened_until(attempt)
        schedule = self._room_for(len(parts))
        schedule.num_blocks[len(parts) :] = 0
        schedule.begin()
        slope = (learning_rates[1] - learning_rates[0]) / num_positions

        def train(thread: int) -> None:
            self._train(schedule, thread, LearningRate(learning_rates[0], slope))

        self._team.run(train)
        loss, pairs = schedule.totals()
        return LossSum(sum(words), pairs, loss)

    def _draw(
        self,
        schedule: BlockSchedule,
        read: Callable[[int, int], NDArray[np.int32]],
        num_positions: int,
        epoch: int,
        number: int,
        start: int,
        stop: int,
    ) -> int | None:
        """Draw the windows of one part and cut blocks; return its words, or None if the halo is too short."""
        span = self._halo.around(start, stop, num_positions)
        ids = read(span.first, span.end)
        windows = schedule.part(number)
        centers = draw_windows(self._draws, ids, span, start, stop, epoch=epoch, windows=windows)
        if centers is None:
            return None
        schedule.num_blocks[number] = cut_blocks(
            windows,
            centers,
            self._blocks.max_moves,
            self._model.max_hidden,
            schedule.moves[number],
            schedule.order[number],
            schedule.ends[number],
        )
        return int(np.count_nonzero(ids[start - span.first : stop - span.first] >= 0))

    def _train(self, schedule: BlockSchedule, thread: int, learning_rate: LearningRate) -> None:
        one = TrainingThread(thread, self._blocks.threads, self._scratches[thread], self._team.yield_address)
        train_blocks(self._model.parts, Sgd(), self._matrices, self._model.data, schedule, learning_rate, one)

    def _room_for(self, num_parts: int) -> BlockSchedule:
        schedule = self._schedule
        if schedule is None or len(schedule.num_blocks) < num_parts:
            schedule = empty_schedule(
                num_parts,
                positions_per_part=POSITIONS_PER_PART,
                halo=self._halo.size,
                negatives=self._draws.negatives,
                gradients_per_window=len(self._scratches[0].gradients),
                max_slices=self._blocks.threads,
            )
            self._schedule = schedule
        return schedule
