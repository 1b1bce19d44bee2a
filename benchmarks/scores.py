"""Scores: how well vectors solve Google's analogies and agree with WordSim-353; one judge for every trainer.

V words, D dimensions, Q questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

__all__ = [
    "Judgement",
    "Question",
    "analogy_scores",
    "read_judgements",
    "read_questions",
    "similarity_scores",
]

Floats = NDArray[np.float32]

ANALOGY_WORDS = 30_000
QUESTIONS_PER_BATCH = 512


class Question(NamedTuple):
    """`words`: a is to b as c is to d, which is to be found."""

    syntactic: bool
    words: tuple[str, str, str, str]


class Judgement(NamedTuple):
    """How similar people found two words."""

    one: str
    other: str
    human: float


def read_questions(path: Path) -> list[Question]:
    """Read Google's analogies; the sections whose names begin with "gram" are the syntactic ones."""
    questions = []
    syntactic = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(":"):
            syntactic = line[1:].strip().startswith("gram")
        elif line.strip():
            a, b, c, d = line.split()
            questions.append(Question(syntactic, (a, b, c, d)))
    return questions


def read_judgements(path: Path) -> list[Judgement]:
    """Read tab-separated pairs of words and their human score; lines with # are comments."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line.strip() and not line.startswith("#"))
    return [Judgement(one, other, float(human)) for one, other, human in rows]


def analogy_scores(
    words: Sequence[str],
    matrix: Floats,  # (V, D)  rows by falling count
    questions: Sequence[Question],
    limit: int = ANALOGY_WORDS,
) -> dict[str, float | None]:
    """Percent of the questions answered rightly by 3CosAdd among the `limit` most frequent words.

    Only questions whose four words are within the limit are asked; their number is given. A score is None
    where nothing could be asked.
    """
    ids = {word: position for position, word in enumerate(words[:limit])}
    asked = [
        (question.syntactic, known)
        for question in questions
        if (known := _known(question.words, ids)) is not None
    ]
    quads = np.array([known for _, known in asked], dtype=np.int64).reshape(-1, 4)  # (Q, 4)
    syntactic = np.array([kind for kind, _ in asked], dtype=bool)  # (Q,)
    right = _solve(unit_rows(matrix[:limit]), quads[:, :3]) == quads[:, 3]
    return {
        "analogies": _percent(right),
        "analogies_semantic": _percent(right[~syntactic]),
        "analogies_syntactic": _percent(right[syntactic]),
        "analogies_asked": len(right),
    }


def similarity_scores(
    words: Sequence[str],
    matrix: Floats,  # (V, D)
    judgements: Sequence[Judgement],
) -> dict[str, float | None]:
    """Spearman's rank correlation x 100 between cosines and human scores, over the pairs that are known."""
    ids = {word: position for position, word in enumerate(words)}
    covered = [
        (known, judgement.human)
        for judgement in judgements
        if (known := _known((judgement.one, judgement.other), ids)) is not None
    ]
    pairs = np.array([known for known, _ in covered], dtype=np.int64).reshape(-1, 2)
    cosines = np.sum(unit_rows(matrix[pairs[:, 0]]) * unit_rows(matrix[pairs[:, 1]]), axis=1)
    correlation = (
        spearmanr(cosines, [human for _, human in covered]).statistic if len(covered) > 1 else np.nan
    )
    return {
        "similarity": float(100 * correlation) if np.isfinite(correlation) else None,
        "similarity_pairs": len(covered),
    }


def unit_rows(matrix: Floats) -> Floats:
    """Each row at length one; a row of zeros stays as it is."""
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    units: Floats = matrix / np.maximum(lengths, np.finfo(np.float32).tiny)
    return units


def _solve(
    units: Floats,  # (V, D)
    questions: NDArray[np.int64],  # (Q, 3)  a, b, c
) -> NDArray[np.int64]:
    """The word nearest to b - a + c, which must be none of the three."""  # (Q,)
    answers = np.empty(len(questions), dtype=np.int64)
    for start in range(0, len(questions), QUESTIONS_PER_BATCH):
        batch = questions[start : start + QUESTIONS_PER_BATCH]
        a, b, c = batch.T
        cosines = (units[b] - units[a] + units[c]) @ units.T
        np.put_along_axis(cosines, batch, -np.inf, axis=1)
        answers[start : start + len(batch)] = cosines.argmax(axis=1)
    return answers


def _known(words: Sequence[str], ids: dict[str, int]) -> tuple[int, ...] | None:
    """The ids of words, each as written or else lower-cased; None where one is unknown."""
    found = [ids.get(word, ids.get(word.lower())) for word in words]
    known = tuple(word for word in found if word is not None)
    return known if len(known) == len(words) else None


def _percent(right: NDArray[np.bool_]) -> float | None:
    return float(100 * right.mean()) if len(right) else None
