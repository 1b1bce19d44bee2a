"""NumPy's .npz format: arrays "words" (V,), "vectors" (V, D), and "counts" (V,) where they are known.

https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import io
import lzma
import math
import struct
import sys
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from wordvec.errors import FormatError, WordvecError
from wordvec.formats.files import MAX_GZIP_RATIO, reading
from wordvec.formats.foreign_words import check_unicode, vectors_of_distinct_words
from wordvec.storage.atomic import replacing_file
from wordvec.text import reason_of, shortened
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["NpyHeader", "read_header", "read_npz", "write_npz"]

# V words, D dimensions
VECTORS, WORDS, COUNTS = "vectors", "words", "counts"
KINDS = {VECTORS: "f", WORDS: "U", COUNTS: "iu"}
MAX_HEADER_BYTES = 10_000  # NumPy reads no longer ones either
HEADER_READERS = {  # arrays of numbers and text have no other version
    (1, 0): npy_format.read_array_header_1_0,
    (2, 0): npy_format.read_array_header_2_0,
}
BYTES_OF_A_LETTER = 4  # NumPy gives each word the room of the longest
ROOM_FOR_WORDS = 64 * 2**20  # bytes; or as much as the vectors have, if that is more
OF_DAMAGE = (
    ValueError,
    TypeError,
    KeyError,
    ArithmeticError,
    EOFError,
    RuntimeError,  # and its kinds: compressed or encrypted in ways that zipfile does not know
    struct.error,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
)


class NpyHeader(NamedTuple):
    """What a .npy file says of its array."""

    dtype: np.dtype[np.generic]
    shape: tuple[int, ...]  # one or two numbers
    in_columns: bool  # Fortran's order
    start: int  # of its numbers in the file
    num_bytes: int  # of all its numbers


class _Member(NamedTuple):
    """One array of the archive."""

    info: zipfile.ZipInfo
    header: NpyHeader


def read_npz(path: Path, limit: int | None = None) -> WordVectors:
    """Read words and vectors, compressed or not; pickled objects are refused.

    Of a repeated word the first vector is kept, with a warning.

    Args:
        path: the file.
        limit: read only the first N words.

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


def _member(archive: zipfile.ZipFile, name: str) -> _Member:
    info = archive.getinfo(f"{name}.npy")
    if info.file_size > MAX_GZIP_RATIO * info.compress_size:
        raise ValueError(f"{name} cannot be as long as it says")
    with archive.open(info) as stream:
        header = read_header(cast("BinaryIO", stream))
    room = info.file_size - header.start
    if header.dtype.kind not in KINDS[name]:
        raise ValueError(f"{name} has the type {header.dtype}")
    if header.num_bytes > room:
        raise ValueError(f"{name} promises {header.num_bytes:,} bytes, and has {room:,}")
    return _Member(info, header)


def _check_shapes(shapes: dict[str, tuple[int, ...]]) -> None:
    num_dims = {name: len(shape) for name, shape in shapes.items()}
    rows = {shape[0] for shape in shapes.values()}
    if len(rows) > 1 or 0 in shapes[VECTORS] or num_dims != {name: 1 + (name == VECTORS) for name in shapes}:
        raise ValueError(f"its arrays do not fit together, {shapes}")


def _array(archive: zipfile.ZipFile, member: _Member, limit: int | None) -> NDArray[np.generic]:
    with archive.open(member.info) as stream:
        stream.read(member.header.start)
        return _read_rows(cast("BinaryIO", stream), member.header, limit)


def read_header(stream: BinaryIO) -> NpyHeader:
    """Read the header of an array of one or two dimensions, of numbers or of text.

    Raises:
        ValueError: it is of another kind, or damaged.
    """
    # NumPy is given no more than this, as it would read a header of the 4 GiB that a few bytes may promise.
    start = io.BytesIO(stream.read(npy_format.MAGIC_LEN + 4 + MAX_HEADER_BYTES))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about a header of Python 2
            read = HEADER_READERS[npy_format.read_magic(start)]
            shape, in_columns, dtype = read(start, max_header_size=MAX_HEADER_BYTES)
    except Exception as problem:  # of all kinds, as NumPy and Python's parser take a header apart
        raise ValueError("an array does not begin as in a .npy file of numbers or text") from problem
    if dtype.hasobject:
        raise ValueError("it holds Python objects, as a pickle, which may run any code and is never opened")
    if dtype.kind not in "fiuU" or not dtype.itemsize or len(shape) not in (1, 2) or min(shape) < 0:
        raise ValueError(
            f"it has an array of {dtype} {shape}, not one of numbers or text in one or two dimensions"
        )
    return NpyHeader(dtype, shape, in_columns, start.tell(), math.prod(shape) * dtype.itemsize)


def _read_rows(stream: BinaryIO, header: NpyHeader, limit: int | None = None) -> NDArray[np.generic]:
    """Read the first rows of an array from a stream that stands behind the header.

    Raises:
        ValueError: there are fewer.
    """
    rows, *more = header.shape
    if not header.in_columns and limit is not None:
        rows = min(rows, limit)
    array = np.empty(rows * math.prod(more), header.dtype)
    room, filled = array.view(np.uint8).data if array.nbytes else memoryview(b""), 0
    while filled < len(room) and (num_bytes := stream.readinto(room[filled:])):  # type: ignore[attr-defined]
        filled += num_bytes
    if filled < len(room):
        raise ValueError(f"it is cut short: {filled:,} bytes in place of {len(room):,}")
    shape = (rows, *more)
    return array.reshape(shape, order="F" if header.in_columns else "C")[:limit]


def _strings(array: NDArray[np.generic]) -> list[str]:
    """The words of an array of text, whose numbers may be no characters."""
    codes = array.view(np.dtype(np.uint32).newbyteorder(array.dtype.byteorder))
    if codes.size and codes.max() > sys.maxunicode:
        raise ValueError("its words have numbers that are not characters")
    words = cast("list[str]", array.tolist())
    "".join(words).encode()  # halves of characters are not text
    return words


@np.errstate(over="ignore")  # what becomes infinity is refused with its word
def _floats(array: NDArray[np.generic]) -> NDArray[np.float32]:
    return array.astype(np.float32, copy=False)


def write_npz(vectors: WordVectors, path: Path) -> None:
    """Write words, input vectors, and counts where they are known.

    Raises:
        FormatError: NumPy cannot hold a word, or one is not valid text.
        ResourceError: the file cannot be written.
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
