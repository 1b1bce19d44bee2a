"""Replace a file or a folder as a whole, so that a crash at any moment leaves the old or the new one.

A run locks its output, so that no other run replaces what it saves there.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from wordvec.errors import ResourceError
from wordvec.storage.own_files import carry_over, remove_own
from wordvec.storage.temporary import (
    ASIDE,
    aside_of,
    beside,
    make_locked,
    new_name,
    remove_abandoned,
    remove_and_unlock,
    remove_leftovers,
    temporary,
)

__all__ = ["exchange", "locked_output", "replacing_file", "replacing_folder", "writing"]

RUN = ".run"  # ends the name of an empty file beside the output of a run
HERE = -100  # AT_FDCWD: paths are relative to the working directory
SWAP = 2  # RENAME_EXCHANGE
COMPLETE = ".complete"  # a new version that could not take its place
CANNOT_FLUSH = (errno.EINVAL, errno.ENOTSUP)  # said of folders by some network disks
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def replacing_folder(path: Path, own: Collection[str]) -> Iterator[Path]:
    """Give out an empty folder to fill, which takes the place of `path` when the block ends well.

    Args:
        path: the folder to replace, or to make.
        own: the names of all that we write into such a folder; everything else at `path` is carried over.

    Raises:
        ResourceError: it cannot be written; what was at `path` is still there.
    """
    with writing(path):
        target = Path(os.path.realpath(path))  # a link stays one; the folder it points to is replaced
        _recover(target)
        with temporary(target, folder=True) as growing:
            yield growing
            for file in growing.rglob("*"):
                _flush(file)
            _flush(growing)
            try:
                old = _put_in_place(growing, target)
            except OSError as problem:
                kept = new_name(target, COMPLETE)
                growing.rename(kept)  # hours of training may be in it
                raise ResourceError(
                    f"{path} cannot be replaced: {problem.strerror}; what was there is unchanged, and what "
                    f"was to be saved is complete in {kept}: move it to where you want it"
                ) from problem
            _flush_parent(target, path)
            if old is not None:
                _carry_over(old, path, own)
                remove_own(old)


@contextmanager
def replacing_file(path: Path) -> Iterator[BinaryIO]:
    """Give out an empty file to fill, which takes the place of `path` when the block ends well.

    Raises:
        ResourceError: it cannot be written; what was at `path` is still there.
    """
    with writing(path):
        target = Path(os.path.realpath(path))
        remove_leftovers(target)
        with temporary(target, folder=False) as growing:
            with growing.open("wb") as file:
                yield file
            _flush(growing)
            if target.exists():
                shutil.copymode(target, growing)
            growing.replace(target)
            _flush_parent(target, path)


@contextmanager
def locked_output(path: Path) -> Iterator[None]:
    """Keep other runs, on this machine, from writing to `path`; where the system has no locks, do nothing.

    Raises:
        ResourceError: another run writes there, or nothing can be written there.
    """
    target = Path(os.path.realpath(path))

    def make() -> Path:
        locked = new_name(target, RUN)
        locked.touch(exist_ok=False)
        return locked

    with writing(path):
        target.parent.mkdir(parents=True, exist_ok=True)
        own, lock = make_locked(make)
    try:
        # Each makes its own file before it looks for others: of two at the same moment, both may be refused, but
        # never none.
        others = [other for other in beside(target, RUN) if other != own]
        remove_abandoned(others)
        running = [other for other in others if other.exists()]
        if running and lock is not None:
            raise ResourceError(
                f"another run is at work on {path}, and each would replace what the other learns; choose another "
                f"place, or wait for it to end (if there is none, remove {running[0]})"
            )
        remove_leftovers(target)  # of runs that were killed
        yield
    finally:
        remove_and_unlock(own, lock)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the operating system says about a failed write into a ResourceError with a remedy."""
    try:
        yield
    except OSError as problem:
        reason = os.strerror(problem.errno) if problem.errno else str(problem)
        remedy = "free some space or choose" if problem.errno in NO_SPACE else "choose"
        raise ResourceError(
            f"{path} cannot be written: {reason}; nothing there was changed: {remedy} another place"
        ) from problem


def exchange(first: Path, second: Path) -> bool:
    """Swap two existing paths at once, so that neither is ever missing; False if this system cannot."""
    if sys.platform != "linux":
        return False
    import ctypes

    rename = getattr(ctypes.CDLL(None), "renameat2", None)  # glibc 2.28, musl 1.2.6
    if rename is None:
        return False
    return bool(rename(HERE, os.fsencode(first), HERE, os.fsencode(second), SWAP) == 0)


def _put_in_place(growing: Path, target: Path) -> Path | None:
    """Let the new folder take its place; where the old one is now, if there was one."""
    if not target.exists():
        growing.rename(target)
        return None
    shutil.copymode(target, growing)
    if exchange(growing, target):
        return growing
    aside = new_name(target, ASIDE)
    try:
        target.rename(aside)
        growing.rename(target)
    except BaseException:
        if aside.exists() and not target.exists():
            aside.rename(target)
        raise
    return aside


def _carry_over(old: Path, path: Path, own: Collection[str]) -> None:
    try:
        carry_over(old, path, own)
    except OSError as problem:
        warnings.warn(
            f"{path} is saved; other files that were in it could not be moved back ({problem.strerror}) and are in "
            f"{old}",
            stacklevel=4,
        )


def _recover(target: Path) -> None:
    """Bring back what an interrupted save has put aside, and remove what it has left behind."""
    aside = aside_of(target)
    if aside is not None and not target.exists():
        aside.rename(target)
    remove_leftovers(target)


def _flush_parent(target: Path, path: Path) -> None:
    """Wait until the new name is on the disk; the new version is in its place, so the save has not failed."""
    try:
        _flush(target.parent)
    except OSError as problem:
        if problem.errno not in CANNOT_FLUSH:
            warnings.warn(
                f"{path} is saved, but the disk did not confirm it ({problem.strerror}); a power cut may bring back "
                "what was there before",
                stacklevel=4,
            )


def _flush(path: Path) -> None:
    """Wait until a file, or the list of files in a folder, is on the disk."""
    if sys.platform == "win32" and path.is_dir():
        return  # folders cannot be flushed there
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
