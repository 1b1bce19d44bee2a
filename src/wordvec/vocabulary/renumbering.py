"""Renumbering: final ids in place of provisional ones, in the same file; the text only becomes shorter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.encoded import TEXT_END, EncodedCorpus
from wordvec.corpus.id_file import open_to_rewrite
from wordvec.corpus.id_reader import IdReader
from wordvec.vocabulary.text_writer import TextWriter

__all__ = ["DROPPED", "renumber"]

DROPPED = -3  # the final id of a word that leaves no trace
_WINDOW_POSITIONS = 2**20


def renumber(
    path: Path,
    num_positions: int,  # provisional ids in the file
    final_ids: NDArray[np.int32],  # (W + 1,)  by provisional id; the last place is for TEXT_END, which is -1
    report: Callable[[int, int], None],
) -> EncodedCorpus:
    """Rewrite a file of provisional ids, window by window; `report` is told the bytes done, and those in all.

    Dropped words are left out, and so are texts in which no word is left.

    Raises:
        CorpusError: the file is not there any more, has become shorter or been overwritten, or cannot be read or
            written.

    >>> from tempfile import TemporaryDirectory
    >>> from wordvec.corpus.encoded import GAP, TEXT_END
    >>> final_ids = np.array([DROPPED, 0, GAP, TEXT_END], dtype=np.int32)
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "corpus.int32")
    ...     np.array([0, -1, 2, 1, 0, -1, 2, -1], dtype=np.int32).tofile(path)
    ...     corpus = renumber(path, 8, final_ids, lambda bytes_done, bytes_total: None)
    ...     corpus.read(0, corpus.num_positions).tolist()
    [-2, 0, -1]
    """
    old = IdReader(path, min_id=TEXT_END, max_id=len(final_ids) - 2)
    with open_to_rewrite(path) as new:
        writer = TextWriter(new)
        for start in range(0, num_positions, _WINDOW_POSITIONS):
            stop = min(start + _WINDOW_POSITIONS, num_positions)
            ids = final_ids[old.read(start, stop)]
            writer.add(ids[ids != DROPPED])
            report(4 * stop, 4 * num_positions)
        new.truncate()
    return writer.corpus()
