"""Remote files: opened, sized and listed where a URL says, through pyarrow (S3, Google) or fsspec (all else).

Nothing here is called, and so no network is used, unless a user names a URL.
"""

from __future__ import annotations

import errno
import io
import os
import re
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

from wordvec.corpus.byte_stream import OF_PYARROW, has_secret
from wordvec.errors import CorpusError, MissingPackageError
from wordvec.packages import imported
from wordvec.text import reason_of

__all__ = ["open_remote", "remote_bytes", "remote_files"]

_BUFFER_BYTES = 2**18  # taken out of these at a time
_BLOCK_BYTES = 8 * 2**20  # fetched at a time
_MAGIC = re.compile(r"[*?\[]")
_OF_THE_WEB = ("http", "https")
_OF_GOOGLE = ("gs", "gcs")
_LIMIT = "retry_limit_seconds="
_MAX_SECONDS = 60  # without an answer
_NOT_FOUND = 404  # of HTTP


def open_remote(url: str) -> BinaryIO:
    """Open a remote file to be read; only as much as is read is fetched.

    Raises:
        CorpusError: it is not there, or may not be read.
        MissingPackageError: a package is needed for such URLs.
    """
    files, path = _file_system(url)
    try:
        file = files.open(path, "rb", block_size=_BLOCK_BYTES)
        if urlsplit(url).scheme.lower() in _OF_THE_WEB and not _can_seek(file):
            file.close()
            file = files.open(path, "rb", block_size=0)  # as one stream
    except Exception as problem:
        raise _failed(url, problem) from problem
    opened: Any = io.BufferedReader(_RemoteFile(file), _BUFFER_BYTES)
    return cast("BinaryIO", opened)


def _can_seek(file: Any) -> bool:
    """Whether a server of the web gives parts of a file; one of a block or less is fetched whole anyway."""
    if file.size is None or file.size <= _BLOCK_BYTES:
        return True
    file.seek(-1, os.SEEK_END)
    try:
        file.read(1)
    except ValueError:  # it sent the whole file
        return False
    file.seek(0)
    return True


class _RemoteFile(io.RawIOBase):
    """A file of fsspec that, when it fails, does so as files do."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._file.read(len(buffer))
        except Exception as problem:
            raise OSError(errno.EIO, reason_of(problem)) from problem
        buffer[: len(data)] = data
        return len(data)

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        return int(self._file.seek(place, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        has_size = (
            getattr(self._file, "size", 0) is not None
        )  # a stream of the web has none, and says that it can
        return has_size and bool(self._file.seekable())

    def close(self) -> None:
        self._file.close()
        super().close()


def remote_bytes(url: str) -> int | None:
    """The size of a remote file; None where the other side does not tell."""
    files, path = _file_system(url)
    try:
        size = files.size(path)
    except Exception as problem:
        raise _failed(url, problem) from problem
    return None if size is None else int(size)


def remote_files(url: str) -> list[tuple[str, int | None]]:
    """The files that a URL stands for: itself, those below a folder, or those that match a pattern.

    Each comes with its size in bytes, where listing them tells it.

    Hidden files are left out, as on the disk. The web has no folders, and any sign may be in its names.

    Raises:
        CorpusError: there are none.
        MissingPackageError: a package is needed for such URLs.
    """
    files, path = _file_system(url)
    if urlsplit(url).scheme.lower() in _OF_THE_WEB:
        return [(url, None)]
    try:
        if (file := _file_info(files, path)) is not None:
            return [(url, _size_in(file))]
        is_pattern = _MAGIC.search(path) is not None
        folder = _MAGIC.split(path)[0].rpartition("/")[0] if is_pattern else path.rstrip("/")
        listed = files.glob(path, detail=True) if is_pattern else files.find(path, detail=True)
        found = sorted(
            (str(name), _size_in(info))
            for name, info in listed.items()
            if "/." not in str(name)[len(folder) :] and _is_file(files, name, info)
        )
        if not found and folder:
            files.info(folder)  # raises what is wrong with it, if something is; listing it does not
    except Exception as problem:
        raise _failed(url, problem) from problem
    if not found:
        raise CorpusError(f"there is no file {_shown(url)}; check the name, the folder or the pattern")
    scheme = urlsplit(url).scheme
    start = url.find(folder, url.index("://") + 2) if folder else -1  # the host may be before it
    before = url[:start] if start >= 0 else f"{scheme}://"
    query = "".join(url.partition("?")[1:]) if scheme.lower() in OF_PYARROW else ""
    return [(f"{before}{file}{query}", size) for file, size in found]


def _file_info(files: Any, path: str) -> Any | None:
    try:
        info = files.info(path)
    except FileNotFoundError:  # a pattern, perhaps, or a folder where there is nothing but what is in it
        return None
    return info if info["type"] == "file" else None


def _is_file(files: Any, path: str, info: Any) -> bool:
    kind = info.get("type")
    return bool(kind == "file" or (kind != "directory" and files.isfile(path)))  # else a link, perhaps


def _size_in(info: Any) -> int | None:
    size = info.get("size")
    return None if size is None else int(size)


def _file_system(url: str) -> tuple[Any, str]:
    """A file system of fsspec's kind, and the path in it."""
    try:
        scheme = urlsplit(url).scheme.lower()
    except ValueError as problem:  # such as a bracket that is not closed; what it repeats may be a password
        raise CorpusError(
            f"{url.partition('://')[0]}://... is not a URL, as no host can have this name; check it"
        ) from problem
    fsspec = imported("fsspec", f"reading {_shown(url)}")
    arrow = imported("fsspec.implementations.arrow", f"reading {_shown(url)}")
    try:
        if scheme in OF_PYARROW:
            from pyarrow import fs

            file_system, path = fs.FileSystem.from_uri(_with_limit(url))
            return arrow.ArrowFSWrapper(file_system), path
        file_system, path = fsspec.core.url_to_fs(url)
    except ImportError as missing:
        raise MissingPackageError(
            f"reading {_shown(url)} needs a package: {reason_of(missing)}; pip install 'wordvec[remote]' brings those "
            "for s3://, gs://, http:// and https://"
        ) from missing
    except Exception as problem:
        raise _failed(url, problem) from problem
    return file_system, path


def _with_limit(url: str) -> str:
    """A URL of Google's that gives up after a minute, where it does not say itself; else, that takes 15.

    >>> _with_limit("gs://bucket/a.csv"), _with_limit("gs://bucket/a.csv?retry_limit_seconds=5")
    ('gs://bucket/a.csv?retry_limit_seconds=60', 'gs://bucket/a.csv?retry_limit_seconds=5')
    """
    if urlsplit(url).scheme.lower() not in _OF_GOOGLE or _LIMIT in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}{_LIMIT}{_MAX_SECONDS}"


def _failed(url: str, problem: Exception) -> CorpusError:
    """The error that says what went wrong; the kind of `problem` depends on the file system."""
    cause = problem.__cause__ if isinstance(problem, FileNotFoundError) else problem
    if cause is None or getattr(cause, "status", None) == _NOT_FOUND:
        return CorpusError(f"there is no file {_shown(url)}; check the URL")
    reason = type(cause).__name__ if has_secret(url) else reason_of(cause)  # which may repeat the URL
    return CorpusError(
        f"cannot read {_shown(url)}: {reason}; check the URL, the network, and your rights there"
    )


def _shown(url: str) -> str:
    """A URL without what may be a secret."""
    if not has_secret(url):
        return url
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
