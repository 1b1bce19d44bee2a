"""Encoded corpus: the text as a file of word ids, read back in windows that cost no lasting memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.id_reader import LARGEST_ID, IdReader

__all__ = ["GAP", "TEXT_END", "EncodedCorpus"]

TEXT_END = -1
GAP = -2  # the place of a word outside of the vocabulary, where windows count it

_DIGEST_POSITIONS = 2**18  # read at a time


@dataclass(frozen=True)
class EncodedCorpus:
    """A file of int32: the ids of each text in order, words and gaps, then `TEXT_END`; each text has a word.

    The file stays open as long as the corpus is used, so that it does no harm if somebody removes it.

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
    max_id: int = LARGEST_ID  # of a word in it
    _reader: IdReader = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_reader", IdReader(self.path, min_id=GAP, max_id=self.max_id))

    def read(self, start: int, stop: int) -> NDArray[np.int32]:
        """The positions [start, stop), read-only, with no other ids than were written.

        Raises:
            CorpusError: the file has become shorter, cannot be read, or has been overwritten.
        """
        return self._reader.read(start, stop)

    def digest(self) -> str:
        """SHA-256 of the ids, in hexadecimal digits: whether two corpora are the same, id for id.

        Raises:
            CorpusError: see `read`.
        """
        found = hashlib.sha256()
        for start in range(0, self.num_positions, _DIGEST_POSITIONS):
            found.update(self.read(start, min(start + _DIGEST_POSITIONS, self.num_positions)).data)
        return found.hexdigest()
