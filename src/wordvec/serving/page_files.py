"""Page files: what the explorer consists of, read once; no other file can be asked for."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["KINDS", "PageFile", "page_files"]

FOLDER = Path(__file__).parent / "page"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
MIN_COMPRESSED = 1024  # bytes


class PageFile(NamedTuple):
    """A file of the page."""

    content: bytes
    compressed: bytes | None  # by gzip, where that is smaller
    kind: str  # Content-Type
    etag: str


@cache
def page_files() -> dict[str, PageFile]:
    """All files of the page, by their names.

    >>> page_files()["index.html"].kind
    'text/html; charset=utf-8'
    """
    return {file.name: _read(file) for file in sorted(FOLDER.iterdir()) if file.suffix in KINDS}


def _read(file: Path) -> PageFile:
    content = file.read_bytes()
    compressed = gzip.compress(content, mtime=0) if len(content) >= MIN_COMPRESSED else content
    mark = hashlib.blake2b(content, digest_size=12).hexdigest()
    is_smaller = len(compressed) < len(content)
    return PageFile(content, compressed if is_smaller else None, KINDS[file.suffix], f'W/"{mark}"')
