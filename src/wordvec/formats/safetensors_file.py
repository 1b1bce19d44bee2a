"""safetensors: arrays by name, checked before they are loaded or mapped; and files of "vectors" with their words.

The words are two arrays: their UTF-8 bytes without gaps, "words", and where each ends, "word_ends".
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import FormatError
from wordvec.formats.files import check_regular, reading
from wordvec.formats.foreign_words import check_unicode, vectors_of_distinct_words
from wordvec.storage.atomic import replacing_file
from wordvec.text import reason_of
from wordvec.vectors.word_vectors import WordVectors

__all__ = [
    "TensorFile",
    "bytes_of_words",
    "open_tensors",
    "read_safetensors",
    "words_of_bytes",
    "write_safetensors",
    "write_tensors",
]

# V words, D dimensions, B bytes of all words together
VECTORS, WORDS, ENDS, COUNTS = "vectors", "words", "word_ends", "counts"  # (V, D), (B,), (V,), (V,)
AGAIN = "get the file again"
ABOUT = {"format": "wordvec", "words": "UTF-8 bytes of all words; word i ends at word_ends[i]"}
SIZE_BYTES = 8  # before the header: https://github.com/huggingface/safetensors#format


def read_safetensors(path: Path, limit: int | None = None, *, mmap: bool = False) -> WordVectors:
    """Read what `write_safetensors` writes.

    Args:
        path: the file.
        limit: read only the first N words.
        mmap: leave the matrix on the disk, from where the system brings what is looked at.

    Raises:
        FormatError: it is damaged, or has no words with its vectors.
    """
    with open_tensors(path, AGAIN) as tensors:
        missing = {VECTORS, WORDS, ENDS} - set(tensors.names)
        if missing:
            raise FormatError(
                f"{path} has no tensors {', '.join(sorted(missing))}, only {tensors.names}; wordvec reads what it "
                "writes itself (docs/formats.md); WordVectors(words, matrix) makes vectors of other tensors"
            )
        num_words = {VECTORS: tensors.shape(VECTORS, "F32", num_dims=2)[0]}
        for name in {ENDS, COUNTS} & set(tensors.names):
            (num_words[name],) = tensors.shape(name, "I64", num_dims=1)
        if len(set(num_words.values())) > 1:
            raise tensors.damage(f"its tensors differ in their rows, {num_words}")
        tensors.shape(WORDS, "U8", num_dims=1)
        ends = tensors.array(ENDS, limit)
        try:
            words = words_of_bytes(tensors.array(WORDS), ends)
        except ValueError as problem:
            raise tensors.damage(reason_of(problem)) from problem
        counts = tensors.array(COUNTS, limit) if COUNTS in num_words else None
        matrix = tensors.floats(VECTORS, limit, mmap=mmap)
        return vectors_of_distinct_words(path, words, matrix, counts)


def write_safetensors(vectors: WordVectors, path: Path) -> None:
    """Write words, input vectors, and counts where they are known.

    Raises:
        FormatError: a word is not valid text.
        ResourceError: the file cannot be written.
    """
    check_unicode(vectors.words, path)
    content, ends = bytes_of_words(vectors.words)
    tensors: dict[str, NDArray[Any]] = {VECTORS: vectors.matrix, WORDS: content, ENDS: ends}
    if vectors.counts is not None:
        tensors[COUNTS] = vectors.counts
    with replacing_file(path) as stream:
        growing, mode = Path(stream.name), os.fstat(stream.fileno()).st_mode
        write_tensors(tensors, growing, ABOUT)
        growing.chmod(mode)  # safetensors makes files for their owner alone


def bytes_of_words(words: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Encode V words as their UTF-8 bytes, (B,), and their ends, (V,).

    Raises:
        UnicodeEncodeError: a word is not valid text.

    >>> [array.tolist() for array in bytes_of_words(["a", "", "é"])]
    [[97, 195, 169], [1, 1, 3]]
    """
    encoded = [word.encode() for word in words]
    return np.frombuffer(b"".join(encoded), np.uint8), np.cumsum([len(word) for word in encoded])


def words_of_bytes(content: NDArray[np.uint8], ends: NDArray[np.int64]) -> list[str]:
    """Decode them; what follows the last end is not looked at.

    Raises:
        ValueError: the ends do not rise, or are outside of the bytes, or something is not text.

    >>> words_of_bytes(*bytes_of_words(["a", "", "é"]))
    ['a', '', 'é']
    """
    starts = np.concatenate([[0], ends[:-1]])
    if (ends < starts).any() or ends[-1] > len(content):
        raise ValueError("the ends of its words do not follow each other")
    whole = content[: ends[-1]].tobytes()
    return [whole[start:end].decode() for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


WANTED = {
    "F32": "float32 (V, D)",
    "F16": "float16 (V, D)",
    "I8": "int8 (V, D)",
    "I64": "int64 (V,)",
    "I32": "int32 (B,)",
    "U8": "bytes",
}


class TensorFile(NamedTuple):
    """An open file, whose header safetensors has checked."""

    path: Path
    tensors: Any  # safetensors.safe_open, which has no type
    remedy: str  # ends a message
    stream: BinaryIO  # of the same file, which a new one may replace at its path meanwhile

    @property
    def names(self) -> list[str]:
        """What is in it."""
        return list(self.tensors.keys())

    def shape(self, name: str, kind: str, num_dims: int) -> tuple[int, ...]:
        """The shape of a tensor.

        Raises:
            FormatError: it is of another kind, or empty.
        """
        tensor = self.tensors.get_slice(name)
        found, shape = tensor.get_dtype(), tuple(tensor.get_shape())
        may_be_empty = kind in ("U8", "I32")  # the one word may be "", and have no n-grams
        is_empty = 0 in shape and not may_be_empty  # (a trillion, 0) takes no bytes
        if found != kind or len(shape) != num_dims or is_empty:
            wanted = WANTED[kind]
            raise self.damage(f"{name} must be {wanted}, got {found} {shape}")
        return shape

    def array(self, name: str, limit: int | None = None) -> NDArray[Any]:
        """The first rows of a tensor."""
        part = self.tensors.get_slice(name)
        rows = part.get_shape()[0]
        tensor: NDArray[Any] = (
            self.tensors.get_tensor(name) if limit is None or limit >= rows else part[:limit]
        )
        return tensor

    def floats(self, name: str, limit: int | None, *, mmap: bool) -> NDArray[np.float32]:
        """The first rows of a float32 matrix; mapped ones are read by the system when they are looked at."""
        if not mmap:
            return self.array(name, limit)
        self.stream.seek(0)
        size = int.from_bytes(self.stream.read(SIZE_BYTES), "little")
        start, stop = json.loads(self.stream.read(size))[name]["data_offsets"]
        rows, dim = self.tensors.get_slice(name).get_shape()
        if stop - start != rows * dim * 4:
            raise self.damage(f"{name} has {stop - start:,} bytes")
        shape = (rows if limit is None else min(limit, rows), dim)
        return np.memmap(self.stream, "<f4", "r", SIZE_BYTES + size + start, shape)

    def damage(self, what: str) -> FormatError:
        """Make the error for what is wrong with it."""
        return FormatError(f"{self.path} is damaged or cut short: {what}; {self.remedy}")


@contextmanager
def open_tensors(path: Path, remedy: str) -> Iterator[TensorFile]:
    """Open a safetensors file.

    Raises:
        FormatError: it is damaged, also where that shows later in the block.
    """
    from safetensors import SafetensorError, safe_open

    check_regular(path)
    try:
        while True:
            with reading(path), path.open("rb") as stream, safe_open(path, framework="numpy") as tensors:
                # An open file keeps its number, so safe_open has opened this one if it is still at the path.
                if os.path.samestat(os.fstat(stream.fileno()), path.stat()):
                    yield TensorFile(path, tensors, remedy, stream)
                    return
    except SafetensorError as problem:
        raise FormatError(f"{path} is damaged or cut short: {reason_of(problem)}; {remedy}") from problem


def write_tensors(
    tensors: Mapping[str, NDArray[np.generic]], file: Path, about: Mapping[str, str] | None = None
) -> None:
    """Write arrays by name, and words about them; a full disk is the OSError that it is."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    try:
        save_file(dict(tensors), file, dict(about) if about else None)
    except SafetensorError as problem:
        number = re.search(r"os error (\d+)", str(problem))  # all that is left of the OSError
        raise OSError(int(number[1]) if number else errno.EIO, str(problem)) from problem
