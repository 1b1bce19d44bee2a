"""Sources: which files a path, a folder, a glob pattern or a list of these stands for."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from wordvec.corpus.decoding import UTF_8
from wordvec.corpus.opening import is_url
from wordvec.errors import CorpusError

__all__ = [
    "STANDARD_INPUT",
    "Column",
    "Files",
    "TextSource",
    "TokenLists",
    "are_paths",
    "describe",
    "find_files",
    "how_to_read",
    "is_standard_input",
    "said_of",
]

STANDARD_INPUT = "-"

Paths: TypeAlias = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


@dataclass(frozen=True, slots=True)
class Files:
    """Paths, with what is in them, where their names and contents do not say it."""

    paths: Paths
    column: str | None = None  # of tables, that is the text
    input_format: str | None = None  # see file_kinds.KINDS
    encoding: str = UTF_8.encoding  # see decoding
    errors: str = UTF_8.errors


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column of a table that is not read from a file by wordvec: a data set, a data frame, or a column alone."""

    data: Any
    name: str | None = None


TextSource: TypeAlias = Paths | Files
TokenLists: TypeAlias = Iterable[Iterable[str]] | Column


def are_paths(source: Any) -> bool:
    """Tell paths, which name text to be read, from token lists, which are the text.

    A list of strings is a list of paths: a text in Python is a list of words.

    >>> are_paths("corpus.txt"), are_paths(["a.txt", "b.txt"]), are_paths([["a", "b"], ["c"]])
    (True, True, False)
    """
    if _is_path(source) or isinstance(source, Files):
        return True
    return isinstance(source, Sequence) and len(source) > 0 and all(map(_is_path, source))


def describe(source: TextSource | TokenLists) -> str:
    """Name a source in a message.

    >>> describe("corpus.txt"), describe(["a.txt", "b.txt"]), describe("-"), describe([["a", "b"]])
    ('corpus.txt', 'a.txt and 1 more', 'standard input', 'the token lists')
    """
    if isinstance(source, Column):
        of = f"column {source.name!r} of the " if source.name else "the "
        return of + type(source.data).__name__
    if not are_paths(source):
        return "the token lists"
    first, *others = _paths(source)
    name = "standard input" if first == STANDARD_INPUT else first
    return f"{name} and {len(others)} more" if others else name


def said_of(
    paths: Paths,
    column: str | None,
    input_format: str | None,
    encoding: str = UTF_8.encoding,
    errors: str = UTF_8.errors,
) -> TextSource:
    """Paths with what is said of them; the paths themselves, where nothing is.

    >>> said_of("a.txt", None, None), said_of("a.csv", "text", None)
    ('a.txt', Files(paths='a.csv', column='text', input_format=None, encoding='utf-8', errors='strict'))
    """
    files = Files(paths, column, input_format, encoding, errors)
    return paths if files == Files(paths) else files


def how_to_read(source: TextSource) -> Files:
    """Paths with what is said of them.

    >>> how_to_read("corpus.txt")
    Files(paths='corpus.txt', column=None, input_format=None, encoding='utf-8', errors='strict')
    """
    return source if isinstance(source, Files) else Files(source)


def is_standard_input(source: TextSource) -> bool:
    """Whether it is that and nothing else.

    >>> (
    ...     is_standard_input("-"),
    ...     is_standard_input(Files(["-"], input_format="jsonl")),
    ...     is_standard_input("a.txt"),
    ... )
    (True, True, False)
    """
    return _paths(source) == [STANDARD_INPUT]


def find_files(source: TextSource) -> list[str]:
    """List the files to read, in order: folders and patterns become the files in them, sorted.

    Hidden files and folders, pipes, sockets and devices are left out, unless named themselves; `-` is standard input.

    Raises:
        CorpusError: a file does not exist, or a folder or pattern holds none.

    >>> find_files("-")
    ['-']
    >>> find_files("no/such/file.txt")
    Traceback (most recent call last):
    wordvec.errors.CorpusError: there is no file no/such/file.txt; check the path (the folder now is ...)
    """
    is_listed = not _is_path(how_to_read(source).paths)
    return [file for path in _paths(source) for file in _expand(path, is_listed=is_listed)]


def _is_path(value: Any) -> bool:
    return isinstance(value, (str, os.PathLike))


def _paths(source: Any) -> list[str]:
    paths: Any = how_to_read(source).paths
    return [os.fspath(path) for path in ([paths] if _is_path(paths) else paths)]


def _expand(path: str, *, is_listed: bool) -> list[str]:
    if path == STANDARD_INPUT:
        return [path]
    if is_url(path):
        from wordvec.corpus.remote import remote_files  # here, as few runs need it

        return remote_files(path)
    path = os.path.expanduser(path)  # noqa: PTH111  (Path would make ./- the same as -)
    if os.path.isdir(path):  # noqa: PTH112  (Path.is_dir raises where a folder above cannot be read)
        files = sorted(_files_below(path))
        if not files:
            raise CorpusError(
                f"the folder {path} holds no files; give one with text files (hidden ones are left out)"
            )
        return files
    if _exists(path):
        return [path]
    if glob.has_magic(path):
        matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207  (the pattern may be absolute)
        if not matches:
            raise CorpusError(
                f"no file matches the pattern {path}; check it (the folder now is {Path.cwd()})"
            )
        return [file for match in matches for file in _expand(match, is_listed=False)]
    if is_listed and " " in path:
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


def _refuse_folder(problem: OSError) -> NoReturn:
    raise CorpusError(
        f"cannot read the folder {problem.filename}: {problem.strerror}; change its permissions, or name the "
        "files that can be read"
    ) from problem


def _files_below(folder: str) -> Iterator[str]:
    for parent, folders, names in os.walk(folder, onerror=_refuse_folder):
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
