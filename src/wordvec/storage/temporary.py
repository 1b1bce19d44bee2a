"""Temporary files and folders, and locks: what is there only while a process works, however that process ends.

A new version of a target grows beside it, under a hidden name, until it is complete. The process locks what it makes;
the system drops the lock when the process ends, even if it is killed, so anything of ours without a lock is left over,
and the next process removes it.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from wordvec.errors import ResourceError
from wordvec.storage.own_files import remove_own

__all__ = [
    "ASIDE",
    "GROWING",
    "aside_of",
    "beside",
    "folder_for_corpora",
    "make_locked",
    "new_name",
    "remove_abandoned",
    "remove_and_unlock",
    "remove_leftovers",
    "temporary",
]

GROWING = ".tmp"  # ends the name of a new version that is not complete yet
ASIDE = ".old"  # of the previous version, while the new one takes its place
_RANDOM_LETTERS = 8  # at the end of a name by mkdtemp
NUM_DIGITS = 8  # hexadecimal ones: of a random number, then of a checksum of it and of the target's name


@contextmanager
def temporary(target: Path, *, folder: bool) -> Iterator[Path]:
    """Make an empty file or folder beside the target, and its parents; what is left there is removed.

    Raises:
        OSError: the system refuses it.
    """

    def make() -> Path:
        path = new_name(target)
        if folder:
            path.mkdir()
        else:
            path.touch(exist_ok=False)
        return path

    target.parent.mkdir(parents=True, exist_ok=True)
    path, lock = make_locked(make)
    try:
        yield path
    finally:
        remove_and_unlock(path, lock, remove_own)


def remove_leftovers(target: Path) -> None:
    """Clean up after saves that were cut short; what belongs to a running one stays.

    Previous versions go only where the target is in its place: else they are all there is.
    """
    leftovers = beside(target, GROWING)
    if target.exists():
        leftovers += beside(target, ASIDE)
    remove_abandoned(leftovers, remove_own)


def aside_of(target: Path) -> Path | None:
    """Find the previous version that an interrupted save has put aside, the latest if there are several."""
    aside = beside(target, ASIDE)
    return max(aside, key=lambda path: path.stat().st_mtime) if aside else None


def new_name(target: Path, ending: str = GROWING) -> Path:
    """Invent a hidden name beside the target, so that a rename can bring it there.

    >>> new_name(Path("/models/news.wv")).name.startswith(".news.wv.")
    True
    """
    random = secrets.token_hex(NUM_DIGITS // 2)
    return target.with_name(f".{target.name}.{random}{_checksum(target, random)}{ending}")


def _checksum(target: Path, random: str) -> str:
    """Eight digits that no name has by chance, as a date would be eight digits, too."""
    return hashlib.sha256(os.fsencode(f"{random} {target.name}")).hexdigest()[:NUM_DIGITS]


def beside(target: Path, ending: str) -> list[Path]:
    """The files and folders beside the target whose names we have made; pipes and links are not ours."""
    # Compared as text: in a pattern, brackets in the target's name would mean something else.
    start = f".{target.name}."
    if not target.parent.is_dir():
        return []
    return [
        path
        for path in target.parent.iterdir()
        if path.name.startswith(start)
        and path.name.endswith(ending)
        and _is_made_by_us(target, path.name[len(start) : -len(ending)])
        and (path.is_file() or path.is_dir())
        and not path.is_symlink()
    ]


def _is_made_by_us(target: Path, digits: str) -> bool:
    random = digits[:NUM_DIGITS]
    return len(digits) == 2 * NUM_DIGITS and digits[NUM_DIGITS:] == _checksum(target, random)


def _remove_tree(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def make_locked(make: Callable[[], Path]) -> tuple[Path, int | None]:
    """Make a file or folder and lock it; None in place of a lock where the system has none."""
    while True:
        path = make()
        # Another process that cleans up may have come between the two steps.
        with suppress(BlockingIOError, FileNotFoundError):
            lock = _lock(path)
            if path.exists():
                return path, lock
            if lock is not None:
                os.close(lock)


def remove_abandoned(paths: Iterable[Path], remove_folder: Callable[[Path], None] = _remove_tree) -> None:
    """Remove those that no process has locked; where the system has no locks, none."""
    for path in paths:
        with suppress(OSError):  # somebody else's: what cannot be removed does no harm
            lock = _lock(path)
            if lock is not None:
                remove_and_unlock(path, lock, remove_folder)


def remove_and_unlock(
    path: Path, lock: int | None, remove_folder: Callable[[Path], None] = _remove_tree
) -> None:
    """Remove what `make_locked` has made, or what is left of it."""
    try:
        if path.is_dir():
            remove_folder(path)
        else:
            with suppress(OSError):
                path.unlink()
    finally:
        if lock is not None:
            os.close(lock)


def _lock(path: Path) -> int | None:
    """Lock a file or folder until the descriptor is closed; None where the system has no such locks.

    Raises:
        BlockingIOError: another process holds the lock.
    """
    if sys.platform == "win32":
        return None
    import fcntl

    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)  # a pipe would wait for a writer
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


@contextmanager
def folder_for_corpora(chosen: str | Path | None) -> Iterator[Path]:
    """A temporary folder. Those of runs that were killed, on this machine, are removed at this opportunity.

    Raises:
        ResourceError: none can be made there.
    """
    import platform  # here, as loading vectors needs none of these
    import tempfile

    # Of this machine alone: others may use the place, too, and their locks may not be seen here.
    machine = re.sub(r"[^\w.-]", "_", platform.node())
    prefix = f"wordvec-{machine}-"
    try:
        place = Path(chosen or tempfile.gettempdir())
        remove_abandoned(filter(_is_one_of_ours, list(place.glob(f"{prefix}{'?' * _RANDOM_LETTERS}"))))
        path, lock = make_locked(lambda: Path(tempfile.mkdtemp(prefix=prefix, dir=place)))
    except OSError as problem:
        raise ResourceError(
            f"no temporary folder can be made in {chosen or 'the place for temporary files'}: {problem.strerror}; "
            "choose another one (temporary_folder, --temporary-folder)"
        ) from problem
    try:
        yield path
    finally:
        remove_and_unlock(path, lock)


def _is_one_of_ours(folder: Path) -> bool:
    """Whether there is nothing in it but encoded text."""
    from wordvec.corpus.encoded import ID_FILES

    try:
        return all(file.match(ID_FILES) for file in folder.iterdir())
    except OSError:
        return False
