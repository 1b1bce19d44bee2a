"""Answers: rows of the matrix that were found, as words again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from wordvec.vectors.best import NOBODY, TopK

__all__ = ["Neighbor", "named", "named_all"]


class Neighbor(NamedTuple):
    """A word and its cosine with what was asked for; compares equal to a plain tuple."""

    word: str
    similarity: float  # in [-1, 1]


def named(words: Sequence[str], rows: Iterable[int], cosines: Iterable[float]) -> list[Neighbor]:
    """Name the rows that were found for one query; those that stand for nobody are left out.

    >>> named(["paris", "rome"], [1, -1], [0.5, float("-inf")])
    [Neighbor(word='rome', similarity=0.5)]
    """
    return [Neighbor(words[row], cosine) for row, cosine in zip(rows, cosines, strict=True) if row != NOBODY]


def named_all(words: Sequence[str], found: TopK) -> list[list[Neighbor]]:
    """Name the rows that were found for each query."""
    return [
        named(words, rows, cosines)
        for rows, cosines in zip(found.ids.tolist(), found.scores.tolist(), strict=True)
    ]
