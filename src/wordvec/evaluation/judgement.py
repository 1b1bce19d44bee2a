"""Judgement: the scores of one or two models in a test, with intervals, and whether they differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from wordvec.evaluation.analogies import Tally
from wordvec.evaluation.bootstrap import Difference, Statistic, interval, paired_difference
from wordvec.evaluation.kinds import Kind
from wordvec.evaluation.results import Result, take
from wordvec.evaluation.word_tests import WordTest
from wordvec.vectors.analogy import Method
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["Estimate", "Judged", "ModelScore", "judge"]


class Estimate(NamedTuple):
    """A score, and how far off it may be."""

    value: float | None  # None where nothing could be asked
    low: float | None  # of the 95 % interval
    high: float | None


class ModelScore(NamedTuple):
    """What one model achieves."""

    value: float | None  # None where nothing could be asked, or the answers have no order to compare
    low: float | None  # of the 95 % interval
    high: float | None
    asked: int  # questions whose words it knows
    sections: dict[str, Tally]  # of analogies
    further: dict[str, Estimate]  # other scores of the same answers, by name
    reason: str | None  # why there is no score, if there is none


class Judged(NamedTuple):
    """What one or two models achieve in a test."""

    name: str  # of the test
    kind: Kind
    method: Method | None  # by which analogies were answered
    of: int  # questions
    scores: list[ModelScore]  # one a model
    difference: Difference | None  # of the first from the second
    shared: int  # questions that all models could be asked


def judge(
    test: WordTest, models: Sequence[WordVectors], *, most_words: int, method: Method | None = None
) -> Judged:
    """Take a test with one model, or with two that are compared on the questions that both can be asked.

    Args:
        test: what is asked.
        models: one or two.
        most_words: only the first so many words of each may be part of analogies.
        method: by which analogies are answered (default: 3CosAdd).

    >>> from wordvec.evaluation.similarity import Judgements
    >>> test = WordTest("small", Judgements([("a", "b"), ("a", "c"), ("b", "c")], [9.0, 1.0, 2.0]))
    >>> good = WordVectors(["a", "b", "c"], [[1, 0], [1, 0.1], [0, 1]])
    >>> bad = WordVectors(["a", "b", "c"], [[1, 0], [-1, 0.1], [0, 1]])
    >>> judge(test, [good, bad], most_words=10).difference.value
    1.5
    """
    results = [
        take(test, model.words, model.matrix, most_words=most_words, method=method or "add")
        for model in models
    ]
    shared = results[0].asked
    for result in results[1:]:
        shared = np.intersect1d(shared, result.asked)
    difference = None
    if len(results) == 2:
        one, other = (result.items[np.isin(result.asked, shared)] for result in results)
        difference = paired_difference(one, other, results[0].statistic)
    scores = [_score(result) for result in results]
    return Judged(test.name, test.kind, method, test.num_questions, scores, difference, len(shared))


def _score(result: Result) -> ModelScore:
    further = {name: _estimate(result, statistic) for name, statistic in result.further.items()}
    estimate = _estimate(result, result.statistic)
    reason = (
        result.reason
        if len(result.asked)
        else "nothing could be asked, as words of each question are unknown"
    )
    return ModelScore(
        *estimate,
        len(result.asked),
        result.sections,
        further,
        reason if estimate.value is None else None,
    )


def _estimate(result: Result, statistic: Statistic) -> Estimate:
    low, high = interval(result.items, statistic) or (None, None)
    return Estimate(statistic(result.items), low, high)
