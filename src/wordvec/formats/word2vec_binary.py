"""word2vec's binary format: a line "V D", then for each word: it, a space, D float32 numbers, a line end."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from wordvec.errors import FormatError
from wordvec.formats.atomic import replacing_file
from wordvec.formats.files import OpenFile, open_vectors
from wordvec.formats.foreign_words import encode_words, not_utf8, vectors_of_distinct_words
from wordvec.formats.header import LONGEST, Header, check_room, parse_header
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["read", "write"]

NUMBER = np.dtype("<f4")  # little-endian, whatever this machine has
BYTES_PER_READ = 1 << 22
LONGEST_WORD = 1 << 20  # bytes


def read(path: Path) -> WordVectors:
    """Read a file of word2vec.c (a line end after each row) or gensim (none), plain or gzip-compressed.

    Of a repeated word the first vector is kept, with a warning.

    Raises:
        FormatError: the file is damaged, cut short, or of another format.
    """
    with open_vectors(path) as file:
        header = parse_header(file.stream.readline(LONGEST))
        if header is None:
            raise FormatError(f'{path} is no word2vec binary file: its first line is not "words dimensions"')
        smallest_row = 1 + header.dim * NUMBER.itemsize  # no word, a space
        check_room(path, header, smallest_row, file.room - header.num_bytes)
        return _read_rows(path, file, header)


def _read_rows(path: Path, file: OpenFile, header: Header) -> WordVectors:
    words: list[str] = []
    matrix = np.empty((header.num_words, header.dim), dtype=np.float32)
    row_bytes = header.dim * NUMBER.itemsize
    buffer, start = b"", 0  # what is read and not yet used begins at start
    position = header.num_bytes  # of the buffer in the file
    for row in range(header.num_words):
        while True:
            space = buffer.find(b" ", start, start + LONGEST_WORD)
            if space >= 0 and len(buffer) > space + row_bytes:
                break
            if space < 0 and len(buffer) >= start + LONGEST_WORD:
                raise FormatError(
                    f"{path} is damaged: row {row:,} of {header.num_words:,}, at byte {position + start:,}, begins "
                    f"with no word, as {LONGEST_WORD:,} bytes without a space follow; get the file again"
                )
            more = file.stream.read(max(BYTES_PER_READ, row_bytes))  # not often: what is left is copied
            if not more:
                raise FormatError(
                    f"{path} is cut short: it ends at byte {position + len(buffer):,}, in row {row:,} of "
                    f"{header.num_words:,}; get the file again"
                )
            buffer, start, position = buffer[start:] + more, 0, position + start
        word = buffer[start:space].lstrip(b"\n")
        try:
            words.append(word.decode())
        except UnicodeDecodeError as problem:
            raise not_utf8(path, f"row {row:,} at byte {position + start:,}", word) from problem
        matrix[row] = np.frombuffer(buffer, NUMBER, header.dim, offset=space + 1)
        start = space + 1 + row_bytes
    rest = buffer[start:] + file.stream.read(BYTES_PER_READ)
    if rest.strip():
        raise FormatError(
            f"{path} goes on after its {header.num_words:,} words x {header.dim}, at byte "
            f"{position + start:,}; its first line does not fit the rest"
        )
    return vectors_of_distinct_words(path, words, matrix)


def write(vectors: WordVectors, path: Path) -> None:
    """Write words and input vectors; counts, settings and output vectors have no place in this format.

    Raises:
        FormatError: a word has white space in it, or the file cannot be written.
    """
    words = encode_words(vectors.words, path)
    with replacing_file(path) as stream:
        stream.write(b"%d %d\n" % (len(vectors), vectors.dim))
        for word, vector in zip(words, vectors.matrix.astype(NUMBER, copy=False), strict=True):
            stream.write(b"%b %b\n" % (word, vector.tobytes()))
