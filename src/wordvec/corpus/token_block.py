"""Token block: a stretch of tokenized text as numbers, beside the few distinct words they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.encoded import TEXT_END

__all__ = ["TokenBlock"]


@dataclass(frozen=True, slots=True, eq=False)
class TokenBlock:
    """Successive tokens; a text that no `TEXT_END` closes goes on in the next block.

    >>> ids = np.array([0, 1, 0, TEXT_END, 1], dtype=np.int32)
    >>> list(TokenBlock(["spam", "eggs"], ids).stretches())
    [['spam', 'eggs', 'spam'], ['eggs']]
    """

    words: list[str]  # (W,)  distinct, in the order they are first seen
    ids: NDArray[np.int32]  # (P,)  places in words, and TEXT_END after each text
    bytes_read: int = 0  # of the files as they lie on disk, up to this block

    def stretches(self) -> Iterator[list[str]]:
        """The words of each text, or of the part of it that is in this block."""
        names = np.array([*self.words, None], dtype=object)
        start = 0
        for end in np.flatnonzero(self.ids == TEXT_END).tolist():
            yield names[self.ids[start:end]].tolist()
            start = end + 1
        if start < len(self.ids):
            yield names[self.ids[start:]].tolist()
