"""Remote files: opened, sized and listed where a URL says, through pyarrow (S3, Google) or fsspec (all else).

Nothing here is called, and so no network is used, unless a user names a URL.
"""

from __future__ import annotations

import re
from typing import Any, BinaryIO, NoReturn
from urllib.parse import urlsplit

from wordvec.corpus.urls import has_secret
from wordvec.errors import CorpusError, MissingPackageError

__all__ = ["open_remote", "remote_bytes", "remote_files"]

_BLOCK_BYTES = 8 * 2**20  # fetched at a time
_MAGIC = re.compile(r"[*?\[]")
_OF_PYARROW = ("s3", "gs", "gcs")
_MOST_SHOWN = 200  # characters of others' messages


def open_remote(url: str) -> BinaryIO:
    """Open a remote file to be read; only as much as is read is fetched.

    Raises:
        CorpusError: it is not there, or may not be read.
        MissingPackageError: a package is needed for such URLs.
    """
    files, path = _file_system(url)
    try:
        opened: BinaryIO = files.open(path, "rb", block_size=_BLOCK_BYTES)
    except Exception as problem:
        _refuse(url, problem)
    return opened


def remote_bytes(url: str) -> int | None:
    """The size of a remote file; None where the other side does not tell."""
    files, path = _file_system(url)
    try:
        size = files.size(path)
    except Exception as problem:
        _refuse(url, problem)
    return None if size is None else int(size)


def remote_files(url: str) -> list[str]:
    """The URLs of the files that one stands for: itself, those below a folder, or those that match a pattern.

    Hidden files are left out, as on the disk.

    Raises:
        CorpusError: there is none.
        MissingPackageError: a package is needed for such URLs.
    """
    files, path = _file_system(url)
    is_web = url.lower().startswith("http")  # whose names may have any sign in them, and which has no folders
    try:
        if is_web:
            return [url]
        if _MAGIC.search(path) and not files.exists(path):
            found = files.glob(path)
        elif files.isdir(path):
            found = files.find(path)
        else:
            return [url]
        below = len(files._strip_protocol(path).rstrip("/"))
        found = sorted(file for file in found if not files.isdir(file) and "/." not in file[below:])
        urls = [_url_of(files, url, file) for file in found]
    except Exception as problem:
        _refuse(url, problem)
    if not urls:
        raise CorpusError(f"there is no file at {_shown(url)}; check the folder or the pattern")
    return urls


def _url_of(files: Any, url: str, file: str) -> str:
    scheme = urlsplit(url).scheme
    return f"{scheme}://{files._strip_protocol(file).lstrip('/') if scheme != 'file' else file}"


def _file_system(url: str) -> tuple[Any, str]:
    """A file system of fsspec's kind, and the path in it."""
    scheme = urlsplit(url).scheme.lower()
    try:
        import fsspec
        from fsspec.implementations.arrow import ArrowFSWrapper
    except ImportError as missing:
        raise MissingPackageError(
            f"reading {_shown(url)} needs fsspec: pip install 'wordvec[remote]'"
        ) from missing
    try:
        if scheme in _OF_PYARROW:
            from pyarrow import fs

            file_system, path = fs.FileSystem.from_uri(url)
            return ArrowFSWrapper(file_system), path
        file_system, path = fsspec.core.url_to_fs(url)
    except ImportError as missing:
        raise MissingPackageError(
            f"reading {_shown(url)} needs a package: {_one_line(missing)}; pip install 'wordvec[remote]' brings those "
            "for s3://, gs://, http:// and https://"
        ) from missing
    except Exception as problem:
        _refuse(url, problem)
    return file_system, path


def _refuse(url: str, problem: Exception) -> NoReturn:
    """Say what went wrong, whose kind depends on the file system.

    Raises:
        CorpusError: always.
    """
    if isinstance(problem, FileNotFoundError):
        raise CorpusError(f"there is no file {_shown(url)}; check the URL") from problem
    raise CorpusError(
        f"cannot read {_shown(url)}: {_one_line(problem)}; check the URL, the network, and your rights there"
    ) from problem


def _one_line(problem: Exception) -> str:
    reason = " ".join(str(problem).split()) or type(problem).__name__
    return reason if len(reason) <= _MOST_SHOWN else reason[: _MOST_SHOWN - 3] + "..."


def _shown(url: str) -> str:
    """A URL without what may be a secret."""
    if not has_secret(url):
        return url
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
