"""CSV files: rows of cells after a row of column names, of which one column is the text (RFC 4180, leniently)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wordvec.corpus.decoding import UTF_8, Decoding
from wordvec.corpus.tables import Records, choose_column, choose_weight
from wordvec.corpus.text_blocks import Block, Cut, Piece, read_pieces
from wordvec.corpus.validity import check_text
from wordvec.corpus.weights import weighted
from wordvec.errors import CorpusError
from wordvec.text import name_list, one_line, shortened

__all__ = ["at_rows", "find_delimiter", "first_row", "open_quote", "read_csv"]

DELIMITERS = (",", ";", "\t", "|")

MAX_HEADER_BYTES = 2**16

_QUOTE = ord('"')


def first_row(data: bytes, delimiter: str) -> tuple[list[str], int]:
    r"""The cells of the first row that is not empty, which names the columns; and the byte where it ends.

    >>> first_row(b'\nid,"the\ntext"\n1,to be\n', ",")
    (['id', 'the\ntext'], 15)
    """
    text = io.StringIO(data[:MAX_HEADER_BYTES].decode("latin-1"), newline="")  # one character for each byte
    try:
        row = next((row for row in csv.reader(text, delimiter=delimiter) if row), [])
    except csv.Error:  # such as a cell that is too long to be a name
        row = []
    return [name.encode("latin-1").decode(errors="replace") for name in row], text.tell()


def find_delimiter(data: bytes, column: str | None) -> str:
    """The delimiter by which the first row names the column; a comma if none does.

    >>> find_delimiter(b"id;text,title;stars", "text,title"), find_delimiter(b"id,text", "body")
    (';', ',')
    """
    return next((mark for mark in DELIMITERS if column in first_row(data, mark)[0]), ",")


def at_rows(delimiter: str) -> Cut:
    r"""Where rows end.

    >>> at_rows(",").last_place(b'1,"to\nbe"\n2,"or\nnot')
    10
    """

    def last_place(data: bytes) -> int:
        quotes = _quotes(data, delimiter)
        end = data.rfind(b"\n")
        while end >= 0 and (before := int(np.searchsorted(quotes, end))) % 2:
            end = data.rfind(b"\n", 0, int(quotes[before - 1]))
        return end + 1

    return Cut(last_place, "the end of a row", "is a quotation mark not closed, or is this another format?")


def open_quote(data: bytes, delimiter: str) -> int | None:
    """The place of a quotation mark that is still open at the end; None where all are closed.

    >>> open_quote(b'1,"to be', ","), open_quote(b'1,5" x', ","), open_quote(b'1,"to ""be"', ",")
    (2, None, None)
    """
    quotes = _quotes(data, delimiter)
    return int(quotes[-1]) if len(quotes) % 2 else None


def _quotes(data: bytes, delimiter: str) -> NDArray[np.int64]:
    """The places of the quotation marks that open and close cells, in turn, (Q,)."""
    codes = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(codes == _QUOTE)
    if not len(quotes):
        return quotes
    may_open = np.frombuffer(f'{delimiter}\n\r"'.encode(), np.uint8)
    before = codes[quotes - 1]
    opens = np.isin(before, may_open) | (quotes == 0)
    if opens[0::2].all():  # after a mark, too, that has just closed the cell: it is the second of two
        return quotes
    return _without_strays(quotes, opens, before)


def _without_strays(
    quotes: NDArray[np.int64], opens: NDArray[np.bool_], before: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """Leave out quotation marks that are characters of a cell without quotes."""
    kept: list[int] = []
    for place, may_open, code in zip(quotes.tolist(), opens.tolist(), before.tolist(), strict=True):
        is_inside = len(kept) % 2 == 1
        # After a mark, only one that has just closed the cell is the second of two.
        goes_on = code != _QUOTE or place == 0 or (bool(kept) and kept[-1] == place - 1)
        if is_inside or (may_open and goes_on):
            kept.append(place)
    return np.array(kept, np.int64)


@dataclass(frozen=True, slots=True)
class _Layout:
    delimiter: str
    names: tuple[str, ...]
    column: int
    weight: int | None


def read_csv(
    file: str,
    column: str | None,
    block_bytes: int,
    *,
    delimiter: str | None = None,
    decoding: Decoding = UTF_8,
    weight: str | None = None,
) -> Iterator[Records]:
    """Read the records of a file.

    Args:
        file: its path, or `-`.
        column: the name of the column of text.
        block_bytes: of a block, at most, but for a longer row.
        delimiter: between cells; None for the one by which the first row names the column.
        decoding: how the bytes of the file become text.
        weight: the name of the column that says how often each text counts.

    Raises:
        CorpusError: the file cannot be read, or has no such column.
    """
    found = delimiter

    def cut_of(data: bytes) -> Cut:
        nonlocal found
        found = delimiter or find_delimiter(data, column)
        return at_rows(found)

    layout: _Layout | None = None
    for piece in read_pieces(file, max(block_bytes, MAX_HEADER_BYTES), cut_of, decoding):
        if layout is not None:
            records = piece
        elif not piece.data.isspace():
            check_text(Block((piece,), piece.bytes_read))  # the names, too
            layout, records = _layout(piece, found or ",", column, weight)
        if layout is not None and records.data:
            yield Records(records, records.bytes_read, partial(_texts, layout=layout))


def _layout(piece: Piece, delimiter: str, column: str | None, weight: str | None) -> tuple[_Layout, Piece]:
    """The names and the column of text, by the first row; and the piece without that row."""
    names, end = first_row(piece.data, delimiter)
    if end == MAX_HEADER_BYTES < len(piece.data) and piece.data[end - 1 : end] not in b"\r\n":
        raise CorpusError(
            f"the first row of {piece.title} must name the columns, in {MAX_HEADER_BYTES:,} bytes at most, and has "
            "more; add a row of names, or leave columns out, or name another format (input_format, --input-format)"
        )
    title = piece.title if delimiter == "," else f"{piece.title} (with {delimiter!r} between cells)"
    schema = pa.schema([(name, pa.null()) for name in names])
    name = choose_column(schema, column, title)
    weights = [names.index(one) for one in choose_weight(schema, weight, title)]
    line, byte = piece.locate(end)
    rest = replace(piece, data=piece.data[end:], first_byte=byte, first_line=line)
    return _Layout(delimiter, tuple(names), names.index(name), next(iter(weights), None)), rest


def _texts(piece: Piece, layout: _Layout) -> Any:
    import pyarrow.csv as pc  # here, as few runs need it

    opened = open_quote(piece.data, layout.delimiter)
    if opened is not None:
        raise CorpusError(
            f"{piece.title} ends inside quotation marks that open in line {piece.locate(opened)[0]:,}; close "
            "them, or fetch the file again if it is cut short"
        )
    name = layout.names[layout.column]
    wanted = [name] if layout.weight is None else [name, layout.names[layout.weight]]
    try:
        table = pc.read_csv(
            pa.BufferReader(piece.data),
            read_options=pc.ReadOptions(
                use_threads=False,
                block_size=len(piece.data) + 1,
                column_names=layout.names,
            ),
            parse_options=pc.ParseOptions(delimiter=layout.delimiter, newlines_in_values=True),
            convert_options=pc.ConvertOptions(
                include_columns=wanted, column_types=dict.fromkeys(wanted, pa.string())
            ),
        )
    except pa.ArrowException as problem:
        _check_row(piece, layout, str(problem))
    texts, *weights = (table[one].combine_chunks() for one in wanted)
    return weighted(texts, *weights) if weights else texts


def _check_row(piece: Piece, layout: _Layout, problem: str) -> NoReturn:
    """Find the row that pyarrow could not parse, and say what is wrong with it."""
    rows = csv.reader(io.StringIO(piece.data.decode(), newline=""), delimiter=layout.delimiter)
    with suppress(csv.Error):  # of a cell that is too long for this parser
        for row in rows:
            if row and len(row) != len(layout.names):
                line = piece.first_line + rows.line_num - 1
                raise CorpusError(
                    f"line {line:,} of {piece.title} has {len(row)} cells, but the first row names "
                    f"{len(layout.names)} ({name_list(layout.names)}); put text with {layout.delimiter!r} in "
                    "quotation marks, or name another format (input_format, --input-format)"
                )
    reason = shortened(one_line(str(problem)), 200)  # it may repeat the row, with line ends in it
    raise CorpusError(
        f"{piece.title} cannot be parsed as CSV after line {piece.first_line:,}: {reason}; write it again"
    )
