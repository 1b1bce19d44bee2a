"""May this path be written? Asked before the work, so that hours of training do not end in an error."""

from __future__ import annotations

import errno
import os
from os import PathLike
from pathlib import Path

from wordvec.errors import FormatError
from wordvec.formats.atomic import writing
from wordvec.formats.names import format_of
from wordvec.formats.native_files import MODEL_FILES, VECTORS, VOCABULARY
from wordvec.formats.sniff import recognise
from wordvec.formats.temporary import temporary

__all__ = ["check_target"]

_KNOWS_EFFECTIVE_USER = os.access in os.supports_effective_ids
_ELSEWHERE = "it was not touched: choose another place to save to"
LEFT_BY_DESKTOPS = (".DS_Store", "Thumbs.db", "desktop.ini")


def check_target(path: str | PathLike[str], format: str | None = None) -> None:  # noqa: A002
    """Refuse a path that `save` could not write, or where it would replace something that is not vectors.

    Missing parents are fine: `save` makes them. What is already there may be replaced if it is a model folder
    for a folder, a file of vectors for a file, or empty.

    Raises:
        FormatError: the path cannot be written or holds something else; nothing was changed.
        ConfigError: there is no format of that name.
    """
    folder = format_of(Path(path), format) == "native"
    with writing(Path(path)):
        target = Path(os.path.realpath(path))
        if target.exists():
            problem = _why_not_replace_folder(target) if folder else _why_not_replace_file(target)
            if problem:
                raise FormatError(f"{path} {problem}; {_ELSEWHERE}")
        _try_to_write_beside(target)
        if target.exists() and not os.access(target, os.W_OK, effective_ids=_KNOWS_EFFECTIVE_USER):
            raise FormatError(f"{path} is write-protected, or somebody else's; {_ELSEWHERE}")


def _why_not_replace_folder(target: Path) -> str | None:
    if not target.is_dir():
        return "is a file, and a wordvec model is a folder (.bin, .txt and .vec mean files)"
    if os.path.ismount(target):
        return "is where a disk is mounted and cannot be replaced; a folder inside it can"
    names = {entry.name for entry in target.iterdir()} - set(LEFT_BY_DESKTOPS)
    strange = sorted(names - set(MODEL_FILES))
    if strange:
        return (
            f"is a folder with other things in it ({', '.join(strange[:3])}), and saving replaces all of it"
        )
    if names and not {VECTORS, VOCABULARY} <= names:
        return f"is a folder without {VECTORS} and {VOCABULARY}, so no wordvec model to replace"
    return None


def _why_not_replace_file(target: Path) -> str | None:
    if not target.is_file():
        return "is no file, and the format asked for is one"
    if target.stat().st_size == 0:
        return None
    try:
        recognise(target)
    except FormatError:
        return "is a file of something other than vectors"
    return None


def _try_to_write_beside(target: Path) -> None:
    parent = target.parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    with temporary(parent / target.name, folder=True):
        pass
