"""Text writer: texts of ids, appended to an id file; those in which there is no word are left out."""

from __future__ import annotations

from io import FileIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.encoded import GAP, TEXT_END, EncodedCorpus
from wordvec.corpus.id_file import append_ids

__all__ = ["TextWriter"]

_GAPS_AT_ONCE = 2**20


class TextWriter:
    """Writes texts that come in pieces, cut anywhere, and counts what it has written.

    >>> from tempfile import TemporaryDirectory
    >>> from wordvec.corpus.id_file import create_id_file
    >>> with TemporaryDirectory() as folder, create_id_file(Path(folder)) as file:
    ...     writer = TextWriter(file)
    ...     writer.add(np.array([TEXT_END, GAP, GAP], dtype=np.int32))
    ...     writer.add(np.array([7, TEXT_END, GAP, TEXT_END, 5, TEXT_END], dtype=np.int32))
    ...     corpus = writer.corpus()
    ...     corpus.read(0, corpus.num_positions).tolist()
    [-2, -2, 7, -1, 5, -1]
    """

    def __init__(self, file: FileIO):
        self._file = file
        self._num_words = self._num_texts = self._num_gaps = 0
        self._max_id = 0
        self._is_worded = False  # the text that is open has a word
        self._gaps_ahead = 0  # of the text that is open, unwritten as long as it has no word

    def add(self, ids: NDArray[np.int32], *, share_done: float | None = None) -> None:
        """Write the next piece; `share_done`, in (0, 1], is how much of all has come with it, if known.

        Raises:
            CorpusError: the disk is full, or writing fails.
        """
        ends = np.flatnonzero(ids == TEXT_END)
        # (T + 1,)  the borders of T parts: the rest of the open text, whole ones, the (maybe empty) begin of another
        borders = np.concatenate([[0], ends + 1, [len(ids)]])
        num_words_before = np.concatenate([[0], np.cumsum(ids >= 0)])  # (P + 1,)
        is_worded = np.diff(num_words_before[borders]) > 0  # (T,)
        is_worded[0] |= self._is_worded
        if is_worded[0]:
            self._write_gaps_ahead(share_done)
        elif len(ends):
            self._gaps_ahead = 0
        if not is_worded[-1]:
            self._gaps_ahead += int(borders[-1] - borders[-2])
        self._is_worded = bool(is_worded[-1])
        self._write(ids[np.repeat(is_worded, np.diff(borders))] if not is_worded.all() else ids, share_done)

    def corpus(self) -> EncodedCorpus:
        """What has been written, from the begin of the file on."""
        num_positions = self._num_words + self._num_texts + self._num_gaps
        path = Path(self._file.name)
        return EncodedCorpus(
            path, num_positions, self._num_words, self._num_texts, self._num_gaps, self._max_id
        )

    def _write_gaps_ahead(self, share_done: float | None) -> None:
        while self._gaps_ahead:
            num_gaps = min(self._gaps_ahead, _GAPS_AT_ONCE)
            self._write(np.full(num_gaps, GAP, dtype=np.int32), share_done)
            self._gaps_ahead -= num_gaps

    def _write(self, ids: NDArray[np.int32], share_done: float | None) -> None:
        append_ids(self._file, ids, share_done=share_done)
        num_texts = int(np.count_nonzero(ids == TEXT_END))
        num_gaps = int(np.count_nonzero(ids == GAP))
        self._num_words += len(ids) - num_texts - num_gaps
        self._num_texts += num_texts
        self._num_gaps += num_gaps
        self._max_id = max(self._max_id, int(ids.max(initial=0)))
