"""Losses: the curves of training runs, read from their records, as plain data that charts and pictures draw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from wordvec.text import printable

__all__ = [
    "LOSS",
    "MAX_RUNS",
    "SCORE",
    "WORDS",
    "EpochEnd",
    "LossCurve",
    "Point",
    "Series",
    "loss_curve",
    "loss_series",
    "score_series",
    "words_per_epoch",
]

Point = tuple[float, float]  # words seen, and a value

MIN_STRETCH = 1 / 200  # of the run: the mean loss of a few words says nothing
MAX_VALUE = 1e18  # a larger number is damage

MAX_RUNS = 6  # not everyone can distinguish more colors of thin lines
LOSS = "mean loss of a pair"
SCORE = "score: share right, or Spearman's rho"
WORDS = "words seen"
MAX_NAME_LETTERS = 30
SAME = 1e-3  # relative difference of lengths that are equal for the eye


class EpochEnd(NamedTuple):
    """What is known when an epoch ends."""

    epoch: int  # from 1
    words: int  # seen so far, over all epochs
    train: float | None  # mean loss of a pair over the epoch
    validation: float | None  # mean loss of a pair of the held-out text
    scores: dict[str, float]  # by test: a share in [0, 1], or rho in [-1, 1]


class LossCurve(NamedTuple):
    """The course of a training run."""

    train: list[Point]  # mean loss of a pair over one stretch after the other, at the middle of each
    epochs: list[EpochEnd]

    @property
    def validation(self) -> list[Point]:
        """The validation losses."""
        return [(end.words, end.validation) for end in self.epochs if end.validation is not None]

    @property
    def scores(self) -> dict[str, list[Point]]:
        """The scores in each test."""
        tests = dict.fromkeys(test for end in self.epochs for test in end.scores)
        return {
            test: [(end.words, end.scores[test]) for end in self.epochs if test in end.scores]
            for test in tests
        }

    @property
    def is_empty(self) -> bool:
        """True where there is nothing to draw."""
        return not (self.train or self.validation or self.scores)


def loss_curve(training: Iterable[Mapping[str, Any]]) -> LossCurve:
    """Read the losses and scores of a run from its records; values that are not finite numbers are left out.

    A record has the mean loss since its epoch began, so the loss of the stretch between two records is a
    difference of two means times their words. This assumes equally many pairs per word in both; with d % more
    pairs, the loss of the stretch is d % farther from the mean before it.

    Args:
        training: `vectors.training`, the lines of training.jsonl.

    >>> curve = loss_curve(
    ...     [
    ...         {"event": "report", "words": 50, "epoch_loss": 0.6},
    ...         {"event": "epoch", "words": 100, "epoch_loss": 0.5, "validation_loss": 0.45},
    ...     ]
    ... )
    >>> [(words, round(loss, 3)) for words, loss in curve.train], curve.validation
    ([(25.0, 0.6), (75.0, 0.4)], [(100, 0.45)])
    """
    records = [record for record in training if record.get("event") in ("report", "epoch")]
    max_words = max((_count(record.get("words")) or 0 for record in records), default=0)
    train: list[Point] = []
    epochs: list[EpochEnd] = []
    means: list[Point] = []  # words and mean loss since the epoch began, for each record in it
    epoch_began = last_words = 0
    for record in records:
        words, mean = _count(record.get("words")), _number(record.get("epoch_loss"))
        if words is None or words < last_words:
            continue
        last_words = words
        if mean is not None:
            means.append((words - epoch_began, mean))
        if record["event"] == "epoch":
            train += _stretches(means, epoch_began, max_words * MIN_STRETCH)
            epochs.append(_epoch_end(record, words, mean, len(epochs) + 1))
            epoch_began, means = words, []
    train += _stretches(means, epoch_began, max_words * MIN_STRETCH)
    return LossCurve(train, epochs)


def _stretches(means: Sequence[Point], epoch_began: int, shortest: float) -> list[Point]:
    """From means since the epoch began to those of its stretches."""
    kept: list[Point] = [(0, 0.0)]
    for words, mean in means[:-1]:
        if words - kept[-1][0] >= shortest:
            kept.append((words, mean))
    for end in means[-1:]:  # its stretch may be too short, and then includes the one before
        if len(kept) > 1 and end[0] - kept[-1][0] < shortest:
            kept.pop()
        kept.append(end)
    return [
        (epoch_began + (before + words) / 2, (words * mean - before * mean_before) / (words - before))
        for (before, mean_before), (words, mean) in pairwise(kept)
        if words > before
    ]


def _epoch_end(record: Mapping[str, Any], words: int, mean: float | None, place: int) -> EpochEnd:
    found = record.get("scores")
    scores = found if isinstance(found, Mapping) else {}
    values = {
        str(test): _number(score.get("value")) for test, score in scores.items() if isinstance(score, Mapping)
    }
    return EpochEnd(
        _count(record.get("epoch")) or place,
        words,
        mean,
        _number(record.get("validation_loss")),
        {test: value for test, value in values.items() if value is not None},
    )


def _number(value: Any) -> float | None:
    """The value, if it is a number that can be drawn; a file of records may hold anything."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) < MAX_VALUE else None  # which leaves NaN out, too


def _count(value: Any) -> int | None:
    number = _number(value)
    return None if number is None or number < 0 else int(number)


class Series(NamedTuple):
    """Points of one kind, from one run."""

    name: str  # as a legend shows it
    points: Sequence[Point]
    run: int  # which one, from 0
    kind: int  # of losses, 0 train and 1 validation; of scores, which test, from 0


def loss_series(curves: Mapping[str, LossCurve]) -> list[Series]:
    """The train and validation losses of each run, where it has them.

    >>> loss_series({"a.wv": LossCurve([(5, 0.5)], []), "b.wv": LossCurve([(5, 0.4)], [])})[1]
    Series(name='b.wv: train', points=[(5, 0.4)], run=1, kind=0)
    """
    return list(
        _series(
            {run: {"train": curve.train, "validation": curve.validation} for run, curve in curves.items()}
        )
    )


def score_series(curves: Mapping[str, LossCurve]) -> list[Series]:
    """The scores of each run in each test; a test has the same number in all runs."""
    return list(_series({run: curve.scores for run, curve in curves.items()}))


def words_per_epoch(curves: Mapping[str, LossCurve]) -> float | None:
    """How many words an epoch has, if all runs agree; else None.

    >>> from wordvec.visualization.losses import EpochEnd
    >>> ends = [EpochEnd(epoch, 40 * epoch, 0.5, None, {}) for epoch in (1, 2)]
    >>> words_per_epoch({"a.wv": LossCurve([], ends)})
    40.0
    """
    lengths = [curve.epochs[-1].words / curve.epochs[-1].epoch for curve in curves.values() if curve.epochs]
    is_same = len(lengths) == len(curves) and max(lengths) - min(lengths) <= SAME * max(lengths)
    return lengths[0] if is_same and lengths[0] else None


def _series(points: Mapping[str, Mapping[str, Sequence[Point]]]) -> Iterator[Series]:
    """From the points of each kind, of each run."""
    kinds = list(dict.fromkeys(kind for found in points.values() for kind in found))
    for run, (name, found) in enumerate(points.items()):
        for kind, places in found.items():
            if places:
                shown = _short(kind) if len(points) == 1 else f"{_short(name)}: {_short(kind)}"
                yield Series(shown, places, run, kinds.index(kind))


def _short(name: str) -> str:
    """Names of runs often differ in their last letters, so a long one is cut in its middle."""
    shown = printable(name)
    half = MAX_NAME_LETTERS // 2
    return shown if len(shown) <= MAX_NAME_LETTERS else f"{shown[: half - 1]}…{shown[-half:]}"
