"""Similarity: do cosines put pairs of words in the order in which people put them? (Spearman's rank correlation)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import FormatError
from wordvec.evaluation.known_words import known_rows
from wordvec.evaluation.lines import Line, unquoted
from wordvec.vectors.rows import unit_rows

__all__ = ["Judgements", "Ranking", "rank_pairs", "read_judgements", "spearman"]

Floats = NDArray[np.float64]

COLUMNS = re.compile(r"\s*[\t,;]\s*|\s+")
ENDS_IN_NUMBER = re.compile(r'[\t,;]\s*"?-?\d+(\.\d+)?"?$')


class Judgements(NamedTuple):
    """How similar people found pairs of words."""

    pairs: list[tuple[str, ...]]  # (P,)  of two words each
    scores: list[float]  # (P,)


class Ranking(NamedTuple):
    """How vectors rank the pairs whose words are known."""

    asked: NDArray[np.int64]  # (A,)  the numbers of the pairs
    cosines: Floats  # (A,)
    rho: float | None  # Spearman's, in [-1, 1]; None where there is no order to compare


def read_judgements(lines: Iterable[Line]) -> Judgements:
    """Read lines of two words and a number, with tabs, commas, semicolons or white space between them.

    The first line may be a heading.

    Raises:
        FormatError: another line has no two words and a finite number.

    >>> read_judgements([Line("", "Word 1,Word 2,Human"), Line("", "tiger,cat,7.35")])
    Judgements(pairs=[('tiger', 'cat')], scores=[7.35])
    """
    found = Judgements([], [])
    for number, line in enumerate(lines):
        judgement = _judgement(line.text)
        if judgement is not None:
            found.pairs.append(judgement[:2])
            found.scores.append(judgement[2])
        elif number > 0 or ENDS_IN_NUMBER.search(line.text):  # no heading does
            raise FormatError(
                f"{line.place} must have two words and a number, how similar people find them, got {line.text[:60]!r}"
            )
    return found


def _judgement(text: str) -> tuple[str, str, float] | None:
    columns = [unquoted(column.strip()) for column in COLUMNS.split(text)]
    try:
        one, other, number = columns
        score = float(number)
    except ValueError:
        return None
    return (one, other, score) if one and other and math.isfinite(score) else None


def rank_pairs(
    judgements: Judgements,
    words: Sequence[str],  # (V,)
    matrix: NDArray[np.float32],  # (V, D)
) -> Ranking:
    """Compare the order of the pairs' cosines with people's.

    >>> matrix = np.array([[1, 0], [1, 0.1], [0, 1]], np.float32)
    >>> test = Judgements([("cat", "tiger"), ("cat", "car"), ("tiger", "car")], [9.0, 1.0, 2.0])
    >>> rank_pairs(test, ["cat", "tiger", "car"], matrix).rho
    1.0
    """
    asked, rows = known_rows(judgements.pairs, words, 2)
    one, other = unit_rows(matrix[rows[:, 0]]), unit_rows(matrix[rows[:, 1]])
    cosines = (one.astype(np.float64) * other).sum(axis=1)
    return Ranking(asked, cosines, spearman(cosines, np.array(judgements.scores)[asked]))


def spearman(one: Floats, other: Floats) -> float | None:
    """Spearman's rank correlation of two rows of numbers; equal numbers share the mean of their ranks.

    >>> spearman(np.array([1.0, 2.0, 3.0, 4.0]), np.array([10.0, 30.0, 20.0, 40.0]))
    0.8
    """
    ranks = [values - values.mean() for values in (_ranks(one), _ranks(other)) if len(values)]
    lengths = math.sqrt(math.prod(values @ values for values in ranks))
    if len(one) < 2 or lengths == 0:
        return None
    return float(min(1.0, max(-1.0, ranks[0] @ ranks[1] / lengths)))


def _ranks(values: Floats) -> Floats:
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(sizes)
    ranks: Floats = ((last - sizes + last + 1) / 2)[group]
    return ranks
