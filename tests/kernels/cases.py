"""Awkward windows: each one shows a mistake that some word2vec trainer has made."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CASES", "Case"]


@dataclass(frozen=True)
class Case:
    """One window of one text; the center is a place in the sentence, the rest are word ids."""

    name: str
    vocabulary_size: int
    dim: int
    sentence: tuple[int, ...]
    center: int
    negatives: tuple[int, ...]
    scale: float = 1.0  # of the vectors: large ones give large scores
    learning_rate: float = 0.05

    @property
    def contexts(self) -> tuple[int, ...]:
        """The words around the center."""
        return self.sentence[: self.center] + self.sentence[self.center + 1 :]


CASES = [
    Case("ids differ from places", 7, 5, (5, 2, 6), 1, (4, 0, 1)),
    Case("word 0 is the center", 7, 5, (5, 0, 6), 1, (4, 2, 1)),
    Case("a context word twice", 7, 5, (5, 2, 6, 5, 3), 2, (4, 1, 0)),
    Case("a context word four times in one tile", 7, 5, (5, 5, 6, 5, 5), 2, (4, 1, 0)),
    Case("the center among its contexts", 7, 5, (2, 2, 6, 2), 1, (4, 0, 1)),
    Case("a negative drawn twice", 7, 5, (5, 2, 6), 1, (4, 4, 1)),
    Case("a negative that is a context", 7, 5, (5, 2, 6), 1, (5, 6, 1)),
    Case("all negatives the same", 7, 5, (5, 2, 6, 1), 2, (0,) * 3),
    Case("one context, at the left edge", 7, 5, (3, 6), 0, (4, 0, 1)),
    Case("one negative", 7, 5, (3, 6, 1), 1, (0,)),
    Case("one dimension", 7, 1, (3, 6, 1), 1, (0, 5, 4)),
    Case("two words in all", 2, 3, (0, 1, 0), 1, (0, 0, 0)),
    Case("exactly one vector wide", 7, 16, (3, 6, 1), 1, (0, 5, 4)),
    Case("one more than a vector", 7, 17, (3, 6, 1), 1, (0, 5, 4)),
    Case("an even number of vectors", 7, 32, (3, 6, 1), 1, (0, 5, 4)),
    Case("every size of tile", 12, 33, (3, 6, 1, 11, 8, 7, 9, 10), 4, (0, 5, 2, 4, 1)),
    Case("two tiles of targets", 9, 37, (3, 6, 1, 2), 2, (0, 5, 7, 8, 4, 3, 2, 7, 6, 0, 5, 8, 7)),
    Case("five tiles of targets, repeats", 9, 20, (3, 6, 3, 2, 3, 1), 1, tuple([0, 5, 7, 8, 4, 3, 2] * 7)),
    Case("a very wide window", 40, 24, tuple(range(39)), 17, (39, 3, 39)),
    Case("scores near 100", 7, 5, (5, 2, 6), 1, (4, 0, 1), scale=7.0, learning_rate=1e-3),
    Case("scores of 0", 7, 5, (5, 2, 6), 1, (4, 0, 1), scale=0.0),
]
