"""Results: how vectors do in a test, question by question, so that scores can be had of any of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.evaluation.analogies import Analogies, Tally, answer_analogies, tally_sections
from wordvec.evaluation.bootstrap import Statistic
from wordvec.evaluation.categories import Categories, cluster_words, purity
from wordvec.evaluation.kinds import MOST_WORDS, OPP
from wordvec.evaluation.outliers import detect_outliers
from wordvec.evaluation.similarity import Judgements, rank_pairs, spearman, why_no_order
from wordvec.evaluation.word_tests import WordTest
from wordvec.vectors.analogy import Method

__all__ = ["Result", "take"]

Floats = NDArray[np.float64]


class Result(NamedTuple):
    """What vectors did in a test."""

    asked: NDArray[np.int64]  # (A,)  numbers of the questions whose words are known
    items: Floats  # (A, m)  what is known of each
    statistic: Statistic  # from items to a score
    sections: dict[str, Tally] = {}  # of analogies  # noqa: RUF012  # never changed
    further: dict[str, Statistic] = {}  # other scores of the same items  # noqa: RUF012  # never changed
    reason: str | None = None  # why there is no score, where something could be asked

    @property
    def value(self) -> float | None:
        """The score: share right, Spearman's rho, or purity; None where nothing could be asked."""
        return self.statistic(self.items)


def take(
    test: WordTest,
    words: Sequence[str],  # (V,)  most frequent first
    matrix: NDArray[np.float32],  # (V, D)
    *,
    most_words: int = MOST_WORDS,
    method: Method = "add",
) -> Result:
    """Take a test.

    Args:
        test: what is asked.
        words: of the vectors.
        matrix: the vectors.
        most_words: only the first so many may be part of analogies.
        method: by which those are answered.

    Raises:
        MissingPackageError: a test of categories needs scikit-learn.
    """
    questions = test.questions
    if isinstance(questions, Analogies):
        answers = answer_analogies(questions, words, matrix, most_words, method)
        items = answers.is_right.astype(np.float64)[:, None]
        return Result(answers.asked, items, _mean, tally_sections(questions, answers))
    if isinstance(questions, Judgements):
        ranking = rank_pairs(questions, words, matrix)
        human = np.array(questions.scores)[ranking.asked]
        items = np.stack([ranking.cosines, human], axis=1)
        return Result(ranking.asked, items, _rank_correlation, reason=why_no_order(ranking.cosines, human))
    if isinstance(questions, Categories):
        asked, clusters, categories = cluster_words(questions, words, matrix)
        return Result(asked, np.stack([clusters, categories], axis=1).astype(np.float64), _purity)
    detected = detect_outliers(questions, words, matrix)
    return Result(detected.asked, detected.positions[:, None], _share_found, further={OPP: _mean})


def _mean(items: Floats) -> float | None:
    return float(items[:, 0].mean()) if len(items) else None


def _share_found(items: Floats) -> float | None:
    return float((items[:, 0] == 1).mean()) if len(items) else None


def _rank_correlation(items: Floats) -> float | None:
    return spearman(items[:, 0], items[:, 1])


def _purity(items: Floats) -> float | None:
    clusters, categories = items.astype(np.int64).T
    return purity(clusters, categories)
