"""The softmax engine: compiled steps in which each word that predicts is scored against all words."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.engines.numba.batches import BatchEngine
from wordvec.engines.numba.optimizer_state import FlatRows, OptimizerState
from wordvec.kernels.cpu.batch_examples import Batches
from wordvec.kernels.cpu.batch_windows import Contexts
from wordvec.kernels.cpu.matrices import padded_length, padded_rows
from wordvec.kernels.cpu.softmax_pairs import ROWS_PER_CHUNK, SoftmaxPairs, empty_pairs, num_slices_of
from wordvec.kernels.cpu.softmax_tile import (
    WORDS_PER_BLOCK,
    blocks_of_words,
    num_features,
    softmax_tile,
    words_of_blocks,
)
from wordvec.kernels.cpu.softmax_training import (
    SoftmaxRows,
    SoftmaxScratch,
    SoftmaxStretch,
    empty_softmax_rows,
    empty_softmax_scratch,
    phases_per_step,
    train_softmax,
)

__all__ = ["MAX_SCORES", "SoftmaxEngine"]

Floats = NDArray[np.float32]

MAX_SCORES = 2**24  # that are in memory at a time, where that is enough for a few hidden rows


class SoftmaxEngine(BatchEngine):
    """Skip-gram with the full softmax, in batches."""

    def _new_state(self, start: tuple[Floats, Floats]) -> OptimizerState:
        self._tile = softmax_tile(self._lanes)
        inputs, outputs = start
        self._num_words, self._dim = inputs.shape
        num_blocks = -(-self._num_words // WORDS_PER_BLOCK)
        self._num_slices = num_slices_of(num_blocks)
        self._max_rows = (
            max(MAX_SCORES // (num_blocks * WORDS_PER_BLOCK) // ROWS_PER_CHUNK, 1) * ROWS_PER_CHUNK
        )
        self._room: _Room | None = None
        self._row_length = padded_length(self._dim)
        size_of_block = num_features(self._dim) * WORDS_PER_BLOCK
        blocks = blocks_of_words(outputs, np.zeros(self._num_words, np.float32))
        return OptimizerState(
            self._settings.optimizer,
            FlatRows(padded_rows(inputs), self._row_length, self._dim),
            FlatRows(blocks, size_of_block, size_of_block),
            self._tile.lanes,
        )

    def _take_steps(self, batches: Batches, rates: NDArray[np.float64]) -> None:
        self._work_on(*self._stretch(batches, rates), moves=True)

    def _find_losses(self, batches: Batches) -> None:
        self._work_on(*self._stretch(batches, np.zeros(0)), moves=False)

    def _work_on(self, stretch: SoftmaxStretch, room: _Room, *, moves: bool) -> None:
        def work(thread: int) -> None:
            train_softmax(self._tile, self._state.optimizer, stretch, room.scratches[thread], moves)

        self._team.run(work)

    def _stretch(self, batches: Batches, rates: NDArray[np.float64]) -> tuple[SoftmaxStretch, _Room]:
        examples, pairs = self._size(batches.contexts, batches.cuts)
        if (
            self._room is None
            or len(self._room.pairs.words) < min(examples, self._num_words)
            or self._room.pairs.pair_rows.shape[1] < pairs
        ):
            self._room = self._room_for(examples + examples // 4, pairs + pairs // 4)
        inputs, outputs = self._state.sides
        stretch = SoftmaxStretch(
            input_vectors=inputs.vectors,
            row_length=self._row_length,
            dim=self._dim,
            word_blocks=outputs.vectors,
            memories=self._state.memories,
            rules=self._rules,
            batches=batches,
            steps=self._state.upcoming(rates),
            num_rows=np.zeros(len(batches.losses), np.int64),
            pairs=self._room.pairs,
            rows=self._room.rows,
            num_slices=self._num_slices,
            max_rows=self._max_rows,
            phases_per_step=self._phases_per_step(batches.contexts, batches.cuts),
            yield_address=self._team.yield_address,
        )
        return stretch, self._room

    def _room_for(self, examples: int, pairs: int) -> _Room:
        words, slices, most = self._num_words, self._num_slices, self._max_rows
        at_once = min(-(-examples // ROWS_PER_CHUNK) * ROWS_PER_CHUNK, most)
        return _Room(
            empty_pairs(words, examples, pairs, slices, most),
            empty_softmax_rows(words, self._dim, self._row_length, examples, slices, most),
            [
                empty_softmax_scratch(self._tile, self._dim, self._row_length, slices, at_once)
                for _ in range(self._team.size)
            ],
        )

    def _size(self, contexts: Contexts, cuts: NDArray[np.int64]) -> tuple[int, int]:
        """How many words predict in the largest of these batches, at most, and in how many pairs."""
        pairs = int(np.diff(contexts.first[cuts]).max())
        return (int(np.diff(cuts).max()) if self._settings.looks_up_center else pairs), pairs

    def _phases_per_step(self, contexts: Contexts, cuts: NDArray[np.int64]) -> int:
        rows = min(self._size(contexts, cuts)[0], self._num_words)
        return phases_per_step(-(-rows // self._max_rows))

    def vectors(self) -> tuple[Floats, Floats]:
        """Copies of the input and output matrices, each (V, D), as they are now; biases are the engine's own."""
        inputs, blocks = self._state.settled_copies()
        return inputs, words_of_blocks(blocks.reshape(-1), self._num_words, self._dim)[0]


class _Room(NamedTuple):
    """Working memory for steps of some size."""

    pairs: SoftmaxPairs
    rows: SoftmaxRows
    scratches: list[SoftmaxScratch]
