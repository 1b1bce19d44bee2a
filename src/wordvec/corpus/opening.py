"""Opening: a file as raw bytes, from this machine's disk or, where its path is a URL, from elsewhere."""

from __future__ import annotations

from typing import BinaryIO

from wordvec.corpus.urls import is_url
from wordvec.errors import CorpusError

__all__ = ["open_file", "reason_of"]


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


def reason_of(problem: Exception) -> str:
    """What went wrong, for the end of a message."""
    if isinstance(problem, PermissionError):
        return "permission denied; make it readable (chmod +r), or run as a user who may read it"
    return str(getattr(problem, "strerror", None) or problem).rstrip(".")
