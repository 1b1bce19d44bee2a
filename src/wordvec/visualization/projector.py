"""Projector: words and vectors as the two files that TensorFlow's Embedding Projector loads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from wordvec.visualization.glyphs import printable

__all__ = ["METADATA", "TENSORS", "write_projector"]

TENSORS, METADATA = "tensors.tsv", "metadata.tsv"
LONGEST = 1_000  # letters of a word


def write_projector(
    words: Sequence[str],
    matrix: NDArray[np.float32],
    folder: Path,
    *,
    counts: NDArray[np.int64] | None = None,
) -> None:
    r"""Write `tensors.tsv`, a vector a line, and `metadata.tsv`, a word a line, for https://projector.tensorflow.org.

    As its guide says, metadata have a first line with names where there are several columns, and none where words
    stand alone. What would end a line or a column is written as an escape.

    Args:
        words: N words.
        matrix: (N, D) their vectors; numbers are written so that they read back exactly.
        folder: an existing one.
        counts: (N,) how often each word occurs: a second column.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     write_projector(["a", "b"], np.array([[1, 0.1], [0, 2]], dtype=np.float32), Path(name))
    ...     (Path(name) / TENSORS).read_text(), (Path(name) / METADATA).read_text()
    ('1\t0.1\n0\t2\n', 'a\nb\n')
    """
    columns = [pa.array(np.ascontiguousarray(column)) for column in matrix.T]
    table = pa.table(columns, names=[str(number) for number in range(len(columns))])
    pyarrow.csv.write_csv(
        table, folder / TENSORS, pyarrow.csv.WriteOptions(include_header=False, delimiter="\t")
    )
    lines = [_label(word) for word in words]
    if counts is not None:
        lines = [
            "word\tcount",
            *(f"{label}\t{count}" for label, count in zip(lines, counts.tolist(), strict=True)),
        ]
    (folder / METADATA).write_bytes("".join(f"{line}\n" for line in lines).encode())


def _label(word: str) -> str:
    """A word as it can stand in a line; the projector skips empty lines, and all after one would have wrong labels."""
    return printable(word, LONGEST) if word.strip() else repr(word)
