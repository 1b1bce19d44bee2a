"""Doctests: the examples that end docstrings, which Google's style wants in a section of their own."""

from __future__ import annotations

import re
from typing import Any

import griffe

EXAMPLE = re.compile(r"^>>> .*\Z", re.MULTILINE | re.DOTALL)


class Doctests(griffe.Extension):
    """Put the example at a docstring's end into a section."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Change what is shown of one class, function or module."""
        if obj.docstring is None or (found := EXAMPLE.search(obj.docstring.value)) is None:
            return
        example = "".join(f"    {line}" for line in found.group().splitlines(keepends=True))
        obj.docstring.value = obj.docstring.value[: found.start()] + "Examples:\n" + example
