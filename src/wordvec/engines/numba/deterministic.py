"""Block worker: trains on a round of the corpus with threads of its own, in an order that does not depend on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.encoded import EncodedCorpus
from wordvec.engines.draws import Draws
from wordvec.engines.engine import LossSum, Pending
from wordvec.engines.numba.drawn_windows import draw_windows
from wordvec.engines.stretches import Halo
from wordvec.kernels.cpu.block_ends import cut_blocks
from wordvec.kernels.cpu.blocks import train_blocks
from wordvec.kernels.cpu.matrices import Matrices
from wordvec.kernels.cpu.round import Round, empty_round
from wordvec.kernels.cpu.scratch import empty_scratch
from wordvec.kernels.cpu.tile import TileShape
from wordvec.kernels.simd.memory import thread_yield_address
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

    def __init__(
        self, matrices: Matrices, shape: TileShape, draws: Draws, contexts_per_part: int, blocks: Blocks
    ):
        self._matrices, self._shape, self._draws, self._blocks = matrices, shape, draws, blocks
        self._contexts_per_part = contexts_per_part
        self._halo = Halo(draws.window)
        self._scratches = [
            empty_scratch(shape, contexts_per_part, draws.negatives, matrices.row_length)
            for _ in range(blocks.threads)
        ]
        self._round: Round | None = None
        self._give_way = thread_yield_address()
        self._pool = ThreadPoolExecutor(blocks.threads, thread_name_prefix="wordvec-block")

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
            shared = self._room_for(len(parts))
            words: list[int | None] = [None] * len(parts)

            def draw(thread: int) -> None:
                for part in parts[thread :: self._blocks.threads]:
                    words[part[0]] = self._draw(shared, read, num_positions, epoch, *part)

            self._in_all_threads(draw)
            found = [number for number in words if number is not None]
            if len(found) == len(parts):
                return found
            self._round = None  # its parts have no room for wider halos
            return None

        words = self._halo.widened_until(attempt)
        shared = self._room_for(len(parts))
        shared.num_blocks[len(parts) :] = 0
        shared.begin()
        slope = (learning_rates[1] - learning_rates[0]) / num_positions

        def train(thread: int) -> None:
            self._train(shared, thread, learning_rates[0], slope)

        self._in_all_threads(train)
        loss, pairs = shared.totals()
        return LossSum(sum(words), pairs, loss)

    def _in_all_threads(self, work: Callable[[int], None]) -> None:
        """Call `work` with the number of each thread; return, or raise what one has raised, when all have ended."""
        tasks: list[Future[None]] = []
        try:
            for thread in range(self._blocks.threads):
                tasks.append(self._pool.submit(work, thread))  # noqa: PERF401  # waited for if the next fails
        finally:
            wait(tasks)
        for task in tasks:
            task.result()

    def _draw(
        self,
        shared: Round,
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
        centers, negatives = shared.part(number)
        places = draw_windows(
            self._draws,
            ids,
            span,
            start,
            stop,
            epoch=epoch,
            centers=centers,
            negatives=negatives,
        )
        if places is None:
            return None
        shared.first_position[number] = span.first
        shared.num_blocks[number] = cut_blocks(
            centers,
            *places,
            negatives,
            self._blocks.max_moves,
            self._contexts_per_part,
            shared.moves[number],
            shared.order[number],
            shared.ends[number],
        )
        return int(np.count_nonzero(ids[start - span.first : stop - span.first] >= 0))

    def _train(self, shared: Round, thread: int, learning_rate: float, slope: float) -> None:
        train_blocks(
            self._shape,
            self._matrices.input_vectors,
            self._matrices.output_vectors,
            self._matrices.row_length,
            shared,
            learning_rate,
            slope,
            self._scratches[thread]._replace(gradients=shared.gradients),
            thread,
            self._blocks.threads,
            self._give_way,
        )

    def _room_for(self, num_parts: int) -> Round:
        shared = self._round
        if shared is None or len(shared.num_blocks) < num_parts:
            shared = empty_round(
                num_parts,
                positions_per_part=POSITIONS_PER_PART,
                halo=self._halo.size,
                negatives=self._draws.negatives,
                gradients_per_center=len(self._scratches[0].gradients),
                most_slices=self._blocks.threads,
            )
            self._round = shared
        return shared
