"""The numba engine: compiled SIMD kernels on the CPU, over two shared matrices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.encoded import EncodedCorpus
from wordvec.engines.draws import Draws
from wordvec.engines.engine import LossSum, Pending, Worker
from wordvec.engines.numba.deterministic import Blocks, BlockWorker, rounds
from wordvec.engines.numba.drawn_windows import draw_windows
from wordvec.engines.stretches import Halo, Span, even_stretches
from wordvec.errors import EngineError
from wordvec.kernels.cpu.matrices import Matrices
from wordvec.kernels.cpu.skipgram import skip_gram
from wordvec.kernels.cpu.window_update import LearningRate, Model, empty_scratch, train_windows
from wordvec.kernels.cpu.windows import empty_windows
from wordvec.sampling.noise import alias_table
from wordvec.sampling.seeds import HELD_OUT_EPOCH, Purpose, generator

__all__ = ["NumbaEngine", "NumbaWorker"]

Floats = NDArray[np.float32]


class NumbaEngine:
    """Skip-gram with negative sampling.

    Args:
        draws: where windows and negatives come from.
        dim: numbers in a vector.
        contexts_per_part: a window with more contexts is moved in parts of that size, one after the other.
        start: (V, D) input and output vectors to begin with; by default, those of word2vec.c.
        lanes: float32 in a vector register; by default, what this machine has.
        blocks: train block by block, so that the result does not depend on threads; by default, window by window.
    """

    def __init__(
        self,
        draws: Draws,
        *,
        dim: int,
        contexts_per_part: int,
        start: tuple[Floats, Floats] | None = None,
        lanes: int | None = None,
        blocks: Blocks | None = None,
    ):
        self._draws, self._blocks = draws, blocks
        self._contexts_per_part = min(contexts_per_part, 2 * draws.window)
        self._matrices = (
            Matrices.holding(*start)
            if start
            else Matrices.initial(len(draws.keep), dim, generator(draws.seed, Purpose.INITIAL_VECTORS))
        )
        self._model = skip_gram(draws.negatives, lanes)

    def compile(self) -> None:
        """Compile the kernels, or load them from the cache, by running them on a corpus of three words."""
        matrices = Matrices.initial(3, 1, np.random.default_rng(0))
        draws = self._draws._replace(keep=np.ones(3, np.float32), noise=alias_table(np.full(3, 1 / 3)))
        ids = np.array([0, 1, 2], np.int32)
        ids.flags.writeable = False  # as the corpus: numba compiles for exactly that
        if self._blocks:
            blocks = self._blocks._replace(threads=1)
            BlockWorker(matrices, self._model, draws, self._contexts_per_part, blocks).train_positions(
                lambda start, stop: ids[start:stop], len(ids), 0, 0, len(ids), (0.1, 0.1)
            )
        else:
            NumbaWorker(matrices, self._model, draws, self._contexts_per_part).train_ids(
                ids, Span(0, 3, (True, True)), 0, 3, epoch=0, learning_rate=0.1, learning_rate_slope=0.0
            )

    def num_workers(self, threads: int) -> int:
        """One for each thread: they share the matrices without locks (Hogwild). For blocks one, which has threads."""
        return 1 if self._blocks else threads

    def worker(self) -> Worker:
        """A worker with scratch memory of its own."""
        if self._blocks:
            return BlockWorker(
                self._matrices, self._model, self._draws, self._contexts_per_part, self._blocks
            )
        return NumbaWorker(self._matrices, self._model, self._draws, self._contexts_per_part)

    def stretches(self, corpus: EncodedCorpus, threads: int) -> Iterator[tuple[int, int]]:
        """Even ones: where they are cut changes nothing. Blocks begin where rounds do, so those are always the same."""
        return rounds(corpus.num_positions) if self._blocks else even_stretches(corpus.num_positions, threads)

    def vectors(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Copies of the input and output matrices, each (V, D), as they are now."""
        return self._matrices.unpadded()

    def state(self) -> dict[str, NDArray[np.generic]]:
        """The two matrices, each (V, D): there is nothing else that training changes."""
        inputs, outputs = self.vectors()
        return {"input": inputs, "output": outputs}

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Go on from what `state` gave.

        Raises:
            EngineError: the state is that of another model.
        """
        now = self.state()
        shapes = {name: array.shape for name, array in state.items()}
        expected = {name: array.shape for name, array in now.items()}
        if shapes != expected:
            raise EngineError(
                f"the checkpoint is that of another model: it has {shapes}, this model {expected}"
            )
        self._matrices = Matrices.holding(
            state["input"].astype(np.float32), state["output"].astype(np.float32)
        )

    def into_vectors(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The input and output matrices, each (V, D); the engine has none after that."""
        matrices = self._matrices
        del self._matrices
        return matrices.compacted()


class NumbaWorker:
    """One thread of the engine."""

    def __init__(self, matrices: Matrices, model: Model, draws: Draws, contexts_per_part: int):
        self._matrices, self._model, self._draws = matrices, model, draws
        self._scratch = empty_scratch(model.tile, contexts_per_part, draws.negatives, matrices.row_length)
        self._windows = empty_windows(0, draws.negatives)
        self._halo = Halo(draws.window)

    def train_stretch(
        self, corpus: EncodedCorpus, epoch: int, start: int, stop: int, learning_rates: tuple[float, float]
    ) -> Pending:
        """Train on positions [start, stop), reading as far beyond them as the windows at its ends reach."""

        def attempt() -> LossSum | None:
            span = self._halo.around(start, stop, corpus.num_positions)
            return self.train_ids(
                corpus.read(span.first, span.end),
                span,
                start,
                stop,
                epoch=epoch,
                learning_rate=learning_rates[0],
                learning_rate_slope=(learning_rates[1] - learning_rates[0]) / corpus.num_positions,
            )

        found = self._halo.widened_until(attempt)
        return lambda: found

    def measure_stretch(self, corpus: EncodedCorpus, start: int, stop: int) -> Pending:
        """The loss on [start, stop), with the same draws each time: training with steps of size 0."""
        return self.train_stretch(corpus, HELD_OUT_EPOCH, start, stop, (0.0, 0.0))

    def train_ids(
        self,
        ids: NDArray[np.int32],
        span: Span,
        start: int,
        stop: int,
        *,
        epoch: int,
        learning_rate: float,
        learning_rate_slope: float,
    ) -> LossSum | None:
        """Train on positions [start, stop), with the `ids` of a span; None if that does not reach far enough.

        `learning_rate` is that of the first position of the corpus; the slope is added for each position.
        """
        self._make_room(len(ids))
        centers = draw_windows(self._draws, ids, span, start, stop, epoch=epoch, windows=self._windows)
        if centers is None:
            return None
        rate = LearningRate(learning_rate, learning_rate_slope)
        loss, pairs = train_windows(self._model, self._matrices, self._windows, centers, rate, self._scratch)
        words = int(np.count_nonzero(ids[start - span.first : stop - span.first] >= 0))
        return LossSum(words, pairs, loss)

    def _make_room(self, num_positions: int) -> None:
        if len(self._windows.words) < num_positions:
            self._windows = empty_windows(num_positions, self._draws.negatives)
