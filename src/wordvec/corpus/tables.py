"""Tables: which column is the text; its rows, in blocks; and records of a text format, parsed when needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.types as pt
from numpy.typing import NDArray

from wordvec.corpus.text_blocks import MAX_WORD_BYTES, Block, Piece
from wordvec.corpus.validity import check_text
from wordvec.corpus.weights import check_weight_kind, repeats_of, weighted
from wordvec.errors import ConfigError, CorpusError
from wordvec.text import MAX_NAMES, name_list, shortened

__all__ = [
    "Part",
    "Records",
    "Rows",
    "check_kind",
    "check_rows",
    "choose_column",
    "choose_weight",
    "codes_of",
    "not_text",
    "rows_of",
    "tokenized_already",
]

_MAX_BYTES = 2**31 - 1  # of a text, with its offset
_MAX_ROWS = 2**14  # brought to one kind at a time: decompressed for it, they take memory


def choose_column(schema: Any, column: str | None, title: str) -> str:
    """The name of the column that is the text; the only one needs no name.

    Raises:
        CorpusError: there is no such column, or two, or none is named; or the column does not hold text.

    >>> choose_column(pa.schema({"id": pa.int64(), "text": pa.string()}), "body", "a.parquet")
    Traceback (most recent call last):
    wordvec.errors.CorpusError: a.parquet has no column 'body'; its columns are id (int64), text (string)
    """
    columns = ", ".join(map(_described, list(schema)[:MAX_NAMES]))
    columns += f" and {len(schema) - MAX_NAMES} more" if len(schema) > MAX_NAMES else ""
    if column is None:
        if len(schema) != 1:
            raise CorpusError(
                f"{title} is a table, so say which column is the text: column='NAME' (--column NAME); its columns "
                f"are {columns or 'none'}"
            )
        column = str(schema.names[0])
    if column not in schema.names:
        raise CorpusError(f"{title} has no column {column!r}; its columns are {columns or 'none'}")
    if schema.names.count(column) > 1:
        raise CorpusError(
            f"{title} has {schema.names.count(column)} columns named {column!r}; rename all but one"
        )
    check_kind(schema.field(column).type, f"column {column!r} of {title}", f"; its columns are {columns}")
    return column


def choose_weight(schema: Any, weight: str | None, title: str) -> list[str]:
    """The name of the column of weights, in a list; an empty one where there is none.

    Raises:
        CorpusError: there is no such column, or two; or the column does not hold numbers.

    >>> choose_weight(pa.schema({"text": pa.string(), "n": pa.int64()}), "times", "a.parquet")
    Traceback (most recent call last):
    wordvec.errors.CorpusError: a.parquet has no column 'times' for the weight; its columns are text (string), n ...
    """
    if weight is None:
        return []
    if schema.names.count(weight) != 1:
        columns = ", ".join(map(_described, list(schema)[:MAX_NAMES]))
        columns += f" and {len(schema) - MAX_NAMES} more" if len(schema) > MAX_NAMES else ""
        number = "no column" if weight not in schema.names else f"{schema.names.count(weight)} columns"
        raise CorpusError(f"{title} has {number} {weight!r} for the weight; its columns are {columns}")
    check_weight_kind(schema.field(weight).type, f"column {weight!r} of {title}")
    return [weight]


def check_kind(kind: Any, name: str, remark: str = "") -> None:
    """Check that a column holds text.

    Raises:
        CorpusError: it holds something else.

    >>> check_kind(pa.int64(), "the ChunkedArray")
    Traceback (most recent call last):
    wordvec.errors.CorpusError: the ChunkedArray holds int64, but must hold text: strings, or lists of strings or ...
    """
    if not _is_text(kind):
        raise not_text(name, shortened(str(kind)), remark)


def not_text(name: str, kind: str, remark: str = "") -> CorpusError:
    """The error that says what a column holds, and what it must hold."""
    return CorpusError(
        f"{name} holds {kind}, but must hold text: strings, or lists of strings or integers for texts that are words "
        f"already{remark}"
    )


def _described(field: Any) -> str:
    name = name_list([str(field.name)])
    return name if pt.is_null(field.type) else f"{name} ({shortened(str(field.type))})"


def _is_text(kind: Any) -> bool:
    return _is_strings(kind) or (
        _is_list(kind) and (_is_strings(kind.value_type) or _is_integers(kind.value_type))
    )


def _is_integers(kind: Any) -> bool:
    return bool(pt.is_integer(kind.value_type if pt.is_dictionary(kind) else kind))


def _is_strings(kind: Any) -> bool:
    if pt.is_dictionary(kind):
        return _is_strings(kind.value_type)
    return bool(pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind) or pt.is_null(kind))


def _is_list(kind: Any) -> bool:
    return bool(pt.is_list(kind) or pt.is_large_list(kind) or pt.is_fixed_size_list(kind))


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Successive rows; each is a text, or none where it is null."""

    title: str  # of what they are from
    values: Any  # (R,)  strings, or lists of strings
    first_row: int  # from 1
    bytes_read: int  # of all files as they lie on disk
    place: str = "row {:,}"  # what a row is called in messages
    weights: Any = None  # (R,)  how often each counts; None: once

    def repeats(self) -> NDArray[np.int64] | None:
        """How often each row counts, (R,), 0 where it has no text; None: each text once.

        Raises:
            CorpusError: a text's weight is not one; the message names the row.
        """
        if self.weights is None:
            return None
        has_text = self.values.is_valid().to_numpy(zero_copy_only=False)
        return repeats_of(
            self.weights, has_text, lambda row: f"{self.place.format(self.first_row + row)} of {self.title}"
        )

    @property
    def num_bytes(self) -> int:
        """Of the texts, about."""
        return int(self.values.nbytes)

    @property
    def are_words(self) -> bool:
        """Whether the texts are lists of words."""
        return bool(pt.is_list(self.values.type))


@dataclass(frozen=True, slots=True)
class Records:
    """A piece of a file that ends with a record, and how to find the texts in it."""

    piece: Piece
    bytes_read: int  # of all files as they lie on disk
    parse: Callable[[Piece], Any]  # to an array of texts, one for each record; or of texts and weights

    @property
    def num_bytes(self) -> int:
        """Of the piece."""
        return len(self.piece.data)

    def rows(self) -> Rows:
        """Parse it.

        Raises:
            CorpusError: it is not text, or not of its format.
        """
        check_text(Block((self.piece,), self.bytes_read))
        # The record's number in this piece: records have line breaks inside, so that its line is not known.
        place = "record {:,}"
        if self.piece.first_line > 1:
            place += f" after line {self.piece.first_line - 1:,}"
        texts, weights = _apart(self.parse(self.piece))
        return Rows(self.piece.title, _as_texts(texts), 1, self.bytes_read, place, weights)


Part: TypeAlias = Block | Records | Rows  # of a source: what is tokenized at a time


def rows_of(arrays: Iterable[tuple[Any, int]], title: str, block_bytes: int) -> Iterator[Rows]:
    """Put arrays of texts together, or cut them, to blocks of rows; a row is never cut.

    Args:
        arrays: of texts, or of texts and weights; each with the bytes of its file that had been read by then.
        title: what messages name.
        block_bytes: of texts and their offsets, at most, but for a row that has more.

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
        # With an empty one, so that it is a copy: of a part of an array, pyarrow takes the offsets in the whole.
        together = pa.concat_arrays([*waiting, waiting[0][:0]])
        texts, weights = _apart(together)
        return Rows(title, _as_texts(texts), first_row, bytes_so_far, weights=weights)

    for array, bytes_read in arrays:
        for part in _parts(array, block_bytes):
            if part.nbytes > _MAX_BYTES:
                row = first_row + sum(map(len, waiting))
                raise CorpusError(
                    f"{title} has {part.nbytes:,} bytes in row {row:,}, and a text may have {_MAX_BYTES:,}; cut it"
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


def _parts(array: Any, max_bytes: int) -> Iterator[Any]:
    for first in range(0, len(array), _MAX_ROWS):
        yield from _cut(_as_long_texts(array[first : first + _MAX_ROWS]), max_bytes)


def _cut(array: Any, max_bytes: int) -> Iterator[Any]:
    if array.nbytes <= max_bytes or len(array) < 2:
        yield array
        return
    half = len(array) // 2
    yield from _cut(array[:half], max_bytes)
    yield from _cut(array[half:], max_bytes)


def _apart(array: Any) -> tuple[Any, Any]:
    """The texts, and their weights where the array has these, too."""
    return (array.field("text"), array.field("weight")) if pt.is_struct(array.type) else (array, None)


def _as_texts(array: Any) -> Any:
    """The same texts as an array of strings, or of lists of strings: the plain kinds of both.

    >>> _as_texts(pa.array(["red", None], pa.large_string())).type
    DataType(string)
    """
    return array.cast(pa.list_(pa.string()) if _is_list(array.type) else pa.string())


def _as_long_texts(array: Any) -> Any:
    """The same texts as an array of strings, or of lists of strings, that may have any number of bytes.

    Integers become their digits.

    >>> _as_long_texts(pa.array(["red", None, "red"]).dictionary_encode()).type
    DataType(large_string)
    """
    texts, weights = _apart(array)
    if weights is not None:
        return weighted(_as_long_texts(texts), weights)
    if pt.is_dictionary(array.type):  # pyarrow itself overflows at 2 GiB, and cannot look string views up
        return array.dictionary.cast(pa.large_string()).take(array.indices)
    return array.cast(pa.large_list(pa.large_string()) if _is_list(array.type) else pa.large_string())


def check_rows(rows: Rows) -> None:
    r"""Check that texts are UTF-8, without huge words and NUL characters, which other programs take for a word's end.

    Raises:
        CorpusError: one is not; the message names the row, from 1.

    >>> check_rows(Rows("a.parquet", pa.array(["tea", "a\0b"]), first_row=5, bytes_read=0))
    Traceback (most recent call last):
    wordvec.errors.CorpusError: a.parquet has a NUL character in row 6; remove it
    """
    strings = rows.values.flatten() if rows.are_words else rows.values
    try:
        strings.validate(full=True)
    except pa.ArrowInvalid:
        _check_each_row(rows)
    codes = codes_of(strings)
    if (codes == 0).any():
        _check_each_row(rows)
    if len(codes) > MAX_WORD_BYTES:
        _check_longest_words(rows)


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


def _check_longest_words(rows: Rows) -> None:
    """Check words as in files of text: compressed, a huge one takes next to nothing in the file, and much memory."""
    for number, row in enumerate(rows.values, start=rows.first_row):
        texts = [row] if not rows.are_words else row if row.is_valid else ()
        for text in texts:
            codes = codes_of(pa.array([text], pa.string()))
            if len(codes) <= MAX_WORD_BYTES:
                continue
            ends = np.flatnonzero((codes <= ord(" ")) & (not rows.are_words))
            longest = int(np.diff(ends, prepend=-1, append=len(codes)).max()) - 1
            if longest > MAX_WORD_BYTES:
                raise CorpusError(
                    f"{rows.title} has a word of {longest:,} bytes in {rows.place.format(number)}, and a word may have "
                    f"{MAX_WORD_BYTES:,}; cut it, or leave the row out"
                )


def _check_each_row(rows: Rows) -> None:
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


def tokenized_already(rows: Rows) -> ConfigError:
    """The error that says that rows are lists of words, where a tokenizer was asked for."""
    return ConfigError(
        f"tokenizer is for text, and {rows.title} has lists of words, which are tokenized already; leave it out"
    )
