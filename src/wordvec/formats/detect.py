"""Load and save: from a path to word vectors and back, in whatever format."""

from __future__ import annotations

import os
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from wordvec.errors import FormatError
from wordvec.formats import glove, native, word2vec_binary, word2vec_text
from wordvec.formats.names import format_of
from wordvec.formats.sniff import recognise
from wordvec.formats.target import check_target
from wordvec.formats.temporary import aside_of
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["load", "save"]


class Room(NamedTuple):
    """How a format is read and written."""

    read: Callable[[Path], WordVectors]
    write: Callable[[WordVectors, Path], None]


ROOMS = {
    "native": Room(native.read, native.write),
    "word2vec-binary": Room(word2vec_binary.read, word2vec_binary.write),
    "word2vec-text": Room(word2vec_text.read, word2vec_text.write),
    "glove": Room(glove.read, glove.write),
}


def load(path: str | PathLike[str]) -> WordVectors:
    """Read vectors from a model folder or a file; the format is recognised from the content.

    Raises:
        FormatError: there is nothing at the path, it is damaged, or it is of no known format.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     save(WordVectors(["yes", "no"], [[1.0, 2.0], [3.0, 4.0]]), f"{folder}/vectors.bin")
    ...     load(f"{folder}/vectors.bin")["no"].tolist()
    [3.0, 4.0]
    """
    target = Path(path)
    aside = None if os.path.lexists(target) else aside_of(Path(os.path.realpath(target)))
    if aside is not None:
        raise FormatError(
            f"{path} is not there: a save was interrupted, and the model that it was to replace is complete, "
            f"in {aside}; rename that to {path}"
        )
    return ROOMS[recognise(target)].read(target)


def save(vectors: WordVectors, path: str | PathLike[str], format: str | None = None) -> None:  # noqa: A002
    """Write vectors to a model folder or a file, so that a crash at any moment leaves the old or the new one.

    Args:
        vectors: what to write; the formats of other tools take words and input vectors only.
        path: `.bin` is word2vec's binary file, `.txt` and `.vec` its text file, all else our folder. Missing
            parents are made; a model that is already there is replaced, anything else is not.
        format: "native", "word2vec-binary", "word2vec-text" or "glove", whatever the path ends in.

    Raises:
        FormatError: it cannot be written; what was there before is still there.
        ConfigError: there is no format of that name.
    """
    check_target(path, format)
    ROOMS[format_of(Path(path), format)].write(vectors, Path(path))
