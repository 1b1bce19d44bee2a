"""Numba = NumPy = PyTorch = finite differences: one step on each of the awkward cases, by all who can take it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.finite_differences import slopes
from tests.kernels.cases import CASES, Case
from tests.kernels.steps import (
    Floats,
    TakesStep,
    by_autograd,
    by_hand,
    by_kernel,
    by_reference,
    loss_of,
    window_of,
)

EACH_CASE = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
IN_TORCH = pytest.mark.parametrize("take_step", [by_autograd, by_hand])


def matrices_of(case: Case, dtype: type[np.floating] = np.float64) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(7)
    shape = (case.vocabulary_size, case.dim)
    inputs, outputs = ((rng.normal(size=shape) * case.scale).astype(dtype) for _ in range(2))
    return inputs, outputs


def assert_same_step(
    found: tuple[float, Floats, Floats], wanted: tuple[float, Floats, Floats], rounding: float
):
    assert found[0] == pytest.approx(wanted[0], rel=10 * rounding)
    for matrix, expected in zip(found[1:], wanted[1:], strict=True):
        np.testing.assert_allclose(matrix, expected, rtol=rounding, atol=rounding * (1 + abs(expected).max()))


@EACH_CASE
def test_the_reference_and_both_torch_steps_are_the_same_in_float64(case: Case) -> None:
    matrices = matrices_of(case)
    wanted = by_reference(case, *matrices)
    assert_same_step(by_autograd(case, *matrices), wanted, rounding=1e-13)
    assert_same_step(by_hand(case, *matrices), wanted, rounding=1e-13)


@EACH_CASE
def test_the_kernel_and_both_torch_steps_are_those_of_the_reference_to_float32_rounding(case: Case) -> None:
    matrices = matrices_of(case, np.float32)
    wanted = by_reference(case, *(matrix.astype(np.float64) for matrix in matrices))
    for take_step in (by_kernel, by_autograd, by_hand):
        found = take_step(case, *matrices)
        assert found[1].dtype == np.float32
        assert_same_step(found, wanted, rounding=3e-6)


@EACH_CASE
def test_each_step_goes_down_the_slope_that_finite_differences_find(case: Case) -> None:
    inputs, outputs = matrices_of(case)
    wanted = [slopes(lambda: loss_of(case, inputs, outputs), matrix) for matrix in (inputs, outputs)]
    for take_step in (by_reference, by_autograd, by_hand):
        loss, *moved = take_step(case, inputs, outputs)
        assert loss == pytest.approx(loss_of(case, inputs, outputs), rel=1e-12)
        for new, old, slope in zip(moved, (inputs, outputs), wanted, strict=True):
            np.testing.assert_allclose((old - new) / case.learning_rate, slope, rtol=1e-6, atol=1e-6)


@IN_TORCH
@EACH_CASE
def test_a_negative_that_hits_the_target_is_left_out(case: Case, take_step: TakesStep) -> None:
    matrices = matrices_of(case)
    center = case.sentence[case.center]
    with_hits = replace(case, negatives=(center, *case.negatives, center))
    assert_same_step(take_step(with_hits, *matrices), by_reference(case, *matrices), rounding=1e-13)


@IN_TORCH
@EACH_CASE
def test_padding_does_nothing_with_any_word(case: Case, take_step: TakesStep) -> None:
    matrices = matrices_of(case)
    wanted = by_reference(case, *matrices)
    center = case.sentence[case.center]
    for padding in [(0,), (center, case.vocabulary_size - 1), (case.contexts[0], case.negatives[0], 1)]:
        found = take_step(case, *matrices, window_of(case, padding))  # type: ignore[call-arg]
        assert_same_step(found, wanted, rounding=1e-13)


def by_reference_in_float64(case: Case, inputs: Floats, outputs: Floats) -> tuple[float, Floats, Floats]:
    return by_reference(case, inputs.astype(np.float64), outputs.astype(np.float64))


EVERYONE = pytest.mark.parametrize("take_step", [by_kernel, by_reference_in_float64, by_autograd, by_hand])


@EVERYONE
def test_pairs_with_scores_of_100_on_the_wrong_side_still_learn(take_step: TakesStep) -> None:
    case = Case("", 3, 1, (0, 1), 0, (2,), learning_rate=0.25)
    inputs, outputs = column(0, 10, 0), column(-10, 0, 10)
    loss, new_inputs, new_outputs = take_step(case, inputs, outputs)
    assert loss == pytest.approx(200)  # of scores -100 for the true pair and 100 for noise
    assert new_outputs.ravel().tolist() == [-7.5, 0, 7.5]
    assert new_inputs.ravel().tolist() == [0, 5, 0]


@EVERYONE
def test_pairs_with_scores_of_100_on_the_right_side_cost_nothing_and_stay(take_step: TakesStep) -> None:
    case = Case("", 3, 1, (0, 1), 0, (2,), learning_rate=0.25)
    inputs, outputs = column(0, 10, 0), column(10, 0, -10)
    loss, *moved = take_step(case, inputs, outputs)
    assert 0 <= loss < 1e-30
    for new, old in zip(moved, (inputs, outputs), strict=True):
        np.testing.assert_allclose(new, old, atol=1e-30)


def column(*values: float) -> NDArray[np.float32]:
    return np.array(values, np.float32)[:, None]


def test_the_cases_hold_what_their_names_say() -> None:
    by_name = {case.name: case for case in CASES}
    case = by_name["scores near 100"]
    inputs, outputs = matrices_of(case)
    scores = inputs[list(case.contexts)] @ outputs[[case.sentence[case.center], *case.negatives]].T
    assert abs(scores).max() > 100
    assert any(case.sentence[case.center] == 0 for case in CASES)
    assert any(0 in case.contexts for case in CASES)
    assert all(case.sentence[case.center] not in case.negatives for case in CASES)
