"""Questions of a test: reading its lines safely, and which questions a vocabulary knows all words of."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.byte_stream import ByteStream
from wordvec.errors import CorpusError, EvaluationError

__all__ = ["Line", "known_rows", "read_lines", "read_text", "row_lookup", "unquoted"]

MAX_BYTES = (
    2**24
)  # decompressed, 27 times word2vec's questions; in memory, a test takes up to 40 times its bytes


class Line(NamedTuple):
    """A line that is neither empty nor a comment."""

    place: str  # file and line, for messages
    text: str


def read_lines(path: Path) -> Iterator[Line]:
    """Read the lines of a plain or compressed text that are neither empty nor comments (#), one after the other.

    Raises:
        EvaluationError: it cannot be read, is not UTF-8 text, or has more than 16 MiB.
    """
    for number, untidy in enumerate(io.StringIO(read_text(path), newline=None), 1):
        words = untidy.strip()
        if words and not words.startswith("#"):
            yield Line(f"{path}, line {number}", words)


def read_text(path: Path) -> str:
    """Read a plain or compressed text.

    Raises:
        EvaluationError: as `read_lines` does.
    """
    content = b""
    try:
        content = _decompressed(path)
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise EvaluationError(
            f"{path}, line {line} is not UTF-8 text ({problem.reason}); save the test as UTF-8"
        ) from problem
    except CorpusError as problem:
        raise EvaluationError(f"the test cannot be read: {problem}") from problem


def unquoted(cell: str) -> str:
    """A cell of a table without the quotation marks that many programs put around it.

    >>> unquoted('"tiger"'), unquoted('"')
    ('tiger', '"')
    """
    is_quoted = len(cell) > 1 and cell[0] == cell[-1] == '"'
    return cell[1:-1] if is_quoted else cell


def _decompressed(path: Path) -> bytes:
    with ByteStream(str(path)) as stream:
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise EvaluationError(
            f"{path} is too large for a test: more than {MAX_BYTES:,} bytes; is it a corpus?"
        )
    return content


def known_rows(
    questions: Sequence[tuple[str, ...]],  # (Q,)  of n words each
    words: Sequence[str],  # (V,)
    n: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The numbers of the questions whose words are all known, (A,), and the words' rows, (A, n).

    A word that is not known as it is written is looked up in lower case: many tests write names with capitals, many
    vocabularies do not.

    >>> known_rows([("Rome", "cat"), ("cat", "dog")], ["cat", "rome"], 2)
    (array([0]), array([[1, 0]]))
    """
    row_of = row_lookup(words)
    numbers, rows = [], []
    for number, question in enumerate(questions):
        found = [row_of(word) for word in question]
        if min(found) >= 0:
            numbers.append(number)
            rows.append(found)
    return np.array(numbers, np.int64), np.array(rows, np.int64).reshape(-1, n)


def row_lookup(words: Sequence[str]) -> Callable[[str], int]:
    """A function that finds a word's row, -1 for none, as it is written or in lower case.

    >>> row_lookup(["rome", "US"])("Rome")
    0
    """
    row_of = {word: row for row, word in enumerate(words)}

    def find(word: str) -> int:
        row = row_of.get(word)
        return row_of.get(word.lower(), -1) if row is None else row

    return find
