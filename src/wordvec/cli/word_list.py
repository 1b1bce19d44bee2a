"""Word lists: words that a user has written to a file, one a line."""

from __future__ import annotations

import sys
from pathlib import Path

from wordvec.errors import FormatError

__all__ = ["read_words"]

STDIN = "-"


def read_words(path: str | Path) -> list[str]:
    """Read words, one a line, from a file or, for "-", from standard input; empty lines mean nothing.

    Raises:
        FormatError: the file cannot be read, or is no UTF-8.
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
            f"{title} is no UTF-8 text ({problem.reason}); give a text file with a word in each line"
        ) from problem
    words = (line.strip() for line in lines)
    return [word for word in words if word]
