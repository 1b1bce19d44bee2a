"""Vectors in text: word2vec's files ("V D" in the first line, then a row "word number number ..." a word) and GloVe's.

GloVe's files have no first line: how many words and dimensions there are, the rows themselves show.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import FormatError
from wordvec.formats.detect import detect_sample
from wordvec.formats.files import open_vectors
from wordvec.formats.foreign_words import (
    MAX_SHOWN,
    MAX_WORD_BYTES,
    UTF8,
    Decoding,
    check_word_length,
    encode_words,
    not_decodable,
    vectors_of_distinct_words,
)
from wordvec.formats.text_layout import (
    BYTE_ORDER_MARK,
    MAX_HEADER_BYTES,
    MAX_ROW_BYTES,
    MAX_SAMPLE_ROWS,
    SAMPLE_BYTES,
    Header,
    check_room,
    check_words_are_not_numbers,
    count_numbers,
    find_dim,
    has_numbers_of_a_row,
    num_rows,
    parse_header,
    sample_rows,
    split_row,
    tabs_end_words,
    way_out,
)
from wordvec.storage.atomic import replacing_file
from wordvec.text import reason_of
from wordvec.vectors.word_vectors import WordVectors

__all__ = [
    "read_glove",
    "read_rows",
    "read_word2vec_text",
    "write_glove",
    "write_rows",
    "write_word2vec_text",
]

# R rows of a block, V words, D dimensions
NUMBERS_PER_BLOCK = 400_000
LINES_PER_BLOCK = 4096
BYTES_PER_BLOCK = 1 << 24
BYTES_PER_READ = 1 << 22
MAX_NUMBER_BYTES = 512  # with its separator; C writes the largest double with 316 digits


def read_word2vec_text(path: Path, limit: int | None = None, *, decoding: Decoding = UTF8) -> WordVectors:
    """Read a file as word2vec.c, gensim and fastText write it, plain or compressed, with spaces or tabs.

    Of a repeated word the first vector is kept, with a warning.

    Args:
        path: the file.
        limit: read only the first N rows, and nothing of what follows.
        decoding: how words are decoded.

    Raises:
        FormatError: the file is damaged, cut short, or of another format.
    """
    with open_vectors(path) as file:
        header = parse_header(file.stream.readline(MAX_HEADER_BYTES))
        if header is None:
            raise FormatError(f'{path} is not a word2vec text file: its first line is not "words dimensions"')
        smallest_row = 2 * header.dim + 1  # no word, one digit a number; the last one may have no line end
        check_room(path, header, smallest_row, file, limit)
        words, matrix = read_rows(path, file.stream, header, first_line=2, limit=limit, decoding=decoding)
    return vectors_of_distinct_words(path, words, matrix, errors=decoding.errors)


def write_word2vec_text(vectors: WordVectors, path: Path) -> None:
    """Write words and input vectors; counts, settings and output vectors have no place in this format.

    Raises:
        FormatError: a word has white space in it.
        ResourceError: the file cannot be written.
    """
    with replacing_file(path) as stream:
        stream.write(b"%d %d\n" % (len(vectors), vectors.dim))
        write_rows(path, stream, vectors.words, vectors.matrix)


def read_glove(path: Path, limit: int | None = None, *, decoding: Decoding = UTF8) -> WordVectors:
    """Read a file as GloVe writes it, plain or compressed, with spaces or tabs; its first rows show the dimensions.

    Of a repeated word the first vector is kept, with a warning.

    Args:
        path: the file.
        limit: read only the first N rows, and nothing of what follows.
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


class _Size(NamedTuple):
    num_lines: int  # without blank ones at the end
    num_bytes: int


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


def write_glove(vectors: WordVectors, path: Path) -> None:
    """Write words and input vectors; counts, settings and output vectors have no place in this format.

    Raises:
        FormatError: a word has white space in it, or the vectors would not be recognized without a header.
        ResourceError: the file cannot be written.
    """
    _check_recognizable(vectors, path)
    with replacing_file(path) as stream:
        write_rows(path, stream, vectors.words, vectors.matrix)


def _check_recognizable(vectors: WordVectors, path: Path) -> None:
    """Check that the reader would read the same vectors."""
    start = BytesIO()
    write_rows(path, start, vectors.words[:MAX_SAMPLE_ROWS], vectors.matrix)
    sample = start.getvalue()
    try:
        is_recognized = detect_sample(path, sample) == "glove" and find_dim(path, sample) == vectors.dim
        check_words_are_not_numbers(path, vectors.words, sample_rows(sample))
    except FormatError:
        is_recognized = False
    if not is_recognized or sample.startswith(BYTE_ORDER_MARK):
        raise FormatError(
            f"{path}: these words and vectors could not be recognized without a first line that says how many "
            "there are; save with format='word2vec-text' (--format word2vec-text), which has one"
        )


def read_rows(
    path: Path,
    stream: BinaryIO,
    header: Header,
    first_line: int,
    limit: int | None = None,
    *,
    decoding: Decoding = UTF8,
) -> tuple[list[str], NDArray[np.float32]]:
    """Read the promised rows: V words, of which some may be alike, and their vectors, (V, D).

    The last D fields are the numbers, so a word may have spaces in it.

    Args:
        path: the file, to name it.
        stream: stands at the first row.
        header: how many words and dimensions there are.
        first_line: the number of the first row's line, for messages.
        limit: read only the first N rows, and nothing of what follows.
        decoding: how words are decoded.

    Raises:
        FormatError: there are fewer rows, or more, or one has something else in it.
    """
    words: list[str] = []
    matrix = np.empty((num_rows(header, limit), header.dim), dtype=np.float32)
    max_lines = max(1, min(LINES_PER_BLOCK, NUMBERS_PER_BLOCK // header.dim))
    at_tab = False
    while len(words) < len(matrix):
        place = first_line + len(words)
        lines = _next_lines(path, stream, min(max_lines, len(matrix) - len(words)), place, header.dim)
        if not lines:
            raise FormatError(
                f"{path} is cut short: it ends before line {place}, with {len(words):,} of "
                f"{header.num_words:,} words; {way_out(len(words))}"
            )
        at_tab = tabs_end_words(lines[:MAX_SAMPLE_ROWS]) if not words else at_tab
        rows = matrix[len(words) : len(words) + len(lines)]
        words += (
            _read_block(lines, rows, decoding)
            or _read_block([_with_single_spaces(line, at_tab) for line in lines], rows, decoding)
            or _read_lines(path, lines, rows, place, decoding, at_tab)
        )
    if (limit is None or limit > header.num_words) and stream.read(NUMBERS_PER_BLOCK).strip():
        raise FormatError(
            f"{path} goes on after its {header.num_words:,} words x {header.dim}; its first line does not fit the "
            f"rest: correct it, or read only these words: limit={header.num_words} (wordvec convert "
            f"--limit {header.num_words})"
        )
    if decoding.errors != "ignore" and words.count("") > 1:
        line = first_line + words.index("", words.index("") + 1)
        raise FormatError(
            f"{path}, line {line:,}: expected a word before the numbers, got none; the file is damaged"
        )
    return words, matrix


def _next_lines(path: Path, stream: BinaryIO, max_lines: int, first_line: int, dim: int) -> list[bytes]:
    """Read at most `max_lines` lines, fewer if they are long; one that is longer than any row is refused unread."""
    max_bytes = min(MAX_WORD_BYTES + dim * MAX_NUMBER_BYTES, MAX_ROW_BYTES)
    lines: list[bytes] = []
    num_bytes = 0
    while len(lines) < max_lines and num_bytes < BYTES_PER_BLOCK and (line := stream.readline(max_bytes)):
        if len(line) == max_bytes and not line.endswith(b"\n"):
            raise FormatError(
                f"{path}, line {first_line + len(lines)}: expected a word and {dim:,} numbers, got a line that does "
                f"not end within {max_bytes:,} bytes; the file is damaged, or of another format"
            )
        lines.append(line)
        num_bytes += len(line)
    return lines


def _with_single_spaces(line: bytes, at_tab: bool) -> bytes:
    """The same row with a space between fields; as it is, if a tab ends a word with spaces in it."""
    word, tab, _ = line.partition(b"\t")
    return line if tab and at_tab and b" " in word else b" ".join(line.split())


@np.errstate(over="ignore")  # what becomes infinity is refused with its word
def _read_block(lines: list[bytes], rows: NDArray[np.float32], decoding: Decoding) -> list[str] | None:
    """Read (R, D) numbers at once, and give out the R words; None if a row has another form than most files have."""
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = [line.rstrip().partition(b" ") for line in lines]
    if any(text.count(b" ") != rows.shape[1] - 1 for _, _, text in parts):
        return None
    numbers = b" ".join([numbers for _, _, numbers in parts])
    try:
        fields = pc.split_pattern(pa.array([numbers], pa.large_string()), " ").flatten()
        rows[:] = fields.cast(pa.float64()).to_numpy().reshape(rows.shape)
        return [word.decode(*decoding) for word, _, _ in parts]
    except (pa.ArrowException, UnicodeDecodeError):
        return None


@np.errstate(over="ignore")
def _read_lines(
    path: Path,
    lines: list[bytes],
    rows: NDArray[np.float32],
    first_line: int,
    decoding: Decoding,
    at_tab: bool,
) -> list[str]:
    """Read the same line by line: words with spaces in them, numbers as Python reads them, and what is wrong where."""
    dim = rows.shape[1]
    words: list[str] = []
    for row, line in enumerate(lines):
        place = f"line {first_line + row}"
        word, numbers = split_row(line.rstrip(), dim, at_tab=at_tab)
        before, tab, _ = line.partition(b"\t")
        ends_at_tab = tab and at_tab and before.strip() == word
        if len(numbers) < dim or (not ends_at_tab and has_numbers_of_a_row(word, numbers)):
            raise _not_a_row(path, first_line + row, line, dim, at_tab)
        try:
            words.append(word.decode(*decoding))
            rows[row] = numbers
        except UnicodeDecodeError as problem:
            raise not_decodable(path, place, word, decoding) from problem
        except ValueError as problem:
            if not count_numbers(line):
                raise _not_a_row(path, first_line + row, line, dim, at_tab) from problem
            raise FormatError(f"{path}, {place}: {reason_of(problem)}; the file is damaged") from problem
    return words


def _not_a_row(path: Path, line_number: int, line: bytes, dim: int, at_tab: bool) -> FormatError:
    """Say what there is instead, and what may be the reason."""
    place = f"{path}, line {line_number}: expected a word and {dim} numbers, got"
    start = line.strip()[:MAX_SHOWN]
    if not start:
        return FormatError(f"{place} a blank line; remove it, or get the file again")
    count = count_numbers(line, at_tab=at_tab)
    if count >= dim:
        return FormatError(
            f"{place} more numbers, in {start!r}; a line break was lost, or a number is too many; a word with "
            "numbers in it needs a tab after it, or _ in place of its spaces"
        )
    if line_number == 1 and not count:
        return FormatError(f"{place} 0 numbers in {start!r}; remove the line if it names the columns")
    return FormatError(f"{place} {count} numbers in {start!r}; the file is damaged or cut short")


def write_rows(
    path: Path,
    stream: BinaryIO,
    words: Sequence[str],
    matrix: NDArray[np.float32],  # (V, D)
) -> None:
    """Write a line for each word, each number in the fewest digits that read back as the same float32."""
    import pyarrow as pa
    import pyarrow.compute as pc

    check_word_length(words, path, MAX_WORD_BYTES)
    encoded = encode_words(words, path)
    dim = matrix.shape[1]
    rows_per_block = max(1, NUMBERS_PER_BLOCK // dim)
    for start in range(0, len(encoded), rows_per_block):
        block = matrix[start : min(start + rows_per_block, len(encoded))]  # (rows, D)
        numbers = pa.array(block.ravel()).cast(pa.string()).cast(pa.binary())
        row_starts = pa.array(np.arange(0, block.size + 1, dim, dtype=np.int32))
        joined = pc.binary_join(pa.ListArray.from_arrays(row_starts, numbers), b" ")
        for word, line in zip(encoded[start : start + rows_per_block], joined.to_pylist(), strict=True):
            stream.write(b"%b %b\n" % (word, line))
