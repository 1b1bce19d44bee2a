"""Changes: notice that a file is written to while it is read."""

from __future__ import annotations

import os
import stat
from typing import BinaryIO, NamedTuple

from wordvec.errors import CorpusError

__all__ = ["FileState", "refuse_change", "state_of"]


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
