"""Rules: each combines as its formula says, computed here row by row in plain NumPy, and as its purpose says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from wordvec.distributed.rules import KAPPA, MIN_CURVATURE, MOMENTUM, RULES, Block, Curvature, rule_named
from wordvec.errors import ConfigError

Floats = NDArray[np.float64]

RANKS, ROWS, DIM, RATE = 5, 4, 3, 0.05
MOVES = np.array([0.0, 30.0, 400.0, 1e6])
MOMENT = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, 0.3], [0.0, 0.3, 0.4]])


def projected(differences: Floats) -> Floats:
    total = differences[0]
    for one in differences[1:]:
        total = total + one - (total @ one) / (total @ total) * total
    return total


def adasum(differences: list[Floats]) -> Floats:
    if len(differences) == 1:
        return differences[0]
    half = 2 ** int(np.ceil(np.log2(len(differences))) - 1)  # as pairs of neighbors, then pairs of these
    a, b = adasum(differences[:half]), adasum(differences[half:])
    return (1 - a @ b / (2 * (a @ a))) * a + (1 - a @ b / (2 * (b @ b))) * b


def by_curvature(differences: Floats, moves: float) -> Floats:
    """Sums of matrix powers, as N ranks one after the other would move: 1 + Q + ... + Q^(N - 1)."""
    values, directions = np.linalg.eigh(MOMENT + MIN_CURVATURE * np.eye(DIM))
    shrink = directions @ np.diag(np.exp(-KAPPA * RATE * moves * values)) @ directions.T
    powers = sum(np.linalg.matrix_power(shrink, rank) for rank in range(RANKS))
    return powers @ differences.mean(axis=0)


# The step of one row from its differences, (N, D), and its expected moves.
REFERENCES: dict[str, Callable[[Floats, float], Floats]] = {
    "by-curvature": by_curvature,
    "mean": lambda found, _: found.mean(axis=0),
    "sum": lambda found, _: found.sum(axis=0),
    "sqrt": lambda found, _: found.sum(axis=0) / np.sqrt(RANKS),
    "movers": lambda found, _: found.sum(axis=0) / max(1, np.any(found != 0, axis=1).sum()),
    "momentum": lambda found, _: (1 + MOMENTUM) * found.mean(axis=0),  # of the first round
    "projection": lambda found, _: projected(found),
    "adasum": lambda found, _: adasum(list(found)),
}


def block(ranks: int = RANKS, seed: int = 3) -> Block:
    """Rows as the ranks have them; the last rank has not moved the second row."""
    rng = np.random.default_rng(seed)
    base = rng.normal(size=(ROWS, DIM)).astype(np.float32)
    rows = base + rng.normal(size=(ranks, ROWS, DIM)).astype(np.float32)
    return Block(rows, base.copy(), np.zeros_like(base), MOVES, RATE, Curvature.of(MOMENT))


def combined(name: str, given: Block) -> NDArray[np.float32]:
    """The rows that come out, with copies of what goes in."""
    own = given._replace(rows=given.rows.copy(), base=given.base.copy())
    RULES[name].combine(own)
    return own.base


@pytest.mark.parametrize("name", RULES)
def test_a_rule_combines_each_row_as_its_formula_says(name: str) -> None:
    given = block()
    given.rows[-1, 1] = given.base[1] if name == "movers" else given.rows[-1, 1]
    differences = (given.rows - given.base).astype(np.float64)
    expected = [given.base[row] + REFERENCES[name](differences[:, row], MOVES[row]) for row in range(ROWS)]
    np.testing.assert_allclose(combined(name, given), expected, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("name", [name for name in RULES if name != "momentum"])
def test_one_rank_alone_keeps_what_it_has(name: str) -> None:
    given = block(ranks=1)
    np.testing.assert_allclose(combined(name, given), given.rows[0], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", RULES)
def test_rows_that_nobody_moved_stay_as_they_are(name: str) -> None:
    given = block()
    given.rows[:] = given.base
    np.testing.assert_array_equal(combined(name, given), given.base)


@pytest.mark.parametrize("name", ["sum", "movers", "projection", "adasum"])
def test_what_a_single_rank_moved_arrives_in_full(name: str) -> None:
    given = block()
    moved = given.rows[2].copy()
    given.rows[:] = given.base
    given.rows[2] = moved
    np.testing.assert_allclose(combined(name, given), moved, rtol=1e-5, atol=1e-6)


def test_parallel_differences_give_their_mean_and_orthogonal_ones_their_sum_under_adasum() -> None:
    base = np.zeros((2, 2), np.float32)
    rows = np.array([[[2, 0], [3, 0]], [[2, 0], [0, 1]]], np.float32)  # rank, row, place
    given = Block(rows, base, None, np.zeros(2), RATE)
    assert combined("adasum", given).tolist() == [[2, 0], [3, 1]]


def test_the_outer_momentum_goes_on_after_differences_have_ended() -> None:
    given = block()
    RULES["momentum"].combine(given)
    after_one = given.base.copy()
    velocity = given.memory.copy() if given.memory is not None else None
    assert velocity is not None
    given.rows[:] = given.base
    RULES["momentum"].combine(given)
    np.testing.assert_allclose(given.base, after_one + MOMENTUM**2 * velocity, rtol=1e-5, atol=1e-6)


def test_rows_are_summed_where_they_are_on_their_way_and_averaged_where_they_have_arrived() -> None:
    base, differences = np.zeros((3, 2), np.float32), np.ones((4, 3, 2), np.float32)
    curved_along_the_first = Curvature(np.eye(2, dtype=np.float32), np.array([100.0, 0.0]))
    given = Block(differences, base, None, np.array([0.0, 100.0, 1e9]), 0.025, curved_along_the_first)
    rows = combined("by-curvature", given)
    np.testing.assert_allclose(rows[0], [4, 4])  # nobody has come nearer to where the row goes: the sum
    assert 1 <= rows[1, 0] < 1.1
    assert 3.9 < rows[1, 1] < 4
    np.testing.assert_allclose(rows[2], [1, 1])  # each rank has arrived: the mean


def test_an_unknown_rule_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match=r"combine must be one of by-curvature, mean, .* got 'median'"):
        rule_named("median")
