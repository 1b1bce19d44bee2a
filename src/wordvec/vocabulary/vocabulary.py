"""Vocabulary: the words that are kept, how often each occurs, and its number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import UnknownWordError

__all__ = ["Vocabulary"]


@dataclass(frozen=True, eq=False, repr=False)
class Vocabulary:
    """V words, by descending count; words of equal count in the order of their code points.

    The id of a word is its place in `words`.

    >>> vocabulary = Vocabulary(["the", "of", "anarchism"], np.array([9, 4, 4]))
    >>> len(vocabulary), "of" in vocabulary, vocabulary.id_of("of"), vocabulary.counts.tolist()
    (3, True, 1, [9, 4, 4])
    """

    words: list[str]  # (V,)
    counts: NDArray[np.int64]  # (V,)

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._ids

    def __repr__(self) -> str:
        return f"Vocabulary of {len(self):,} words, {self.counts.sum():,} in all"

    def id_of(self, word: str) -> int:
        """The number of a word.

        Raises:
            UnknownWordError: the vocabulary does not hold the word.
        """
        try:
            return self._ids[word]
        except KeyError:
            raise UnknownWordError(
                f"{word!r} is not among the {len(self):,} words of the vocabulary"
            ) from None

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}
