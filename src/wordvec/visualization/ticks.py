"""Ticks: the round numbers on an axis, and how they are written."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Range", "counts_as_text", "numbers_as_text", "range_of", "ticks"]

ROUND = (1, 2, 5, 10)  # times a power of ten: steps that people count in
SMALLEST_RANGE = 1e-8  # beside the size of the values: a smaller one shows rounding errors
SMALLEST = 1e-12  # beside zero
UNITS = ((1e9, 1e9, "B"), (1e6, 1e6, "M"), (1e4, 1e3, "k"))  # from this count on, the unit, its letter


class Range(NamedTuple):
    """What an axis shows, from its low to its high end."""

    low: float
    high: float

    def share(self, value: float) -> float:
        """Where a value lies, from 0 at the low end to 1 at the high end."""
        return (value - self.low) / (self.high - self.low)


def range_of(values: Iterable[float]) -> Range:
    """The range that all values, one at least, are in; of one value alone, a little on both sides.

    >>> range_of([3.0, 1.0]), range_of([2.0])
    (Range(low=1.0, high=3.0), Range(low=1.9, high=2.1))
    """
    shown = list(values)
    low, high = min(shown), max(shown)
    size = max(abs(low), abs(high))
    if high - low > size * SMALLEST_RANGE and size > SMALLEST:
        return Range(low, high)
    room = size / 20 if size > SMALLEST else 1.0
    return Range(low - room, high + room)


def ticks(shown: Range, most: int) -> list[float]:
    """Choose round numbers in a range, at equal distances, `most` at most and as many as can be; none if none is in it.

    >>> ticks(Range(0.353, 0.487), 5)
    [0.4, 0.45]
    """
    power = math.floor(math.log10((shown.high - shown.low) / most))
    for factor in ROUND:
        step = factor * 10.0**power
        first, last = math.ceil(shown.low / step - 1e-9), math.floor(shown.high / step + 1e-9)
        if last - first < most:
            break
    return [float(f"{number * step:.12g}") for number in range(first, last + 1)]


def numbers_as_text(values: Iterable[float]) -> list[str]:
    """Write numbers with equally many digits after the point, as few as tell them apart.

    >>> numbers_as_text([0.5, 0.75, 1.0])
    ['0.50', '0.75', '1.00']
    """
    exact = [f"{value:.12g}" for value in values]
    if any("e" in text for text in exact):  # far too small or too large to be written out
        return exact
    digits = max((len(text.partition(".")[2]) for text in exact), default=0)
    return [f"{float(text):,.{digits}f}" for text in exact]


def counts_as_text(values: Iterable[float]) -> list[str]:
    """Write large counts in thousands (k), millions (M) or billions (B), all in the same.

    >>> counts_as_text([0, 500_000, 1_000_000]), counts_as_text([500, 1000])
    (['0', '0.5M', '1M'], ['500', '1,000'])
    """
    shown = list(values)
    most = max(shown, default=0.0)
    unit, letter = next(((unit, letter) for least, unit, letter in UNITS if most >= least), (1.0, ""))
    return [f"{value / unit:,.12g}{letter}" if value else "0" for value in shown]
