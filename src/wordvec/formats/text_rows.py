"""Rows of text, "word number number ...": what word2vec's text files and GloVe's have in common."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np

from wordvec.errors import FormatError
from wordvec.formats.files import reason_of
from wordvec.formats.foreign_words import encode_words, not_utf8, vectors_of_distinct_words
from wordvec.formats.header import Header
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["read_rows", "write_rows"]

NUMBERS_PER_BLOCK = 400_000


@np.errstate(over="ignore")  # what becomes infinity is refused with its word
def read_rows(path: Path, stream: BinaryIO, header: Header, first_line: int) -> WordVectors:
    """Read the promised rows; the last D fields are the numbers, so a word may have spaces in it.

    Args:
        path: the file, to name it.
        stream: stands at the first row.
        header: how many words and dimensions there are.
        first_line: the number of the first row's line, for messages.

    Raises:
        FormatError: there are fewer rows, or more, or one has something else in it.
    """
    words: list[str] = []
    matrix = np.empty((header.num_words, header.dim), dtype=np.float32)
    for row in range(header.num_words):
        line = stream.readline()
        place = f"line {first_line + row}"
        if not line:
            raise FormatError(
                f"{path} is cut short: it ends before {place}, with {row:,} of {header.num_words:,} words; "
                "get the file again"
            )
        word, *numbers = line.rstrip().rsplit(b" ", header.dim)
        if len(numbers) < header.dim:
            raise FormatError(
                f"{path}, {place}: expected a word and {header.dim} numbers with single spaces between them, "
                f"got {len(numbers)} numbers; the file is damaged or cut short"
            )
        try:
            words.append(word.decode())
            matrix[row] = numbers
        except UnicodeDecodeError as problem:
            raise not_utf8(path, place, word) from problem
        except ValueError as problem:
            raise FormatError(f"{path}, {place}: {reason_of(problem)}; the file is damaged") from problem
    if stream.read(NUMBERS_PER_BLOCK).strip():
        raise FormatError(
            f"{path} goes on after its {header.num_words:,} words x {header.dim}; "
            "its first line does not fit the rest"
        )
    return vectors_of_distinct_words(path, words, matrix)


def write_rows(path: Path, stream: BinaryIO, vectors: WordVectors) -> None:
    """Write a line for each word, each number in the fewest digits that read back as the same float32."""
    import pyarrow as pa
    import pyarrow.compute as pc

    words = encode_words(vectors.words, path)
    rows_per_block = max(1, NUMBERS_PER_BLOCK // vectors.dim)
    for start in range(0, len(words), rows_per_block):
        block = vectors.matrix[start : start + rows_per_block]  # (rows, D)
        numbers = pa.array(block.ravel()).cast(pa.string()).cast(pa.binary())
        row_starts = pa.array(np.arange(0, block.size + 1, vectors.dim, dtype=np.int32))
        joined = pc.binary_join(pa.ListArray.from_arrays(row_starts, numbers), b" ")
        for word, line in zip(words[start : start + rows_per_block], joined.to_pylist(), strict=True):
            stream.write(b"%b %b\n" % (word, line))
