"""NumPy's .npz format: arrays "words" (V,), "vectors" (V, D), and "counts" (V,) where they are known."""

from __future__ import annotations

import lzma
import struct
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import FormatError, WordvecError
from wordvec.formats.files import BEST_GZIP_RATIO, reading, reason_of
from wordvec.formats.foreign_words import check_unicode, vectors_of_distinct_words
from wordvec.formats.npy import NpyHeader, read_header, read_rows
from wordvec.storage.atomic import replacing_file
from wordvec.text import shortened
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["read", "write"]

# V words, D dimensions
VECTORS, WORDS, COUNTS = "vectors", "words", "counts"
KINDS = {VECTORS: "f", WORDS: "U", COUNTS: "iu"}
BYTES_OF_A_LETTER = 4  # NumPy gives each word the room of the longest
ROOM_FOR_WORDS = 64 * 2**20  # bytes; or as much as the vectors have, if that is more
OF_DAMAGE = (
    ValueError,
    TypeError,
    KeyError,
    ArithmeticError,
    EOFError,
    RuntimeError,  # and its kinds: packed or encrypted in ways that zipfile does not know
    struct.error,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
)


class Member(NamedTuple):
    """One array of the archive."""

    info: zipfile.ZipInfo
    header: NpyHeader


def read(path: Path, limit: int | None = None) -> WordVectors:
    """Read words and vectors, compressed or not; pickled objects are refused.

    Of a repeated word the first vector is kept, with a warning.

    Args:
        path: the file.
        limit: read so many words at most.

    Raises:
        FormatError: it is damaged, or has no words and vectors.
    """
    try:
        with reading(path), zipfile.ZipFile(path) as archive:
            members = {name: _member(archive, name) for name in KINDS if f"{name}.npy" in archive.namelist()}
            if not {VECTORS, WORDS} <= set(members):
                found = ", ".join(name[:60] for name in sorted(archive.namelist())[:5]) or "nothing"
                found = found if found.isprintable() else repr(found)
                raise FormatError(
                    f'{path} must have the arrays "words" and "vectors", got {found}; with them, '
                    "np.savez(path, words=words, vectors=matrix) writes such a file"
                )
            _check_shapes({name: member.header.shape for name, member in members.items()})
            arrays = {name: _array(archive, member, limit) for name, member in members.items()}
            words = _strings(arrays[WORDS])
            matrix = _floats(arrays[VECTORS])
            counts = cast("NDArray[np.integer[Any]] | None", arrays.get(COUNTS))
    except OF_DAMAGE as problem:
        if isinstance(problem, WordvecError):
            raise
        raise FormatError(
            f"{path} is damaged or cut short: {reason_of(problem)}; get the file again"
        ) from problem
    return vectors_of_distinct_words(path, words, matrix, counts)


def _member(archive: zipfile.ZipFile, name: str) -> Member:
    info = archive.getinfo(f"{name}.npy")
    if info.file_size > BEST_GZIP_RATIO * info.compress_size:
        raise ValueError(f"{name} cannot be as long as it says")
    with archive.open(info) as stream:
        header = read_header(cast("BinaryIO", stream))
        room = info.file_size - stream.tell()
    if header.dtype.kind not in KINDS[name]:
        raise ValueError(f"{name} has the type {header.dtype}")
    if header.num_bytes > room:
        raise ValueError(f"{name} promises {header.num_bytes:,} bytes, and has {room:,}")
    return Member(info, header)


def _check_shapes(shapes: dict[str, tuple[int, ...]]) -> None:
    num_dims = {name: len(shape) for name, shape in shapes.items()}
    rows = {shape[0] for shape in shapes.values()}
    if len(rows) > 1 or 0 in shapes[VECTORS] or num_dims != {name: 1 + (name == VECTORS) for name in shapes}:
        raise ValueError(f"its arrays do not fit together, {shapes}")


def _array(archive: zipfile.ZipFile, member: Member, limit: int | None) -> NDArray[np.generic]:
    with archive.open(member.info) as stream:
        header = read_header(cast("BinaryIO", stream))
        return read_rows(cast("BinaryIO", stream), header, limit)


def _strings(array: NDArray[np.generic]) -> list[str]:
    """The words of an array of text, whose numbers may be no characters."""
    codes = array.view(np.dtype(np.uint32).newbyteorder(array.dtype.byteorder))
    if codes.size and codes.max() > sys.maxunicode:
        raise ValueError("its words have numbers that are no characters")
    words = cast("list[str]", array.tolist())
    "".join(words).encode()  # halves of characters are no text
    return words


@np.errstate(over="ignore")  # what becomes infinity is refused with its word
def _floats(array: NDArray[np.generic]) -> NDArray[np.float32]:
    return array.astype(np.float32, copy=False)


def write(vectors: WordVectors, path: Path) -> None:
    """Write words, input vectors, and counts where they are known.

    Raises:
        FormatError: NumPy cannot hold a word, or one is no valid text, or the file cannot be written.
    """
    longest = max(vectors.words, key=len)
    if len(vectors) * len(longest) * BYTES_OF_A_LETTER > max(ROOM_FOR_WORDS, vectors.matrix.nbytes):
        raise FormatError(
            f"{path}: NumPy would give each word the room of the longest, which has {len(longest):,} characters; "
            "save as .safetensors or .parquet"
        )
    check_unicode(vectors.words, path)
    for row, word in enumerate(vectors.words):
        if word.endswith("\0"):
            raise FormatError(
                f"{path}: NumPy cannot hold the word {shortened(repr(word))} (row {row}), as it drops NUL at the end; "
                "save as .safetensors or .parquet"
            )
    arrays: dict[str, Any] = {WORDS: np.array(vectors.words), VECTORS: vectors.matrix}
    if vectors.counts is not None:
        arrays[COUNTS] = vectors.counts
    with replacing_file(path) as stream:
        np.savez(stream, **arrays)
