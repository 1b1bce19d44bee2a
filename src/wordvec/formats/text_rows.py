"""Rows of text, "word number number ...": what word2vec's text files and GloVe's have in common."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import FormatError
from wordvec.formats.files import reason_of
from wordvec.formats.foreign_words import encode_words, not_utf8, vectors_of_distinct_words
from wordvec.formats.header import Header, num_rows
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["read_rows", "write_rows"]

# R rows of a block, D dimensions
NUMBERS_PER_BLOCK = 400_000
LINES_PER_BLOCK = 4096


def read_rows(
    path: Path, stream: BinaryIO, header: Header, first_line: int, limit: int | None = None
) -> WordVectors:
    """Read the promised rows; the last D fields are the numbers, so a word may have spaces in it.

    Args:
        path: the file, to name it.
        stream: stands at the first row.
        header: how many words and dimensions there are.
        first_line: the number of the first row's line, for messages.
        limit: read so many rows at most, and nothing of what follows.

    Raises:
        FormatError: there are fewer rows, or more, or one has something else in it.
    """
    words: list[str] = []
    matrix = np.empty((num_rows(header, limit), header.dim), dtype=np.float32)
    most_lines = max(1, min(LINES_PER_BLOCK, NUMBERS_PER_BLOCK // header.dim))
    while len(words) < len(matrix):
        lines = list(islice(stream, min(most_lines, len(matrix) - len(words))))
        place = first_line + len(words)
        if not lines:
            raise FormatError(
                f"{path} is cut short: it ends before line {place}, with {len(words):,} of "
                f"{header.num_words:,} words; get the file again"
            )
        rows = matrix[len(words) : len(words) + len(lines)]
        words += _read_block(lines, rows) or _read_lines(path, lines, rows, place)
    if len(matrix) == header.num_words and stream.read(NUMBERS_PER_BLOCK).strip():
        raise FormatError(
            f"{path} goes on after its {header.num_words:,} words x {header.dim}; "
            "its first line does not fit the rest"
        )
    return vectors_of_distinct_words(path, words, matrix)


@np.errstate(over="ignore")  # what becomes infinity is refused with its word
def _read_block(lines: list[bytes], rows: NDArray[np.float32]) -> list[str] | None:
    """Read (R, D) numbers at once, and give out the R words; None if something is not as it mostly is."""
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = [line.rstrip().partition(b" ") for line in lines]
    numbers = b" ".join([numbers for _, _, numbers in parts])
    try:
        fields = pc.split_pattern(pa.array([numbers], pa.large_string()), " ").flatten()
        if len(fields) != rows.size or any(text.count(b" ") != rows.shape[1] - 1 for _, _, text in parts):
            return None
        rows[:] = fields.cast(pa.float64()).to_numpy().reshape(rows.shape)
        return [word.decode() for word, _, _ in parts]
    except (pa.ArrowException, UnicodeDecodeError):
        return None


@np.errstate(over="ignore")
def _read_lines(path: Path, lines: list[bytes], rows: NDArray[np.float32], first_line: int) -> list[str]:
    """Read the same line by line: words with spaces in them, numbers as Python reads them, and what is wrong where."""
    dim = rows.shape[1]
    words: list[str] = []
    for row, line in enumerate(lines):
        place = f"line {first_line + row}"
        word, *numbers = line.rstrip().rsplit(b" ", dim)
        if len(numbers) < dim:
            raise FormatError(
                f"{path}, {place}: expected a word and {dim} numbers with single spaces between them, "
                f"got {len(numbers)} numbers; the file is damaged or cut short"
            )
        try:
            words.append(word.decode())
            rows[row] = numbers
        except UnicodeDecodeError as problem:
            raise not_utf8(path, place, word) from problem
        except ValueError as problem:
            raise FormatError(f"{path}, {place}: {reason_of(problem)}; the file is damaged") from problem
    return words


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
