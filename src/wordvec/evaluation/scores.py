"""Scores: what vectors achieve in a test, whichever kind it is."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import FormatError
from wordvec.evaluation.analogies import Analogies, answer_analogies, read_analogies
from wordvec.evaluation.lines import read_lines
from wordvec.evaluation.similarity import Judgements, rank_pairs, read_judgements

__all__ = ["Score", "WordTest", "read_test", "score", "score_all"]

WORDS_OF_AN_ANALOGY = 4


class WordTest(NamedTuple):
    """A test that was read from a file."""

    name: str  # of the file, without its folder
    questions: Analogies | Judgements

    @property
    def kind(self) -> Literal["analogies", "similarity"]:
        """What it asks for."""
        return "analogies" if isinstance(self.questions, Analogies) else "similarity"


class Score(NamedTuple):
    """What vectors achieve in a test."""

    name: str  # of the test
    kind: Literal["analogies", "similarity"]
    value: float | None  # share right, in [0, 1]; or rho, in [-1, 1]; None where nothing could be asked
    asked: int  # questions whose words are all known
    of: int  # questions


def read_test(path: str | Path) -> WordTest:
    """Read a test: analogies if it begins with a section or with four words, else pairs with their similarity.

    Tables of four columns whose last one is a number are neither.

    Raises:
        FormatError: it cannot be read, is neither, or has no question in it.
    """
    path = Path(path)
    lines = read_lines(path)
    beginning = list(itertools.islice(lines, 2))  # a heading says less than the line after it
    lines = itertools.chain(beginning, lines)
    is_analogies = _begins_analogies([line.text for line in beginning])
    questions = read_analogies(lines) if is_analogies else read_judgements(lines)
    if not questions[0]:
        raise FormatError(
            f"{path} has no question in it; a test has lines of four words (a is to b as c is to d), or of two words "
            "and a number, how similar people find them"
        )
    return WordTest(path.name, questions)


def _begins_analogies(beginning: Sequence[str]) -> bool:
    if not beginning or beginning[0].startswith(":"):
        return bool(beginning)
    has_four_words = "," not in beginning[0] and len(beginning[0].split()) == WORDS_OF_AN_ANALOGY
    return has_four_words and not any(_is_number(text.split()[-1]) for text in beginning)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def score(
    test: WordTest,
    words: Sequence[str],  # (V,)  most frequent first
    matrix: NDArray[np.float32],  # (V, D)
) -> Score:
    """Take a test.

    >>> test = WordTest("small", Judgements([("a", "b"), ("a", "c"), ("a", "z")], [9.0, 1.0, 5.0]))
    >>> score(test, ["a", "b", "c"], np.array([[1, 0], [1, 0.1], [0, 1]], np.float32))
    Score(name='small', kind='similarity', value=1.0, asked=2, of=3)
    """
    if isinstance(test.questions, Analogies):
        asked, is_right = answer_analogies(test.questions, words, matrix)
        share = float(is_right.mean()) if len(asked) else None
        return Score(test.name, "analogies", share, len(asked), len(test.questions.questions))
    ranking = rank_pairs(test.questions, words, matrix)
    return Score(test.name, "similarity", ranking.rho, len(ranking.asked), len(test.questions.pairs))


def score_all(
    tests: Sequence[WordTest], words: Sequence[str], matrix: NDArray[np.float32]
) -> tuple[Score, ...]:
    """Take all of them."""
    return tuple(score(test, words, matrix) for test in tests)
