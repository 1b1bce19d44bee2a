"""Text for people: one line, printable, shortened; names and reasons in messages; and lines of talk on stderr."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from numbers import Integral
from typing import Any

__all__ = [
    "duration",
    "is_number",
    "is_unicode",
    "name_list",
    "one_line",
    "printable",
    "reason_of",
    "say",
    "short_repr",
    "shortened",
    "size",
]

MAX_NAMES = 20  # in a message
MAX_INTEGER = 2**63  # larger ones are described, not written out

UNITS = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def say(text: str) -> None:
    """Print one line of talk to stderr. If it cannot be printed, the work goes on without it."""
    with suppress(OSError, ValueError, AttributeError):  # stderr is full, gone, closed (ValueError), or None
        print(f"wordvec: {one_line(text)}", file=sys.stderr)  # noqa: T201


def one_line(text: str) -> str:
    r"""The same text in one line, with control characters, which a terminal would obey, as escapes.

    >>> one_line("two\nlines, and a bell:\a")
    'two lines, and a bell:\\x07'
    """
    return printable(" ".join(text.split()))


def printable(text: str, max_length: int | None = None) -> str:
    r"""The same text with control characters as escapes, and cut if it is longer than `max_length`.

    >>> printable("a bell:\a"), printable("not so brief", max_length=9)
    ('a bell:\\x07', 'not so b…')
    """
    shown = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
    return shown if max_length is None or len(shown) <= max_length else f"{shown[: max_length - 1]}…"


def shortened(text: str, max_length: int = 60) -> str:
    """A text of at most `max_length` characters, with dots where something is left out.

    >>> shortened("brief"), shortened("not so brief", max_length=9)
    ('brief', 'not so...')
    """
    return text if len(text) <= max_length else f"{text[: max_length - 3]}..."


def short_repr(value: Any, max_length: int = 200) -> str:
    """A value as Python writes it, if that is not too long.

    >>> short_repr("word"), short_repr(10**5000)
    ("'word'", 'an integer of 16610 bits')
    """
    if isinstance(value, Integral) and abs(int(value)) >= MAX_INTEGER:
        return f"an integer of {int(value).bit_length()} bits"
    return shortened(repr(value), max_length)


def name_list(names: Sequence[str]) -> str:
    r"""The first names of a list, on one line, with quotes where a name has odd characters.

    >>> name_list(["id", "to\nbe", "a" * 1000])
    "id, 'to\\nbe', aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..."
    """
    return ", ".join(
        shortened(name if name and name.isprintable() and name == name.strip() else repr(name))
        for name in names[:MAX_NAMES]
    )


def reason_of(problem: BaseException, max_length: int = 300) -> str:
    r"""What an exception says, for the end of a message: on one line, shortened, without a final period.

    >>> reason_of(FileNotFoundError(2, "No such file or directory"))
    'No such file or directory'
    >>> reason_of(ValueError("no page header:\n  bad type.\n")), reason_of(KeyError())
    ('no page header: bad type', 'KeyError')
    """
    if isinstance(problem, PermissionError):
        return "permission denied; make it readable (chmod +r), or run as a user who may read it"
    reason = str(problem)
    if (
        isinstance(problem, OSError) and type(problem).__str__ is OSError.__str__
    ):  # others say it better themselves
        reason = problem.strerror or reason
    return shortened(" ".join(reason.split()).rstrip("."), max_length) or type(problem).__name__


def is_number(text: str | bytes) -> bool:
    """Whether Python reads this as a number.

    >>> is_number("1e-3"), is_number(b"7"), is_number("seven")
    (True, True, False)
    """
    try:
        float(text)
    except ValueError:
        return False
    return True


def is_unicode(text: str) -> bool:
    r"""Whether a text can be encoded: Python's strings may have halves of surrogate pairs, which no file takes.

    >>> is_unicode("caf\u00e9"), is_unicode("caf\udce9")
    (True, False)
    """
    return text.encode(errors="ignore").decode() == text


def size(num_bytes: float) -> str:
    """Bytes in the unit that suits them, with as many digits as matter.

    >>> size(0), size(4_321), size(68_400_000), size(2_345_000_000), size(2.3e16)
    ('0.0 kB', '4.3 kB', '68 MB', '2.3 GB', '23,000 TB')
    """
    unit, name = next((unit for unit in UNITS if num_bytes >= unit[0]), UNITS[-1])
    amount = num_bytes / unit
    return f"{amount:.1f} {name}" if amount < 10 else f"{amount:,.0f} {name}"


def duration(seconds: float) -> str:
    """Seconds in the two units that suit them.

    >>> duration(0.25), duration(42), duration(125), duration(7_320), duration(200_000)
    ('0.2 s', '42 s', '2 min 5 s', '2 h 2 min', '2 d 7 h')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    steps = ((60, "s"), (60, "min"), (24, "h"))
    left, parts = round(seconds), []
    for count, name in steps:
        left, here = divmod(left, count)
        parts.append((here, name))
    parts.append((left, "d"))
    first = max(place for place, (amount, _) in enumerate(parts) if amount or place == 0)
    return " ".join(
        f"{amount} {name}" for amount, name in reversed(parts[max(0, first - 1) : first + 1]) if amount
    )
