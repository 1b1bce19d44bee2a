"""Counting: every word of the corpus gets a provisional number by first sight, and a count."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.encoded import TEXT_END
from wordvec.corpus.token_block import TokenBlock

__all__ = ["WordCounter"]


class WordCounter:
    """All words seen so far, and how often.

    >>> counter = WordCounter()
    >>> counter.add(TokenBlock(["b", "a"], np.array([0, 1, 0, TEXT_END], dtype=np.int32))).tolist()
    [0, 1, 0, -1]
    >>> counter.add(TokenBlock(["c", "a"], np.array([0, 1, TEXT_END], dtype=np.int32))).tolist()
    [2, 1, -1]
    >>> counter.words(), counter.counts().tolist()
    (['b', 'a', 'c'], [2, 2, 1])
    """

    def __init__(self) -> None:
        self._numbers = _Numbers()
        self._counts = np.zeros(1024, dtype=np.int64)
        self.num_words = 0

    def add(self, block: TokenBlock) -> NDArray[np.int32]:
        """Count a block's words, and give the block in provisional numbers."""
        num_distinct = len(block.words)
        numbers = np.full(num_distinct + 1, TEXT_END, dtype=np.int32)  # the last one is for TEXT_END, -1
        numbers[:-1] = np.fromiter(map(self._numbers.__getitem__, block.words), np.int32, num_distinct)
        if len(self._numbers) > len(self._counts):
            self._counts = np.pad(self._counts, (0, 2 * len(self._numbers) - len(self._counts)))
        self._counts[numbers[:-1]] += np.bincount(block.ids + 1, minlength=num_distinct + 1)[1:]
        self.num_words += int(np.count_nonzero(block.ids != TEXT_END))
        return numbers[block.ids]

    @property
    def num_distinct_words(self) -> int:
        """How many words `words` holds."""
        return len(self._numbers)

    def words(self) -> list[str]:
        """The distinct words, (W,), in the order they were first seen."""
        return list(self._numbers)

    def counts(self) -> NDArray[np.int64]:
        """How often each was seen, (W,)."""
        return self._counts[: len(self._numbers)]


class _Numbers(dict[str, int]):
    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        return number
