"""Neighbors: rows that were found, and their cosines, become words."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.vectors.top_k import TopK
from wordvec.vocabulary.vocabulary import NO_ID

__all__ = ["Neighbor", "named", "named_all"]

MANY = 1000  # answers to a query


class Neighbor(NamedTuple):
    """A word and its cosine with what was asked for; compares equal to a plain tuple."""

    word: str
    similarity: float  # in [-1, 1]


_NEIGHBOR = partial(tuple.__new__, Neighbor)  # without a call of Python for each of ten thousand answers


def named(words: Sequence[str], rows: Iterable[int], cosines: Iterable[float]) -> list[Neighbor]:
    """Name the rows that were found for one query; places without a row (NO_ID) are left out.

    >>> named(["paris", "rome"], [1, -1], [0.5, float("-inf")])
    [Neighbor(word='rome', similarity=0.5)]
    """
    return [
        _NEIGHBOR((words[row], cosine)) for row, cosine in zip(rows, cosines, strict=True) if row != NO_ID
    ]


def named_all(words: Sequence[str], found: TopK) -> list[list[Neighbor]]:
    """Name the rows that were found for each query."""
    if found.ids.shape[1] >= MANY:
        return [_many_named(words, *one) for one in zip(found.ids, found.scores, strict=True)]
    return [
        named(words, rows, cosines)
        for rows, cosines in zip(found.ids.tolist(), found.scores.tolist(), strict=True)
    ]


def _many_named(
    words: Sequence[str], rows: NDArray[np.int64], cosines: NDArray[np.float32]
) -> list[Neighbor]:
    """The same as `named`, without a step of Python for each of thousands of answers."""
    is_found = rows != NO_ID
    rows, cosines = rows[is_found], cosines[is_found]
    if len(rows) < 2:  # of one index, itemgetter would make no tuple
        return named(words, rows.tolist(), cosines.tolist())
    with _garbage_collection_paused():
        return list(map(_NEIGHBOR, zip(itemgetter(*rows.tolist())(words), cosines.tolist(), strict=True)))


@contextmanager
def _garbage_collection_paused() -> Iterator[None]:
    """Make thousands of tuples without Python looking for garbage among them after every few hundred.

    Threads that come at once leave it as they found it: whoever found it on turns it on again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
