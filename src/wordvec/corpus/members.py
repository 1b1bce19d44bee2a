"""Members: how data are packed, and gzip, xz or bzip2 data of several parts unpacked one by one."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Protocol

__all__ = ["MAX_MAGIC_BYTES", "GzipUnpacker", "MemberReader", "Unpacker", "packing_of"]

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
