"""Byte stream: a file as plain bytes, here or at a URL, whichever codec compressed it; an error if it changes."""

from __future__ import annotations

import bz2
import lzma
import os
import re
import stat
import sys
import zlib
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any, BinaryIO, NamedTuple, Protocol
from urllib.parse import urlsplit

from wordvec.errors import CorpusError
from wordvec.text import reason_of

__all__ = [
    "MAX_MAGIC_BYTES",
    "OF_PYARROW",
    "STANDARD_INPUT",
    "ByteStream",
    "Decompressor",
    "FilePart",
    "FileState",
    "GzipDecompressor",
    "MemberReader",
    "check_unchanged",
    "codec_of",
    "file_bytes",
    "has_secret",
    "is_url",
    "open_file",
    "state_of",
]

STANDARD_INPUT = "-"
OF_PYARROW = ("s3", "gs", "gcs")  # schemes of URLs that it reads itself

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")  # two letters at least: C:// is a disk

# What a file begins with -> the codec. No text begins so.
_MAGIC_BYTES = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    **{b"%c\x2a\x4d\x18" % code: "zstd" for code in range(0x50, 0x60)},  # a frame to skip, as pzstd begins
    b"\xfd7zXZ\x00": "xz",
    **{b"BZh%d1AY&SY" % level: "bzip2" for level in range(1, 10)},
    **{b"BZh%d\x17\x72\x45\x38\x50\x90" % level: "bzip2" for level in range(1, 10)},  # of an empty file
}
MAX_MAGIC_BYTES = max(map(len, _MAGIC_BYTES))
_COMPRESSED_BYTES = 2**16  # read at a time
_GZIP_FORMAT = 16 + zlib.MAX_WBITS  # with its header, and its checksum at the end


def is_url(path: str) -> bool:
    """Whether a path names a place elsewhere.

    >>> is_url("s3://bucket/a.parquet"), is_url("data/a.parquet"), is_url("C://a.parquet")
    (True, False, False)
    """
    return _SCHEME.match(path) is not None


def has_secret(path: str) -> bool:
    """Whether a URL has what may be a password, or a signature, which no file may repeat.

    >>> has_secret("https://me:word@host/a.csv"), has_secret("hf://datasets/me/reviews@main/a.csv")
    (True, False)
    """
    if not is_url(path):
        return False
    try:
        parts = urlsplit(path)
    except ValueError:  # such as a bracket that is not closed
        return True
    is_query_of_settings = parts.scheme.lower() in OF_PYARROW  # such as a region
    return "@" in parts.netloc or (bool(parts.query) and not is_query_of_settings)


class FilePart(NamedTuple):
    """A file to read, or a part of it."""

    file: str  # its path, or `-`
    start: int = 0  # the first byte; of Parquet, the first row
    stop: int | None = None  # the byte or row after the last one; None: to the end
    turns: tuple[bool, ...] = ()  # which of its lines or rows to take, over and over; empty: all
    num_bytes: int | None = (
        None  # read for it of the file as it lies on disk, about; None: only reading tells
    )


def open_file(name: str) -> BinaryIO:
    """Open a file to be read, as it lies on disk.

    Raises:
        CorpusError: it cannot be opened.

    >>> open_file("no/such/file.txt")
    Traceback (most recent call last):
    wordvec.errors.CorpusError: cannot open no/such/file.txt: No such file or directory
    """
    if is_url(name):
        from wordvec.corpus.remote import open_remote  # here, as few runs need it

        return open_remote(name)
    try:
        return open(name, "rb")  # noqa: PTH123
    except OSError as problem:
        raise CorpusError(f"cannot open {name}: {reason_of(problem)}") from problem


def file_bytes(name: str) -> int | None:
    """The size of a file as it lies on disk, in bytes; None where only reading tells (a pipe).

    >>> file_bytes("-") is None
    True
    """
    if is_url(name):
        from wordvec.corpus.remote import remote_bytes  # here, as few runs need it

        return remote_bytes(name)
    try:
        status = os.fstat(_standard_input().fileno()) if name == STANDARD_INPUT else os.stat(name)  # noqa: PTH116
    except (OSError, ValueError):  # opening the file says it better; a replaced stdin has no number
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


class FileState(NamedTuple):
    """What changes whenever somebody writes to a file."""

    size_bytes: int
    modified_ns: int


def state_of(file: BinaryIO) -> FileState | None:
    """The state of an open file; None where there is none, as of a pipe.

    A name that is removed, or given to another file, changes nothing: the open file is still the one that it was.
    """
    try:
        status = os.fstat(file.fileno())
    except (
        OSError,
        ValueError,
    ):  # a replaced standard input has no number; a lost file fails when it is read
        return None
    return FileState(status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


def check_unchanged(title: str, before: FileState | None, now: FileState | None, bytes_read: int) -> None:
    """Check that nobody wrote to a file since it was opened, even if it only grew.

    Text that was appended cannot be told from text that was rewritten, and a resumed run would read another text.

    Raises:
        CorpusError: somebody did.

    >>> check_unchanged("app.log", FileState(5_000, 1), FileState(6_000, 2), bytes_read=4_096)
    Traceback (most recent call last):
    wordvec.errors.CorpusError: app.log changed while it was read: it grew from 5,000 to 6,000 bytes when ...
    """
    if before is None or now is None or now == before:
        return
    sizes = f"from {before.size_bytes:,} to {now.size_bytes:,} bytes"
    if now.size_bytes > before.size_bytes:
        change, copy = f"grew {sizes}", f"head -c {before.size_bytes} FILE > COPY"
    elif now.size_bytes < before.size_bytes:
        change, copy = f"shrank {sizes}", "cp FILE COPY"
    else:
        change, copy = "was written to", "cp FILE COPY"
    raise CorpusError(
        f"{title} changed while it was read: it {change} when {bytes_read:,} bytes were read; try again when nothing "
        f"writes to it, or train on a copy: {copy}"
    )


def codec_of(head: bytes) -> str | None:
    r"""The codec that compressed a file, by its first bytes; None if it is not compressed.

    >>> codec_of(b"\xfd7zXZ\x00\x00\x04"), codec_of(b"BZhello")
    ('xz', None)
    """
    return next((codec for magic, codec in _MAGIC_BYTES.items() if head.startswith(magic)), None)


class ByteStream:
    """The decompressed bytes of a file or of standard input, read from start to end.

    Files of several compressed members (gzip files put one after the other) are read whole.

    Args:
        name: the file's path, or `-`.
        start: the first byte to read, of a file that is not compressed; those before are not read.
        stop: the byte after the last one; None: to the end.

    Raises:
        CorpusError: the file cannot be opened or read, its compressed data are damaged or cut short, or somebody writes
            to it meanwhile.
    """

    def __init__(self, name: str, start: int = 0, stop: int | None = None) -> None:
        self.title = "standard input" if name == STANDARD_INPUT else name
        self.title += f" from byte {start:,}" if start else ""
        self._bytes_decompressed = 0
        raw = _standard_input() if name == STANDARD_INPUT else open_file(name)
        self._raw, self._state = raw, state_of(raw)
        max_bytes = None if stop is None else stop - start
        self._file = _Counted(raw, keep_open=name == STANDARD_INPUT, max_bytes=max_bytes)
        if start:
            self._seek(start)
        self.codec = None if start else codec_of(self._peek_file(MAX_MAGIC_BYTES))
        self._read_some = _decompressed(self._file, self.codec)
        self._peeked = b""  # of compressed data, what was decompressed to be looked at

    @property
    def bytes_read(self) -> int:
        """Bytes taken from the file as it lies on disk, compressed or not."""
        return self._file.bytes_read

    def peek(self, size: int) -> bytes:
        """Look at the next `size` decompressed bytes, or fewer at the end, which the next read gives."""
        if self.codec is None:
            return self._peek_file(size)[:size]
        while len(self._peeked) < size and (part := self._decompress_some(size - len(self._peeked))):
            self._peeked += part
        return self._peeked[:size]

    def read(self, size: int) -> bytes:
        """Read exactly `size` decompressed bytes; fewer only at the end."""
        parts = []
        missing = size
        while missing and (part := self._read_part(missing)):
            parts.append(part)
            missing -= len(part)
            self._bytes_decompressed += len(part)
        self._check_unchanged()
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _seek(self, start: int) -> None:
        try:
            self._raw.seek(start)
        except OSError as problem:
            self._file.close()
            raise CorpusError(f"cannot read {self.title}: {reason_of(problem)}") from problem

    def _peek_file(self, size: int) -> bytes:
        try:
            return self._file.peek(size)
        except OSError as problem:
            self._file.close()
            raise CorpusError(f"cannot read {self.title}: {reason_of(problem)}") from problem

    def _read_part(self, size: int) -> bytes:
        if self._peeked:
            part, self._peeked = self._peeked[:size], self._peeked[size:]
            return part
        return self._decompress_some(size)

    def _decompress_some(self, size: int) -> bytes:
        try:
            return self._read_some(size)
        except (OSError, EOFError, lzma.LZMAError, zlib.error) as problem:
            self._check_unchanged()
            if self.codec is None or getattr(problem, "errno", None):
                raise CorpusError(f"cannot read {self.title}: {reason_of(problem)}") from problem
            raise CorpusError(
                f"{self.title} is damaged or incomplete {self.codec} data, after {self._bytes_decompressed:,} "
                f"bytes of text ({reason_of(problem)}); fetch or compress the file again "
                f"({self.codec} --test checks it)"
            ) from problem

    def _check_unchanged(self) -> None:
        check_unchanged(self.title, self._state, state_of(self._raw), self.bytes_read)

    def __enter__(self) -> ByteStream:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()


class _Counted:
    """A raw file that counts what is read of it, and whose first bytes can be looked at before."""

    def __init__(self, raw: BinaryIO, *, keep_open: bool, max_bytes: int | None = None) -> None:
        self._raw = raw
        self._keep_open = keep_open
        self._bytes_left = max_bytes  # None: all
        self._head = b""
        self.bytes_read = 0
        self.closed = False

    def peek(self, size: int) -> bytes:
        while len(self._head) < size and (part := self._read(size - len(self._head))):
            self._head += part
        return self._head

    def read(self, size: int) -> bytes:
        if self._head:
            part, self._head = self._head[:size], self._head[size:]
        else:
            part = self._read(size)
        self.bytes_read += len(part)
        return part

    def _read(self, size: int) -> bytes:
        if self._bytes_left is None:
            return self._raw.read(size)
        part = self._raw.read(min(size, self._bytes_left))
        self._bytes_left -= len(part)
        return part

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        if not self.closed and not self._keep_open:
            self._raw.close()
        self.closed = True


def _standard_input() -> BinaryIO:
    buffer: BinaryIO | None = getattr(sys.stdin, "buffer", None)
    if buffer is None:  # started without one, or in a notebook
        raise CorpusError("there is no standard input to read text from; name a file")
    return buffer


def _decompressed(file: _Counted, codec: str | None) -> Callable[[int], bytes]:
    """What reads the decompressed bytes of a file."""
    if codec is None:
        return file.read
    if codec == "gzip":  # not pyarrow, which fails where zero bytes follow the last member
        return MemberReader(file.read, GzipDecompressor).read
    if codec == "xz":
        return MemberReader(file.read, partial(lzma.LZMADecompressor, lzma.FORMAT_XZ)).read
    if codec == "bzip2":  # not pyarrow, which fails where an empty member stands between others
        return MemberReader(file.read, bz2.BZ2Decompressor).read
    return _decompressed_by_pyarrow(file, codec)


def _decompressed_by_pyarrow(file: Any, codec: str) -> Callable[[int], bytes]:
    import pyarrow as pa  # here, as readers of other files do without

    stream = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), codec)

    def read(size: int) -> bytes:
        # Not stream.read, which never frees its `size` bytes when the data turn out to be damaged.
        try:
            part: bytes = stream.read_buffer(size).to_pybytes()
        except pa.ArrowException as problem:
            raise EOFError(str(problem)) from problem
        return part

    return read


class Decompressor(Protocol):
    """One member's `lzma.LZMADecompressor`, `bz2.BZ2Decompressor` or `GzipDecompressor`."""

    @property
    def eof(self) -> bool:
        """Whether the member has ended."""

    @property
    def needs_input(self) -> bool:
        """Whether more compressed data are needed to go on."""

    @property
    def unused_data(self) -> bytes:
        """What came after the end of the member."""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Decompress some more."""


class GzipDecompressor:
    """One member of a gzip file, by zlib, which checks its checksum and its length.

    >>> import gzip
    >>> member = GzipDecompressor()
    >>> member.decompress(gzip.compress(b"one two") + b"more", 3), member.eof
    (b'one', False)
    >>> member.decompress(b""), member.eof, member.unused_data
    (b' two', True, b'more')
    """

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP_FORMAT)

    @property
    def eof(self) -> bool:
        """Whether the member has ended."""
        return self._member.eof

    @property
    def needs_input(self) -> bool:
        """Whether more compressed data are needed to go on."""
        return not self._member.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        """What came after the end of the member."""
        return self._member.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Decompress some more.

        Raises:
            zlib.error: the data are damaged.
        """
        compressed = self._member.unconsumed_tail + data
        return self._member.decompress(compressed, max(max_length, 0))  # to zlib, 0 is any number


class MemberReader:
    """Reads member after member, with zero bytes after each, as tapes and disks add.

    `bz2.BZ2File` and `lzma.LZMAFile` would take a member with a damaged beginning for the end of the file, and leave
    the rest out without a word.

    Args:
        read_compressed: gives at most as many compressed bytes as it is asked for, none only at their end.
        new_decompressor: makes what decompresses the next member.

    >>> import bz2, io
    >>> compressed = io.BytesIO(bz2.compress(b"one ") + bz2.compress(b"two"))
    >>> reader = MemberReader(compressed.read, bz2.BZ2Decompressor)
    >>> reader.read(100), reader.read(2), reader.read(100), reader.read(100)
    (b'one ', b'tw', b'o', b'')
    """

    def __init__(
        self, read_compressed: Callable[[int], bytes], new_decompressor: Callable[[], Decompressor]
    ) -> None:
        self._read_compressed, self._new_decompressor = read_compressed, new_decompressor
        self._member = new_decompressor()

    def read(self, size: int) -> bytes:
        """Read at most `size` decompressed bytes, none only at the end.

        Raises:
            EOFError: the compressed data end within a member.
            lzma.LZMAError, zlib.error, OSError: they are damaged.
        """
        while True:
            compressed = b""
            if self._member.eof:
                compressed = self._begin_of_next()
                if not compressed:
                    return b""
                self._member = self._new_decompressor()
            elif self._member.needs_input:
                compressed = self._read_compressed(_COMPRESSED_BYTES)
                if not compressed:
                    raise EOFError("the compressed data end too early")
            if part := self._member.decompress(compressed, size):
                return part

    def _begin_of_next(self) -> bytes:
        compressed = self._member.unused_data
        while not (begin := compressed.lstrip(b"\0")):
            compressed = self._read_compressed(_COMPRESSED_BYTES)
            if not compressed:
                return b""
        return begin
