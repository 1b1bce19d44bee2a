"""Optimizer state: what an optimizer of the compiled kernels remembers of both matrices, and how many steps it took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.batch_training import wake_all_rows
from wordvec.kernels.cpu.row_optimizers import (
    Adagrad,
    Adam,
    BatchSgd,
    Memory,
    Rests,
    SparseAdam,
    Steps,
    empty_rests,
    steps_of,
)

__all__ = ["FlatRows", "OptimizerState"]

Floats = NDArray[np.float32]

KINDS: dict[str, Any] = {"sgd": BatchSgd, "adagrad": Adagrad, "sparseadam": SparseAdam, "adam": Adam}
SIDES = ("input", "output")
OF_ANY_LENGTH = ("rest_terms", "whole_rests")  # parts of a state that grow with its steps
ROWS_AT_A_TIME = 4096


class FlatRows(NamedTuple):
    """What is moved row by row."""

    vectors: Floats  # (rows·row_length,)
    row_length: int
    dim: int  # of these are numbers; the rest is padding

    @property
    def number(self) -> int:
        """How many rows there are."""
        return len(self.vectors) // self.row_length

    def without_padding(self, flat: Floats) -> Floats:
        """(rows, dim) of these rows, or of what is remembered of them."""
        return flat.reshape(-1, self.row_length)[:, : self.dim]


class OptimizerState:
    """An optimizer at work on two matrices.

    Adam moves every row in every step. A row takes the steps in which no batch touched it when it is next read, all at
    once; `settle` has all rows take theirs.

    Args:
        name: of the optimizer, without underscores.
        inputs: rows that it moves.
        outputs: the same.
        lanes: float32 in a vector register.
    """

    def __init__(self, name: str, inputs: FlatRows, outputs: FlatRows, lanes: int):
        self.optimizer = KINDS[name](lanes)
        self.sides = (inputs, outputs)
        self.num_steps = 0  # taken
        self._rests = empty_rests(0)
        self.memories = (_empty_memory(name, inputs), _empty_memory(name, outputs))

    def upcoming(self, rates: NDArray[np.float64]) -> Steps:
        """The next steps, at these learning rates, (S,); they count as taken."""
        if isinstance(self.optimizer, Adam):
            self._rests = _with_room(self._rests, self.num_steps + len(rates))
        steps = steps_of(self.optimizer, self.num_steps + 1, rates, self._rests)
        self.num_steps += len(rates)
        return steps

    def _upcoming_none(self) -> Steps:
        return steps_of(self.optimizer, self.num_steps + 1, np.zeros(0), self._rests)

    @property
    def is_settled(self) -> bool:
        """Whether all rows are where they would be, had they moved in each step."""
        return not isinstance(self.optimizer, Adam) or self.num_steps == self._rests.since

    def settle(self) -> None:
        """Let all rows come to where they would be, had they moved in each step."""
        if self.is_settled:
            return
        for rows, memory in zip(self.sides, self.memories, strict=True):
            wake_all_rows(self.optimizer, rows.vectors, rows.row_length, memory, self._upcoming_none())
        self._rests = empty_rests(0, since=self.num_steps)

    def settled_copies(self) -> tuple[Floats, Floats]:
        """Copies of both matrices, each (rows, dim), as `settle` would leave them; nothing else changes."""
        inputs, outputs = (
            self._settled_copy(rows, memory) for rows, memory in zip(self.sides, self.memories, strict=True)
        )
        return inputs, outputs

    def _settled_copy(self, rows: FlatRows, memory: Memory) -> Floats:
        if self.is_settled:
            return rows.without_padding(rows.vectors).copy()
        steps, copies = self._upcoming_none(), np.empty((rows.number, rows.dim), np.float32)
        for first in range(0, rows.number, ROWS_AT_A_TIME):
            some = slice(first, min(first + ROWS_AT_A_TIME, rows.number))
            numbers = slice(some.start * rows.row_length, some.stop * rows.row_length)
            block = rows.vectors[numbers].copy()
            remembered = Memory(
                memory.mean[numbers].copy(), memory.square[numbers].copy(), memory.last_step[some].copy()
            )
            wake_all_rows(self.optimizer, block, rows.row_length, remembered, steps)
            copies[some] = rows.without_padding(block)
        return copies

    def pack(self) -> dict[str, NDArray[Any]]:
        """Copies of the matrices, each (rows, dim), and of all that is remembered, as they are: not settled."""
        state: dict[str, NDArray[Any]] = {"steps": np.array([self.num_steps, self._rests.since])}
        for side, rows, memory in zip(SIDES, self.sides, self.memories, strict=True):
            flat = {side: rows.vectors, f"{side}_mean": memory.mean, f"{side}_square": memory.square}
            state |= {name: rows.without_padding(array).copy() for name, array in flat.items() if len(array)}
            if len(memory.last_step):
                state[f"{side}_last_step"] = memory.last_step.copy()
        if isinstance(self.optimizer, Adam):
            taken = self.num_steps - self._rests.since
            state["rest_terms"] = self._rests.terms[:taken].copy()
            state["whole_rests"] = self._rests.whole[: taken + 1].copy()
        return state

    def unpack(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on from what `pack` gave.

        Raises:
            ValueError: it is that of another model or optimizer.
        """
        shapes, expected = (
            {name: array.shape for name, array in arrays.items() if name not in OF_ANY_LENGTH}
            for arrays in (state, self.pack())
        )
        if shapes != expected:
            raise ValueError(f"it has {shapes}, this one {expected}")
        self.num_steps, since = (int(number) for number in state["steps"])
        for side, rows, memory in zip(SIDES, self.sides, self.memories, strict=True):
            flat = {side: rows.vectors, f"{side}_mean": memory.mean, f"{side}_square": memory.square}
            for name, array in flat.items():
                if len(array):
                    rows.without_padding(array)[:] = state[name]
            if len(memory.last_step):
                memory.last_step[:] = state[f"{side}_last_step"]
        self._rests = empty_rests(0, since)
        if isinstance(self.optimizer, Adam):
            self._rests = _with_room(self._rests, self.num_steps)
            self._rests.terms[: len(state["rest_terms"])] = state["rest_terms"]
            self._rests.whole[: len(state["whole_rests"])] = state["whole_rests"]


def _empty_memory(name: str, rows: FlatRows) -> Memory:
    size = len(rows.vectors)
    return Memory(
        mean=np.zeros(size if name in ("adam", "sparseadam") else 0, np.float32),
        square=np.zeros(0 if name == "sgd" else size, np.float32),
        last_step=np.zeros(rows.number if name == "adam" else 0, np.int64),
    )


def _with_room(rests: Rests, num_steps: int) -> Rests:
    """The same, with room for all steps up to that number."""
    needed = num_steps - rests.since
    if len(rests.terms) >= needed:
        return rests
    longer = empty_rests(2 * needed, rests.since)
    longer.terms[: len(rests.terms)] = rests.terms
    longer.whole[: len(rests.whole)] = rests.whole
    return longer._replace(recent=rests.recent)
