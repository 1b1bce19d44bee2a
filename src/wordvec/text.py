"""Text for people: one line, printable, shortened; and lines of talk on stderr."""

from __future__ import annotations

import sys
from contextlib import suppress

__all__ = ["one_line", "printable", "say", "shortened"]


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


def shortened(text: str, most: int = 60) -> str:
    """A text of at most so many characters, with dots where something is left out.

    >>> shortened("brief"), shortened("not so brief", most=9)
    ('brief', 'not so...')
    """
    return text if len(text) <= most else f"{text[: most - 3]}..."
