"""Words in the files of other tools, where white space ends a word and nothing is escaped: encode, decode, check."""

from __future__ import annotations

import codecs
import re
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import ConfigError, FormatError
from wordvec.text import is_unicode, reason_of
from wordvec.vectors.word_vectors import WordVectors

__all__ = [
    "MAX_WORD_BYTES",
    "UTF8",
    "Decoding",
    "check_decoding",
    "check_unicode",
    "check_word_length",
    "encode_words",
    "not_decodable",
    "vectors_of_distinct_words",
]

WHITE_SPACE = re.compile(r"[ \t\n\v\f\r]")  # what C's isspace and the tools' own readers stop at

MAX_WORD_BYTES = 1 << 20  # what readers of text and Parquet take, and so what is written
MAX_SHOWN = 60  # letters or bytes of a word, in a message
ERRORS = ("strict", "replace", "ignore")
ASCII = "word +0.1 -2e3\t\r\n"  # what rows consist of, which an encoding must leave as it is


class Decoding(NamedTuple):
    """How the bytes of words become text, as `bytes.decode` takes it."""

    encoding: str
    errors: str


UTF8 = Decoding("utf-8", "strict")


def check_decoding(encoding: str, errors: str) -> Decoding:
    """Check an encoding and a way with errors.

    Raises:
        ConfigError: the encoding does not exist or does not contain ASCII, or the way with errors does not exist.

    >>> check_decoding("UTF-8", "strict") == UTF8, check_decoding("latin-1", "strict").encoding
    (True, 'iso8859-1')
    """
    if errors not in ERRORS:
        raise ConfigError(f"errors must be one of {', '.join(ERRORS)}, got {errors!r}")
    try:
        name = codecs.lookup(encoding).name
        keeps_ascii = ASCII.encode(name.removesuffix("-sig")) == ASCII.encode("ascii")
    except (LookupError, UnicodeError, ValueError, TypeError) as problem:
        raise ConfigError(
            f"encoding must be one that Python knows, as utf-8, cp1252 or gbk, got {encoding!r}"
        ) from problem
    if not keeps_ascii:
        raise ConfigError(
            f"encoding must be one in which spaces and digits are those of ASCII, got {encoding!r}; rewrite the "
            f"file in UTF-8, as with: iconv -f {name} -t utf-8"
        )
    return Decoding(name.removesuffix("-sig"), errors)  # a byte order mark is left out anyway


def check_unicode(words: Sequence[str], path: Path) -> None:
    r"""Check that no word has half a character in it, which no file of text takes.

    Raises:
        FormatError: a word has.

    >>> check_unicode(["a", "\ud800"], Path("vectors.npz"))
    Traceback (most recent call last):
    wordvec.errors.FormatError: vectors.npz: the word '\ud800' (row 1) is not valid Unicode text
    """
    try:
        "".join(words).encode()
    except UnicodeEncodeError as problem:
        row = next(row for row, word in enumerate(words) if not is_unicode(word))
        raise FormatError(
            f"{path}: the word {words[row]!r} (row {row}) is not valid Unicode text"
        ) from problem


def check_word_length(words: Sequence[str], path: Path, max_bytes: int = MAX_WORD_BYTES) -> None:
    """Check that no word is longer than readers take.

    Raises:
        FormatError: a word is.

    >>> check_word_length(["tea", "milk"], Path("vectors.parquet"), max_bytes=3)
    Traceback (most recent call last):
    wordvec.errors.FormatError: vectors.parquet: the word 'milk' (row 1) has 4 bytes, and a word may have 3 here; ...
    """
    for row, word in enumerate(words):
        if len(word) * 4 > max_bytes and (num_bytes := len(word.encode(errors="surrogatepass"))) > max_bytes:
            raise FormatError(
                f"{path}: the word {word[:MAX_SHOWN]!r} (row {row}) has {num_bytes:,} bytes, and a word may have "
                f"{max_bytes:,} here; leave it out, or save as a wordvec folder (as model.wv)"
            )


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
                f"{path}: this format cannot hold the word {word[:MAX_SHOWN]!r} (row {row}), as white space ends "
                "a word; save as a wordvec folder (as model.wv), .safetensors or .parquet"
            )
        try:
            encoded.append(word.encode())
        except UnicodeEncodeError as problem:
            raise FormatError(
                f"{path}: the word {word[:MAX_SHOWN]!r} (row {row}) is not valid Unicode text"
            ) from problem
    return encoded


def not_decodable(path: Path, place: str, word: bytes, decoding: Decoding) -> FormatError:
    """Make the error for a word that cannot be decoded; word2vec.c cuts long words at a byte, for one."""
    start = word[:MAX_SHOWN]  # in a damaged file, a "word" may be a megabyte
    return FormatError(
        f"{path}, {place}: the word {start!r} is not valid {decoding.encoding.upper()}; if the whole file is in "
        "another encoding, name it with encoding= (--encoding); if some words are cut or damaged, errors='replace' "
        "(--errors replace) puts a mark in place of such bytes, errors='ignore' leaves them out"
    )


def vectors_of_distinct_words(
    path: Path,
    words: Sequence[str],
    matrix: NDArray[np.float32],  # (V, D)
    counts: NDArray[np.integer[Any]] | None = None,  # (V,)
    *,
    errors: str = "strict",
) -> WordVectors:
    """Put words and vectors together; of a repeated word, keep the first vector (as gensim does).

    Decoding with errors may have made words alike; words of which nothing is left, as errors are ignored, are left out.

    Raises:
        FormatError: a vector is not finite, or a count is negative.
    """
    if errors == "ignore" and "" in words:
        kept = [row for row, word in enumerate(words) if word]
        warnings.warn(
            f"{path}: {len(words) - len(kept):,} words are left out, as no byte of them can be decoded",
            stacklevel=2,
        )
        words, matrix = [words[row] for row in kept], matrix[kept]
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
        f"{path} repeats {len(words) - len(rows)} words, as {twice!r}; the first vector of each is kept"
        + ("" if errors == "strict" else f" (errors={errors!r} can make words alike)"),
        stacklevel=2,
    )
    first = list(rows.values())
    return vectors_of_distinct_words(
        path, list(rows), matrix[first], None if counts is None else counts[first], errors=errors
    )
