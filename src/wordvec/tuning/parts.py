"""Parts of tests: settings are chosen by one part of a test's questions, and reported on the other."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import EvaluationError
from wordvec.evaluation.analogies import Analogies
from wordvec.evaluation.kinds import MAX_WORDS, SCORES
from wordvec.evaluation.next_items import Sessions
from wordvec.evaluation.scores import (
    Difference,
    Estimate,
    Result,
    Statistic,
    interval,
    paired_difference,
    take_by_model,
)
from wordvec.evaluation.sentences import SentencePairs
from wordvec.evaluation.similarity import Judgments
from wordvec.evaluation.word_groups import Categories
from wordvec.evaluation.word_tests import WordTest
from wordvec.sampling.seeds import Purpose, generator
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["Answers", "OwnTest", "PartedTest", "Report", "TestFunction", "TuningTest", "in_parts", "reported"]

# Q questions of a part, m numbers that are known of each answer
Floats = NDArray[np.float64]

TestFunction: TypeAlias = Callable[[WordVectors], Any]  # a score, or one for each of its questions

NUM_PARTS = 2
MIN_QUESTIONS = 4  # two in each part
POPULARITY = "most frequent"  # in the name of the score that needs no vectors


class Answers(NamedTuple):
    """What is known of the answers to each question of a part, those that could not be asked among them."""

    items: Floats  # (Q, m + 1)  of which the last column says whether the question was asked, 1 or 0
    baseline: tuple[float | None, str] | None = None  # the score without vectors, and its name


class Report(NamedTuple):
    """A test's score with the best settings and with the defaults, on questions that chose nothing."""

    name: str  # of the test
    kind: str
    measure: str  # what the score is
    tuned: Estimate
    defaults: Estimate
    difference: Difference | None  # of the first from the second, on the same questions
    baseline: float | None  # the score of what needs no vectors, such as the most frequent items
    questions: int  # in the part that is reported
    is_held_out: bool  # False: the same answers have chosen the settings


class TuningTest(Protocol):
    """A test as a search sees it."""

    @property
    def name(self) -> str:
        """By which records name it."""

    @property
    def kind(self) -> str:
        """What it asks for."""

    @property
    def measure(self) -> str:
        """What its score is."""

    @property
    def is_held_out(self) -> bool:
        """Whether it reports other answers than those that choose."""

    def choose(self, vectors: WordVectors) -> float:
        """The score by which settings are chosen; the higher the better."""

    def report(self, vectors: WordVectors) -> Answers:
        """The answers that are reported of the settings that were chosen."""

    def score(self, items: Floats) -> float | None:
        """The score of answers."""


@dataclass(frozen=True)
class PartedTest:
    """A test in two parts of about the same size.

    A question whose words a model lacks counts as wrong: the score of those that could be asked is multiplied by their
    share. So no settings do well by leaving out rare words.
    """

    chooses: WordTest
    reports: WordTest
    statistic: Statistic  # from what is known of each answer to a score
    is_held_out: bool = True

    @property
    def name(self) -> str:
        """Of the test's file."""
        return self.reports.name

    @property
    def kind(self) -> str:
        """What it asks for."""
        return self.reports.kind

    @property
    def measure(self) -> str:
        """What the score is."""
        return SCORES[self.reports.kind]

    def choose(self, vectors: WordVectors) -> float:
        """The score on the part that chooses."""
        result = _taken(self.chooses, vectors)
        return (result.value or 0.0) * len(result.asked) / self.chooses.num_questions

    def report(self, vectors: WordVectors) -> Answers:
        """The answers on the other part."""
        result = _taken(self.reports, vectors)
        items = np.zeros((self.reports.num_questions, result.items.shape[1] + 1))
        items[result.asked, :-1] = result.items
        items[result.asked, -1] = 1.0
        baseline = next(
            (
                (statistic(result.items), name)
                for name, statistic in result.further.items()
                if POPULARITY in name
            ),
            None,
        )
        if baseline is not None and baseline[0] is not None:
            baseline = baseline[0] * float(items[:, -1].mean()), baseline[1]
        return Answers(items, baseline)

    def score(self, items: Floats) -> float | None:
        """The score of answers, times the share of questions that were asked."""
        asked = items[items[:, -1] > 0, :-1]
        value = self.statistic(asked) if len(asked) else None
        return 0.0 if value is None else value * len(asked) / len(items)


@dataclass(frozen=True)
class OwnTest:
    """A test that is a function of the caller's: of word vectors, to a score or to one for each question.

    Where it gives one number, that chooses and is reported; of several, half choose and half are reported.
    """

    function: TestFunction
    name: str
    seed: int
    kind: str = "own"
    measure: str = "own score"
    is_held_out: bool = True

    def choose(self, vectors: WordVectors) -> float:
        """The mean of the scores that choose."""
        scores = self._scores(vectors)
        return float(scores[_of_part(len(scores), 0, self.seed)].mean())

    def report(self, vectors: WordVectors) -> Answers:
        """The other scores, as items."""
        scores = self._scores(vectors)
        chosen = scores[_of_part(len(scores), 1, self.seed)]
        return Answers(np.stack([chosen, np.ones(len(chosen))], axis=1))

    def score(self, items: Floats) -> float | None:
        """The mean."""
        return float(items[:, 0].mean()) if len(items) else None

    def _scores(self, vectors: WordVectors) -> Floats:
        given = self.function(vectors)
        try:
            scores = np.atleast_1d(np.asarray(given, np.float64))
        except (TypeError, ValueError):
            scores = np.full(1, np.nan)
        if scores.ndim != 1 or not len(scores) or not np.isfinite(scores).all():
            raise EvaluationError(
                f"the test {self.name} must give a score, or a list with one for each question, all finite numbers, "
                f"got {given!r:.60}; the higher, the better"
            )
        return scores


def _of_part(num_scores: int, part: int, seed: int) -> NDArray[np.int64]:
    """The places of the scores of a part; a single one is in both."""
    if num_scores == 1:
        return np.zeros(1, np.int64)
    order = generator(seed, Purpose.TUNING_TESTS).permutation(num_scores)
    return np.sort(order[part::NUM_PARTS])


def _taken(test: WordTest, vectors: WordVectors) -> Result:
    return take_by_model(test, vectors, search_limit=MAX_WORDS, method="add")


def in_parts(test: WordTest, known: WordVectors, seed: int) -> PartedTest:
    """Divide the questions of a test that the text has the words for.

    Questions go to a part by chance. Those that share what is asked for go together: of analogies, the pair of c and d.

    Args:
        test: the test.
        known: all words of the text, with any vectors: what can be asked at all.
        seed: of the draw.

    Raises:
        EvaluationError: fewer than four questions can be asked.

    >>> test = WordTest("small", Judgments([("a", str(n)) for n in range(8)], list(range(8))))
    >>> known = WordVectors(["a", *map(str, range(8))], np.eye(9))
    >>> parts = in_parts(test, known, seed=1)
    >>> parts.chooses.num_questions, parts.reports.num_questions
    (4, 4)
    """
    result = _taken(test, known)
    asked = result.asked
    keys = _keys(test, asked)
    distinct = sorted(set(keys))
    if len(asked) < MIN_QUESTIONS or len(distinct) < NUM_PARTS:
        raise EvaluationError(
            f"{test.name}: the text has the words of {len(asked):,} of {test.num_questions:,} questions, and it takes "
            f"{MIN_QUESTIONS} to choose settings by some and report them on others; give another test, or more text"
        )
    salt = zlib.crc32(test.name.encode())
    order = np.random.default_rng([seed, Purpose.TUNING_TESTS, salt]).permutation(len(distinct))
    part_of = {distinct[place]: turn % NUM_PARTS for turn, place in enumerate(order.tolist())}
    parts = np.array([part_of[key] for key in keys])
    chooses, reports = (_some(test, asked[parts == part]) for part in range(NUM_PARTS))
    return PartedTest(chooses, reports, result.statistic)


def _keys(test: WordTest, asked: NDArray[np.int64]) -> list[tuple[str, ...]]:
    """What each question asks for; those with the same key go to the same part."""
    questions = test.questions
    if isinstance(questions, Analogies):
        return [(questions.sections[number], *questions.questions[number][2:]) for number in asked.tolist()]
    if isinstance(questions, Judgments):
        return [tuple(sorted(questions.pairs[number])) for number in asked.tolist()]
    if isinstance(questions, Categories):
        return [(questions.words[number],) for number in asked.tolist()]
    if isinstance(questions, SentencePairs):
        return [tuple(sorted(questions.pairs[number])) for number in asked.tolist()]
    return [(f"{number:09}",) for number in asked.tolist()]


def _some(test: WordTest, numbers: NDArray[np.int64]) -> WordTest:
    """The same test with some of its questions."""
    questions, rows = test.questions, numbers.tolist()

    def of(values: Sequence[Any]) -> list[Any]:
        return [values[row] for row in rows]

    if isinstance(questions, Analogies):
        answers = None if questions.answers is None else of(questions.answers)
        return WordTest(test.name, Analogies(of(questions.questions), of(questions.sections), answers))
    if isinstance(questions, Judgments):
        return WordTest(test.name, Judgments(of(questions.pairs), of(questions.scores)))
    if isinstance(questions, Categories):
        return WordTest(test.name, Categories(of(questions.words), of(questions.categories)))
    if isinstance(questions, SentencePairs):
        return WordTest(test.name, SentencePairs(of(questions.pairs), of(questions.scores)))
    if isinstance(questions, Sessions):
        return WordTest(test.name, Sessions(of(questions.sessions)))
    raise EvaluationError(
        f"{test.name} is a test of {test.kind}, whose questions cannot be divided; give analogies, similarity, "
        "categories, sentences or sessions"
    )


def reported(test: TuningTest, tuned: Answers, defaults: Answers) -> Report:
    """Both scores with their intervals, and their difference, on the part that is reported.

    >>> test = OwnTest(lambda vectors: [1.0, 0.0, 1.0, 1.0], "small", seed=1)
    >>> answers = test.report(WordVectors(["a"], [[1.0]]))
    >>> report = reported(test, answers, answers)
    >>> report.questions, report.difference.value, report.is_held_out
    (2, 0.0, True)
    """
    items, before = tuned.items, defaults.items
    baseline = tuned.baseline or (None, "")
    return Report(
        test.name,
        test.kind,
        test.measure,
        _estimate(test, items),
        _estimate(test, before),
        paired_difference(items, before, test.score) if len(items) == len(before) else None,
        baseline[0],
        len(items),
        test.is_held_out and len(items) > 1,
    )


def _estimate(test: TuningTest, items: Floats) -> Estimate:
    low, high = interval(items, test.score) or (None, None)
    return Estimate(test.score(items), low, high)
