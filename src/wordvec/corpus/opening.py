"""Opening: a file as raw bytes, from this machine or from a URL, and noticing that it changes while it is read."""

from __future__ import annotations

import os
import re
import stat
from typing import BinaryIO, NamedTuple
from urllib.parse import urlsplit

from wordvec.errors import CorpusError
from wordvec.text import reason_of

__all__ = [
    "OF_PYARROW",
    "STANDARD_INPUT",
    "FileState",
    "has_secret",
    "is_url",
    "open_file",
    "refuse_change",
    "state_of",
]

STANDARD_INPUT = "-"
OF_PYARROW = ("s3", "gs", "gcs")  # schemes of URLs that it reads itself

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")  # two letters at least: C:// is a disk


def is_url(path: str) -> bool:
    """Whether a path names a place elsewhere.

    >>> is_url("s3://bucket/a.parquet"), is_url("data/a.parquet"), is_url("C://a.parquet")
    (True, False, False)
    """
    return _SCHEME.match(path) is not None


def has_secret(path: str) -> bool:
    """Whether a URL holds what may be a password, or a signature, which no file may repeat.

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
    except (OSError, ValueError):  # a replaced standard input has no number; what is lost, reading tells
        return None
    return FileState(status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


def refuse_change(title: str, before: FileState | None, now: FileState | None, bytes_read: int) -> None:
    """Refuse a file that was written to since it was opened, even if it only grew.

    Text that was appended cannot be told from text that was rewritten, and a resumed run would read another text.

    Raises:
        CorpusError: so it was.

    >>> refuse_change("app.log", FileState(5_000, 1), FileState(6_000, 2), bytes_read=4_096)
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


def open_file(name: str) -> BinaryIO:
    """Open a file to be read.

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
