"""Encoded corpus: the text as a file of word ids, read back in windows that cost no lasting memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["GAP", "TEXT_END", "EncodedCorpus"]

TEXT_END = -1
GAP = -2  # the place of a word outside of the vocabulary, where windows count it

_DIGEST_BYTES = 2**20  # read at a time


@dataclass(frozen=True)
class EncodedCorpus:
    """A file of int32: the ids of each text in order, words and gaps, then `TEXT_END`; each text has a word.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "corpus.int32")
    ...     np.array([4, 2, 4, TEXT_END, 7, TEXT_END], dtype=np.int32).tofile(path)
    ...     corpus = EncodedCorpus(path, num_positions=6, num_words=4, num_texts=2)
    ...     corpus.read(2, 5).tolist()
    [4, -1, 7]
    """

    path: Path
    num_positions: int  # ids in the file: num_words + num_texts + num_gaps
    num_words: int
    num_texts: int
    num_gaps: int = 0

    def read(self, start: int, stop: int) -> NDArray[np.int32]:
        """The positions [start, stop), read-only: mapped from the file for as long as the array lives.

        Pages that were touched count as memory of the process until then, so hold a window only briefly.
        """
        if start == stop:
            return np.empty(0, dtype=np.int32)
        ids_bytes = np.dtype(np.int32).itemsize
        window = np.memmap(
            self.path, dtype=np.int32, mode="r", offset=start * ids_bytes, shape=(stop - start,)
        )
        return window.view(np.ndarray)

    def digest(self) -> str:
        """SHA-256 of the file, in hexadecimal digits: whether two corpora are the same, id for id."""
        found = hashlib.sha256()
        with self.path.open("rb") as file:
            while piece := file.read(_DIGEST_BYTES):
                found.update(piece)
        return found.hexdigest()
