"""Optimizer state: rows that rest come to where they should be, and what is packed goes on elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.kernels.cpu.row_steps import KINDS, ROW_LENGTH, take_step

from wordvec.engines.numba import optimizer_state
from wordvec.engines.numba.optimizer_state import FlatRows, OptimizerState
from wordvec.kernels.cpu.matrices import padded_length, padded_rows
from wordvec.kernels.cpu.row_optimizers import MAX_REST

V, DIM, LANES = 11, 37, 16
EACH_OPTIMIZER = pytest.mark.parametrize("name", KINDS)
REMEMBERED = {"sgd": [], "adagrad": ["square"], "sparseadam": ["mean", "square"], "adam": ["mean", "square"]}


def state_of(name: str, dim: int = DIM, num_words: int = V) -> OptimizerState:
    rng = np.random.default_rng(1)
    inputs, outputs = (rng.normal(size=(num_words, dim)).astype(np.float32) for _ in range(2))
    sides = (FlatRows(padded_rows(matrix), padded_length(dim), dim) for matrix in (inputs, outputs))
    return OptimizerState(name, *sides, LANES)


def matrices_of(state: OptimizerState) -> list[NDArray[np.float32]]:
    return [rows.without_padding(rows.vectors).copy() for rows in state.sides]


def take_steps(state: OptimizerState, numbers: range, at_once: int = 1) -> None:
    """Touch a row of each matrix in each step, some hardly ever, the last one never."""
    for first in range(numbers.start, numbers.stop, at_once):
        these = range(first, min(first + at_once, numbers.stop))
        steps = state.upcoming(0.01 * (1 - np.array(these) / 10_000))
        for step, number in enumerate(these):
            rng = np.random.default_rng(number)
            for vectors, memory in zip((rows.vectors for rows in state.sides), state.memories, strict=True):
                gradient = np.zeros(ROW_LENGTH, np.float32)
                gradient[:DIM] = rng.normal(size=DIM)
                row = int(rng.integers(0, V - 2)) if number % 150 else V - 2
                take_step(state.optimizer, vectors, memory, {row: gradient}, steps, step)


def bytes_of(state: OptimizerState) -> bytes:
    return b"".join(matrix.tobytes() for matrix in state.settled_copies())


def assert_same(found: dict[str, NDArray[Any]], wanted: dict[str, NDArray[Any]]) -> None:
    assert list(found) == list(wanted)
    for name, array in wanted.items():
        np.testing.assert_array_equal(found[name], array)


@EACH_OPTIMIZER
def test_how_many_steps_come_at_once_changes_nothing(name: str) -> None:
    one_by_one, together = state_of(name), state_of(name)
    take_steps(one_by_one, range(1, 400))
    take_steps(together, range(1, 400), at_once=57)
    assert bytes_of(one_by_one) == bytes_of(together)
    assert one_by_one.num_steps == together.num_steps == 399


@EACH_OPTIMIZER
def test_copies_are_as_if_settled_and_change_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimizer_state, "ROWS_AT_A_TIME", 4)
    state = state_of(name)
    take_steps(state, range(1, 320))
    before, copied = state.pack(), bytes_of(state)
    after = state.pack()
    for packed in (before, after):  # sums that the next step would find anew are found already
        packed.pop("whole_rests", None)
    assert_same(after, before)
    assert state.is_settled == (name != "adam")
    state.settle()
    assert state.is_settled
    assert b"".join(matrix.tobytes() for matrix in matrices_of(state)) == copied
    assert bytes_of(state) == copied
    state.settle()
    assert bytes_of(state) == copied


@EACH_OPTIMIZER
def test_rows_that_were_never_touched_stay_and_the_others_move(name: str) -> None:
    state = state_of(name)
    start = matrices_of(state)
    take_steps(state, range(1, 320))
    state.settle()
    for matrix, old in zip(matrices_of(state), start, strict=True):
        np.testing.assert_array_equal(matrix[-1], old[-1])
        assert (abs(matrix - old).max(1)[:-1] > 1e-3).all()


def test_settling_in_between_moves_rows_about_as_far() -> None:
    """Only how a rest is cut changes, and each of its parts is right to 0.1 %."""
    settled, unsettled = state_of("adam"), state_of("adam")
    start = np.concatenate(settled.settled_copies())
    for first in range(1, 900, 90):
        for state in (settled, unsettled):
            take_steps(state, range(first, first + 90))
        settled.settle()
        assert len(settled._rests.terms) == 0  # what is past needs no room
    found, wanted = (np.concatenate(state.settled_copies()) for state in (settled, unsettled))
    np.testing.assert_allclose(found - start, wanted - start, rtol=2e-3, atol=1e-5)
    assert len(unsettled._rests.terms) >= 900


@EACH_OPTIMIZER
@pytest.mark.parametrize("num_steps", [0, 1, 63, MAX_REST + 80])
@pytest.mark.parametrize("is_settled", [False, True], ids=["unsettled", "settled"])
def test_a_packed_state_goes_on_with_the_same_bytes(name: str, num_steps: int, is_settled: bool) -> None:
    whole, resumed = state_of(name), state_of(name)
    take_steps(whole, range(1, 1 + num_steps // 2))
    if is_settled:
        whole.settle()
    take_steps(whole, range(1 + num_steps // 2, 1 + num_steps))
    take_steps(resumed, range(1, 100))  # of another run: forgotten
    packed = whole.pack()
    resumed.unpack(packed)
    assert_same(resumed.pack(), packed)
    assert bytes_of(resumed) == bytes_of(whole)
    for state in (whole, resumed):
        take_steps(state, range(1 + num_steps, 330 + num_steps))
    assert_same(resumed.pack(), whole.pack())
    assert bytes_of(resumed) == bytes_of(whole)


@EACH_OPTIMIZER
def test_a_packed_state_is_a_copy_without_padding(name: str) -> None:
    state = state_of(name)
    take_steps(state, range(1, 80))
    packed, before = state.pack(), bytes_of(state)
    sides = [f"{side}_{part}" for side in ("input", "output") for part in REMEMBERED[name]]
    assert {key for key, array in packed.items() if array.shape == (V, DIM)} == {"input", "output", *sides}
    for array in packed.values():
        array[...] = 77
    assert bytes_of(state) == before


@EACH_OPTIMIZER
def test_the_state_of_another_model_or_optimizer_is_refused(name: str) -> None:
    state = state_of(name)
    take_steps(state, range(1, 80))
    packed, before = state.pack(), bytes_of(state)
    others = [state_of(name, dim=DIM - 1).pack(), state_of(name, num_words=V + 1).pack(), {}]
    others += [state_of(other).pack() for other in KINDS if other != name]
    others += [{key: array for key, array in packed.items() if key != missing} for missing in packed]
    for other in others:
        with pytest.raises((ValueError, KeyError)):
            state.unpack(other)
    assert_same(state.pack(), packed)
    assert bytes_of(state) == before
