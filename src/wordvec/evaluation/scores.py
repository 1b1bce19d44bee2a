"""Scores: how vectors do in a test, in a number with its interval, and whether two models differ.

Intervals and differences come from the bootstrap: the questions are drawn again, with replacement (Efron, 1979).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.evaluation.analogies import Analogies, Tally, answer_analogies, tally_sections
from wordvec.evaluation.kinds import MAX_WORDS, OPP, Kind
from wordvec.evaluation.next_items import AT, Sessions, hit_rate, ndcg, rank_next_items
from wordvec.evaluation.sentences import SentencePairs, compare_sentences, pearson
from wordvec.evaluation.similarity import Judgments, rank_pairs, spearman, why_no_order
from wordvec.evaluation.word_groups import Categories, cluster_words, detect_outliers, purity
from wordvec.evaluation.word_tests import WordTest, words_of_questions
from wordvec.vectors.analogy import Method
from wordvec.vectors.word_vectors import WordVectors

__all__ = [
    "Difference",
    "Estimate",
    "Judged",
    "ModelScore",
    "Result",
    "Score",
    "Statistic",
    "interval",
    "judge",
    "paired_difference",
    "score",
    "score_all",
    "take",
    "take_by_model",
]

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


class Result(NamedTuple):
    """The answers that vectors gave in a test."""

    asked: NDArray[np.int64]  # (A,)  numbers of the questions whose words are known
    items: Floats  # (A, m)  what is known of each
    statistic: Statistic  # from items to a score
    sections: dict[str, Tally] = {}  # of analogies  # noqa: RUF012  # never changed
    further: dict[str, Statistic] = {}  # other scores of the same items  # noqa: RUF012  # never changed
    reason: str | None = None  # why there is no score, where something could be asked
    unknown_words: int = 0  # of those asked about: they have no id, but a vector of their n-grams
    note: str | None = None  # how the answers were found, where that depends on the model

    @property
    def value(self) -> float | None:
        """The score: share right, Spearman's rho, or purity; None where nothing could be asked."""
        return self.statistic(self.items)


def take(
    test: WordTest,
    words: Sequence[str],  # (V,)  most frequent first
    matrix: NDArray[np.float32],  # (V, D)
    *,
    search_limit: int = MAX_WORDS,
    method: Method = "add",
) -> Result:
    """Take a test.

    Args:
        test: what is asked.
        words: of the vectors.
        matrix: the vectors.
        search_limit: use only the N most frequent words in analogies.
        method: by which those are answered.

    Raises:
        MissingPackageError: a test of categories needs scikit-learn.
    """
    questions = test.questions
    if isinstance(questions, SentencePairs | Sessions):
        return take_texts(questions, WordVectors(words, matrix))
    if isinstance(questions, Analogies):
        answers = answer_analogies(questions, words, matrix, search_limit, method)
        items = answers.is_right.astype(np.float64)[:, None]
        return Result(answers.asked, items, _mean, tally_sections(questions, answers))
    if isinstance(questions, Judgments):
        ranking = rank_pairs(questions, words, matrix)
        human = np.array(questions.scores)[ranking.asked]
        items = np.stack([ranking.cosines, human], axis=1)
        return Result(ranking.asked, items, _rank_correlation, reason=why_no_order(ranking.cosines, human))
    if isinstance(questions, Categories):
        asked, clusters, categories = cluster_words(questions, words, matrix)
        return Result(asked, np.stack([clusters, categories], axis=1).astype(np.float64), _purity)
    detected = detect_outliers(questions, words, matrix)
    return Result(detected.asked, detected.positions[:, None], _share_found, further={OPP: _mean})


def take_texts(questions: SentencePairs | Sessions, model: WordVectors) -> Result:
    """Take a test of texts, which asks for more than words and vectors: counts, output vectors, a tokenizer."""
    if isinstance(questions, SentencePairs):
        found = compare_sentences(questions, model)
        human = np.array(questions.scores, np.float64)[found.asked]
        items = np.stack(
            [found.plain, human, found.plain if found.weighted is None else found.weighted], axis=1
        )
        further: dict[str, Statistic] = {"Pearson's r": _correlation}
        if found.weighted is not None:
            further |= {
                "Spearman's rho, SIF": _weighted_rank_correlation,
                "Pearson's r, SIF": _weighted_correlation,
            }
        reason = why_no_order(found.plain, human)
        return Result(found.asked, items, _rank_correlation, further=further, reason=reason)
    ranked = rank_next_items(questions.sessions, model)
    none = np.zeros_like(ranked.ranks)
    others = ranked.by_cosines, ranked.by_counts
    columns = [ranked.ranks, *(none if ranks is None else ranks for ranks in others)]
    further = {f"NDCG@{AT}": _ndcg}
    if ranked.by_cosines is not None:
        further[f"hit@{AT} by cosines"] = _hit_rate_by_cosines
    if ranked.by_counts is not None:
        further[f"hit@{AT} of the most frequent"] = _hit_rate_by_counts
    note = "by cosines, as there are no output vectors" if ranked.by_cosines is None else None
    items = np.stack(columns, axis=1).astype(np.float64)
    return Result(ranked.asked, items, _hit_rate, further=further, note=note)


def _correlation(items: Floats) -> float | None:
    return pearson(items[:, 0], items[:, 1])


def _weighted_correlation(items: Floats) -> float | None:
    return pearson(items[:, 2], items[:, 1])


def _weighted_rank_correlation(items: Floats) -> float | None:
    return spearman(items[:, 2], items[:, 1])


def _hit_rate(items: Floats) -> float | None:
    return hit_rate(items[:, 0])


def _hit_rate_by_cosines(items: Floats) -> float | None:
    return hit_rate(items[:, 1])


def _hit_rate_by_counts(items: Floats) -> float | None:
    return hit_rate(items[:, 2])


def _ndcg(items: Floats) -> float | None:
    return ndcg(items[:, 0])


def _mean(items: Floats) -> float | None:
    return float(items[:, 0].mean()) if len(items) else None


def _share_found(items: Floats) -> float | None:
    return float((items[:, 0] == 1).mean()) if len(items) else None


def _rank_correlation(items: Floats) -> float | None:
    return spearman(items[:, 0], items[:, 1])


def _purity(items: Floats) -> float | None:
    clusters, categories = items.astype(np.int64).T
    return purity(clusters, categories)


class Score(NamedTuple):
    """The score of vectors in a test."""

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

    >>> from wordvec.evaluation.similarity import Judgments
    >>> test = WordTest("small", Judgments([("a", "b"), ("a", "c"), ("a", "z")], [9.0, 1.0, 5.0]))
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


class Estimate(NamedTuple):
    """A score with its 95 % interval."""

    value: float | None  # None where nothing could be asked
    low: float | None  # of the 95 % interval
    high: float | None


class ModelScore(NamedTuple):
    """The score of one model, with its interval."""

    value: float | None  # None where nothing could be asked, or the answers have no order to compare
    low: float | None  # of the 95 % interval
    high: float | None
    asked: int  # questions whose words have a vector
    sections: dict[str, Tally]  # of analogies
    further: dict[str, Estimate]  # other scores of the same answers, by name
    reason: str | None  # why there is no score, if there is none
    unknown_words: int = 0  # of those asked about: they have no id, but a vector of their n-grams
    note: str | None = None  # how the answers were found, where that depends on the model


class Judged(NamedTuple):
    """The scores of one or two models in a test."""

    name: str  # of the test
    kind: Kind
    method: Method | None  # by which analogies were answered
    of: int  # questions
    scores: list[ModelScore]  # one a model
    difference: Difference | None  # of the first from the second
    shared: int  # questions that all models could be asked


def judge(
    test: WordTest, models: Sequence[WordVectors], *, search_limit: int, method: Method | None = None
) -> Judged:
    """Take a test with one model, or with two that are compared on the questions that both can be asked.

    Args:
        test: what is asked.
        models: one or two.
        search_limit: use only the N most frequent words of each model in analogies.
        method: by which analogies are answered (default: 3CosAdd).

    >>> from wordvec.evaluation.similarity import Judgments
    >>> test = WordTest("small", Judgments([("a", "b"), ("a", "c"), ("b", "c")], [9.0, 1.0, 2.0]))
    >>> good = WordVectors(["a", "b", "c"], [[1, 0], [1, 0.1], [0, 1]])
    >>> bad = WordVectors(["a", "b", "c"], [[1, 0], [-1, 0.1], [0, 1]])
    >>> judge(test, [good, bad], search_limit=10).difference.value
    1.5
    """
    results = [
        take_by_model(test, model, search_limit=search_limit, method=method or "add") for model in models
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


def take_by_model(test: WordTest, model: WordVectors, *, search_limit: int, method: Method) -> Result:
    """Take a test in which unknown words that have a vector count as known; analogies only know known words.

    The arguments are those of `judge`.
    """
    if isinstance(test.questions, SentencePairs | Sessions):
        return take_texts(test.questions, model)
    questions = words_of_questions(test)
    asked_about = dict.fromkeys(word for question in questions for word in question)
    known = {form for word in asked_about for form in (word, word.lower()) if form in model}
    unknown = {
        word
        for word in asked_about
        if known.isdisjoint((word, word.lower())) and model.vocabulary.has_vector(word)
    }
    if not unknown:
        return take(test, model.words, model.matrix, search_limit=search_limit, method=method)
    words = [*sorted(known), *sorted(unknown)]
    result = take(test, words, model.lookup(words))
    in_asked = {word for number in result.asked.tolist() for word in questions[number]}
    return result._replace(unknown_words=len(unknown & in_asked))


def _score(result: Result) -> ModelScore:
    further = {name: _estimate(result, statistic) for name, statistic in result.further.items()}
    estimate = _estimate(result, result.statistic)
    reason = result.reason if len(result.asked) else "no question could be asked, as each has unknown words"
    return ModelScore(
        *estimate,
        len(result.asked),
        result.sections,
        further,
        reason if estimate.value is None else None,
        result.unknown_words,
        result.note,
    )


def _estimate(result: Result, statistic: Statistic) -> Estimate:
    low, high = interval(result.items, statistic) or (None, None)
    return Estimate(statistic(result.items), low, high)
