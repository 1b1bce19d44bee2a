"""A safetensors file: "vectors", and beside them the words as "words" and "word_ends", and "counts"."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from wordvec.errors import FormatError
from wordvec.formats.files import reason_of
from wordvec.formats.foreign_words import check_unicode, vectors_of_distinct_words
from wordvec.formats.packed_words import packed, unpacked
from wordvec.formats.tensor_file import open_tensors
from wordvec.formats.tensors import write_tensors
from wordvec.storage.atomic import replacing_file
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["read", "write"]

# V words, D dimensions, B bytes of all words together
VECTORS, WORDS, ENDS, COUNTS = "vectors", "words", "word_ends", "counts"  # (V, D), (B,), (V,), (V,)
AGAIN = "get the file again"
ABOUT = {"format": "wordvec", "words": "UTF-8 bytes of all words; word i ends at word_ends[i]"}


def read(path: Path, limit: int | None = None, *, mmap: bool = False) -> WordVectors:
    """Read what `write` writes.

    Args:
        path: the file.
        limit: read so many words at most.
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
            words = unpacked(tensors.array(WORDS), ends)
        except ValueError as problem:
            raise tensors.damage(reason_of(problem)) from problem
        counts = tensors.array(COUNTS, limit) if COUNTS in num_words else None
        matrix = tensors.floats(VECTORS, limit, mmap=mmap)
        return vectors_of_distinct_words(path, words, matrix, counts)


def write(vectors: WordVectors, path: Path) -> None:
    """Write words, input vectors, and counts where they are known.

    Raises:
        FormatError: a word is no valid text, or the file cannot be written.
    """
    check_unicode(vectors.words, path)
    content, ends = packed(vectors.words)
    tensors: dict[str, NDArray[Any]] = {VECTORS: vectors.matrix, WORDS: content, ENDS: ends}
    if vectors.counts is not None:
        tensors[COUNTS] = vectors.counts
    with replacing_file(path) as stream:
        growing, mode = Path(stream.name), os.fstat(stream.fileno()).st_mode
        write_tensors(tensors, growing, ABOUT)
        growing.chmod(mode)  # safetensors makes files for their owner alone
