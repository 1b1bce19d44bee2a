"""May this path be written? Asked before the work, so that hours of training do not end in an error."""

from __future__ import annotations

import errno
import os
from os import PathLike
from pathlib import Path

from wordvec.corpus.opening import is_url
from wordvec.errors import ConfigError, FormatError, ResourceError
from wordvec.formats.names import BY_SUFFIX, format_of
from wordvec.formats.sniff import recognise
from wordvec.storage.atomic import writing
from wordvec.storage.own_files import FOLDERS, LONGEST_MARK, MARKS
from wordvec.storage.temporary import temporary

__all__ = ["check_target", "check_writable"]

_KNOWS_EFFECTIVE_USER = os.access in os.supports_effective_ids
_ELSEWHERE = "it was not touched: choose another place to save to"
NOT_VECTORS = "is a file of something other than vectors"
LEFT_BY_DESKTOPS = (".DS_Store", "Thumbs.db", "desktop.ini")


def check_target(path: str | PathLike[str], format: str | None = None) -> None:  # noqa: A002
    """Refuse a path that `save` could not write, or where it would replace something that is not vectors.

    Missing parents are fine: `save` makes them. What is already there may be replaced if it is a model folder
    for a folder, a file of vectors for a file, or empty.

    Raises:
        FormatError: the path holds something else; nothing was changed.
        ResourceError: the path cannot be written.
        ConfigError: there is no format of that name, or the path is a URL.
    """
    name = format_of(Path(path), format)
    _refuse_url(path)
    with writing(Path(path)):
        target = Path(os.path.realpath(path))
        if target.exists():
            is_folder = name in FOLDERS
            problem = (
                _why_not_replace_folder(target, name) if is_folder else _why_not_replace_file(target, name)
            )
            if problem:
                raise FormatError(f"{path} {problem}; {_ELSEWHERE}")
        _try_to_write_beside(target)
        if target.exists() and not os.access(target, os.W_OK, effective_ids=_KNOWS_EFFECTIVE_USER):
            raise ResourceError(f"{path} is write-protected, or somebody else's; {_ELSEWHERE}")


def check_writable(path: str | PathLike[str]) -> None:
    """Refuse a path at which no file can be written, whatever is there.

    Raises:
        ResourceError: the path cannot be written; nothing was changed.
        ConfigError: it is a URL.
    """
    _refuse_url(path)
    with writing(Path(path)):
        _try_to_write_beside(Path(os.path.realpath(path)))


def _refuse_url(path: str | PathLike[str]) -> None:
    if is_url(os.fspath(path).replace(":/", "://", 1)):  # of its two slashes, a Path keeps one
        raise ConfigError(
            f"{path} is a URL, and wordvec writes to this machine's disks alone; save to a path and copy it there, or "
            "send a model to the Hugging Face hub with wordvec.push_to_hub(vectors, 'owner/name')"
        )


def _why_not_replace_folder(target: Path, format_name: str) -> str | None:
    if not target.is_dir():
        model = "wordvec" if format_name == "native" else format_name
        return f"is a file, and a {model} model is a folder ({', '.join(BY_SUFFIX)} mean files)"
    if os.path.ismount(target):
        return "is where a disk is mounted and cannot be replaced; a folder inside it can"
    names = {entry.name for entry in target.iterdir()} - set(LEFT_BY_DESKTOPS)
    needed, known = FOLDERS[format_name]
    if format_name == "native":  # its files are files: what is in a folder of that name is not ours
        known = known - {name for name in known if (target / name).is_dir()}
    strange = sorted(names - known)
    if strange:
        return (
            f"is a folder with other things in it ({', '.join(strange[:3])}), and saving replaces all of it"
        )
    if names and not names.issuperset(needed):
        model = "wordvec" if format_name == "native" else format_name
        return f"is a folder without {' and '.join(needed)}, so no {model} model to replace"
    return None


def _why_not_replace_file(target: Path, format_name: str) -> str | None:
    if not target.is_file():
        return "is no file, and the format asked for is one"
    if target.stat().st_size == 0:
        return None
    if format_name in MARKS:
        with target.open("rb") as stream:
            return None if MARKS[format_name] in stream.read(LONGEST_MARK) else NOT_VECTORS
    try:
        recognise(target)
    except FormatError:
        return NOT_VECTORS
    return None


def _try_to_write_beside(target: Path) -> None:
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))  # all other links are followed by now
    parent = target.parent
    while not parent.exists():
        if parent.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        parent = parent.parent
    if not parent.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    with temporary(parent / target.name, folder=True):
        pass
