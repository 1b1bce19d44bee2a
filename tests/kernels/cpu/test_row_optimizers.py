"""Row optimizers beside those of `torch.optim`: to float32 rounding; rests of Adam to the bound that is promised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.kernels.cpu.row_steps import KINDS, ROW_LENGTH, empty_memory, take_step

from wordvec.kernels.cpu.batch_training import wake_all_rows
from wordvec.kernels.cpu.row_optimizers import (
    BETAS,
    EPSILON_OF_ADAM,
    MAX_REST,
    STEPS_TAKEN_ONE_BY_ONE,
    Adam,
    Memory,
    Rests,
    empty_rests,
    steps_of,
)

OFF_BY = 1e-3  # of what a rest moves a row by: see `Rests`
OFF_BY_AFTER_1000 = 2e-5
ROUNDING = 2e-6
LANES = 16

TORCH: dict[str, type[torch.optim.Optimizer]] = {
    "sgd": torch.optim.SGD,
    "adagrad": torch.optim.Adagrad,
    "sparseadam": torch.optim.SparseAdam,
    "adam": torch.optim.Adam,
}
Rate = Callable[[Any], Any]
RATES = pytest.mark.parametrize(
    "rate",
    [lambda step: 0.01 + 0.0 * step, lambda step: 0.01 * (1 - step / 2001)],
    ids=["constant", "linear"],
)


# Every optimizer, on rows that are touched now and then


@pytest.mark.parametrize("lanes", [16, 8, 4])
@pytest.mark.parametrize("name", KINDS)
def test_steps_are_those_of_torch(name: str, lanes: int) -> None:
    """Where rows rest for no longer than Adam takes their steps one by one."""
    num_rows, num_steps, rng = 4, STEPS_TAKEN_ONE_BY_ONE, np.random.default_rng(1)
    rates = 0.05 * (1 - np.arange(num_steps) / 100)
    start = rng.normal(size=(num_rows, ROW_LENGTH)).astype(np.float32)
    optimizer, vectors, memory = KINDS[name](lanes), start.ravel().copy(), empty_memory(num_rows)
    rests = empty_rests(num_steps)
    steps = steps_of(optimizer, 1, rates, rests)
    parameter = torch.nn.Parameter(torch.tensor(start, dtype=torch.float64))
    judge = TORCH[name]([parameter], lr=1.0)  # type: ignore[call-arg]
    for step, rate in enumerate(rates):
        rows = np.unique(rng.integers(0, num_rows - 1, 2))  # the last row is never touched
        gradients = rng.normal(size=(len(rows), ROW_LENGTH)).astype(np.float32)
        downhill = {int(row): -gradient for row, gradient in zip(rows, gradients, strict=True)}
        take_step(optimizer, vectors, memory, downhill, steps, step)
        judge.param_groups[0]["lr"] = float(rate)
        with torch.sparse.check_sparse_tensor_invariants(
            enable=False
        ):  # else PyTorch warns that it does not check
            of_rows = torch.sparse_coo_tensor(
                torch.tensor(rows)[None], torch.tensor(gradients, dtype=torch.float64), start.shape
            )
            parameter.grad = of_rows if name == "sparseadam" else of_rows.to_dense()
            judge.step()
    wake_all_rows(
        optimizer, vectors, ROW_LENGTH, memory, steps_of(optimizer, num_steps + 1, np.zeros(0), rests)
    )
    found = vectors.reshape(start.shape)
    np.testing.assert_allclose(found, parameter.detach().numpy(), rtol=1e-5, atol=2e-6)
    assert abs(found - start)[:-1].max() > 0.2
    np.testing.assert_array_equal(found[-1], start[-1])


# Adam's rests


class Path(NamedTuple):
    found: NDArray[np.float32]
    wanted: NDArray[np.float64]
    travel: NDArray[np.float64]  # of all moves, without their signs
    rest_travel: NDArray[np.float64]  # of those that are not taken one by one


def follow(gaps: list[int], scale: float, rate: Rate, num_steps: int) -> Path:
    """A row that is touched after each of these numbers of steps, again and again."""
    rng, optimizer = np.random.default_rng(3), Adam(LANES)
    vectors, memory, rests = np.zeros(ROW_LENGTH, np.float32), empty_memory(1), empty_rests(num_steps)
    parameter = torch.nn.Parameter(torch.zeros(ROW_LENGTH, dtype=torch.float64))
    judge = torch.optim.Adam([parameter])
    travel, rest_travel = np.zeros(ROW_LENGTH), np.zeros(ROW_LENGTH)
    touched_at, num_touched = 1, 0
    for number in range(1, num_steps + 1):
        steps = steps_of(optimizer, number, np.array([rate(number)]), rests)
        gradient, touched = np.zeros(ROW_LENGTH, np.float32), {}
        if number == touched_at:
            gradient = (rng.normal(size=ROW_LENGTH) * scale).astype(np.float32)
            touched = {0: -gradient}
            touched_at, num_touched = number + gaps[num_touched % len(gaps)], num_touched + 1
        take_step(optimizer, vectors, memory, touched, steps, 0)
        judge.param_groups[0]["lr"] = float(rate(number))
        parameter.grad = torch.tensor(gradient, dtype=torch.float64)
        before = parameter.detach().numpy().copy()
        judge.step()
        moved = abs(parameter.detach().numpy() - before)
        travel += moved
        if not touched and number > STEPS_TAKEN_ONE_BY_ONE:
            rest_travel += moved
    nothing = steps_of(optimizer, num_steps + 1, np.zeros(0), rests)
    wake_all_rows(optimizer, vectors, ROW_LENGTH, memory, nothing)
    return Path(vectors, parameter.detach().numpy(), travel, rest_travel)


@RATES
@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e-7, 1e-8])
@pytest.mark.parametrize("gap", [1, 3, 40, 100, 300])
def test_adam_moves_rows_that_rest_as_torch_does_on_dense_gradients(
    gap: int, scale: float, rate: Rate
) -> None:
    path = follow([gap, 2], scale, rate, num_steps=200 if gap < 300 else 400)
    allowed = OFF_BY * path.rest_travel + ROUNDING * path.travel
    assert (abs(path.found - path.wanted) <= allowed).all()
    assert path.travel.min() > 0


@RATES
def test_adam_stays_with_torch_for_thousands_of_steps(rate: Rate) -> None:
    path = follow([1, 1, 7, 300, 2, 40], 1e-7, rate, num_steps=2000)
    assert (abs(path.found - path.wanted) <= OFF_BY * path.rest_travel + ROUNDING * path.travel).all()


RATIOS = np.geomspace(1e-4, 1e4, ROW_LENGTH)  # of the root of the mean square and ε
LENGTHS = [1, 2, 3, 10, 63, 100, MAX_REST - 1, MAX_REST, MAX_REST + 1, 300, 2000]


def rest(last: int, length: int, rate: Rate) -> tuple[NDArray[np.float32], Memory]:
    """How far rows with these ratios and mean 1 move in a rest, and what they remember then."""
    optimizer, rests = Adam(LANES), empty_rests(last + length)
    steps_of(optimizer, 1, rate(1.0 + np.arange(last + length)), rests)
    none = empty_memory(0)
    after = max(last, STEPS_TAKEN_ONE_BY_ONE) + MAX_REST
    if after < last + length:
        _wake(optimizer, np.zeros(0, np.float32), none, after, rests)
    vectors, memory = np.zeros(ROW_LENGTH, np.float32), empty_memory(1)
    memory.mean[:], memory.square[:], memory.last_step[:] = 1, (RATIOS * EPSILON_OF_ADAM) ** 2, last
    _wake(optimizer, vectors, memory, last + length, rests)
    return vectors, memory


def _wake(optimizer: Any, vectors: NDArray[np.float32], memory: Memory, after: int, rests: Rests) -> None:
    wake_all_rows(optimizer, vectors, ROW_LENGTH, memory, steps_of(optimizer, after + 1, np.zeros(0), rests))


def exact_rest(last: int, length: int, rate: Rate) -> NDArray[np.float64]:
    """The same, step by step in float64 (Kingma and Ba, 2015)."""
    beta_1, beta_2 = BETAS
    steps = np.arange(1, length + 1)
    numbers = last + steps
    means = rate(1.0 * numbers) * beta_1**steps / (1 - beta_1**numbers)
    corrections = np.sqrt(beta_2**steps / (1 - beta_2**numbers))
    roots = RATIOS[:, None] * EPSILON_OF_ADAM * corrections
    return np.asarray((means / (roots + EPSILON_OF_ADAM)).sum(1))


@RATES
@pytest.mark.parametrize(
    ("last", "bound"),
    [
        (STEPS_TAKEN_ONE_BY_ONE, OFF_BY),
        (65, OFF_BY),
        (200, OFF_BY),
        (1000, OFF_BY_AFTER_1000),
        (5000, OFF_BY_AFTER_1000),
    ],
)
def test_what_a_rest_moves_a_row_by_is_off_by_no_more_than_is_promised(
    last: int, bound: float, rate: Rate
) -> None:
    def falling(step: Any) -> Any:
        return rate(step * 2000 / (last + 2000))

    for length in LENGTHS:
        moved, memory = rest(last, length, falling)
        np.testing.assert_allclose(moved, exact_rest(last, length, falling), rtol=bound + ROUNDING)
        np.testing.assert_allclose(memory.mean, BETAS[0] ** length, rtol=ROUNDING, atol=1e-37)
        left = (RATIOS * EPSILON_OF_ADAM) ** 2 * BETAS[1] ** length
        np.testing.assert_allclose(memory.square, left, rtol=ROUNDING)
        assert memory.last_step.tolist() == [last + length]


def test_the_bound_is_as_small_as_can_be() -> None:
    moved, _ = rest(STEPS_TAKEN_ONE_BY_ONE, MAX_REST, lambda step: 0.01 + 0 * step)
    exact = exact_rest(STEPS_TAKEN_ONE_BY_ONE, MAX_REST, lambda step: 0.01 + 0 * step)
    assert 0.9 * OFF_BY < abs(moved / exact - 1).max() < OFF_BY


@pytest.mark.parametrize("last", [1, 2, 10, 40, 63])
def test_the_first_steps_of_a_rest_are_exact(last: int) -> None:
    """Those up to number 64; the others are far fewer here, or closer to the bound than their share."""
    for length in (1, STEPS_TAKEN_ONE_BY_ONE - last):
        moved, _ = rest(last, length, lambda step: 0.01 + 0 * step)
        np.testing.assert_allclose(
            moved, exact_rest(last, length, lambda step: 0.01 + 0 * step), rtol=5 * ROUNDING
        )
    moved, _ = rest(last, 300, lambda step: 0.01 + 0 * step)
    np.testing.assert_allclose(moved, exact_rest(last, 300, lambda step: 0.01 + 0 * step), rtol=OFF_BY)


def test_a_row_that_was_never_touched_does_not_move() -> None:
    optimizer, rests, vectors = Adam(LANES), empty_rests(500), np.full(ROW_LENGTH, 3, np.float32)
    steps_of(optimizer, 1, np.full(500, 0.1), rests)
    memory = empty_memory(1)
    _wake(optimizer, vectors, memory, 500, rests)
    assert (vectors == 3).all()
    assert memory.last_step.tolist() == [0]


@pytest.mark.parametrize(("last", "length"), [(3, 10), (100, 10), (100, 400)])
def test_a_learning_rate_of_0_moves_nothing(last: int, length: int) -> None:
    moved, _ = rest(last, length, lambda step: 0 * step)
    assert (moved == 0).all()
