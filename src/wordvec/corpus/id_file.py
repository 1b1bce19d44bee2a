"""Id file: word ids appended to a file of int32; a full disk is told in words."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from io import FileIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.id_reader import lost
from wordvec.errors import CorpusError

__all__ = ["ID_FILES", "append_ids", "create_id_file", "open_to_rewrite"]

ID_FILES = "corpus-*.int32"  # what they are called


def create_id_file(folder: Path) -> FileIO:
    """Open a new file, under a name that nothing else has; the folder is made where it is missing.

    Raises:
        CorpusError: the folder cannot be made, or not be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        prefix, suffix = ID_FILES.split("*")
        descriptor, name = tempfile.mkstemp(prefix=prefix, suffix=suffix, dir=folder)
        os.close(descriptor)
        return open(name, "wb", buffering=0)  # noqa: PTH123  (a Path would not be the file's name)
    except OSError as problem:
        raise CorpusError(_refusal(folder, problem)) from problem


def append_ids(file: FileIO, ids: NDArray[np.int32], *, share_done: float | None = None) -> None:
    """Write ids at the place where the file is; `share_done`, in (0, 1], is what is written then, if known.

    Raises:
        CorpusError: the disk is full, or writing fails; the message says how much room is needed. Or what was written
            before is gone: the system would fill the gap with zeros, a word's id.
    """
    place = file.tell()
    if os.fstat(file.fileno()).st_size < place:
        raise CorpusError(lost(Path(file.name), f"there are no {place:,} bytes in it any more"))
    bytes_needed = (place + ids.nbytes) / (share_done or 1.0)
    unwritten = memoryview(ids.tobytes())
    try:
        while unwritten:
            unwritten = unwritten[file.write(unwritten) :]
    except OSError as problem:
        raise CorpusError(_refusal(Path(file.name).parent, problem, bytes_needed)) from problem


def open_to_rewrite(path: Path) -> FileIO:
    """Open a file that is there, at its beginning, to write over what is in it.

    Raises:
        CorpusError: it is not there any more, or cannot be written.
    """
    try:
        return path.open("r+b", buffering=0)
    except OSError as problem:
        raise CorpusError(lost(path, problem.strerror)) from problem


def _refusal(folder: Path, problem: OSError, bytes_needed: float = 0) -> str:
    room = ""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        free = shutil.disk_usage(folder).free
        room = (
            f"; it needs about {bytes_needed / 1e6:,.0f} MB (4 bytes a word), {free / 1e6:,.0f} MB are free"
        )
    return (
        f"cannot write the encoded text to {folder}: {problem.strerror}{room}; choose another folder "
        "with --temporary-folder (in Python: temporary_folder=...)"
    )
