"""word2vec's binary format: a line "V D", then for each word: it, a space, D float32 numbers, a line end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from wordvec.errors import FormatError
from wordvec.formats.binary_rows import LARGEST_DIM, NUMBER, is_byte_swapped, read_rows
from wordvec.formats.files import open_vectors
from wordvec.formats.foreign_words import UTF8, Decoding, encode_words, vectors_of_distinct_words
from wordvec.formats.header import LONGEST, check_room, parse_header
from wordvec.formats.sniff import recognise_sample
from wordvec.formats.text_layout import SAMPLE_BYTES
from wordvec.storage.atomic import replacing_file
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["read", "write"]

NUM_ROWS_TO_TELL = 1000  # whether the numbers are big-endian


def read(path: Path, limit: int | None = None, *, decoding: Decoding = UTF8) -> WordVectors:
    """Read a file of word2vec.c (a line end after each row) or gensim (none), plain or compressed.

    Of a repeated word the first vector is kept, with a warning.

    Args:
        path: the file.
        limit: read so many rows at most, and nothing of what follows.
        decoding: how words are decoded.

    Raises:
        FormatError: the file is damaged, cut short, or of another format.
    """
    with open_vectors(path) as file:
        header = parse_header(file.stream.readline(LONGEST))
        if header is None:
            raise FormatError(
                f'{path} is not a word2vec binary file: its first line is not "words dimensions"'
            )
        smallest_row = 1 + header.dim * NUMBER.itemsize  # no word, a space
        check_room(path, header, smallest_row, file, limit)
        if header.dim > LARGEST_DIM:
            raise FormatError(
                f"{path} says that its vectors have {header.dim:,} dimensions; wordvec reads up to {LARGEST_DIM:,}"
            )
        words, matrix = read_rows(path, file, header, limit, decoding)
    if is_byte_swapped(matrix[:NUM_ROWS_TO_TELL].ravel()):
        raise FormatError(
            f"{path} has its numbers big-endian, as some machines write them, and word2vec's files are little-endian; "
            "read the numbers as '>f4' in NumPy, and make WordVectors(words, matrix) of them"
        )
    return vectors_of_distinct_words(path, words, matrix, errors=decoding.errors)


def write(vectors: WordVectors, path: Path) -> None:
    """Write words and input vectors; counts, settings and output vectors have no place in this format.

    Raises:
        FormatError: a word has white space in it, the numbers would be taken for damage, or the file cannot be written.
    """
    words = encode_words(vectors.words, path)
    if is_byte_swapped(vectors.matrix[:NUM_ROWS_TO_TELL].ravel()):
        raise FormatError(
            f"{path}: numbers as tiny or huge as these would be taken for big-endian ones when they are read; "
            "save as .safetensors or .npz"
        )
    if not _is_recognized(path, _lines(words, vectors)):
        raise FormatError(
            f"{path}: the bytes of these words and numbers would be taken for another format when they are read; "
            "save as .safetensors or .npz"
        )
    with replacing_file(path) as stream:
        for line in _lines(words, vectors):
            stream.write(line)


def _lines(words: Sequence[bytes], vectors: WordVectors) -> Iterator[bytes]:
    yield b"%d %d\n" % (len(vectors), vectors.dim)
    for word, vector in zip(words, vectors.matrix.astype(NUMBER, copy=False), strict=True):
        yield b"%b %b\n" % (word, vector.tobytes())


def _is_recognized(path: Path, lines: Iterator[bytes]) -> bool:
    start = bytearray()
    while len(start) < SAMPLE_BYTES and (line := next(lines, b"")):
        start += line
    try:
        return recognise_sample(path, bytes(start[:SAMPLE_BYTES])) == "word2vec-binary"
    except FormatError:
        return False
