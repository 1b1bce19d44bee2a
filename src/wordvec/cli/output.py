"""What verbs print, and the word lists they read: data on stdout, talk on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, TextIO

from cyclopts import Parameter

from wordvec.errors import FormatError
from wordvec.text import one_line, printable, say

__all__ = [
    "JsonFlag",
    "close",
    "flush_or_close",
    "one_line",
    "print_columns",
    "print_json",
    "print_rows",
    "read_words",
    "say",
]

JsonFlag = Annotated[bool, Parameter(name="--json", negative=(), show_default=False)]

STDIN = "-"


def print_json(document: Any) -> None:
    """Print one JSON document to stdout.

    JSON's own escapes stand for characters that a terminal would obey, such as control characters and those that
    change the direction of text, and for characters that the encoding of stdout may lack.
    """
    holds_all = (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    text = json.dumps(document, ensure_ascii=not holds_all, allow_nan=False)
    print(  # noqa: T201
        "".join(letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in text)
    )


def print_columns(rows: Iterable[tuple[str, ...]]) -> None:
    """Print rows to stdout: columns aligned for a reader, with a tab between for a program.

    >>> print_columns([("rome", "0.9839")])
    rome	0.9839
    """
    if not sys.stdout.isatty():
        print_rows(rows)
        return
    shown = [tuple(map(printable, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())  # noqa: T201


def print_rows(rows: Iterable[tuple[str, ...]]) -> None:
    """Print rows to stdout as they come, with a tab between columns.

    >>> print_rows([("paris", "rome", "0.9839")])
    paris	rome	0.9839
    """
    for row in rows:
        print("\t".join(map(printable, row)))  # noqa: T201


def flush_or_close(stream: TextIO) -> None:
    """Write what a stream still buffers, or close it if that fails."""
    try:
        stream.flush()
    except (OSError, ValueError):  # ValueError: it is closed
        close(stream)


def close(stream: TextIO) -> None:
    """Redirect a stream that cannot be written to the null device, so that Python's flush at exit does not fail."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def read_words(path: str | Path) -> list[str]:
    """Read words, one a line, from a file or, for "-", from standard input; empty lines are ignored.

    Raises:
        FormatError: the file cannot be read, or is not UTF-8.
    """
    from wordvec.formats.files import reading

    if str(path) == STDIN:
        content = sys.stdin.buffer.read()
    else:
        with reading(Path(path)):
            content = Path(path).read_bytes()
    try:
        lines = content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as problem:
        title = "standard input" if str(path) == STDIN else path
        raise FormatError(
            f"{title} is not UTF-8 text ({problem.reason}); give a text file with a word in each line"
        ) from problem
    words = (line.strip() for line in lines)
    return [word for word in words if word]
