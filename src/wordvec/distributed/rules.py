"""Rules: how a row's differences on N ranks become one step of the row; by name, each with its formula and source.

With d_r = (row of rank r) - (row that all began with), and n the moves of a row expected on one rank since then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import ConfigError
from wordvec.kernels.cpu.row_combining import (
    add_adaptive_sums,
    add_moved_means,
    add_projections,
    add_scaled_sums,
    add_with_momentum,
    multiply_by_geometric_sums,
    sum_differences,
)

__all__ = ["RULES", "Block", "Curvature", "Rule", "compile_rule", "rule_named"]

Floats = NDArray[np.float32]

# N ranks, M rows of a block, D dimensions

MOMENTUM = 0.8
# The mean of σ(1 - σ), the part of the curvature that depends on the scores, and what the approximation leaves out. By
# analogies at 16 ranks: .05 loses nothing, at .03 training is unstable.
KAPPA = 0.06
MIN_CURVATURE = 0.1  # so that rows that move very often are averaged in all directions
RANKS_AT_FULL_RATE = 4  # with momentum, N ranks train at N / 4 times the rate of one machine


class Curvature(NamedTuple):
    """The second moment of the rows that a matrix's rows are scored against, by its eigenvectors."""

    directions: Floats  # (D, D)  an eigenvector in each column
    values: NDArray[np.float64]  # (D,)  the eigenvalues, at least 0

    @classmethod
    def of(cls, moment: NDArray[np.float64]) -> Curvature:
        """The eigenvectors of a second moment, (D, D)."""
        values, directions = np.linalg.eigh(moment)
        return cls(np.ascontiguousarray(directions.astype(np.float32)), np.maximum(values, 0))


class Block(NamedTuple):
    """Some rows, as each rank has them, and what is expected to have happened to them."""

    rows: Floats  # (N, M, D)  of each rank; overwritten
    base: Floats  # (M, D)  what all ranks began with; becomes what all go on with
    memory: Floats | None  # (M, D)  what the rule remembers of each row, zeros at first
    moves: NDArray[np.float64]  # (M,)  expected on one rank since the rows were last combined
    learning_rate: float  # now
    curvature: Curvature | None = None  # for the rules that look at it


class Rule(NamedTuple):
    """A way to combine."""

    name: str
    combine: Callable[[Block], None]
    needs_curvature: bool = False
    has_memory: bool = False
    rate_factor: Callable[[int], float] = lambda _: 1.0  # of the learning rate, for that many ranks


def _by_curvature(block: Block) -> None:
    """The mean, stretched along each eigenvector of the curvature as one machine would have gone on along it: ours."""
    assert block.curvature is not None  # noqa: S101
    ranks = len(block.rows)
    sum_differences(block.rows, block.base)
    turned = (block.rows[0] * np.float32(1 / ranks)) @ block.curvature.directions
    steps = (KAPPA * block.learning_rate * block.moves).astype(np.float32)
    curvatures = (block.curvature.values + MIN_CURVATURE).astype(np.float32)
    ratios = np.exp(-steps[:, None] * curvatures)
    multiply_by_geometric_sums(turned, ratios, ranks)
    np.add(block.base, turned @ block.curvature.directions.T, out=block.base)


def _scaled(power: float) -> Callable[[Block], None]:
    def combine(block: Block) -> None:
        scale = len(block.rows) ** -power
        add_scaled_sums(block.rows, block.base, np.full(len(block.base), scale, np.float32))

    return combine


def _mean_of_movers(block: Block) -> None:
    add_moved_means(block.rows, block.base)


def _momentum(block: Block) -> None:
    add_with_momentum(block.rows, block.base, block.memory, np.float32(MOMENTUM))


def _projection(block: Block) -> None:
    add_projections(block.rows, block.base)


def _adasum(block: Block) -> None:
    add_adaptive_sums(block.rows, block.base)


RULES = {
    rule.name: rule
    for rule in (
        # U s Uᵀ Σ d_r / N, with s = 1 + q + ... + q^(N - 1), q = exp(-κ η n (λ + .1)) for each eigenvalue λ of the
        # curvature U λ Uᵀ: near its optimum the loss of a row is quadratic, and n steps at the rate η shorten what is
        # left along an eigenvector by q, so N ranks one after the other would have gone s times as far as one; our own
        Rule("by-curvature", _by_curvature, needs_curvature=True),
        # Σ d_r / N: BlazingText (Gupta and Khare, 2017), pWord2Vec (Ji et al., 2016)
        Rule("mean", _scaled(1.0)),
        # Σ d_r: what one machine would have done, were the rows still where they began; diverges
        Rule("sum", _scaled(0.0)),
        # Σ d_r / √N
        Rule("sqrt", _scaled(0.5)),
        # Σ d_r / (ranks that moved the row)
        Rule("movers", _mean_of_movers),
        # v = .8 v + Σ d_r / N, and the step is Σ d_r / N + .8 v: DiLoCo (Douillard et al., 2023)
        Rule("momentum", _momentum, has_memory=True, rate_factor=lambda n: max(1.0, n / RANKS_AT_FULL_RATE)),
        # s = d_0, then s = s + d_r - (s·d_r / |s|²) s for each r: GraphWord2Vec (Gill et al., 2021)
        Rule("projection", _projection),
        # in pairs, (1 - a·b/2|a|²) a + (1 - a·b/2|b|²) b: AdaSum (Maleki et al., 2021), here by row
        Rule("adasum", _adasum),
    )
}


def compile_rule(rule: Rule) -> None:
    """Compile a rule's kernel, or load it from the cache, so that it does not count as training."""
    rows, base = np.ones((2, 1, 1), np.float32), np.zeros((1, 1), np.float32)
    curvature = Curvature.of(np.ones((1, 1)))
    rule.combine(Block(rows, base, np.zeros_like(base), np.ones(1), 0.1, curvature))


def rule_named(name: str) -> Rule:
    """The rule of that name.

    Raises:
        ConfigError: there is none.

    >>> rule_named("mean").rate_factor(8), rule_named("momentum").rate_factor(8)
    (1.0, 2.0)
    """
    if name not in RULES:
        raise ConfigError(f"combine must be one of {', '.join(RULES)}, got {name!r}")
    return RULES[name]
