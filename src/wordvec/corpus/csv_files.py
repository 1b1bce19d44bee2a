"""CSV files: rows of cells with a row of names before them, of which one column is the text; parsed by pyarrow."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NoReturn

import pyarrow as pa

from wordvec.corpus.blocks import Block, Cut, Piece, read_pieces
from wordvec.corpus.csv_rows import MOST_NAMES_BYTES, at_rows, find_delimiter, first_row, open_quote
from wordvec.corpus.decoding import UTF_8, Decoding
from wordvec.corpus.records import Records
from wordvec.corpus.schemas import choose_column, names_in_a_message
from wordvec.corpus.shortening import shortened
from wordvec.corpus.validity import check_text
from wordvec.errors import CorpusError
from wordvec.talk import one_line

__all__ = ["read_csv"]


@dataclass(frozen=True, slots=True)
class _Layout:
    delimiter: str
    names: tuple[str, ...]
    column: int


def read_csv(
    file: str,
    column: str | None,
    block_bytes: int,
    *,
    delimiter: str | None = None,
    decoding: Decoding = UTF_8,
) -> Iterator[Records]:
    """Read the records of a file.

    Args:
        file: its path, or `-`.
        column: of the text.
        block_bytes: of a block, at most, but for a longer row.
        delimiter: between cells; None for the one by which the first row names the column.
        decoding: how the bytes of the file become text.

    Raises:
        CorpusError: the file cannot be read, or has no such column.
    """
    found = delimiter

    def cut_of(data: bytes) -> Cut:
        nonlocal found
        found = delimiter or find_delimiter(data, column)
        return at_rows(found)

    layout: _Layout | None = None
    for piece in read_pieces(file, max(block_bytes, MOST_NAMES_BYTES), cut_of, decoding):
        if layout is not None:
            records = piece
        elif not piece.data.isspace():
            check_text(Block((piece,), piece.bytes_read))  # the names, too
            layout, records = _layout(piece, found or ",", column)
        if layout is not None and records.data:
            yield Records(records, records.bytes_read, partial(_texts, layout=layout))


def _layout(piece: Piece, delimiter: str, column: str | None) -> tuple[_Layout, Piece]:
    """What the first row says; and the piece without it."""
    names, end = first_row(piece.data, delimiter)
    if end == MOST_NAMES_BYTES < len(piece.data) and piece.data[end - 1 : end] not in b"\r\n":
        raise CorpusError(
            f"the first row of {piece.title} must name the columns, in {MOST_NAMES_BYTES:,} bytes at most, and has "
            "more; add a row of names, or leave columns out, or name another format (input_format, --input-format)"
        )
    title = piece.title if delimiter == "," else f"{piece.title} (with {delimiter!r} between cells)"
    name = choose_column(pa.schema([(name, pa.null()) for name in names]), column, title)
    line, byte = piece.locate(end)
    rest = replace(piece, data=piece.data[end:], first_byte=byte, first_line=line)
    return _Layout(delimiter, tuple(names), names.index(name)), rest


def _texts(piece: Piece, layout: _Layout) -> Any:
    import pyarrow.csv as pc  # here, as few runs need it

    opened = open_quote(piece.data, layout.delimiter)
    if opened is not None:
        raise CorpusError(
            f"{piece.title} ends inside of quotation marks that are opened in line {piece.locate(opened)[0]:,}; close "
            "them, or fetch the file again if it is cut short"
        )
    name = layout.names[layout.column]
    try:
        table = pc.read_csv(
            pa.BufferReader(piece.data),
            read_options=pc.ReadOptions(
                use_threads=False,
                block_size=len(piece.data) + 1,
                column_names=layout.names,
            ),
            parse_options=pc.ParseOptions(delimiter=layout.delimiter, newlines_in_values=True),
            convert_options=pc.ConvertOptions(include_columns=[name], column_types={name: pa.string()}),
        )
    except pa.ArrowException as problem:
        _refuse(piece, layout, str(problem))
    return table[name].combine_chunks()


def _refuse(piece: Piece, layout: _Layout, problem: str) -> NoReturn:
    """Find the row that pyarrow could not parse, and say what is wrong with it."""
    rows = csv.reader(io.StringIO(piece.data.decode(), newline=""), delimiter=layout.delimiter)
    with suppress(csv.Error):  # of a cell that is too long for this parser
        for row in rows:
            if row and len(row) != len(layout.names):
                line = piece.first_line + rows.line_num - 1
                raise CorpusError(
                    f"line {line:,} of {piece.title} has {len(row)} cells, but the first row names "
                    f"{len(layout.names)} ({names_in_a_message(layout.names)}); put text with {layout.delimiter!r} in "
                    "quotation marks, or name another format (input_format, --input-format)"
                )
    reason = shortened(one_line(str(problem)), most=200)  # it may repeat the row, with line ends in it
    raise CorpusError(
        f"{piece.title} cannot be parsed as CSV after line {piece.first_line:,}: {reason}; write it again"
    )
