"""CSV rows: where a row of CSV or TSV ends, and where its columns, as pyarrow's parser sees it (RFC 4180, leniently).

A quotation mark opens a cell only where the cell begins; elsewhere it is a character. Inside of quotes, line breaks and
delimiters are characters, and a quotation mark is written twice.
"""

from __future__ import annotations

import csv
import io

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.blocks import Cut

__all__ = ["at_rows", "find_delimiter", "first_row", "open_quote"]

DELIMITERS = (",", ";", "\t", "|")

MOST_NAMES_BYTES = 2**16

_QUOTE = ord('"')


def first_row(data: bytes, delimiter: str) -> tuple[list[str], int]:
    r"""The cells of the first row that is not empty, which names the columns; and the place where it ends.

    >>> first_row(b'\nid,"the\ntext"\n1,to be\n', ",")
    (['id', 'the\ntext'], 15)
    """
    text = io.StringIO(data[:MOST_NAMES_BYTES].decode("latin-1"), newline="")  # a character a byte
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
    """The place of the quotation mark that rows end inside of; None where they do not.

    >>> open_quote(b'1,"to be', ","), open_quote(b'1,5" x', ","), open_quote(b'1,"to ""be"', ",")
    (2, None, None)
    """
    quotes = _quotes(data, delimiter)
    return int(quotes[-1]) if len(quotes) % 2 else None


def _quotes(data: bytes, delimiter: str) -> NDArray[np.int64]:
    """The places of quotation marks that open and close, in turn, (Q,)."""
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
    """Leave out those that are characters of a cell without quotes."""
    kept: list[int] = []
    for place, may_open, code in zip(quotes.tolist(), opens.tolist(), before.tolist(), strict=True):
        is_inside = len(kept) % 2 == 1
        # After a mark, only one that has just closed the cell is the second of two.
        goes_on = code != _QUOTE or place == 0 or (bool(kept) and kept[-1] == place - 1)
        if is_inside or (may_open and goes_on):
            kept.append(place)
    return np.array(kept, np.int64)
