"""The numba engine: compiled SIMD kernels on the CPU, over matrices that threads share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.encoded import EncodedCorpus
from wordvec.engines.draws import Draws
from wordvec.engines.engine import LossSum, Pending, Worker
from wordvec.engines.numba.copies import copies_for, mean_contexts, moves_in_a_window
from wordvec.engines.numba.deterministic import Blocks, BlockWorker, rounds
from wordvec.engines.numba.drawn_windows import draw_windows
from wordvec.engines.numba.window_model import Family, WindowModel, first_matrices, window_model
from wordvec.engines.stretches import Halo, Span, even_stretches
from wordvec.errors import EngineError
from wordvec.kernels.cpu.matrices import Matrices
from wordvec.kernels.cpu.subwords import empty_group, train_windows_of_subwords
from wordvec.kernels.cpu.window_update import LearningRate, train_windows
from wordvec.kernels.cpu.windows import empty_windows
from wordvec.sampling.noise import alias_table
from wordvec.sampling.seeds import HELD_OUT_EPOCH, Purpose, generator
from wordvec.vocabulary.subwords import WordRows

__all__ = ["NumbaEngine", "NumbaWorker"]

Floats = NDArray[np.float32]

# Words whose vectors are made of rows once: with more of them, words of the same n-grams move from farther behind.
CENTERS_PER_GROUP = 64

STRETCHES_PER_ROUND = 4  # of each of several threads, so that they end about together


class NumbaEngine:
    """Skip-gram or CBOW, with negative sampling, hierarchical softmax or both.

    Args:
        draws: where windows and negatives come from.
        family: which model it is.
        counts: (V,) occurrences of each word.
        dim: numbers in a vector.
        contexts_per_part: a window with more contexts is moved in parts of that size, one after the other.
        start: input rows, (R, D), and output vectors, (V, D), to begin with; by default, those of word2vec.c.
        lanes: float32 in a vector register; by default, what this machine has.
        blocks: train block by block, so that the result does not depend on threads; by default, window by window.
        max_workers: threads that train at the same time, at most; by default, all there are.
        word_rows: which rows of the input matrix make the vector of each word; by default, row i is word i.
        centers_per_group: with `word_rows`, centers for which words are made of rows once.
        threads: that will share the matrices, so that each may have copies of rows that all move.
    """

    def __init__(
        self,
        draws: Draws,
        family: Family,
        counts: NDArray[np.int64],
        *,
        dim: int,
        contexts_per_part: int,
        start: tuple[Floats, Floats] | None = None,
        lanes: int | None = None,
        blocks: Blocks | None = None,
        max_workers: int | None = None,
        word_rows: WordRows | None = None,
        centers_per_group: int = CENTERS_PER_GROUP,
        threads: int = 1,
    ):
        self._draws, self._family, self._blocks, self._max_workers = draws, family, blocks, max_workers
        self._word_rows, self._centers_per_group, self._counts = word_rows, centers_per_group, counts
        self._parts: dict[str, Any] = {
            "negatives": draws.negatives,
            "window": draws.window,
            "contexts_per_part": contexts_per_part,
            "lanes": lanes,
        }
        rows_per_word = None if word_rows is None else np.diff(word_rows.starts)
        self._model = window_model(family, counts, rows_per_word=rows_per_word, **self._parts)
        has_subwords = word_rows is not None
        self._copies = copies_for(
            family, self._model, draws, counts, dim=dim, threads=threads, has_subwords=has_subwords
        )
        self._worker_numbers = count()
        self._matrices = first_matrices(
            family,
            len(counts),
            dim=dim,
            window=draws.window,
            generator=generator(draws.seed, Purpose.INITIAL_VECTORS),
            num_rows=word_rows.num_rows if word_rows else None,
            start=start,
            num_copies=self._copies.numbers if self._copies else (0, 0, 0),
        )

    def compile(self) -> None:
        """Compile the kernels, or load them from the cache, by running them on a corpus of three words."""
        chance = np.random.default_rng(0)
        matrices = first_matrices(self._family, 3, dim=1, window=self._draws.window, generator=chance)
        each_one = np.ones(3, np.int64)
        rows_per_word = each_one if self._word_rows else None
        model = window_model(self._family, each_one, rows_per_word=rows_per_word, **self._parts)
        noise = alias_table(np.full(3, 1 / 3)) if self._draws.noise else None
        draws = self._draws._replace(keep=np.ones(3, np.float32), noise=noise)
        ids = np.array([0, 1, 2], np.int32)
        ids.flags.writeable = False  # as the corpus: numba compiles for exactly that
        if self._blocks:
            BlockWorker(matrices, model, draws, self._blocks._replace(threads=1)).train_positions(
                lambda start, stop: ids[start:stop], len(ids), 0, 0, len(ids), (0.1, 0.1)
            )
        else:
            one_row_each = (
                WordRows(np.arange(4), np.arange(3, dtype=np.int32), 3) if self._word_rows else None
            )
            NumbaWorker(matrices, model, draws, one_row_each).train_ids(
                ids, Span(0, 3, (True, True)), 0, 3, epoch=0, learning_rate=0.1, learning_rate_slope=0.0
            )

    def num_workers(self, threads: int) -> int:
        """One for each thread: they share the matrices without locks (Hogwild). For blocks one, which has threads."""
        return 1 if self._blocks else min(threads, self._max_workers or threads)

    def worker(self) -> Worker:
        """A worker with scratch memory of its own."""
        if self._blocks:
            return BlockWorker(self._matrices, self._model, self._draws, self._blocks)
        matrices = self._matrices
        if self._copies:
            number = next(self._worker_numbers) % self._copies.threads
            matrices = self._copies.given_to(number, matrices)
        return NumbaWorker(matrices, self._model, self._draws, self._word_rows, self._centers_per_group)

    def stretches(self, corpus: EncodedCorpus, threads: int) -> Iterator[tuple[int, int]]:
        """Even ones: where they are cut changes nothing. Blocks begin where rounds do, so those are always the same."""
        return rounds(corpus.num_positions) if self._blocks else even_stretches(corpus.num_positions, threads)

    def vectors(self) -> tuple[Floats, Floats | None]:
        """Copies of the input rows, (R, D), and the output vectors of words, (V, D), as they are now."""
        rows = self.matrices()
        return rows["input"].copy(), rows["output"].copy() if "output" in rows else None

    def position_weights(self) -> Floats | None:
        """A copy of the vectors of a window's places, (P, D), as they are now, where they are trained."""
        return self.matrices()["positions"].copy() if self._family.position_weights else None

    def state(self) -> dict[str, NDArray[np.generic]]:
        """The matrices: training changes nothing else."""
        return {name: rows.copy() for name, rows in self.matrices().items()}

    def matrices(self) -> dict[str, Floats]:
        """Views of all matrices, by name: input and output vectors of words, and those of nodes and positions."""
        inputs = self._matrices.rows_of("input_vectors")
        outputs = self._matrices.rows_of("output_vectors")
        num_words = len(self._draws.keep) if self._family.draws_noise else 0
        found = {"input": inputs}
        if self._family.draws_noise:
            found["output"] = outputs[:num_words]
        if self._family.has_tree:
            found["nodes"] = outputs[num_words:]
        if self._family.position_weights:
            found["positions"] = self._matrices.rows_of("position_vectors")
        return found

    def moves(self) -> dict[str, NDArray[np.float64]]:
        """How often each row of the matrices is expected to move, for each position that is trained on."""
        of_window = self._moves_in_a_window()
        # A window of skip-gram moves its outputs for each context, all at once; one of CBOW for their mean.
        contexts = mean_contexts(self._draws) if self._family.architecture == "skipgram" else 1.0
        windows = float((self._draws.keep * self._counts).sum() / self._counts.sum())
        factors = {
            "input": windows,
            "output": windows * contexts,
            "nodes": windows * contexts,
            "positions": windows,
        }
        return {name: rows * factors[name] for name, rows in of_window.items()}

    def curvature_weights(self) -> dict[str, dict[str, NDArray[np.float64]]]:
        """For each matrix, the rows of others that its rows are multiplied with, and how much each counts."""
        of_window = self._moves_in_a_window()
        contexts = mean_contexts(self._draws)
        in_step, in_hidden = 1.0, 1.0  # what a context's step and the hidden row's square are multiplied by
        if self._family.architecture == "cbow" and self._family.pooling == "sum":
            in_hidden = float(contexts)
        elif self._family.architecture == "cbow":
            in_hidden = 1 / contexts  # of a mean, were its rows independent
            in_step = in_hidden if self._family.cbow_gradient == "word2vec" else in_hidden**2
        targets: dict[str, NDArray[np.float64]] = {
            name: of_window[name] * in_step for name in ("output", "nodes") if name in of_window
        }
        hidden: dict[str, NDArray[np.float64]] = {
            "input": of_window["input"] * (in_hidden / of_window["input"].sum())
        }
        return {name: targets if name in ("input", "positions") else hidden for name in of_window}

    def _moves_in_a_window(self) -> dict[str, NDArray[np.float64]]:
        inputs, outputs, positions = moves_in_a_window(self._family, self._model, self._draws, self._counts)
        if self._word_rows is not None:
            rows_of_each = np.diff(self._word_rows.starts)
            weights = np.repeat(inputs, rows_of_each)
            of_rows = np.bincount(self._word_rows.rows, weights=weights, minlength=self._word_rows.num_rows)
            inputs = of_rows.astype(np.float64)
        num_words = len(self._draws.keep) if self._family.draws_noise else 0
        found = {
            "input": inputs,
            "output": outputs[:num_words],
            "nodes": outputs[num_words:],
            "positions": positions,
        }
        return {name: found[name] for name in self.matrices()}

    def pieces(self, start: int, stop: int, threads: int) -> Iterator[tuple[int, int]]:
        """Even stretches of the positions [start, stop), or whole rounds of blocks."""
        length = stop - start
        # One thread waits for no other, and halos are read once only.
        even = even_stretches(
            length, threads, stretches_per_thread=1 if threads == 1 else STRETCHES_PER_ROUND
        )
        for first, end in rounds(length) if self._blocks else even:
            yield start + first, start + end

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Go on from what `state` gave.

        Raises:
            EngineError: the state is that of another model.
        """
        rows = self.matrices()
        shapes = {name: array.shape for name, array in state.items()}
        expected = {name: array.shape for name, array in rows.items()}
        if shapes != expected:
            raise EngineError(
                f"the checkpoint is that of another model: it has {shapes}, this model {expected}"
            )
        for name, matrix in rows.items():
            matrix[:] = state[name]

    def into_vectors(self) -> tuple[Floats, Floats | None]:
        """The input rows, (R, D), and the output vectors of words, (V, D); the engine has none after that."""
        matrices = self._matrices
        del self._matrices
        inputs, outputs = matrices.compacted()
        return inputs, outputs[: len(self._draws.keep)] if self._family.draws_noise else None


class NumbaWorker:
    """One thread of the engine."""

    def __init__(
        self,
        matrices: Matrices,
        model: WindowModel,
        draws: Draws,
        word_rows: WordRows | None = None,
        centers_per_group: int = CENTERS_PER_GROUP,
    ):
        self._matrices, self._model, self._draws = matrices, model, draws
        self._word_rows, self._centers_per_group = word_rows, centers_per_group
        self._scratch = model.scratch(matrices.row_length)
        self._windows = empty_windows(0, draws.negatives)
        if word_rows is not None:
            max_words = centers_per_group + 2 * draws.window
            self._group, self._group_matrices = empty_group(word_rows, max_words=max_words, matrices=matrices)
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
        loss, pairs = self._train(centers, LearningRate(learning_rate, learning_rate_slope))
        words = int(np.count_nonzero(ids[start - span.first : stop - span.first] >= 0))
        return LossSum(words, pairs, loss)

    def _train(self, centers: tuple[int, int], rate: LearningRate) -> tuple[float, int]:
        """Train on the windows at these places; their loss and pairs."""
        parts, data = self._model.parts, self._model.data
        found: tuple[float, int]
        if self._word_rows is None:
            found = train_windows(parts, self._matrices, data, self._windows, centers, rate, self._scratch)
        else:
            found = train_windows_of_subwords(
                parts,
                self._matrices.input_vectors,
                self._word_rows,
                self._group_matrices,
                data,
                self._windows,
                centers,
                self._centers_per_group,
                rate,
                self._group,
                self._scratch,
            )
        return found

    def _make_room(self, num_positions: int) -> None:
        if len(self._windows.words) < num_positions:
            self._windows = empty_windows(
                num_positions, self._draws.negatives, has_input_rows=self._word_rows is not None
            )
