"""Shortening: the beginning of what is too long for a message."""

from __future__ import annotations

__all__ = ["shortened"]


def shortened(text: str, most: int = 60) -> str:
    """A text of at most so many characters, with dots where something is left out.

    >>> shortened("brief"), shortened("not so brief", most=9)
    ('brief', 'not so...')
    """
    return text if len(text) <= most else f"{text[: most - 3]}..."
