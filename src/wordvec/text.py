"""Text for people: one line, printable, shortened; and lines of talk on stderr."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress

__all__ = ["is_unicode", "name_list", "one_line", "printable", "say", "shortened"]

_MAX_NAMES = 20  # in a message


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


def name_list(names: Sequence[str]) -> str:
    r"""The first names of a list, on one line, whatever is in them or around them.

    >>> name_list(["id", "to\nbe", "a" * 1000])
    "id, 'to\\nbe', aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..."
    """
    return ", ".join(
        shortened(name if name and name.isprintable() and name == name.strip() else repr(name))
        for name in names[:_MAX_NAMES]
    )


def is_unicode(text: str) -> bool:
    r"""Whether a text can be encoded: Python's strings may have halves of surrogate pairs, which no file takes.

    >>> is_unicode("caf\u00e9"), is_unicode("caf\udce9")
    (True, False)
    """
    return text.encode(errors="ignore").decode() == text
