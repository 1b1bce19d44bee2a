"""Compression: open a file as plain bytes, whichever codec it was compressed with; the content tells, not the name."""

from __future__ import annotations

import bz2
import lzma
import os
import stat
import sys
import zlib
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any, BinaryIO, Protocol

import pyarrow as pa

from wordvec.corpus.opening import STANDARD_INPUT, is_url, open_file, refuse_change, state_of
from wordvec.errors import CorpusError
from wordvec.text import reason_of

__all__ = [
    "MAX_MAGIC_BYTES",
    "ByteStream",
    "GzipUnpacker",
    "MemberReader",
    "Unpacker",
    "file_bytes",
    "packing_of",
]

# What a file begins with -> how it is packed. No text begins so.
_MAGIC_BYTES = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    **{b"%c\x2a\x4d\x18" % code: "zstd" for code in range(0x50, 0x60)},  # a frame to skip, as pzstd begins
    b"\xfd7zXZ\x00": "xz",
    **{b"BZh%d1AY&SY" % level: "bzip2" for level in range(1, 10)},
    **{b"BZh%d\x17\x72\x45\x38\x50\x90" % level: "bzip2" for level in range(1, 10)},  # of an empty file
}
MAX_MAGIC_BYTES = max(map(len, _MAGIC_BYTES))
_PACKED_BYTES = 2**16  # read at a time
_GZIP_FORMAT = 16 + zlib.MAX_WBITS  # with its header, and its checksum at the end


def packing_of(head: bytes) -> str | None:
    r"""How a file is packed, by its first bytes; None if it is not.

    >>> packing_of(b"\xfd7zXZ\x00\x00\x04"), packing_of(b"BZhello")
    ('xz', None)
    """
    return next((packing for magic, packing in _MAGIC_BYTES.items() if head.startswith(magic)), None)


class Unpacker(Protocol):
    """One member's `lzma.LZMADecompressor`, `bz2.BZ2Decompressor` or `GzipUnpacker`."""

    @property
    def eof(self) -> bool:
        """Whether the member has ended."""

    @property
    def needs_input(self) -> bool:
        """Whether there is nothing more to unpack without more packed data."""

    @property
    def unused_data(self) -> bytes:
        """What came after the end of the member."""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Unpack some more."""


class GzipUnpacker:
    """One member of a gzip file, by zlib, which checks its checksum and its length.

    >>> import gzip
    >>> member = GzipUnpacker()
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
        """Whether there is nothing more to unpack without more packed data."""
        return not self._member.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        """What came after the end of the member."""
        return self._member.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Unpack some more.

        Raises:
            zlib.error: the data are damaged.
        """
        packed = self._member.unconsumed_tail + data
        return self._member.decompress(packed, max(max_length, 0))  # to zlib, 0 is any number


class MemberReader:
    """Reads member after member, with zero bytes after each, as tapes and disks add.

    `bz2.BZ2File` and `lzma.LZMAFile` would take a member with a damaged beginning for the end of the file, and leave
    the rest out without a word.

    Args:
        read_packed: gives at most so many packed bytes, none only at their end.
        new_unpacker: makes what unpacks the next member.

    >>> import bz2, io
    >>> packed = io.BytesIO(bz2.compress(b"one ") + bz2.compress(b"two"))
    >>> reader = MemberReader(packed.read, bz2.BZ2Decompressor)
    >>> reader.read(100), reader.read(2), reader.read(100), reader.read(100)
    (b'one ', b'tw', b'o', b'')
    """

    def __init__(self, read_packed: Callable[[int], bytes], new_unpacker: Callable[[], Unpacker]):
        self._read_packed, self._new_unpacker = read_packed, new_unpacker
        self._member = new_unpacker()

    def read(self, size: int) -> bytes:
        """Read at most `size` unpacked bytes, none only at the end.

        Raises:
            EOFError: the packed data end within a member.
            lzma.LZMAError, zlib.error, OSError: they are damaged.
        """
        while True:
            packed = b""
            if self._member.eof:
                packed = self._begin_of_next()
                if not packed:
                    return b""
                self._member = self._new_unpacker()
            elif self._member.needs_input:
                packed = self._read_packed(_PACKED_BYTES)
                if not packed:
                    raise EOFError("the packed data end too early")
            if part := self._member.decompress(packed, size):
                return part

    def _begin_of_next(self) -> bytes:
        packed = self._member.unused_data
        while not (begin := packed.lstrip(b"\0")):
            packed = self._read_packed(_PACKED_BYTES)
            if not packed:
                return b""
        return begin


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


class ByteStream:
    """The unpacked bytes of a file or of standard input, read from start to end.

    Files of several packed members (gzip files put one after the other) are read whole.

    Raises:
        CorpusError: the file cannot be opened or read, its packed data are damaged or cut short, or somebody writes to
            it meanwhile.
    """

    def __init__(self, name: str) -> None:
        self.title = "standard input" if name == STANDARD_INPUT else name
        self._bytes_unpacked = 0
        raw = _standard_input() if name == STANDARD_INPUT else open_file(name)
        self._raw, self._state = raw, state_of(raw)
        self._packed = _Counted(raw, keep_open=name == STANDARD_INPUT)
        self.packing = packing_of(self._peek_packed(MAX_MAGIC_BYTES))
        self._read_some = _unpacker(self._packed, self.packing)
        self._peeked = b""  # of packed data, what was unpacked to be looked at

    @property
    def bytes_read(self) -> int:
        """Bytes taken from the file as it lies on disk, packed or not."""
        return self._packed.bytes_read

    def peek(self, size: int) -> bytes:
        """Look at the next `size` unpacked bytes, or fewer at the end, which the next read gives."""
        if self.packing is None:
            return self._peek_packed(size)[:size]
        while len(self._peeked) < size and (part := self._unpack_some(size - len(self._peeked))):
            self._peeked += part
        return self._peeked[:size]

    def read(self, size: int) -> bytes:
        """Read exactly `size` unpacked bytes; fewer only at the end."""
        parts = []
        missing = size
        while missing and (part := self._read_part(missing)):
            parts.append(part)
            missing -= len(part)
            self._bytes_unpacked += len(part)
        self._refuse_change()
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _peek_packed(self, size: int) -> bytes:
        try:
            return self._packed.peek(size)
        except OSError as problem:
            self._packed.close()
            raise CorpusError(f"cannot read {self.title}: {reason_of(problem)}") from problem

    def _read_part(self, size: int) -> bytes:
        if self._peeked:
            part, self._peeked = self._peeked[:size], self._peeked[size:]
            return part
        return self._unpack_some(size)

    def _unpack_some(self, size: int) -> bytes:
        try:
            return self._read_some(size)
        except (OSError, EOFError, lzma.LZMAError, zlib.error, pa.ArrowException) as problem:
            self._refuse_change()
            if self.packing is None or getattr(problem, "errno", None):
                raise CorpusError(f"cannot read {self.title}: {reason_of(problem)}") from problem
            raise CorpusError(
                f"{self.title} is damaged or incomplete {self.packing} data, after {self._bytes_unpacked:,} "
                f"bytes of text ({reason_of(problem)}); fetch or pack the file again "
                f"({self.packing} --test checks it)"
            ) from problem

    def _refuse_change(self) -> None:
        refuse_change(self.title, self._state, state_of(self._raw), self.bytes_read)

    def __enter__(self) -> ByteStream:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._packed.close()


class _Counted:
    """A raw file that counts what is read of it, and whose first bytes can be looked at before."""

    def __init__(self, raw: BinaryIO, *, keep_open: bool) -> None:
        self._raw = raw
        self._keep_open = keep_open
        self._head = b""
        self.bytes_read = 0
        self.closed = False

    def peek(self, size: int) -> bytes:
        while len(self._head) < size and (part := self._raw.read(size - len(self._head))):
            self._head += part
        return self._head

    def read(self, size: int) -> bytes:
        if self._head:
            part, self._head = self._head[:size], self._head[size:]
        else:
            part = self._raw.read(size)
        self.bytes_read += len(part)
        return part

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        if not self.closed and not self._keep_open:
            self._raw.close()
        self.closed = True


def _unpacker(packed: _Counted, packing: str | None) -> Callable[[int], bytes]:
    if packing is None:
        return packed.read
    if packing == "gzip":  # not pyarrow, which fails where zero bytes follow the last member
        return MemberReader(packed.read, GzipUnpacker).read
    if packing == "xz":
        return MemberReader(packed.read, partial(lzma.LZMADecompressor, lzma.FORMAT_XZ)).read
    if packing == "bzip2":  # not pyarrow, which fails where an empty member stands between others
        return MemberReader(packed.read, bz2.BZ2Decompressor).read
    file: Any = packed
    unpacked = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), packing)

    def read(size: int) -> bytes:
        # Not unpacked.read, which never frees its `size` bytes when the data turn out to be damaged.
        part: bytes = unpacked.read_buffer(size).to_pybytes()
        return part

    return read


def _standard_input() -> BinaryIO:
    buffer: BinaryIO | None = getattr(sys.stdin, "buffer", None)
    if buffer is None:  # started without one, or in a notebook
        raise CorpusError("there is no standard input to read text from; name a file")
    return buffer
