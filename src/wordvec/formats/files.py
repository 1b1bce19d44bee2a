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

__all__ = ["AGAIN", "OpenFile", "check_regular", "open_vectors", "reading", "reason_of"]

AGAIN = "copy the whole folder again from where it came from, or train again"
GZIP = b"\x1f\x8b"
BEST_GZIP_RATIO = 1032  # deflate cannot do better
LONGEST_REASON = 300  # characters


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
    except MemoryError as problem:
        raise FormatError(f"{path} needs more memory to be read than there is") from problem
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


def reason_of(problem: Exception) -> str:
    r"""What a parser says about damage, on one line, however much of the file it repeats.

    >>> reason_of(ValueError("no page header:\n  bad type\n")), len(reason_of(ValueError("x" * 5000)))
    ('no page header: bad type', 303)
    """
    said = " ".join(str(problem).split())
    return said if len(said) <= LONGEST_REASON else f"{said[:LONGEST_REASON]}..."


def check_regular(path: Path) -> None:
    """Refuse devices and pipes, which may never end; a file that is missing is told when it is read.

    Raises:
        FormatError: so it is.
    """
    with reading(path):
        is_other = path.exists() and not path.is_file() and not path.is_dir()
    if is_other:
        raise FormatError(
            f"{path} is a device or a pipe, no file with data in it; copy the whole folder again"
        )


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
