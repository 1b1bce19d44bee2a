"""Lines of a test: those of a small text file, read with distrust."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from wordvec.corpus.compression import ByteStream
from wordvec.errors import CorpusError, FormatError

__all__ = ["Line", "read_lines"]

MOST_BYTES = 2**26  # unpacked; the largest known test has a thousandth of it


class Line(NamedTuple):
    """A line that says something."""

    place: str  # file and line, for messages
    text: str


def read_lines(path: Path) -> list[Line]:
    """Read the lines of a plain or compressed text that are neither empty nor comments (#).

    Raises:
        FormatError: it cannot be read, is no UTF-8 text, or has more than 64 MiB.
    """
    content = b""
    try:
        content = _unpacked(path)
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise FormatError(
            f"{path}, line {line} is no UTF-8 text ({problem.reason}); save the test as UTF-8"
        ) from problem
    except CorpusError as problem:
        raise FormatError(f"the test cannot be read: {problem}") from problem
    lines = (Line(f"{path}, line {number}", line.strip()) for number, line in enumerate(text.splitlines(), 1))
    return [line for line in lines if line.text and not line.text.startswith("#")]


def _unpacked(path: Path) -> bytes:
    with ByteStream(str(path)) as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise FormatError(f"{path} is too large for a test: more than {MOST_BYTES:,} bytes; is it a corpus?")
    return content
