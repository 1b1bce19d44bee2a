"""word2vec's text format: a line "V D", then for each word a line "word number number ..."."""

from __future__ import annotations

from pathlib import Path

from wordvec.errors import FormatError
from wordvec.formats.files import open_vectors
from wordvec.formats.foreign_words import UTF8, Decoding, vectors_of_distinct_words
from wordvec.formats.header import LONGEST, check_room, parse_header
from wordvec.formats.text_rows import read_rows, write_rows
from wordvec.storage.atomic import replacing_file
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["read", "write"]


def read(path: Path, limit: int | None = None, *, decoding: Decoding = UTF8) -> WordVectors:
    """Read a file as word2vec.c, gensim and fastText write it, plain or compressed, with spaces or tabs.

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
            raise FormatError(f'{path} is not a word2vec text file: its first line is not "words dimensions"')
        smallest_row = 2 * header.dim + 1  # no word, one digit a number; the last one may have no line end
        check_room(path, header, smallest_row, file, limit)
        words, matrix = read_rows(path, file.stream, header, first_line=2, limit=limit, decoding=decoding)
    return vectors_of_distinct_words(path, words, matrix, errors=decoding.errors)


def write(vectors: WordVectors, path: Path) -> None:
    """Write words and input vectors; counts, settings and output vectors have no place in this format.

    Raises:
        FormatError: a word has white space in it, or the file cannot be written.
    """
    with replacing_file(path) as stream:
        stream.write(b"%d %d\n" % (len(vectors), vectors.dim))
        write_rows(path, stream, vectors.words, vectors.matrix)
