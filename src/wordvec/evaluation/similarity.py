"""Similarity: do cosines put pairs of words in the order in which people put them? (Spearman's rank correlation)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import EvaluationError
from wordvec.evaluation.questions import Line, known_rows, unquoted
from wordvec.vectors.directions import unit_rows

__all__ = ["TAGGED", "Judgments", "Ranking", "rank_pairs", "read_judgments", "spearman", "why_no_order"]

Floats = NDArray[np.float64]

COLUMNS = re.compile(r"\s*[\t,;]\s*|\s+")
PARTS_OF_SPEECH = {"a", "n", "v", "r", "j", "adj", "adv", "noun", "verb"}  # as in SimLex and SimVerb
SCORE_NAME = re.compile(r"sim|score|human|mean|rating|average|relatedness|gold", re.IGNORECASE)
TAGGED = re.compile(r"(.+)-[nvj]")  # lemmas with their part of speech, as in MEN
MIN_RATERS = 2
LAYOUTS = (
    "columns are two words, perhaps a part of speech, the score, and then perhaps other numbers or words, as in "
    "WordSim-353, SimLex-999 and RareWords"
)


class Judgments(NamedTuple):
    """How similar people found pairs of words."""

    pairs: list[tuple[str, ...]]  # (P,)  of two words each
    scores: list[float]  # (P,)


class Ranking(NamedTuple):
    """How vectors rank the pairs whose words are known."""

    asked: NDArray[np.int64]  # (A,)  the numbers of the pairs
    cosines: Floats  # (A,)
    rho: float | None  # Spearman's, in [-1, 1]; None where there is no order to compare


class Layout(NamedTuple):
    """Where a row has what."""

    first_number: int  # its column: 2, or 3 after a part of speech
    score: int  # the column of the score
    is_wide: bool  # columns follow the score


def read_judgments(lines: Iterable[Line]) -> Judgments:
    """Read rows of two words and a number, with tabs, commas, semicolons or white space between them.

    The first line may be a heading. A part of speech may stand before the score, and other columns after it, such as
    what each person said: the score is the column that the heading calls so, or else the first number, which must lie
    among those after it if there are several.

    Raises:
        EvaluationError: a row after the heading has no two words and a finite number where the other rows have them, or
            the column of the score is ambiguous.

    >>> read_judgments([Line("", "Word 1,Word 2,Human"), Line("", "tiger,cat,7.35")])
    Judgments(pairs=[('tiger', 'cat')], scores=[7.35])
    >>> read_judgments(
    ...     [Line("", "word1 word2 POS SimLex999 conc(w1)"), Line("", "oak tree N 6.5 4.9")]
    ... ).scores
    [6.5]
    """
    rows = list(lines)
    layout, first = _layout(rows)
    found = Judgments([], [])
    for line in rows[first:]:
        cells = _cells(line.text)
        score = _number(cells, layout.score)
        is_wide = len(cells) > layout.score + 1
        is_like_others = is_wide == layout.is_wide and _first_number(cells) == layout.first_number
        if score is None or not is_like_others or not all(map(_is_word, cells[:2])):
            raise EvaluationError(
                f"{line.place} must have two words and a number, how similar people find them, got {line.text[:60]!r}; "
                + LAYOUTS
            )
        found.pairs.append((cells[0], cells[1]))
        found.scores.append(score)
    return found


def _layout(rows: Sequence[Line]) -> tuple[Layout, int]:
    """The columns, and the number of the first row that is not a heading."""
    tables = [_cells(line.text) for line in rows[:2]]
    guesses = [_first_number(cells) for cells in tables]
    score = next((guess for guess in reversed(guesses) if guess is not None), None)
    first = int(bool(tables) and guesses[0] is None and _is_heading(tables[0]))
    if score is None or first >= len(tables):  # the reader of rows says which one is wrong
        return Layout(2, 2, is_wide=False), first
    row, first_number = tables[first], score
    if len(row) > score + 1:
        names = tables[0] if first else []
        named = [
            column
            for column in range(score, min(len(row), len(names)))
            if SCORE_NAME.search(names[column]) and _number(row, column) is not None
        ]
        if not named:
            _check_score_is_mean(rows[first:], score)
        score = named[0] if named else score
    return Layout(first_number, score, is_wide=len(row) > score + 1), first


def _is_heading(cells: Sequence[str]) -> bool:
    """Whether a line without a score names columns: raters may have numbers, 1, 2, 3 and so on."""
    numbers = [number for column in range(2, len(cells)) if (number := _number(cells, column)) is not None]
    return not numbers or (len(numbers) > 1 and numbers == list(range(1, len(numbers) + 1)))


def _first_number(cells: Sequence[str]) -> int | None:
    """The first column of numbers after two words and, perhaps, a part of speech."""
    if _number(cells, 2) is not None:
        return 2
    has_part_of_speech = len(cells) > 3 and cells[2].lower() in PARTS_OF_SPEECH
    return 3 if has_part_of_speech and _number(cells, 3) is not None else None


def _check_score_is_mean(rows: Iterable[Line], score: int) -> None:
    """Where no heading says which of several numbers is the score, the first must be what the others may amount to."""
    for line in rows:
        cells = _cells(line.text)
        first, *others = (_number(cells, column) for column in range(score, max(score + 1, len(cells))))
        raters = [number for number in others if number is not None]
        if first is not None and len(raters) >= MIN_RATERS and not min(raters) <= first <= max(raters):
            raise EvaluationError(
                f"{line.place} has {len(raters) + 1} numbers, of which the first is not the mean of the others, got "
                f"{line.text[:60]!r}; name the score's column in a heading, or leave two words and one number"
            )


def _cells(text: str) -> list[str]:
    """The columns of a row: where several signs could stand between them, the least common one in words does."""
    between = next((sign for sign in "\t;," if sign in text), None)
    cells = [unquoted(cell.strip()) for cell in text.split(between)]
    if len(cells) >= 3 and all(cells[:3]):
        return cells
    loose = [unquoted(cell.strip()) for cell in COLUMNS.split(text)]  # "tiger, cat 7.35", doubled tabs
    return loose if len(loose) == 3 else cells


def _is_word(cell: str) -> bool:
    return bool(cell) and not any(map(str.isspace, cell))


def _number(cells: Sequence[str], column: int) -> float | None:
    try:
        number = float(cells[column])
    except (ValueError, IndexError):
        return None
    return number if math.isfinite(number) else None


def rank_pairs(
    judgments: Judgments,
    words: Sequence[str],  # (V,)
    matrix: NDArray[np.float32],  # (V, D)
) -> Ranking:
    """Compare the order of the pairs' cosines with people's.

    Lemmas with their part of speech ("sun-n", as in MEN) are looked up without it where no pair is known with it.

    >>> matrix = np.array([[1, 0], [1, 0.1], [0, 1]], np.float32)
    >>> test = Judgments([("cat", "tiger"), ("cat", "car"), ("tiger", "car")], [9.0, 1.0, 2.0])
    >>> rank_pairs(test, ["cat", "tiger", "car"], matrix).rho
    1.0
    """
    asked, rows = known_rows(judgments.pairs, words, 2)
    if not len(asked) and all(TAGGED.fullmatch(word) for pair in judgments.pairs for word in pair):
        untagged = [tuple(TAGGED.sub(r"\1", word) for word in pair) for pair in judgments.pairs]
        asked, rows = known_rows(untagged, words, 2)
    one, other = unit_rows(matrix[rows[:, 0]]), unit_rows(matrix[rows[:, 1]])
    cosines = (one.astype(np.float64) * other).sum(axis=1)
    return Ranking(asked, cosines, spearman(cosines, np.array(judgments.scores)[asked]))


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


def why_no_order(cosines: Floats, scores: Floats) -> str | None:
    """Why there is no rank correlation, if there is none.

    >>> why_no_order(np.array([0.5]), np.array([7.0]))
    'only one pair could be asked, and ranks need two or more'
    """
    if not len(scores):
        return None
    if len(scores) == 1:
        return "only one pair could be asked, and ranks need two or more"
    for what, values in (("people's scores of the pairs", scores), ("the cosines of the pairs", cosines)):
        if np.all(values == values[0]):
            return f"all {what} are equal, so they have no order"
    return None
