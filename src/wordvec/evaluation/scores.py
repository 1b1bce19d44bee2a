"""Scores: what vectors achieve in a test, whichever kind it is, in a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.evaluation.kinds import Kind
from wordvec.evaluation.results import take
from wordvec.evaluation.word_tests import WordTest

__all__ = ["Score", "score", "score_all"]


class Score(NamedTuple):
    """What vectors achieve in a test."""

    name: str  # of the test
    kind: Kind
    value: (
        float | None
    )  # share right or purity, in [0, 1]; or rho, in [-1, 1]; None where nothing could be asked
    asked: int  # questions whose words are all known
    of: int  # questions


def score(
    test: WordTest,
    words: Sequence[str],  # (V,)  most frequent first
    matrix: NDArray[np.float32],  # (V, D)
) -> Score:
    """Take a test.

    >>> from wordvec.evaluation.similarity import Judgements
    >>> test = WordTest("small", Judgements([("a", "b"), ("a", "c"), ("a", "z")], [9.0, 1.0, 5.0]))
    >>> score(test, ["a", "b", "c"], np.array([[1, 0], [1, 0.1], [0, 1]], np.float32))
    Score(name='small', kind='similarity', value=1.0, asked=2, of=3)
    """
    result = take(test, words, matrix)
    return Score(test.name, test.kind, result.value, len(result.asked), test.num_questions)


def score_all(
    tests: Sequence[WordTest], words: Sequence[str], matrix: NDArray[np.float32]
) -> tuple[Score, ...]:
    """Take all of them."""
    return tuple(score(test, words, matrix) for test in tests)
