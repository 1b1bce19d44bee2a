"""Packed words: any words as two arrays of numbers, their UTF-8 bytes without gaps and where each ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["packed", "unpacked"]


def packed(words: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Pack V words into their bytes and (V,) ends.

    Raises:
        UnicodeEncodeError: a word is no valid text.

    >>> [array.tolist() for array in packed(["a", "", "é"])]
    [[97, 195, 169], [1, 1, 3]]
    """
    encoded = [word.encode() for word in words]
    return np.frombuffer(b"".join(encoded), np.uint8), np.cumsum([len(word) for word in encoded])


def unpacked(content: NDArray[np.uint8], ends: NDArray[np.int64]) -> list[str]:
    """Unpack them; what follows the last end is not looked at.

    Raises:
        ValueError: the ends do not rise, or are outside of the bytes, or something is no text.

    >>> unpacked(*packed(["a", "", "é"]))
    ['a', '', 'é']
    """
    starts = np.concatenate([[0], ends[:-1]])
    if (ends < starts).any() or ends[-1] > len(content):
        raise ValueError("the ends of its words do not follow each other")
    whole = content[: ends[-1]].tobytes()
    return [whole[start:end].decode() for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
