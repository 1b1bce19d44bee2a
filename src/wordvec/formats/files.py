"""Open a file of vectors, plain or gzip-compressed, and say in one line why that fails."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from wordvec.errors import FormatError

__all__ = ["OpenFile", "open_vectors", "reading"]

GZIP = b"\x1f\x8b"
BEST_GZIP_RATIO = 1032  # deflate cannot do better


class OpenFile(NamedTuple):
    """A file that stands at its beginning."""

    stream: BinaryIO
    room: int  # the bytes that it holds, at most; exact where it is not compressed


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what the operating system or gzip says about a failed read into a FormatError."""
    try:
        yield
    except FileNotFoundError as missing:
        raise FormatError(f"{path} does not exist; check the path") from missing
    except (gzip.BadGzipFile, zlib.error, EOFError) as damage:
        raise FormatError(f"{path} is damaged or cut short: {damage}; get the file again") from damage
    except OSError as problem:
        if problem.errno is None:  # not the operating system but a parser that says so
            raise FormatError(f"{path} is damaged or cut short: {problem}; get the file again") from problem
        reason = os.strerror(problem.errno)
        raise FormatError(f"{path} cannot be read: {reason}; check the path and its permissions") from problem


@contextmanager
def open_vectors(path: Path) -> Iterator[OpenFile]:
    """Open a file to read its bytes, decompressed if it begins like gzip."""
    with reading(path), path.open("rb") as raw:
        size = os.fstat(
            raw.fileno()
        ).st_size  # path.stat() may be that of a file which this one has replaced since
        if raw.read(len(GZIP)) == GZIP:
            raw.seek(0)
            with gzip.open(raw) as unpacked:
                yield OpenFile(cast("BinaryIO", unpacked), size * BEST_GZIP_RATIO)
        else:
            raw.seek(0)
            yield OpenFile(raw, size)
