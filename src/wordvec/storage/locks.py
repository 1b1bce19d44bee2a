"""Locks: tell files and folders that a process is at work on from those that a crash has left behind.

What a process makes for a while, it locks. The lock goes when the process does, however it ends, so what has no lock is
nobody's any more.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

__all__ = ["make_locked", "remove_abandoned", "remove_and_unlock"]


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
    """Remove those that no process is at work on; where the system has no locks, none."""
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
        BlockingIOError: another process holds it.
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
