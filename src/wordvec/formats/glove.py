"""GloVe's text format: word2vec's without the first line."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

from wordvec.errors import FormatError
from wordvec.formats.files import open_vectors
from wordvec.formats.foreign_words import UTF8, Decoding, vectors_of_distinct_words
from wordvec.formats.header import BYTE_ORDER_MARK, Header
from wordvec.formats.sniff import recognise_sample
from wordvec.formats.text_layout import (
    MAX_ROW_BYTES,
    MAX_SAMPLE_ROWS,
    SAMPLE_BYTES,
    check_words_are_not_numbers,
    find_dim,
    sample_rows,
)
from wordvec.formats.text_rows import read_rows, write_rows
from wordvec.storage.atomic import replacing_file
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["read", "write"]

BYTES_PER_READ = 1 << 22


class _Size(NamedTuple):
    num_lines: int  # without blank ones at the end
    num_bytes: int


def read(path: Path, limit: int | None = None, *, decoding: Decoding = UTF8) -> WordVectors:
    """Read a file as GloVe writes it, plain or compressed, with spaces or tabs; its first rows show the dimensions.

    Of a repeated word the first vector is kept, with a warning.

    Args:
        path: the file.
        limit: read so many rows at most, and nothing of what follows.
        decoding: how words are decoded.

    Raises:
        FormatError: the file is damaged or of another format.
    """
    with open_vectors(path) as file:
        sample = file.stream.read(SAMPLE_BYTES)
        if b"\n" not in sample:
            sample += file.stream.readline(MAX_ROW_BYTES)
            if len(sample) > MAX_ROW_BYTES:
                raise FormatError(
                    f"{path}, line 1: expected a word and numbers, got a line that does not end within "
                    f"{MAX_ROW_BYTES:,} bytes; the file is damaged, or of another format"
                )
        start = len(BYTE_ORDER_MARK) if sample.startswith(BYTE_ORDER_MARK) else 0
        dim = find_dim(path, sample[start:])
        if dim == 0:
            raise FormatError(f"{path} is not a GloVe file: its lines are not a word and numbers")
        file.stream.seek(start)
        num_lines, num_bytes = _measure(file.stream, limit)
        # At least: no word, one digit a number; the last line may not end.
        if num_lines * (2 * dim + 1) > num_bytes + 1:
            raise FormatError(
                f"{path}: its rows have {dim:,} numbers, for which not all of its {num_lines:,} lines are long enough; "
                "the file is damaged"
            )
        file.stream.seek(start)
        header = Header(num_lines, dim, num_bytes=start)
        words, matrix = read_rows(path, file.stream, header, first_line=1, limit=limit, decoding=decoding)
    check_words_are_not_numbers(path, words, sample_rows(sample[start:]))
    return vectors_of_distinct_words(path, words, matrix, errors=decoding.errors)


def _measure(stream: BinaryIO, limit: int | None) -> _Size:
    """Count lines and bytes, a little beyond the limit, so that it is clear whether the file goes on there."""
    num_lines, num_bytes, num_blank = 0, 0, 1
    while (limit is None or num_lines <= limit) and (block := stream.read(BYTES_PER_READ)):
        num_bytes += len(block)
        if text := block.rstrip():
            num_lines += num_blank + text.count(b"\n")
            num_blank = 0
        num_blank += block.count(b"\n", len(text))
    return _Size(num_lines, num_bytes)


def write(vectors: WordVectors, path: Path) -> None:
    """Write words and input vectors; counts, settings and output vectors have no place in this format.

    Raises:
        FormatError: a word has white space in it, the vectors would not be told from other things without a header, or
            the file cannot be written.
    """
    _check_recognizable(vectors, path)
    with replacing_file(path) as stream:
        write_rows(path, stream, vectors.words, vectors.matrix)


def _check_recognizable(vectors: WordVectors, path: Path) -> None:
    """Refuse to write what the reader would refuse, or read otherwise."""
    start = BytesIO()
    write_rows(path, start, vectors.words[:MAX_SAMPLE_ROWS], vectors.matrix)
    sample = start.getvalue()
    try:
        is_recognized = recognise_sample(path, sample) == "glove" and find_dim(path, sample) == vectors.dim
        check_words_are_not_numbers(path, vectors.words, sample_rows(sample))
    except FormatError:
        is_recognized = False
    if not is_recognized or sample.startswith(BYTE_ORDER_MARK):
        raise FormatError(
            f"{path}: these words and vectors could not be recognized without a first line that says how many "
            "there are; save with format='word2vec-text' (--format word2vec-text), which has one"
        )
