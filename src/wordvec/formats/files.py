"""Open a file of vectors, plain or compressed, and report in one line why that fails."""

from __future__ import annotations

import gzip
import io
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

from wordvec.corpus.byte_stream import MAX_MAGIC_BYTES, codec_of
from wordvec.errors import CorpusError, FormatError, ResourceError
from wordvec.text import reason_of

if TYPE_CHECKING:
    from wordvec.corpus.byte_stream import ByteStream

__all__ = ["AGAIN", "OpenFile", "check_regular", "open_vectors", "reading"]

AGAIN = "copy the whole folder again from where it came from, or train again"
MAX_GZIP_RATIO = 1032  # deflate cannot do better
BYTES_PER_DECOMPRESSION = 1 << 16
BYTES_PER_COUNT = 1 << 22
UNKNOWN = sys.maxsize


class OpenFile(NamedTuple):
    """A file that stands at its beginning."""

    stream: BinaryIO
    room: int  # the bytes that it holds; UNKNOWN where it is compressed
    codec: str | None = None  # the name of the compression, if there is one
    decompress: Callable[[], ByteStream] | None = None  # opens it once more, if it is compressed
    size: int = 0  # as it lies on the disk, in bytes

    def room_for(self, num_bytes: int) -> int:
        """The bytes that it holds; counted, up to `num_bytes`, only if gzip could not compress that many so well."""
        if self.decompress is None or num_bytes <= self.size * MAX_GZIP_RATIO:
            return self.room
        with self.decompress() as stream:
            counted = 0
            while counted < num_bytes and (part := stream.read(BYTES_PER_COUNT)):
                counted += len(part)
        return counted


class _DecompressedFile(io.RawIOBase):
    """The bytes of a compressed file; to go back, it is decompressed again."""

    def __init__(self, decompress: Callable[[], ByteStream]) -> None:
        self._decompress = decompress
        self._stream = decompress()
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, position: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET:
            raise io.UnsupportedOperation("a compressed file is read from its start")
        if position < self._position:
            self._stream.__exit__(None, None, None)
            self._stream, self._position = self._decompress(), 0
        while part := self._stream.read(min(BYTES_PER_COUNT, position - self._position)):
            self._position += len(part)
        return self._position

    def readinto(self, buffer: Any) -> int:
        part = self._stream.read(len(buffer))
        buffer[: len(part)] = part
        self._position += len(part)
        return len(part)

    def close(self) -> None:
        if not self.closed:
            self._stream.__exit__(None, None, None)
        super().close()


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn a failed read into a FormatError with a remedy; too little memory, into a ResourceError."""
    try:
        yield
    except FileNotFoundError as missing:
        raise FormatError(f"{path} does not exist; check the path") from missing
    except CorpusError as problem:  # of what decompresses corpora, which names the file and the place
        raise FormatError(str(problem)) from problem
    except MemoryError as problem:
        raise ResourceError(
            f"{path} cannot be read: not enough memory; load fewer words (limit, --limit)"
        ) from problem
    except (gzip.BadGzipFile, zlib.error, EOFError) as damage:
        raise FormatError(
            f"{path} is damaged or cut short: {reason_of(damage)}; get the file again"
        ) from damage
    except OSError as problem:
        if problem.errno is None:  # not the operating system but a parser that says so
            raise FormatError(
                f"{path} is damaged or cut short: {reason_of(problem)}; get the file again"
            ) from problem
        reason = os.strerror(problem.errno)
        raise FormatError(f"{path} cannot be read: {reason}; check the path and its permissions") from problem


def check_regular(path: Path) -> None:
    """Check that a path is not a device or a pipe, which may never end; whoever reads it reports that it is missing.

    Raises:
        FormatError: it is one of these.
    """
    with reading(path):
        is_other = path.exists() and not path.is_file() and not path.is_dir()
    if is_other:
        raise FormatError(
            f"{path} is a device or a pipe, not a file with data in it; copy the whole folder again"
        )


@contextmanager
def open_vectors(path: Path) -> Iterator[OpenFile]:
    """Open a file to read its bytes, decompressed if it begins like gzip, bzip2, xz or zstd."""
    with reading(path), path.open("rb") as raw:
        # Of what is open: path.stat() may be that of a file which this one has replaced since.
        size = os.fstat(raw.fileno()).st_size
        codec = codec_of(raw.read(MAX_MAGIC_BYTES))
        if codec is None:
            raw.seek(0)
            yield OpenFile(raw, size)
            return

        def decompress() -> ByteStream:
            from wordvec.corpus.byte_stream import ByteStream  # here, as it imports pyarrow

            return ByteStream("./-" if str(path) == "-" else str(path))  # "-" would be standard input

        with io.BufferedReader(_DecompressedFile(decompress), BYTES_PER_DECOMPRESSION) as stream:
            yield OpenFile(cast("BinaryIO", stream), UNKNOWN, codec, decompress, size)
