"""The first line of word2vec's files: how many words, how many dimensions. Never believed without a check."""

from __future__ import annotations

import re
from typing import NamedTuple

from wordvec.errors import FormatError
from wordvec.formats.files import OpenFile

__all__ = ["BYTE_ORDER_MARK", "Header", "check_room", "num_rows", "parse_header", "way_out"]

LONGEST = 64  # bytes
BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # of UTF-8, as editors on Windows write it
HEADER = re.compile(rb"(?:%b)?[ \t]*(?:#[ \t]*)?(\d{1,18})[ \t]+(\d{1,18})[ \t]*\r?\n" % BYTE_ORDER_MARK)


class Header(NamedTuple):
    """What a file promises."""

    num_words: int
    dim: int
    num_bytes: int  # the length of the header line itself


def parse_header(start: bytes) -> Header | None:
    r"""Read "V D" from the first bytes of a file; None if they hold something else.

    A byte order mark may stand before it, and a number sign, as numpy.savetxt writes headers.

    >>> parse_header(b"71291 200\n</s> 0.002")
    Header(num_words=71291, dim=200, num_bytes=10)
    >>> parse_header(b"# 71291 200\n</s> 0.002")
    Header(num_words=71291, dim=200, num_bytes=12)
    """
    is_whole = len(start) < LONGEST  # the last line of a file may lack its end
    found = HEADER.match(start + b"\n" if is_whole else start[:LONGEST])
    if found is None:
        return None
    return Header(int(found[1]), int(found[2]), min(len(found[0]), len(start)))


def check_room(path: object, header: Header, smallest_row: int, file: OpenFile, limit: int | None) -> None:
    """Refuse a header that promises more than the file can hold, before any memory is taken.

    Args:
        path: the file, to name it.
        header: what it promises.
        smallest_row: the bytes that a row of this dimension takes at least, and the line end that the last row of a
            text may lack.
        file: what holds the rows, behind the header.
        limit: so many words are to be read, at most; where the others are missing, that is no matter.
    """
    if header.num_words < 1 or header.dim < 1:
        raise FormatError(f"{path} holds no vectors: its header says {header.num_words} words x {header.dim}")
    needed = num_rows(header, limit) * smallest_row
    available = file.room_for(needed + header.num_bytes) - header.num_bytes
    if needed > available + 1:
        raise FormatError(
            f"{path} is cut short or damaged: its header promises {header.num_words:,} words x {header.dim:,}"
            f", at least {header.num_words * smallest_row:,} bytes, but only {available:,} follow; "
            f"{way_out(available // smallest_row, 'at most')}"
        )


def way_out(num_words: int, which: str = "the first") -> str:
    """What to do about a first line that promises more words than the `num_words` that there are.

    >>> way_out(0)
    'get the file again, or correct its first line'
    >>> way_out(7)
    'get the file again, or correct its first line, or read the first 7 words: limit=7 (wordvec convert --limit 7)'
    """
    remedy = "get the file again, or correct its first line"
    words = "word" if num_words == 1 else f"{num_words:,} words"
    return (
        f"{remedy}, or read {which} {words}: limit={num_words} (wordvec convert --limit {num_words})"
        if num_words
        else remedy
    )


def num_rows(header: Header, limit: int | None) -> int:
    """How many rows are to be read.

    >>> num_rows(Header(71291, 200, 10), None), num_rows(Header(71291, 200, 10), 1000)
    (71291, 1000)
    """
    return header.num_words if limit is None else min(limit, header.num_words)
