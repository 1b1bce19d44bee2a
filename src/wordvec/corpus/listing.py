"""Listing: which files a path, a folder, a glob pattern or a URL stands for, and what kind of file each is."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from wordvec.corpus.byte_stream import STANDARD_INPUT, is_url
from wordvec.errors import ConfigError, CorpusError

__all__ = ["KINDS", "check_input_format", "find_files", "kind_of"]

KINDS = ("text", "csv", "tsv", "jsonl", "parquet")

_KIND_OF_ENDING = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
}
_COMPRESSED_ENDINGS = (".gz", ".zst", ".bz2", ".xz")
_PARQUET_MAGIC = b"PAR1"


def find_files(paths: Iterable[str], *, in_list: bool = False) -> list[tuple[str, int | None]]:
    """List the files that paths stand for, in order, each with its size in bytes where the listing tells it.

    Folders and patterns become the files in them, sorted. Hidden files and folders, pipes, sockets and devices are left
    out, unless named themselves; `-` is standard input.

    Args:
        paths: files, folders, patterns, URLs or `-`.
        in_list: whether the user gave a list, whose strings may have been meant as texts.

    Raises:
        CorpusError: a file does not exist, or a folder or pattern has no files.

    >>> find_files(["-"])
    [('-', None)]
    """
    return [file for path in paths for file in _expand(path, in_list=in_list)]


def _expand(path: str, *, in_list: bool) -> list[tuple[str, int | None]]:
    if path == STANDARD_INPUT:
        return [(path, None)]
    if is_url(path):
        from wordvec.corpus.remote import remote_files  # here, as few runs need it

        return remote_files(path)
    path = os.path.expanduser(path)  # noqa: PTH111  (Path would make ./- the same as -)
    if os.path.isdir(path):  # noqa: PTH112  (Path.is_dir raises where a folder above cannot be read)
        files = sorted(_files_below(path))
        if not files:
            raise CorpusError(
                f"the folder {path} has no files; give one with text files (hidden ones are left out)"
            )
        return [(file, None) for file in files]
    if _exists(path):
        return [(path, None)]
    if glob.has_magic(path):
        matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207  (the pattern may be absolute)
        if not matches:
            raise CorpusError(
                f"no file matches the pattern {path}; check it (the folder now is {Path.cwd()})"
            )
        return [file for match in matches for file in _expand(match, in_list=False)]
    if in_list and " " in path:
        raise CorpusError(
            f"there is no file {path!r}; a list of strings is a list of paths: if these are texts, split "
            "each into words, [text.split() for text in texts]"
        )
    raise CorpusError(f"there is no file {path}; check the path (the folder now is {Path.cwd()})")


def _exists(path: str) -> bool:
    """Whether there is such a file, even if it is a link that leads nowhere."""
    try:
        os.lstat(path)
    except PermissionError as problem:
        raise CorpusError(
            f"cannot look for {path}: permission denied; open the folders above it to this user (chmod +x), or run as "
            "a user who may look into them"
        ) from problem
    except (OSError, ValueError):  # a whole text, for example, is too long for a path
        return False
    return True


def _unreadable_folder(problem: OSError) -> NoReturn:
    raise CorpusError(
        f"cannot read the folder {problem.filename}: {problem.strerror}; change its permissions, or name the "
        "files that can be read"
    ) from problem


def _files_below(folder: str) -> Iterator[str]:
    for parent, folders, names in os.walk(folder, onerror=_unreadable_folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files = (Path(parent, name) for name in names if not name.startswith("."))
        yield from (str(file) for file in files if not _is_special(file))


def _is_special(file: Path) -> bool:
    """Whether it is a pipe, a socket or a device: reading one that lies in a folder by chance may never end."""
    try:
        mode = file.stat().st_mode
    except OSError:  # opening it says why
        return False
    return not stat.S_ISREG(mode)


def check_input_format(input_format: str | None) -> None:
    """Check the name of a kind of file.

    Raises:
        ConfigError: there is no such kind.

    >>> check_input_format("xlsx")
    Traceback (most recent call last):
    wordvec.errors.ConfigError: input_format must be 'text', 'csv', 'tsv', 'jsonl' or 'parquet', got 'xlsx'; ...
    """
    if input_format not in (None, *KINDS):
        *most, last = map(repr, KINDS)
        raise ConfigError(
            f"input_format must be {', '.join(most)} or {last}, got {input_format!r}; leave it out to go by the names "
            "of the files"
        )


def kind_of(file: str, input_format: str | None = None) -> str:
    """The kind of a file: `input_format`, if given; else by its name; else Parquet, if it begins so; else text.

    >>> kind_of("reviews.jsonl.gz"), kind_of("notes.txt"), kind_of("-", "csv")
    ('jsonl', 'text', 'csv')
    """
    check_input_format(input_format)
    if input_format is not None:
        return input_format
    name = (urlsplit(file).path if is_url(file) else file).lower()
    for ending in _COMPRESSED_ENDINGS:
        name = name.removesuffix(ending)
    kind = next((kind for ending, kind in _KIND_OF_ENDING.items() if name.endswith(ending)), "text")
    return "parquet" if kind == "text" and _begins_as_parquet(file) else kind


def _begins_as_parquet(file: str) -> bool:
    path = Path(file)
    try:
        # Of a pipe, what is looked at here would be gone.
        if file == STANDARD_INPUT or is_url(file) or not stat.S_ISREG(path.stat().st_mode):
            return False
        with path.open("rb") as beginning:
            return beginning.read(len(_PARQUET_MAGIC)) == _PARQUET_MAGIC
    except (OSError, ValueError):  # opening it to be read says why
        return False
