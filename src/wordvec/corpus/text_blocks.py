"""Blocks: text in pieces of a few megabytes, cut where no word is broken."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from wordvec.corpus.byte_stream import ByteStream, FilePart
from wordvec.corpus.decoding import UTF_8, Decoding, TextStream
from wordvec.errors import CorpusError

__all__ = ["AT_WHITESPACE", "Block", "Cut", "Piece", "read_blocks", "read_pieces"]

MAX_WORD_BYTES = 64 * 2**20

_WHITESPACE = tuple(chr(code).encode() for code in range(0x3001) if chr(code).isspace())
_ASCII_WHITESPACE = tuple(space for space in _WHITESPACE if len(space) == 1)
_UTF8_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of one file: whole lines, or a part of a line that ends in whitespace."""

    title: str
    data: bytes
    first_byte: int  # place of data[0] in the decompressed file, from 0
    first_line: int  # line that data[0] is in, from 1
    bytes_read: int  # of the file as it lies on disk, when this piece was read

    def locate(self, place: int) -> tuple[int, int]:
        """The line (from 1) and the byte (from 0) of data[place] in the file."""
        return self.first_line + self.data.count(b"\n", 0, place), self.first_byte + place


@dataclass(frozen=True, slots=True)
class Block:
    """Successive pieces of one or more files; without a final newline, a text goes on in the next block."""

    pieces: tuple[Piece, ...]
    bytes_read: int  # of all files as they lie on disk

    @property
    def data(self) -> bytes:
        """The bytes of all pieces; no copy where there is one."""
        return b"".join(piece.data for piece in self.pieces)

    @property
    def num_bytes(self) -> int:
        """Of the data."""
        return sum(len(piece.data) for piece in self.pieces)


class Cut(NamedTuple):
    """Where the bytes of a file may be cut into pieces."""

    last_place: Callable[
        [bytes], int
    ]  # in some of its bytes, which begin where one was cut; 0 where there is none
    without: str  # what bytes have that can be cut nowhere, and what that means
    remedy: str


def read_blocks(
    files: Iterable[str | FilePart], block_bytes: int, decoding: Decoding = UTF_8
) -> Iterator[Block]:
    r"""Read files, or parts of them, block by block; the end of a file ends a line.

    A block ends after a newline. Only a line of more than `block_bytes` goes on in the next block, cut after
    whitespace; only a word of more than `block_bytes` makes a longer block.

    Raises:
        CorpusError: a file cannot be read, or is not text.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "corpus.txt")
    ...     size = path.write_bytes(b"one two\nthree four five")
    ...     [block.data for block in read_blocks([str(path)], block_bytes=12)]
    [b'one two\n', b'three four ', b'five\n']
    """
    pieces: list[Piece] = []
    filled = 0  # bytes in pieces
    bytes_before = 0  # in the files before this one
    for file in files:
        bytes_read = 0
        for piece in read_pieces(file, block_bytes, decoding=decoding):
            if filled + len(piece.data) > block_bytes and pieces:
                yield Block(tuple(pieces), bytes_before + bytes_read)
                pieces, filled = [], 0
            pieces.append(piece)
            filled += len(piece.data)
            bytes_read = piece.bytes_read
        bytes_before += bytes_read
    if pieces:
        yield Block(tuple(pieces), bytes_before)


def read_pieces(
    file: str | FilePart,
    block_bytes: int,
    cut_of: Callable[[bytes], Cut] = lambda _: AT_WHITESPACE,
    decoding: Decoding = UTF_8,
) -> Generator[Piece, None, None]:
    """Read a file piece by piece.

    Args:
        file: its path, or `-`; or a part of it that begins and ends with a line.
        block_bytes: of a piece, at most, where it can be cut there.
        cut_of: says by the first bytes of the text where that may be cut.
        decoding: how the bytes of the file become text; places in pieces are those of the text in UTF-8.

    Raises:
        CorpusError: the file cannot be read, is not text, or can be cut nowhere.
    """
    part = FilePart(file) if isinstance(file, str) else file
    with ByteStream(part.file, part.start, part.stop) as stream:
        text = TextStream(stream, decoding, is_beginning=not part.start)
        rest = text.read(len(_UTF8_MARK))
        first_byte, first_line = part.start, 1
        if rest == _UTF8_MARK and not part.start:
            first_byte, rest = len(_UTF8_MARK), b""
        ends_line = True
        cut = None
        while fresh := text.read(block_bytes - len(rest) if len(rest) < block_bytes else len(rest)):
            data = rest + fresh
            cut = cut or cut_of(data)
            end = cut.last_place(data)
            rest = data[end:]
            if len(rest) > MAX_WORD_BYTES:
                raise CorpusError(
                    f"{stream.title} has {len(rest):,} bytes without {cut.without}, from byte "
                    f"{first_byte + end:,} on: {cut.remedy}"
                )
            if end:
                data = data[:end]
                yield Piece(stream.title, data, first_byte, first_line, stream.bytes_read)
                first_byte += end
                first_line += data.count(b"\n")
                ends_line = data.endswith(b"\n")
        if rest or not ends_line:
            yield Piece(stream.title, rest + b"\n", first_byte, first_line, stream.bytes_read)


def _last_place_in_text(data: bytes) -> int:
    return data.rfind(b"\n") + 1 or _end_of_last_whitespace(data)


def _end_of_last_whitespace(data: bytes) -> int:
    """The place after the last whitespace, 0 where there is none."""
    for candidates in (_ASCII_WHITESPACE, _WHITESPACE):
        end = max(place + len(space) if (place := data.rfind(space)) >= 0 else 0 for space in candidates)
        if end:
            return end
    return 0


AT_WHITESPACE: Cut = Cut(
    _last_place_in_text, "whitespace", "this is not text in words; put spaces between words"
)
