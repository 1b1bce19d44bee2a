"""Bootstrap: the interval of a score, and whether two scores differ, by drawing the questions again (Efron, 1979)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Difference", "Statistic", "interval", "paired_difference"]

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], float | None]  # from what is known of each question, (A, m), to a score

SAMPLES = 1000
SEED = 1
COVERAGE = 0.95


class Difference(NamedTuple):
    """By how much one score is above another on the same questions."""

    value: float
    low: float  # of the 95 % interval
    high: float
    p: float  # two-sided: probability of such a difference by chance


def interval(items: Floats, statistic: Statistic) -> tuple[float, float] | None:
    """The 95 % percentile interval of a score over questions that are drawn again, with replacement.

    None where there is no score, or only one question.

    >>> low, high = interval(np.array([[1.0], [1.0], [0.0], [1.0]]), lambda items: float(items.mean()))
    >>> low < 0.75 <= high
    True
    """
    if len(items) < 2:
        return None
    scores = [statistic(items[rows]) for rows in _draws(len(items))]
    known = np.array([score for score in scores if score is not None])
    return _percentiles(known) if len(known) else None


def paired_difference(one: Floats, other: Floats, statistic: Statistic) -> Difference | None:
    """Compare two scores on the same questions: both answer the same drawn questions.

    >>> better = np.array([[1.0]] * 30 + [[0.0]] * 10)
    >>> paired_difference(better, 1 - better, lambda items: float(items.mean())).p < 0.01
    True
    """
    scores = statistic(one), statistic(other)
    if len(one) < 2 or scores[0] is None or scores[1] is None:
        return None
    pairs = [(statistic(one[rows]), statistic(other[rows])) for rows in _draws(len(one))]
    differences = np.array(
        [first - second for first, second in pairs if first is not None and second is not None]
    )
    if not len(differences):
        return None
    at_most, at_least = (differences <= 0).sum() + 1, (differences >= 0).sum() + 1
    p = min(1.0, 2 * float(min(at_most, at_least)) / (len(differences) + 1))
    return Difference(scores[0] - scores[1], *_percentiles(differences), p)


def _draws(num_items: int) -> Iterator[NDArray[np.int64]]:
    """The same draws each time, so that a score's interval does not change from call to call."""
    generator = np.random.default_rng(SEED)
    for _ in range(SAMPLES):
        yield generator.integers(num_items, size=num_items)


def _percentiles(values: Floats) -> tuple[float, float]:
    low, high = np.quantile(values, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    return float(low), float(high)
