"""word2vec's binary format: a line "V D", then for each word: it, a space, D float32 numbers, a line end.

Words are found one by one, and vectors copied many at a time into memory that a thread makes ready just ahead: the
system clears a page when it is first written to, which for a gigabyte takes as long as reading it from a file.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from wordvec.errors import FormatError
from wordvec.formats.detect import detect_sample
from wordvec.formats.files import OpenFile, open_vectors
from wordvec.formats.foreign_words import (
    MAX_WORD_BYTES,
    UTF8,
    Decoding,
    encode_words,
    not_decodable,
    vectors_of_distinct_words,
)
from wordvec.formats.text_layout import (
    MAX_HEADER_BYTES,
    SAMPLE_BYTES,
    Header,
    check_room,
    num_rows,
    parse_header,
    way_out,
)
from wordvec.storage.atomic import replacing_file
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["FreshMatrix", "is_byte_swapped", "read_word2vec_binary", "write_word2vec_binary"]

# V words, R rows that lie in the buffer as a whole, D dimensions
NUMBER = np.dtype("<f4")  # little-endian on every machine
MAX_DIM = (2**31 - 1) // NUMBER.itemsize  # a record of NumPy has no more bytes
BYTES_PER_READ = 1 << 21  # which the processor's cache still has when rows are copied out of it
BYTES_PER_COPY = 1 << 17  # gathered first, in the processor's cache
SPACE = ord(b" ")
NUM_ROWS_TO_TELL = 1000  # whether the numbers are big-endian
# Of numbers in the wrong byte order, the size is drawn by chance from 1e-45 to 1e38: some 16 % look as usual.
USUAL_SIZES = (1e-8, 1e4)
MAX_SHARE_OF_NOISE, MIN_SHARE_OF_VECTORS = 0.5, 0.99
MIN_NUMBERS_TO_TELL = 2
PAGE_BYTES = 4096
PAGES_PER_CHUNK = 2048  # 8 MiB, which a shared cache still has when it is written to
CHUNKS_AHEAD = 4  # no more: of a matrix that turns out to be larger than its file, little has cost memory


def read_word2vec_binary(path: Path, limit: int | None = None, *, decoding: Decoding = UTF8) -> WordVectors:
    """Read a file of word2vec.c (a line end after each row) or gensim (none), plain or compressed.

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
            raise FormatError(
                f'{path} is not a word2vec binary file: its first line is not "words dimensions"'
            )
        smallest_row = 1 + header.dim * NUMBER.itemsize  # no word, a space
        check_room(path, header, smallest_row, file, limit)
        if header.dim > MAX_DIM:
            raise FormatError(
                f"{path} says that its vectors have {header.dim:,} dimensions; wordvec reads up to {MAX_DIM:,}"
            )
        words, matrix = _read_rows(path, file, header, limit, decoding)
    if is_byte_swapped(matrix[:NUM_ROWS_TO_TELL].ravel()):
        raise FormatError(
            f"{path} has its numbers big-endian, as some machines write them, and word2vec's files are little-endian; "
            "read the numbers as '>f4' in NumPy, and make WordVectors(words, matrix) of them"
        )
    return vectors_of_distinct_words(path, words, matrix, errors=decoding.errors)


def write_word2vec_binary(vectors: WordVectors, path: Path) -> None:
    """Write words and input vectors; counts, settings and output vectors have no place in this format.

    Raises:
        FormatError: a word has white space in it, or the numbers would be taken for damage.
        ResourceError: the file cannot be written.
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
        return detect_sample(path, bytes(start[:SAMPLE_BYTES])) == "word2vec-binary"
    except FormatError:
        return False


class _Rows(NamedTuple):
    """Where rows stand in the buffer."""

    words: bytes  # of all, each with the space that ends it
    numbers: NDArray[np.int64]  # (R,)  where the vectors begin


def _read_rows(
    path: Path, file: OpenFile, header: Header, limit: int | None = None, decoding: Decoding = UTF8
) -> tuple[list[str], NDArray[np.float32]]:
    """Read words and vectors from a file that stands behind its header; what follows `limit` is not looked at.

    Raises:
        FormatError: they are damaged, or the file is cut short; or all were to be read, and it goes on.
    """
    num_words = num_rows(header, limit)
    row_bytes = header.dim * NUMBER.itemsize
    buffer = bytearray(
        min(BYTES_PER_READ + MAX_WORD_BYTES, file.room) + row_bytes
    )  # the longest row fits into it
    records = as_strided(  # at each byte, the vector that would begin there; it overlaps with the next ones
        np.frombuffer(buffer, f"V{row_bytes}", 1), (len(buffer) - row_bytes + 1,), (1,), writeable=False
    )
    pattern = _row_pattern(row_bytes)
    words: list[str] = []
    fresh = FreshMatrix(num_words, header.dim, NUMBER)
    vectors = fresh.rows.view(records.dtype)[:, 0]  # (num_words,)
    position, start, end = header.num_bytes, 0, 0  # of the buffer in the file; of what is not yet used in it
    with fresh:
        while len(words) < num_words:
            buffer[: end - start] = buffer[start:end]
            position, start, end = position + start, 0, end - start
            num_bytes = _fill(file, memoryview(buffer)[end : end + max(BYTES_PER_READ, row_bytes)])
            end += num_bytes
            rows = _whole_rows(pattern, buffer, end, row_bytes, num_words - len(words))
            if not rows.words and num_bytes:
                continue  # with more of a long row
            if not rows.words:
                raise _no_row(path, header, len(words), bytes(buffer[:end]), position)
            fresh.make_ready(len(words) + len(rows.numbers))
            _copy(records, rows.numbers, vectors[len(words) :])
            words += _decoded(path, rows, position, len(words), decoding)
            start = int(rows.numbers[-1]) + row_bytes
    if (limit is None or limit > header.num_words) and (
        buffer[start:end] + file.stream.read(BYTES_PER_READ)
    ).strip():
        raise FormatError(
            f"{path} goes on after its {header.num_words:,} words x {header.dim}, at byte "
            f"{position + start:,}; its first line does not fit the rest: correct it, or read only these words: "
            f"limit={header.num_words} (wordvec convert --limit {header.num_words})"
        )
    return words, fresh.rows.astype(np.float32, copy=False)


def _fill(file: OpenFile, room: memoryview) -> int:
    """Read until there is no more room, or no more file, and tell how many bytes that were."""
    filled = 0
    while filled < len(room) and (num_bytes := file.stream.readinto(room[filled:])):  # type: ignore[attr-defined]
        filled += num_bytes
    return filled


def _copy(records: NDArray[np.void], starts: NDArray[np.int64], vectors: NDArray[np.void]) -> None:
    rows_per_copy = max(1, BYTES_PER_COPY // records.itemsize)
    for first in range(0, len(starts), rows_per_copy):
        some = starts[first : first + rows_per_copy]
        vectors[first : first + len(some)] = records[some]


def _row_pattern(row_bytes: int) -> re.Pattern[bytes]:
    """A word with its space, and its numbers; or, where no whole row follows, all that is left."""
    return re.compile(rb"([^ ]{0,%d} ).{%d}|.+" % (MAX_WORD_BYTES - 1, row_bytes), re.DOTALL)


def _whole_rows(
    pattern: re.Pattern[bytes], buffer: bytearray, end: int, row_bytes: int, max_rows: int
) -> _Rows:
    """Find the rows that lie in the buffer as a whole: one search, as a loop in Python would take most of the time."""
    words = pattern.findall(buffer, 0, end)
    if words and not words[-1]:
        words.pop()
    joined = b"".join(words[:max_rows])
    word_ends = np.flatnonzero(np.frombuffer(joined, np.uint8) == SPACE) + 1
    return _Rows(joined, word_ends + row_bytes * np.arange(len(word_ends)))


def _decoded(path: Path, rows: _Rows, position: int, first_row: int, decoding: Decoding) -> list[str]:
    """The words as text; word2vec.c ends rows with a line end, which then stands before the next word."""
    words = b" " + rows.words
    while b" \n" in words:
        words = words.replace(b" \n", b" ")
    try:
        if decoding == UTF8:
            return words.decode().split(" ")[1:-1]
        return [word.decode(*decoding) for word in words.split(b" ")[1:-1]]
    except UnicodeDecodeError as problem:
        as_they_stand = rows.words.split(b" ")
        row = next(row for row, word in enumerate(as_they_stand) if not _is_text(word, decoding))
        place = f"row {first_row + row:,} at byte {position + int(rows.numbers[row]) - len(as_they_stand[row]) - 1:,}"
        raise not_decodable(path, place, as_they_stand[row].lstrip(b"\n"), decoding) from problem


def _is_text(word: bytes, decoding: Decoding) -> bool:
    try:
        word.decode(*decoding)
    except UnicodeDecodeError:
        return False
    return True


def _no_row(path: Path, header: Header, row: int, content: bytes, position: int) -> FormatError:
    """What is wrong where no whole row follows."""
    if len(content) >= MAX_WORD_BYTES and b" " not in content[:MAX_WORD_BYTES]:
        return FormatError(
            f"{path} is damaged: row {row:,} of {header.num_words:,}, at byte {position:,}, begins with no word, as "
            f"{MAX_WORD_BYTES:,} bytes without a space follow; get the file again"
        )
    return FormatError(
        f"{path} is cut short: it ends at byte {position + len(content):,}, in row {row:,} of "
        f"{header.num_words:,}; {way_out(row)}"
    )


class FreshMatrix:
    """An empty matrix, (rows, D), to be written row by row inside a `with`.

    >>> with FreshMatrix(3, 2, np.dtype(np.float32)) as fresh:
    ...     fresh.make_ready(3)
    ...     fresh.rows[:] = 1
    >>> fresh.rows.tolist()
    [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]
    """

    def __init__(self, num_rows: int, dim: int, kind: np.dtype[np.float32]):
        self.rows: NDArray[np.float32] = np.empty((num_rows, dim), kind)
        self._pages = self.rows.reshape(-1)[:: PAGE_BYTES // kind.itemsize]  # a number on each
        self._num_ready = self._num_begun = 0  # pages
        self._chunks: deque[Future[None]] = deque()
        self._thread = ThreadPoolExecutor(1)

    def __enter__(self) -> FreshMatrix:
        for _ in range(CHUNKS_AHEAD):
            self._begin_chunk()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, where: TracebackType | None
    ) -> None:
        self._thread.shutdown(cancel_futures=True)

    def make_ready(self, num_rows: int) -> None:
        """Wait until the first `num_rows` rows can be written to; until then, the thread writes to them itself."""
        num_pages = -(-self.rows[:num_rows].nbytes // PAGE_BYTES)
        while self._num_ready < num_pages:
            self._chunks.popleft().result()
            self._num_ready += PAGES_PER_CHUNK
            self._begin_chunk()

    def _begin_chunk(self) -> None:
        if self._num_begun < len(self._pages):
            chunk = self._pages[self._num_begun : self._num_begun + PAGES_PER_CHUNK]
            self._chunks.append(self._thread.submit(_touch, chunk))
            self._num_begun += PAGES_PER_CHUNK


def _touch(pages: NDArray[np.float32]) -> None:
    pages.fill(0)


def is_byte_swapped(numbers: NDArray[np.float32]) -> bool:
    """Whether numbers look like noise as they stand, and like vectors with the bytes of each in the other order.

    >>> is_byte_swapped(np.float32([0.5, -0.25, 2])), is_byte_swapped(np.float32([0.5, -0.25, 2]).byteswap())
    (False, True)
    """
    numbers = numbers[numbers != 0]
    if len(numbers) < MIN_NUMBERS_TO_TELL or _share_of_usual(numbers) > MAX_SHARE_OF_NOISE:
        return False
    return _share_of_usual(numbers.byteswap()) > MIN_SHARE_OF_VECTORS


def _share_of_usual(numbers: NDArray[np.float32]) -> float:
    with np.errstate(invalid="ignore"):
        sizes = np.abs(numbers)
    return float(np.mean((sizes >= USUAL_SIZES[0]) & (sizes <= USUAL_SIZES[1])))
