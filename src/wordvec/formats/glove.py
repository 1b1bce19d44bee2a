"""GloVe's text format: word2vec's without the first line."""

from __future__ import annotations

from pathlib import Path

from wordvec.errors import FormatError
from wordvec.formats.atomic import replacing_file
from wordvec.formats.files import open_vectors
from wordvec.formats.header import Header
from wordvec.formats.text_rows import read_rows, write_rows
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["count_numbers", "read", "write"]

BYTES_PER_READ = 1 << 22


def count_numbers(line: bytes) -> int:
    """Count the numbers that end a line "word number number ..."; the first field is always the word.

    >>> count_numbers(b". . . 0.5 -1"), count_numbers(b"2024 0.5 -1"), count_numbers(b"a few words")
    (2, 2, 0)
    """
    numbers = 0
    for field in reversed(line.rstrip().split(b" ")[1:]):
        try:
            float(field)
        except ValueError:
            break
        numbers += 1
    return numbers


def read(path: Path, limit: int | None = None) -> WordVectors:
    """Read a file as GloVe writes it, plain or gzip-compressed; the first line shows the dimensions.

    Of a repeated word the first vector is kept, with a warning.

    Args:
        path: the file.
        limit: read so many rows at most, and nothing of what follows.

    Raises:
        FormatError: the file is damaged or of another format.
    """
    with open_vectors(path) as file:
        dim = count_numbers(file.stream.readline())
        if dim == 0:
            raise FormatError(f"{path} is no GloVe file: its first line is not a word and numbers")
        file.stream.seek(0)
        num_lines, num_bytes, last = 0, 0, b"\n"
        # Beyond the limit, so that it is clear whether the file goes on there.
        while (limit is None or num_lines <= limit) and (block := file.stream.read(BYTES_PER_READ)):
            num_lines += block.count(b"\n")
            num_bytes += len(block)
            last = block[-1:]
        num_lines += not block and last != b"\n"
        # At least: no word, one digit a number; the last line may not end.
        if num_lines * (2 * dim + 1) > num_bytes + 1:
            raise FormatError(
                f"{path}: its first line has {dim:,} numbers, for which not all of its {num_lines:,} lines are long "
                "enough; the file is damaged"
            )
        file.stream.seek(0)
        return read_rows(path, file.stream, Header(num_lines, dim, num_bytes=0), first_line=1, limit=limit)


def write(vectors: WordVectors, path: Path) -> None:
    """Write words and input vectors; counts, settings and output vectors have no place in this format.

    Raises:
        FormatError: a word has white space in it, or the file cannot be written.
    """
    with replacing_file(path) as stream:
        write_rows(path, stream, vectors)
