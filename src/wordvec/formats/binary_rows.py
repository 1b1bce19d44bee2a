"""Rows of word2vec's binary format: words are found one by one, vectors copied many at a time."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from wordvec.errors import FormatError
from wordvec.formats.files import OpenFile
from wordvec.formats.foreign_words import UTF8, Decoding, not_decodable
from wordvec.formats.fresh_memory import FreshMatrix
from wordvec.formats.header import Header, num_rows, way_out

__all__ = ["LARGEST_DIM", "NUMBER", "is_byte_swapped", "read_rows"]

# R rows that lie in the buffer as a whole, D dimensions
NUMBER = np.dtype("<f4")  # little-endian, whatever this machine has
LARGEST_DIM = (2**31 - 1) // NUMBER.itemsize  # a record of NumPy has no more bytes
BYTES_PER_READ = 1 << 21  # which the processor's cache still has when rows are copied out of it
BYTES_PER_COPY = 1 << 17  # gathered first, in the processor's cache
SPACE = ord(b" ")
LONGEST_WORD = 1 << 20  # bytes
# Of numbers in the wrong byte order, the size is drawn by chance from 1e-45 to 1e38: some 16 % look as usual.
USUAL_SIZES = (1e-8, 1e4)
MAX_SHARE_OF_NOISE, MIN_SHARE_OF_VECTORS = 0.5, 0.99
MIN_NUMBERS_TO_TELL = 2


class Rows(NamedTuple):
    """Where rows stand in the buffer."""

    words: bytes  # of all, each with the space that ends it
    numbers: NDArray[np.int64]  # (R,)  where the vectors begin


def read_rows(
    path: Path, file: OpenFile, header: Header, limit: int | None = None, decoding: Decoding = UTF8
) -> tuple[list[str], NDArray[np.float32]]:
    """Read words and vectors from a file that stands behind its header; what follows `limit` is not looked at.

    Raises:
        FormatError: they are damaged, or the file is cut short; or all were to be read, and it goes on.
    """
    num_words = num_rows(header, limit)
    row_bytes = header.dim * NUMBER.itemsize
    buffer = bytearray(
        min(BYTES_PER_READ + LONGEST_WORD, file.room) + row_bytes
    )  # the longest row fits into it
    records = as_strided(  # at each byte, the vector that would begin there; it overlaps with the next ones
        np.frombuffer(buffer, f"V{row_bytes}", 1), (len(buffer) - row_bytes + 1,), (1,), writeable=False
    )
    pattern = _row_pattern(row_bytes)
    words: list[str] = []
    fresh = FreshMatrix(num_words, header.dim, NUMBER)
    vectors = fresh.rows.view(records.dtype)[:, 0]  # (num_words,)
    position, start, end = header.num_bytes, 0, 0  # of the buffer in the file; of what is not yet used in it
    with fresh:
        while len(words) < num_words:
            buffer[: end - start] = buffer[start:end]
            position, start, end = position + start, 0, end - start
            num_bytes = _fill(file, memoryview(buffer)[end : end + max(BYTES_PER_READ, row_bytes)])
            end += num_bytes
            rows = _whole_rows(pattern, buffer, end, row_bytes, num_words - len(words))
            if not rows.words and num_bytes:
                continue  # with more of a long row
            if not rows.words:
                raise _no_row(path, header, len(words), bytes(buffer[:end]), position)
            fresh.make_ready(len(words) + len(rows.numbers))
            _copy(records, rows.numbers, vectors[len(words) :])
            words += _decoded(path, rows, position, len(words), decoding)
            start = int(rows.numbers[-1]) + row_bytes
    if (limit is None or limit > header.num_words) and (
        buffer[start:end] + file.stream.read(BYTES_PER_READ)
    ).strip():
        raise FormatError(
            f"{path} goes on after its {header.num_words:,} words x {header.dim}, at byte "
            f"{position + start:,}; its first line does not fit the rest: correct it, or read only these words: "
            f"limit={header.num_words} (wordvec convert --limit {header.num_words})"
        )
    return words, fresh.rows.astype(np.float32, copy=False)


def _fill(file: OpenFile, room: memoryview) -> int:
    """Read until there is no more room, or no more file, and tell how many bytes that were."""
    filled = 0
    while filled < len(room) and (num_bytes := file.stream.readinto(room[filled:])):  # type: ignore[attr-defined]
        filled += num_bytes
    return filled


def _copy(records: NDArray[np.void], places: NDArray[np.int64], vectors: NDArray[np.void]) -> None:
    rows_per_copy = max(1, BYTES_PER_COPY // records.itemsize)
    for first in range(0, len(places), rows_per_copy):
        some = places[first : first + rows_per_copy]
        vectors[first : first + len(some)] = records[some]


def _row_pattern(row_bytes: int) -> re.Pattern[bytes]:
    """A word with its space, and its numbers; or, where no whole row follows, all that is left."""
    return re.compile(rb"([^ ]{0,%d} ).{%d}|.+" % (LONGEST_WORD - 1, row_bytes), re.DOTALL)


def _whole_rows(pattern: re.Pattern[bytes], buffer: bytearray, end: int, row_bytes: int, most: int) -> Rows:
    """Find the rows that lie in the buffer as a whole: one search, as a loop in Python would take most of the time."""
    words = pattern.findall(buffer, 0, end)
    if words and not words[-1]:
        words.pop()
    joined = b"".join(words[:most])
    word_ends = np.flatnonzero(np.frombuffer(joined, np.uint8) == SPACE) + 1
    return Rows(joined, word_ends + row_bytes * np.arange(len(word_ends)))


def _decoded(path: Path, rows: Rows, position: int, first_row: int, decoding: Decoding) -> list[str]:
    """The words as text; word2vec.c ends rows with a line end, which then stands before the next word."""
    words = b" " + rows.words
    while b" \n" in words:
        words = words.replace(b" \n", b" ")
    try:
        if decoding == UTF8:
            return words.decode().split(" ")[1:-1]
        return [word.decode(*decoding) for word in words.split(b" ")[1:-1]]
    except UnicodeDecodeError as problem:
        as_they_stand = rows.words.split(b" ")
        row = next(row for row, word in enumerate(as_they_stand) if not _is_text(word, decoding))
        place = f"row {first_row + row:,} at byte {position + int(rows.numbers[row]) - len(as_they_stand[row]) - 1:,}"
        raise not_decodable(path, place, as_they_stand[row].lstrip(b"\n"), decoding) from problem


def _is_text(word: bytes, decoding: Decoding) -> bool:
    try:
        word.decode(*decoding)
    except UnicodeDecodeError:
        return False
    return True


def _no_row(path: Path, header: Header, row: int, content: bytes, position: int) -> FormatError:
    """What is wrong where no whole row follows."""
    if len(content) >= LONGEST_WORD and b" " not in content[:LONGEST_WORD]:
        return FormatError(
            f"{path} is damaged: row {row:,} of {header.num_words:,}, at byte {position:,}, begins with no word, as "
            f"{LONGEST_WORD:,} bytes without a space follow; get the file again"
        )
    return FormatError(
        f"{path} is cut short: it ends at byte {position + len(content):,}, in row {row:,} of "
        f"{header.num_words:,}; {way_out(row)}"
    )


def is_byte_swapped(numbers: NDArray[np.float32]) -> bool:
    """Whether numbers look like noise as they stand, and like vectors with the bytes of each in the other order.

    >>> is_byte_swapped(np.float32([0.5, -0.25, 2])), is_byte_swapped(np.float32([0.5, -0.25, 2]).byteswap())
    (False, True)
    """
    numbers = numbers[numbers != 0]
    if len(numbers) < MIN_NUMBERS_TO_TELL or _share_of_usual(numbers) > MAX_SHARE_OF_NOISE:
        return False
    return _share_of_usual(numbers.byteswap()) > MIN_SHARE_OF_VECTORS


def _share_of_usual(numbers: NDArray[np.float32]) -> float:
    with np.errstate(invalid="ignore"):
        sizes = np.abs(numbers)
    return float(np.mean((sizes >= USUAL_SIZES[0]) & (sizes <= USUAL_SIZES[1])))
