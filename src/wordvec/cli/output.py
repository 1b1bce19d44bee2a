"""What verbs print, and the word lists they read: data on stdout, talk on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

from cyclopts import Parameter

from wordvec.errors import FormatError
from wordvec.text import one_line, printable, say

if TYPE_CHECKING:  # not needed for --help
    from wordvec.vectors.word_vectors import WordVectors

__all__ = [
    "JsonFlag",
    "close",
    "flush_or_close",
    "one_line",
    "print_columns",
    "print_json",
    "print_rows",
    "query_words",
    "read_numbered",
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


def query_words(vectors: WordVectors, words: Sequence[str]) -> list[str]:
    """The words of a query as the model knows them: joined as the phrases of its text were, in three steps.

    An unknown word with spaces in it is joined by the delimiter of phrases, if that is a known word. Where the model
    has phrases, words that are one in its text are one here. Where a word is unknown and all together are known, they
    are one. A line on stderr names the words that are joined.

    >>> from wordvec import WordVectors
    >>> vectors = WordVectors(["new_york", "paris"], [[1.0, 2.0], [2.0, 1.0]])
    >>> (
    ...     query_words(vectors, ["new york", "paris"]),
    ...     query_words(vectors, ["new", "york"]),
    ...     query_words(vectors, ["x"]),
    ... )
    (['new_york', 'paris'], ['new_york'], ['x'])
    """
    phrases = vectors.phrases
    delimiter = "_" if phrases is None else phrases.settings.delimiter

    def as_known(parts: Sequence[str]) -> str | None:
        joined = delimiter.join(parts)
        return joined if len(parts) > 1 and joined in vectors else None

    asked = [word if word in vectors else as_known(word.split()) or word for word in words]
    together = [] if phrases is None else phrases.join(asked)
    if any(word not in vectors for word in together):  # a phrase that is too rare is not in the vocabulary
        together = []
    if not together and any(word not in vectors for word in asked):
        whole = as_known(asked)
        together = [] if whole is None else [whole]
    found = together or asked
    if found != list(words) and len(words) > 1:
        say(f"{' '.join(words)}: asked as {' '.join(found)}")
    return found


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
    return list(read_numbered(path).values())


def read_numbered(path: str | Path) -> dict[int, str]:
    """Read what is on each line that is not empty, by its number, from 1; else as `read_words` does.

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
    return {number: line.strip() for number, line in enumerate(lines, 1) if line.strip()}
