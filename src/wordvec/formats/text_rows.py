"""Rows of text, "word number number ...": what word2vec's text files and GloVe's have in common."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import FormatError
from wordvec.formats.files import reason_of
from wordvec.formats.foreign_words import (
    LONGEST_SHOWN,
    MAX_WORD_BYTES,
    UTF8,
    Decoding,
    check_word_length,
    encode_words,
    not_decodable,
)
from wordvec.formats.header import Header, num_rows, way_out
from wordvec.formats.text_layout import (
    MAX_ROW_BYTES,
    MAX_SAMPLE_ROWS,
    count_numbers,
    has_numbers_of_a_row,
    split_row,
    tabs_end_words,
)

__all__ = ["read_rows", "write_rows"]

# R rows of a block, V words, D dimensions
NUMBERS_PER_BLOCK = 400_000
LINES_PER_BLOCK = 4096
BYTES_PER_BLOCK = 1 << 24
MAX_NUMBER_BYTES = 512  # with its separator; C writes the largest double with 316 digits


def read_rows(
    path: Path,
    stream: BinaryIO,
    header: Header,
    first_line: int,
    limit: int | None = None,
    *,
    decoding: Decoding = UTF8,
) -> tuple[list[str], NDArray[np.float32]]:
    """Read the promised rows: V words, of which some may be alike, and their vectors, (V, D).

    The last D fields are the numbers, so a word may have spaces in it.

    Args:
        path: the file, to name it.
        stream: stands at the first row.
        header: how many words and dimensions there are.
        first_line: the number of the first row's line, for messages.
        limit: read so many rows at most, and nothing of what follows.
        decoding: how words are decoded.

    Raises:
        FormatError: there are fewer rows, or more, or one has something else in it.
    """
    words: list[str] = []
    matrix = np.empty((num_rows(header, limit), header.dim), dtype=np.float32)
    most_lines = max(1, min(LINES_PER_BLOCK, NUMBERS_PER_BLOCK // header.dim))
    at_tab = False
    while len(words) < len(matrix):
        place = first_line + len(words)
        lines = _next_lines(path, stream, min(most_lines, len(matrix) - len(words)), place, header.dim)
        if not lines:
            raise FormatError(
                f"{path} is cut short: it ends before line {place}, with {len(words):,} of "
                f"{header.num_words:,} words; {way_out(len(words))}"
            )
        at_tab = tabs_end_words(lines[:MAX_SAMPLE_ROWS]) if not words else at_tab
        rows = matrix[len(words) : len(words) + len(lines)]
        words += (
            _read_block(lines, rows, decoding)
            or _read_block([_with_single_spaces(line, at_tab) for line in lines], rows, decoding)
            or _read_lines(path, lines, rows, place, decoding, at_tab)
        )
    if (limit is None or limit > header.num_words) and stream.read(NUMBERS_PER_BLOCK).strip():
        raise FormatError(
            f"{path} goes on after its {header.num_words:,} words x {header.dim}; its first line does not fit the "
            f"rest: correct it, or read only these words: limit={header.num_words} (wordvec convert "
            f"--limit {header.num_words})"
        )
    if decoding.errors != "ignore" and words.count("") > 1:
        line = first_line + words.index("", words.index("") + 1)
        raise FormatError(
            f"{path}, line {line:,}: expected a word before the numbers, got none; the file is damaged"
        )
    return words, matrix


def _next_lines(path: Path, stream: BinaryIO, most: int, first_line: int, dim: int) -> list[bytes]:
    """Read so many lines, or fewer if they are long; one that does not end where a row must is refused unread."""
    most_bytes = min(MAX_WORD_BYTES + dim * MAX_NUMBER_BYTES, MAX_ROW_BYTES)
    lines: list[bytes] = []
    num_bytes = 0
    while len(lines) < most and num_bytes < BYTES_PER_BLOCK and (line := stream.readline(most_bytes)):
        if len(line) == most_bytes and not line.endswith(b"\n"):
            raise FormatError(
                f"{path}, line {first_line + len(lines)}: expected a word and {dim:,} numbers, got a line that does "
                f"not end within {most_bytes:,} bytes; the file is damaged, or of another format"
            )
        lines.append(line)
        num_bytes += len(line)
    return lines


def _with_single_spaces(line: bytes, at_tab: bool) -> bytes:
    """The same row with a space between fields; as it is, if a tab ends a word with spaces in it."""
    word, tab, _ = line.partition(b"\t")
    return line if tab and at_tab and b" " in word else b" ".join(line.split())


@np.errstate(over="ignore")  # what becomes infinity is refused with its word
def _read_block(lines: list[bytes], rows: NDArray[np.float32], decoding: Decoding) -> list[str] | None:
    """Read (R, D) numbers at once, and give out the R words; None if something is not as it mostly is."""
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = [line.rstrip().partition(b" ") for line in lines]
    if any(text.count(b" ") != rows.shape[1] - 1 for _, _, text in parts):
        return None
    numbers = b" ".join([numbers for _, _, numbers in parts])
    try:
        fields = pc.split_pattern(pa.array([numbers], pa.large_string()), " ").flatten()
        rows[:] = fields.cast(pa.float64()).to_numpy().reshape(rows.shape)
        return [word.decode(*decoding) for word, _, _ in parts]
    except (pa.ArrowException, UnicodeDecodeError):
        return None


@np.errstate(over="ignore")
def _read_lines(
    path: Path,
    lines: list[bytes],
    rows: NDArray[np.float32],
    first_line: int,
    decoding: Decoding,
    at_tab: bool,
) -> list[str]:
    """Read the same line by line: words with spaces in them, numbers as Python reads them, and what is wrong where."""
    dim = rows.shape[1]
    words: list[str] = []
    for row, line in enumerate(lines):
        place = f"line {first_line + row}"
        word, numbers = split_row(line.rstrip(), dim, at_tab=at_tab)
        before, tab, _ = line.partition(b"\t")
        ends_at_tab = tab and at_tab and before.strip() == word
        if len(numbers) < dim or (not ends_at_tab and has_numbers_of_a_row(word, numbers)):
            raise _not_a_row(path, first_line + row, line, dim, at_tab)
        try:
            words.append(word.decode(*decoding))
            rows[row] = numbers
        except UnicodeDecodeError as problem:
            raise not_decodable(path, place, word, decoding) from problem
        except ValueError as problem:
            if not count_numbers(line):
                raise _not_a_row(path, first_line + row, line, dim, at_tab) from problem
            raise FormatError(f"{path}, {place}: {reason_of(problem)}; the file is damaged") from problem
    return words


def _not_a_row(path: Path, line_number: int, line: bytes, dim: int, at_tab: bool) -> FormatError:
    """Say what there is instead, and what may be the reason."""
    place = f"{path}, line {line_number}: expected a word and {dim} numbers, got"
    start = line.strip()[:LONGEST_SHOWN]
    if not start:
        return FormatError(f"{place} a blank line; remove it, or get the file again")
    count = count_numbers(line, at_tab=at_tab)
    if count >= dim:
        return FormatError(
            f"{place} more numbers, in {start!r}; a line break was lost, or a number is too many; a word with "
            "numbers in it needs a tab after it, or _ in place of its spaces"
        )
    if line_number == 1 and not count:
        return FormatError(f"{place} 0 numbers in {start!r}; remove the line if it names the columns")
    return FormatError(f"{place} {count} numbers in {start!r}; the file is damaged or cut short")


def write_rows(
    path: Path,
    stream: BinaryIO,
    words: Sequence[str],
    matrix: NDArray[np.float32],  # (V, D)
) -> None:
    """Write a line for each word, each number in the fewest digits that read back as the same float32."""
    import pyarrow as pa
    import pyarrow.compute as pc

    check_word_length(words, path, MAX_WORD_BYTES)
    encoded = encode_words(words, path)
    dim = matrix.shape[1]
    rows_per_block = max(1, NUMBERS_PER_BLOCK // dim)
    for start in range(0, len(encoded), rows_per_block):
        block = matrix[start : min(start + rows_per_block, len(encoded))]  # (rows, D)
        numbers = pa.array(block.ravel()).cast(pa.string()).cast(pa.binary())
        row_starts = pa.array(np.arange(0, block.size + 1, dim, dtype=np.int32))
        joined = pc.binary_join(pa.ListArray.from_arrays(row_starts, numbers), b" ")
        for word, line in zip(encoded[start : start + rows_per_block], joined.to_pylist(), strict=True):
            stream.write(b"%b %b\n" % (word, line))
