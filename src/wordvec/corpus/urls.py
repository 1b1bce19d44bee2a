"""URLs: which paths are names of places elsewhere."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

__all__ = ["OF_PYARROW", "has_secret", "is_url"]

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
