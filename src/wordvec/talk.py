"""Talk: what wordvec says to its user, in lines on stderr, whatever is in them."""

from __future__ import annotations

import sys
from contextlib import suppress

__all__ = ["one_line", "printable", "say"]


def say(text: str) -> None:
    """Print one line of talk, whatever the text has in it, to stderr; that it cannot be printed ends no work."""
    with suppress(OSError, ValueError, AttributeError):  # stderr is full, gone, closed (ValueError), or None
        print(f"wordvec: {one_line(text)}", file=sys.stderr)  # noqa: T201


def one_line(text: str) -> str:
    r"""The same text in one line, with control characters, which a terminal would obey, as escapes.

    >>> one_line("two\nlines, and a bell:\a")
    'two lines, and a bell:\\x07'
    """
    return printable(" ".join(text.split()))


def printable(text: str) -> str:
    r"""The same text, with what a terminal would obey as escapes.

    >>> printable("a bell:\a")
    'a bell:\\x07'
    """
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
