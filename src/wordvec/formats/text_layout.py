"""Layout of vectors in the files of other tools: the first line "V D", and, of text, what its first rows show.

A row of text is a word and D numbers, with spaces or tabs between them. A file may be something else: a matrix without
words, a text of numbers, a table whose first line names its columns. The first 50 rows decide, as the first one alone
may be a header, cut, or not a row at all; and no header is believed without a check.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from statistics import multimode
from typing import NamedTuple

from wordvec.errors import FormatError
from wordvec.formats.files import OpenFile
from wordvec.text import is_number

__all__ = [
    "BYTE_ORDER_MARK",
    "MAX_HEADER_BYTES",
    "MAX_ROW_BYTES",
    "MAX_SAMPLE_ROWS",
    "MIN_DIM",
    "SAMPLE_BYTES",
    "Header",
    "check_room",
    "check_words_are_not_numbers",
    "count_numbers",
    "find_dim",
    "has_numbers_of_a_row",
    "is_text_of_integers",
    "num_rows",
    "parse_header",
    "sample_rows",
    "split_row",
    "tabs_end_words",
    "text_of_integers",
    "way_out",
]

# D dimensions
SAMPLE_BYTES = 1 << 20
MAX_ROW_BYTES = 1 << 23  # some 700,000 numbers; taken apart, a row needs ten times its bytes
MAX_SAMPLE_ROWS = 50
MAX_SHOWN_BYTES = 30
MIN_DIM = 2  # without a header, as "In 1999" could be a row, too

INTEGER = re.compile(rb"[+-]?\d+")
NUMBER_START = re.compile(rb"[+-]?\.?\d")
FRACTION = re.compile(rb"[+-]?(\d+\.|\.\d)")  # how a field begins that is written like a vector's number
NUMBER_OR_NOTHING = re.compile(r"([+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?)?")
HEADER_ADVICE = 'if they are vectors, write a first line "words dimensions", as 2 3'

MAX_HEADER_BYTES = 64  # bytes
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
    is_whole = len(start) < MAX_HEADER_BYTES  # the last line of a file may lack its end
    found = HEADER.match(start + b"\n" if is_whole else start[:MAX_HEADER_BYTES])
    if found is None:
        return None
    return Header(int(found[1]), int(found[2]), min(len(found[0]), len(start)))


def check_room(path: object, header: Header, smallest_row: int, file: OpenFile, limit: int | None) -> None:
    """Check that the file can hold what its header promises, before any memory is taken.

    Args:
        path: the file, to name it.
        header: what it promises.
        smallest_row: the bytes that a row of this dimension takes at least, and the line end that the last row of a
            text may lack.
        file: what holds the rows, behind the header.
        limit: only the first N rows are read, so the others may be missing.
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


def sample_rows(sample: bytes) -> list[bytes]:
    r"""The first lines of a file that are not blank; one that the sample cuts is left out, unless it is the only one.

    >>> sample_rows(b"king 0.1\n\nqueen 0.2\n")
    [b'king 0.1', b'queen 0.2']
    """
    *rows, rest = sample.split(b"\n", MAX_SAMPLE_ROWS)
    if len(rows) < MAX_SAMPLE_ROWS and (not rows or len(sample) < SAMPLE_BYTES):
        rows.append(rest)
    return [row for row in rows if row.strip()]


def tabs_end_words(rows: Sequence[bytes]) -> bool:
    r"""Tell whether the first tab of a row ends its word, so that the word may have spaces and numbers in it.

    It does not where a space ends the word, and tabs stand between numbers only.

    >>> (
    ...     tabs_end_words([b"area 51\t0.5\t1", b"king\t1\t0.5"]),
    ...     tabs_end_words([b"king 0.5\t1", b"queen 1\t0.5"]),
    ... )
    (True, False)
    """
    parts = [row.partition(b"\t") for row in rows if b"\t" in row]
    last_fields = [word.split()[-1] if word.split()[1:] else b"" for word, _, _ in parts]
    if not all(map(is_number, last_fields)):
        return True
    are_integers = [all(map(INTEGER.fullmatch, numbers.split())) for _, _, numbers in parts]
    return bool(parts) and all(map(INTEGER.fullmatch, last_fields)) and not all(are_integers)


def split_row(row: bytes, dim: int, *, at_tab: bool) -> tuple[bytes, list[bytes]]:
    r"""Split a row into its word and D numbers; fewer, if there are no more.

    The last D fields are the numbers, unless a tab ends the word.

    >>> split_row(b"new york 0.5 1", 2, at_tab=False), split_row(b"area 51\t0.5", 2, at_tab=True)
    ((b'new york', [b'0.5', b'1']), (b'area 51', [b'0.5']))
    """
    word, tab, rest = row.partition(b"\t")
    if tab and at_tab and len(numbers := rest.split()) <= dim:
        return word.strip(), numbers
    fields = row.rsplit(None, dim)
    if row[:1].isspace() and len(fields) == dim:  # they are all numbers, of a word that is empty
        return b"", fields
    word, *numbers = fields or [b""]
    return word.strip(), numbers


def count_numbers(row: bytes, *, at_tab: bool = False) -> int:
    r"""Count the numbers that end a row; the first field is always the word, and so is what a tab ends.

    >>> [count_numbers(row) for row in (b". . . 0.5 -1", b"2024 0.5 -1", b"area 51\t0.5", b"a few words")]
    [2, 2, 2, 0]
    >>> count_numbers(b"area 51\t0.5", at_tab=True)
    1
    """
    _, tab, rest = row.partition(b"\t")
    fields = rest.split() if tab and at_tab else row.split()
    if not (tab and at_tab) and not row[:1].isspace():
        del fields[:1]
    words = (place for place, field in enumerate(reversed(fields)) if not is_number(field))
    return next(words, len(fields))


def has_numbers_of_a_row(word: bytes, numbers: Sequence[bytes]) -> bool:
    """Tell whether a word with spaces has numbers in it like a vector: a line break was lost, or one is too many.

    The 51 of "area 51" belongs to the word, beside numbers such as 0.25.

    >>> has_numbers_of_a_row(b"area 51", [b"0.25", b"1"]), has_numbers_of_a_row(b"king 0.5", [b"0.25", b"1"])
    (False, True)
    """
    begin_as_numbers = [field for field in word.split()[1:] if NUMBER_START.match(field)]
    return (
        len(begin_as_numbers) >= len(numbers)
        or any(map(FRACTION.match, begin_as_numbers))
        or (bool(begin_as_numbers) and all(map(INTEGER.fullmatch, numbers)))
    )


def is_text_of_integers(rows: Sequence[bytes]) -> bool:
    """Tell whether the rows are integers and nothing else: ids, sessions, counts."""
    return bool(rows) and all(INTEGER.fullmatch(field) for row in rows for field in row.split())


def text_of_integers(path: Path) -> FormatError:
    """Make the error for such a file."""
    return FormatError(
        f"{path} holds integers and nothing else from line 1 on, as a text of ids does, and is not a file of "
        f"vectors; wordvec train learns vectors from such a text; {HEADER_ADVICE}"
    )


def find_dim(path: Path, sample: bytes) -> int:
    r"""Find how many numbers the rows of a file without a header have; 0 if they do not look like rows of vectors.

    Args:
        path: the file, to name it.
        sample: its first bytes, SAMPLE_BYTES of them or all.

    Raises:
        FormatError: it is a table of another kind.

    >>> find_dim(Path("v.txt"), b"area 51 0.5 1\nthe 1 2\nof 3 4\n"), find_dim(Path("v.txt"), b"some prose\n")
    (2, 0)
    """
    rows = sample_rows(sample)
    if is_text_of_integers(rows):
        raise text_of_integers(path)
    at_tab = tabs_end_words(rows)
    counts = [count_numbers(row, at_tab=at_tab) for row in rows]
    found = [count for count in counts if count]
    if not found or len(counts) > 2 * len(found):
        return 0
    dim = min(multimode(found))
    if _numbers_the_columns(rows, dim):
        raise FormatError(
            f"{path}, line 1: its numbers {rows[0].split()[-dim].decode()}, ... count the columns, as the header of a "
            f"table does; remove the line, or, if it is a vector, write a line before it: words dimensions"
        )
    if _numbers_the_rows(rows, dim, at_tab=at_tab):
        raise FormatError(
            f"{path}, line 1: {rows[0][:MAX_SHOWN_BYTES]!r}... begins with a row number, as do the next lines; write "
            "the file without it, in pandas with to_csv(path, sep=' ', header=False, index=False)"
        )
    return dim


def check_words_are_not_numbers(path: Path, words: Sequence[str], sample: Sequence[bytes]) -> None:
    """Check that a matrix was not written without words, as its first column would become the words.

    Whole numbers are words, as the ids of nodes and items are.

    Args:
        path: the file, to name it.
        words: the words that were read, perhaps only the first of the file.
        sample: the file's first rows.

    Raises:
        FormatError: all words are numbers, and not all of them whole.
    """
    starts = (row[:1].isspace() or is_number(row.split(None, 1)[0]) for row in sample)
    if not all(map(NUMBER_OR_NOTHING.fullmatch, words)) or not all(starts):
        return
    odd = next((row for row, word in enumerate(words) if not word.lstrip("+-").isdecimal()), None)
    if odd is not None:
        raise FormatError(
            f"{path} has no words: each line begins with a number, as {words[odd]!r} in line {odd + 1:,}; save a "
            f"matrix as .npy, and give it words with WordVectors(words, matrix); {HEADER_ADVICE}"
        )


def _numbers_the_columns(rows: Sequence[bytes], dim: int) -> bool:
    """Whether the first row's numbers are 0, 1, 2, ... or 1, 2, 3, ..., and the other rows' are not even integers."""
    first, others = rows[0].split()[-dim:], [row for row in rows[1:] if count_numbers(row) >= dim]
    starts = [[b"%d" % (start + column) for column in range(dim)] for start in (0, 1)]
    return (
        dim >= MIN_DIM
        and bool(others)
        and first in starts
        and not any(all(map(INTEGER.fullmatch, row.split()[-dim:])) for row in others)
    )


def _numbers_the_rows(rows: Sequence[bytes], dim: int, *, at_tab: bool) -> bool:
    """Whether words of two fields or more begin with 0, 1, 2, ... or 1, 2, 3, ..., as an index of pandas does."""
    words = [split_row(row, dim, at_tab=at_tab)[0].split() for row in rows]
    starts = [word[0] for word in words if len(word) > 1]
    counted = [[b"%d" % (start + row) for row in range(len(rows))] for start in (0, 1)]
    return len(rows) > 1 and starts in counted
