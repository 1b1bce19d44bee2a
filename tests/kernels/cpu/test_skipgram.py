"""The skip-gram kernel against its reference, on the awkward cases and with every width of vector."""

from __future__ import annotations

import numpy as np
import pytest
from tests.kernels.cases import CASES, Case
from tests.kernels.steps import random_matrices, run_kernel
from tests.parameters import each

from wordvec.kernels.cpu.matrices import Matrices
from wordvec.kernels.reference import update_window

WIDTHS = {"AVX-512": 16, "AVX2": 8, "NEON": 4}
TOLD_APART = {
    16: None,
    8: "scores near 100",
    4: "every size of tile",
}  # by default; compiling for each takes seconds


def with_each_width(cases: list[Case]) -> pytest.MarkDecorator:
    """Each case with each width of vector; most of those with the narrower ones are slow tests."""
    return pytest.mark.parametrize(
        ("case", "lanes"),
        [
            pytest.param(
                case,
                lanes,
                id=f"{case.name}-{width}",
                marks=[] if TOLD_APART[lanes] in (None, case.name) else [pytest.mark.slow],
            )
            for case in cases
            for width, lanes in WIDTHS.items()
        ],
    )


@with_each_width(CASES)
def test_the_kernel_computes_the_update_of_the_reference(case: Case, lanes: int) -> None:
    matrices = random_matrices(case)
    inputs, outputs = (matrix.astype(np.float64) for matrix in matrices.unpadded())
    expected_loss = update_window(
        inputs,
        outputs,
        np.array(case.contexts),
        case.sentence[case.center],
        np.array(case.negatives),
        case.learning_rate,
    )
    loss, pairs = run_kernel(case, matrices, lanes)
    new_inputs, new_outputs = matrices.unpadded()
    rounding = 1e-6 * (1 + case.scale) * len(case.sentence) ** 0.5
    np.testing.assert_allclose(new_inputs, inputs, rtol=2e-6, atol=rounding)
    np.testing.assert_allclose(new_outputs, outputs, rtol=2e-6, atol=rounding)
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    assert pairs == len(case.contexts) * (1 + len(case.negatives))


@with_each_width([case for case in CASES if len(case.contexts) > 2])
@pytest.mark.parametrize("contexts_per_part", [1, 2, 3, 7])
def test_a_wide_window_is_moved_in_parts_as_the_reference_does(
    case: Case, contexts_per_part: int, lanes: int
) -> None:
    matrices = random_matrices(case)
    inputs, outputs = (matrix.astype(np.float64) for matrix in matrices.unpadded())
    contexts, center, negatives = (
        np.array(case.contexts),
        case.sentence[case.center],
        np.array(case.negatives),
    )
    at_once = [inputs.copy(), outputs.copy()]
    update_window(*at_once, contexts, center, negatives, case.learning_rate)
    expected_loss = sum(
        update_window(inputs, outputs, contexts[first:end], center, negatives, case.learning_rate)
        for first, end in parts(len(contexts), contexts_per_part)
    )
    loss, pairs = run_kernel(case, matrices, lanes, contexts_per_part)
    rounding = 2e-6 * (1 + case.scale) * len(case.sentence) ** 0.5
    for found, expected in zip(matrices.unpadded(), (inputs, outputs), strict=True):
        np.testing.assert_allclose(found, expected, rtol=4e-6, atol=rounding)
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    assert pairs == len(contexts) * (1 + len(negatives))
    if contexts_per_part < len(contexts) and case.scale == 1.0:
        assert abs(outputs - at_once[1]).max() > 100 * rounding


def parts(num_contexts: int, size: int) -> list[tuple[int, int]]:
    return [(first, min(first + size, num_contexts)) for first in range(0, num_contexts, size)]


@pytest.mark.parametrize("contexts_per_part", [1, 2, 3, 40])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_reference_moves_a_window_in_parts_by_a_step_for_each(case: Case, contexts_per_part: int) -> None:
    by_parts = [matrix.astype(np.float64) for matrix in random_matrices(case).unpadded()]
    by_steps = [matrix.copy() for matrix in by_parts]
    contexts, center, negatives = (
        np.array(case.contexts),
        case.sentence[case.center],
        np.array(case.negatives),
    )
    rest = (center, negatives, case.learning_rate)
    loss = update_window(*by_parts, contexts, *rest, contexts_per_part)
    losses = [
        update_window(*by_steps, contexts[first:end], *rest)
        for first, end in parts(len(contexts), contexts_per_part)
    ]
    assert loss == pytest.approx(sum(losses))
    for found, expected in zip(by_parts, by_steps, strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("lanes", each(WIDTHS, slow=["AVX2", "NEON"]))
def test_padding_stays_zero(lanes: int) -> None:
    case = Case("", 9, 5, (3, 6, 3, 1), 1, tuple(range(6)) * 3)
    matrices = random_matrices(case)
    run_kernel(case, matrices, lanes)
    assert not matrices.input_vectors.reshape(-1, matrices.row_length)[:, case.dim :].any()
    assert not matrices.output_vectors.reshape(-1, matrices.row_length)[:, case.dim :].any()


def test_a_pair_with_a_score_of_minus_100_still_learns() -> None:
    case = Case("", 3, 1, (0, 1), 0, (2,), learning_rate=0.25)
    matrices = Matrices.initial(3, 1, np.random.default_rng(0))
    matrices.input_vectors.reshape(3, -1)[1, 0] = 10
    matrices.output_vectors.reshape(3, -1)[:, 0] = [-10, 0, 10]
    loss, _ = run_kernel(case, matrices, lanes=16)
    assert loss == pytest.approx(200)
    assert matrices.output_vectors.reshape(3, -1)[:, 0].tolist() == [-7.5, 0, 7.5]


def test_an_infinite_score_is_not_hidden() -> None:
    case = Case("", 3, 1, (0, 1), 0, (2,))
    matrices = random_matrices(case)
    matrices.input_vectors.reshape(3, -1)[1, 0] = np.inf
    loss, _ = run_kernel(case, matrices, lanes=16)
    assert not np.isfinite(loss)


def test_the_loss_of_many_windows_does_not_overflow_its_product() -> None:
    case = Case("", 40, 8, tuple(range(39)), 17, tuple(np.arange(3, 17)) * 20, scale=0.0)
    loss, pairs = run_kernel(case, random_matrices(case), lanes=16)
    assert loss == pytest.approx(pairs * np.log(2), rel=1e-5)


def test_the_reference_update_is_the_gradient_of_its_loss() -> None:
    """Finite differences of the loss, in float64, on a window with repeats."""
    rng = np.random.default_rng(3)
    inputs, outputs = rng.normal(size=(7, 3)), rng.normal(size=(7, 3))
    window = (np.array([5, 1, 5, 6]), 6, np.array([4, 4, 1]))
    moved = [inputs.copy(), outputs.copy()]
    update_window(*moved, *window, learning_rate=1.0)
    for number, matrix in enumerate((inputs, outputs)):
        for place in np.ndindex(matrix.shape):
            losses = []
            for step in (1e-6, -1e-6):
                shifted = [inputs.copy(), outputs.copy()]
                shifted[number][place] += step
                losses.append(update_window(*shifted, *window, learning_rate=0.0))
            slope = (losses[0] - losses[1]) / 2e-6
            assert moved[number][place] - matrix[place] == pytest.approx(-slope, abs=1e-6)
