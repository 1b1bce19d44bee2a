"""Rows of tables: the texts of one column, in blocks; and records of a text format, parsed when needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.types as pt
from numpy.typing import NDArray

from wordvec.corpus.schemas import as_long_texts, as_texts
from wordvec.corpus.text_blocks import LONGEST_WORD_BYTES, Block, Piece
from wordvec.corpus.validity import check_text
from wordvec.errors import ConfigError, CorpusError

__all__ = ["Part", "Records", "Rows", "check_rows", "codes_of", "refuse_words", "rows_of"]

_MOST_BYTES = 2**31 - 1  # of a text, with its place
_MOST_ROWS = 2**14  # brought to one kind at a time: what is unpacked for it takes memory


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Successive rows; each is a text, or none where it is null."""

    title: str  # of what they are from
    values: Any  # (R,)  strings, or lists of strings
    first_row: int  # from 1
    bytes_read: int  # of all files as they lie on disk
    place: str = "row {:,}"  # what a row is called in messages

    @property
    def num_bytes(self) -> int:
        """Of the texts, about."""
        return int(self.values.nbytes)

    @property
    def are_words(self) -> bool:
        """Whether the texts are lists of words."""
        return bool(pt.is_list(self.values.type))


def rows_of(arrays: Iterable[tuple[Any, int]], title: str, block_bytes: int) -> Iterator[Rows]:
    """Put arrays of texts together, or cut them, to blocks of rows; a row is never cut.

    Args:
        arrays: each with the bytes that had been read of its file when it was.
        title: what messages name.
        block_bytes: of texts and their places, at most, but for a row that has more.

    Raises:
        CorpusError: a row has 2 GiB or more.

    >>> rows = rows_of([(pa.array(["one"]), 3), (pa.array(["three"] * 4), 9)], "a table", block_bytes=40)
    >>> [(part.first_row, part.values.to_pylist(), part.bytes_read) for part in rows]
    [(1, ['one', 'three', 'three'], 9), (4, ['three', 'three'], 9)]
    """
    waiting: list[Any] = []
    filled = bytes_so_far = 0
    first_row = 1

    def take() -> Rows:
        # With an empty one, so that it is a copy: of a part of an array, pyarrow takes the places in the whole.
        together = pa.concat_arrays([*waiting, waiting[0][:0]])
        return Rows(title, as_texts(together), first_row, bytes_so_far)

    for array, bytes_read in arrays:
        for part in _parts(array, block_bytes):
            if part.nbytes > _MOST_BYTES:
                row = first_row + sum(map(len, waiting))
                raise CorpusError(
                    f"{title} has {part.nbytes:,} bytes in row {row:,}, and a text may have {_MOST_BYTES:,}; cut it"
                )
            # A stream may have strings first, and lists then.
            if waiting and (filled + part.nbytes > block_bytes or part.type != waiting[0].type):
                rows = take()
                yield rows
                first_row += len(rows.values)
                waiting, filled = [], 0
            waiting.append(part)
            filled += part.nbytes
            bytes_so_far = bytes_read
    if waiting:
        yield take()


def _parts(array: Any, most_bytes: int) -> Iterator[Any]:
    for first in range(0, len(array), _MOST_ROWS):
        yield from _cut(as_long_texts(array[first : first + _MOST_ROWS]), most_bytes)


def _cut(array: Any, most_bytes: int) -> Iterator[Any]:
    if array.nbytes <= most_bytes or len(array) < 2:
        yield array
        return
    half = len(array) // 2
    yield from _cut(array[:half], most_bytes)
    yield from _cut(array[half:], most_bytes)


def check_rows(rows: Rows) -> None:
    r"""Refuse texts that are not UTF-8, words too long, and NUL characters, which other programs take for a word's end.

    Raises:
        CorpusError: names the row, from 1.

    >>> check_rows(Rows("a.parquet", pa.array(["tea", "a\0b"]), first_row=5, bytes_read=0))
    Traceback (most recent call last):
    wordvec.errors.CorpusError: a.parquet has a NUL character in row 6; remove it
    """
    strings = rows.values.flatten() if rows.are_words else rows.values
    try:
        strings.validate(full=True)
    except pa.ArrowInvalid:
        _refuse_row(rows)
    codes = codes_of(strings)
    if (codes == 0).any():
        _refuse_row(rows)
    if len(codes) > LONGEST_WORD_BYTES:
        _check_longest_words(rows)


def _check_longest_words(rows: Rows) -> None:
    """Refuse a word as files of text do: a packed one takes next to nothing in the file, and gigabytes in memory."""
    for number, row in enumerate(rows.values, start=rows.first_row):
        texts = [row] if not rows.are_words else row if row.is_valid else ()
        for text in texts:
            codes = codes_of(pa.array([text], pa.string()))
            if len(codes) <= LONGEST_WORD_BYTES:
                continue
            ends = np.flatnonzero((codes <= ord(" ")) & (not rows.are_words))
            longest = int(np.diff(ends, prepend=-1, append=len(codes)).max()) - 1
            if longest > LONGEST_WORD_BYTES:
                raise CorpusError(
                    f"{rows.title} has a word of {longest:,} bytes in {rows.place.format(number)}, and a word may have "
                    f"{LONGEST_WORD_BYTES:,}; cut it, or leave the row out"
                )


def codes_of(strings: Any) -> NDArray[np.uint8]:
    """The bytes of all strings, one after the other, without a copy.

    >>> bytes(codes_of(pa.array(["one", None, "two", "three"])[1:3]))
    b'two'
    """
    _, offsets, data = strings.buffers()
    if data is None or len(strings) == 0:
        return np.empty(0, np.uint8)
    first, last = strings.offset, strings.offset + len(strings)
    places = np.frombuffer(offsets, np.int32)
    return np.frombuffer(data, np.uint8)[places[first] : places[last]]


def _refuse_row(rows: Rows) -> None:
    as_bytes = rows.values.cast(pa.list_(pa.binary()) if rows.are_words else pa.binary())
    for row, value in enumerate(as_bytes.to_pylist(), start=rows.first_row):
        place = rows.place.format(row)
        text = b" ".join(word or b"" for word in value or ()) if rows.are_words else value or b""
        if b"\0" in text:
            raise CorpusError(f"{rows.title} has a NUL character in {place}; remove it")
        try:
            text.decode()
        except UnicodeDecodeError as problem:
            raise CorpusError(
                f"{rows.title} is not valid UTF-8 in {place} (0x{text[problem.start]:02x}); write "
                "the table again, with its text in UTF-8"
            ) from None


def refuse_words(rows: Rows) -> None:
    """Refuse lists of words where a tokenizer was asked for.

    Raises:
        ConfigError: always.
    """
    raise ConfigError(
        f"tokenizer is for text, and {rows.title} has lists of words, which are tokenized already; leave it out"
    )


@dataclass(frozen=True, slots=True)
class Records:
    """A piece of a file that ends with a record, and how to find the texts in it."""

    piece: Piece
    bytes_read: int  # of all files as they lie on disk
    parse: Callable[[Piece], Any]  # to an array of texts, a record each

    @property
    def num_bytes(self) -> int:
        """Of the piece."""
        return len(self.piece.data)

    def rows(self) -> Rows:
        """Parse it.

        Raises:
            CorpusError: it is no text, or not of its format.
        """
        check_text(Block((self.piece,), self.bytes_read))
        place = (
            "record {:,}"  # of this piece; and records have line breaks inside, so that the line is not known
        )
        if self.piece.first_line > 1:
            place += f" after line {self.piece.first_line - 1:,}"
        return Rows(self.piece.title, as_texts(self.parse(self.piece)), 1, self.bytes_read, place)


Part: TypeAlias = Block | Records | Rows  # of a source: what is tokenized at a time
