"""Loss series: the lines of a plot of losses, and those of a plot of scores, of one run or of several."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from wordvec.visualization.glyphs import printable
from wordvec.visualization.losses import LossCurve, Point

__all__ = ["LOSS", "MOST_RUNS", "SCORE", "WORDS", "Series", "loss_series", "score_series", "words_per_epoch"]

MOST_RUNS = 6  # more colours of thin lines cannot be told apart by everyone
LOSS = "mean loss of a pair"
SCORE = "score: share right, or Spearman's rho"
WORDS = "words seen"
LONGEST_NAME = 30  # letters
SAME = 1e-3  # relative difference of lengths that are equal for the eye


class Series(NamedTuple):
    """Points of one kind, from one run."""

    name: str  # as a legend shows it
    points: Sequence[Point]
    run: int  # which one, from 0
    kind: int  # of losses, 0 train and 1 validation; of scores, which test, from 0


def loss_series(curves: Mapping[str, LossCurve]) -> list[Series]:
    """The train and validation losses of each run, as far as there are any.

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
    """How many words an epoch has, if that is known and the same in all runs.

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
    shown = printable(name, longest=sys.maxsize)
    half = LONGEST_NAME // 2
    return shown if len(shown) <= LONGEST_NAME else f"{shown[: half - 1]}…{shown[-half:]}"
