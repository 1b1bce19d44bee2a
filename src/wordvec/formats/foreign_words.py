"""What a word may look like in the files of other tools, where white space ends it and nothing is escaped."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import ConfigError, FormatError
from wordvec.formats.files import reason_of
from wordvec.formats.plain_json import is_unicode
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["check_unicode", "encode_words", "not_utf8", "vectors_of_distinct_words"]

WHITE_SPACE = re.compile(r"[ \t\n\v\f\r]")  # what C's isspace and the tools' own readers stop at

LONGEST_SHOWN = 60  # bytes of a word, in a message


def check_unicode(words: Sequence[str], path: Path) -> None:
    r"""Refuse words with halves of characters, which no file of text takes.

    Raises:
        FormatError: there is one.

    >>> check_unicode(["a", "\ud800"], Path("vectors.npz"))
    Traceback (most recent call last):
    wordvec.errors.FormatError: vectors.npz: the word '\ud800' (row 1) is no valid Unicode text
    """
    try:
        "".join(words).encode()
    except UnicodeEncodeError as problem:
        row = next(row for row, word in enumerate(words) if not is_unicode(word))
        raise FormatError(
            f"{path}: the word {words[row]!r} (row {row}) is no valid Unicode text"
        ) from problem


def encode_words(words: Iterable[str], path: Path) -> list[bytes]:
    r"""Encode the words as UTF-8 for a word2vec or GloVe file.

    Raises:
        FormatError: a word is empty or has white space in it, which would shift everything after it.

    >>> encode_words(["</s>", "naïve"], Path("vectors.txt"))
    [b'</s>', b'na\xc3\xafve']
    """
    encoded = []
    for row, word in enumerate(words):
        if not word or WHITE_SPACE.search(word):
            raise FormatError(
                f"{path}: this format cannot hold the word {word!r} (row {row}), as white space ends a word; "
                "save as a wordvec folder (as model.wv), .safetensors or .parquet"
            )
        try:
            encoded.append(word.encode())
        except UnicodeEncodeError as problem:
            raise FormatError(f"{path}: the word {word!r} (row {row}) is no valid Unicode text") from problem
    return encoded


def not_utf8(path: Path, place: str, word: bytes) -> FormatError:
    """Make the error for a word that cannot be decoded; word2vec.c cuts long words at a byte, for one."""
    start = word[:LONGEST_SHOWN]  # in a damaged file, a "word" may be a megabyte
    return FormatError(
        f"{path}, {place}: the word {start!r} is not valid UTF-8; read the file in gensim with "
        "load_word2vec_format(..., unicode_errors='replace') and save it again"
    )


def vectors_of_distinct_words(
    path: Path,
    words: Sequence[str],
    matrix: NDArray[np.float32],  # (V, D)
    counts: NDArray[np.integer[Any]] | None = None,  # (V,)
) -> WordVectors:
    """Put words and vectors together; of a word that comes more than once, keep the first (as gensim).

    Raises:
        FormatError: a vector is not finite, or a count is negative.
    """
    try:
        return WordVectors(words, matrix, counts=counts)
    except ConfigError as problem:
        if len(set(words)) == len(words):  # looked at now, as it takes a while
            raise FormatError(f"{path} is damaged: {reason_of(problem)}") from problem
    rows: dict[str, int] = {}  # the first row of each word
    for row, word in enumerate(words):
        rows.setdefault(word, row)
    twice = next(word for row, word in enumerate(words) if rows[word] != row)
    warnings.warn(
        f"{path} repeats {len(words) - len(rows)} words, as {twice!r}; the first vector of each is kept",
        stacklevel=2,
    )
    first = list(rows.values())
    return vectors_of_distinct_words(
        path, list(rows), matrix[first], None if counts is None else counts[first]
    )
