"""Save: from word vectors to a path; and, before the work, the check that they can be saved there.

The check comes first, so that hours of training do not end in an error.
"""

from __future__ import annotations

import errno
import os
from os import PathLike
from pathlib import Path

from wordvec.corpus.byte_stream import is_url
from wordvec.errors import ConfigError, FormatError, ResourceError
from wordvec.formats.detect import detect, format_of
from wordvec.storage.atomic import writing
from wordvec.storage.format_table import FORMATS, SUFFIXES, Folder, function_of
from wordvec.storage.temporary import temporary
from wordvec.vectors.checks import check_still_finite
from wordvec.vectors.shrinking import Precision
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["check_target", "check_writable", "save"]

KNOWS_EFFECTIVE_USER = os.access in os.supports_effective_ids
ELSEWHERE = "it was not touched: choose another place to save to"
NOT_VECTORS = "is a file of something other than vectors"
MARK_BYTES = 64
LEFT_BY_DESKTOPS = (".DS_Store", "Thumbs.db", "desktop.ini")


def save(
    vectors: WordVectors,
    path: str | PathLike[str],
    format: str | None = None,  # noqa: A002
    precision: Precision = "float32",
) -> None:
    """Write vectors to a model folder or a file, so that a crash at any moment leaves the old or the new one.

    Args:
        vectors: what to write; each format holds a part of it (docs/formats.md).
        path: its ending means a format, as `.bin` word2vec's binary file; without one, it is our folder. Missing
            parents are made; a model that is already there is replaced, anything else is not.
        format: a name in docs/formats.md, which beats the ending of the path.
        precision: of the numbers in a model folder: float32, float16, int8 or bit. A folder of another precision than
            float32 has no output vectors; `load` makes float32 of its numbers.

    Raises:
        FormatError: the format cannot hold a word, or the path holds something else; it is still there.
        ResourceError: it cannot be written, as on a full disk; what was there before is still there.
        ConfigError: there is no format of that name, or it has no precision but float32; or the array behind the matrix
            was changed, and now holds NaN or infinity.
        MissingPackageError: the format is written with a package that is not installed.
    """
    check_target(path, format, precision)
    check_still_finite("matrix", vectors.rows, vectors.words)
    if vectors.output_matrix is not None:
        check_still_finite("output_matrix", vectors.output_matrix, vectors.words)
    options = {} if precision == "float32" else {"precision": precision}
    function_of(FORMATS[format_of(Path(path), format)].writer)(vectors, Path(path), **options)


def check_target(
    path: str | PathLike[str],
    format: str | None = None,  # noqa: A002
    precision: Precision = "float32",
) -> None:
    """Check that `save` can write to a path, and would replace nothing but vectors.

    Missing parents are fine: `save` makes them. What is already there may be replaced if it is a model folder
    for a folder, a file of vectors for a file, or empty.

    Raises:
        FormatError: the path holds something else; nothing was changed.
        ResourceError: the path cannot be written.
        ConfigError: there is no format of that name, it has no precision but float32, or the path is a URL.
    """
    name = format_of(Path(path), format)
    if precision != "float32" and name != "native":
        raise ConfigError(
            f"precision must be float32 for {path}, which is {name}; a model folder can be float16, int8 or bit"
        )
    _check_not_url(path)
    with writing(Path(path)):
        target = Path(os.path.realpath(path))
        if target.exists():
            format_ = FORMATS[name]
            problem = (
                _why_not_replace_folder(target, name, format_.folder)
                if format_.folder
                else _why_not_replace_file(target, format_.mark)
            )
            if problem:
                raise FormatError(f"{path} {problem}; {ELSEWHERE}")
        _try_to_write_beside(target)
        if target.exists() and not os.access(target, os.W_OK, effective_ids=KNOWS_EFFECTIVE_USER):
            raise ResourceError(f"{path} is write-protected, or somebody else's; {ELSEWHERE}")


def check_writable(path: str | PathLike[str]) -> None:
    """Check that a file can be written at a path.

    Raises:
        ResourceError: the path cannot be written; nothing was changed.
        ConfigError: it is a URL.
    """
    _check_not_url(path)
    with writing(Path(path)):
        _try_to_write_beside(Path(os.path.realpath(path)))


def _check_not_url(path: str | PathLike[str]) -> None:
    if is_url(os.fspath(path).replace(":/", "://", 1)):  # of its two slashes, a Path keeps one
        raise ConfigError(
            f"{path} is a URL, and wordvec writes to local disks only; save to a path and copy it there, or "
            "send a model to the Hugging Face hub with wordvec.push_to_hub(vectors, 'owner/name')"
        )


def _why_not_replace_folder(target: Path, format_name: str, folder: Folder) -> str | None:
    if not target.is_dir():
        model = "wordvec" if format_name == "native" else format_name
        return f"is a file, and a {model} model is a folder ({', '.join(SUFFIXES)} mean files)"
    if os.path.ismount(target):
        return "is where a disk is mounted and cannot be replaced; a folder inside it can"
    names = {entry.name for entry in target.iterdir()} - set(LEFT_BY_DESKTOPS)
    own = folder.own
    if format_name == "native":  # its files are files: a folder of that name is not ours
        own = own - {name for name in own if (target / name).is_dir()}
    strange = sorted(names - own)
    if strange:
        return (
            f"is a folder with other things in it ({', '.join(strange[:3])}), and saving replaces all of it"
        )
    if names and not names.issuperset(folder.needed):
        model = "wordvec" if format_name == "native" else format_name
        return f"is a folder without {' and '.join(folder.needed)}, so not a {model} model to replace"
    return None


def _why_not_replace_file(target: Path, mark: bytes) -> str | None:
    if not target.is_file():
        return "is not a file, and the format asked for is one"
    if target.stat().st_size == 0:
        return None
    if mark:
        with target.open("rb") as stream:
            return None if mark in stream.read(MARK_BYTES) else NOT_VECTORS
    try:
        detect(target)
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
