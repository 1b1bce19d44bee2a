"""Known words: which questions of a test can be asked of a vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["known_rows", "row_lookup"]


def known_rows(
    questions: Sequence[tuple[str, ...]],  # (Q,)  of n words each
    words: Sequence[str],  # (V,)
    n: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The numbers of the questions whose words are all known, (A,), and the words' rows, (A, n).

    A word that is not known as it is written is looked up in lower case: many tests write names with capitals, many
    vocabularies do not.

    >>> known_rows([("Rome", "cat"), ("cat", "dog")], ["cat", "rome"], 2)
    (array([0]), array([[1, 0]]))
    """
    row_of = row_lookup(words)
    numbers, rows = [], []
    for number, question in enumerate(questions):
        found = [row_of(word) for word in question]
        if min(found) >= 0:
            numbers.append(number)
            rows.append(found)
    return np.array(numbers, np.int64), np.array(rows, np.int64).reshape(-1, n)


def row_lookup(words: Sequence[str]) -> Callable[[str], int]:
    """A function that finds a word's row, -1 for none, as it is written or in lower case.

    >>> row_lookup(["rome", "US"])("Rome")
    0
    """
    row_of = {word: row for row, word in enumerate(words)}

    def find(word: str) -> int:
        row = row_of.get(word)
        return row_of.get(word.lower(), -1) if row is None else row

    return find
