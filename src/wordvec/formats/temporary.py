"""Temporary neighbours of a target: where a new file or folder grows until it is complete.

A temporary is locked by the process that fills it. The lock goes when the process does, however it ends, so a
temporary without a lock is one that a crash has left behind.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["ASIDE", "aside_of", "new_name", "remove_leftovers", "temporary"]

GROWING = ".tmp"  # a new version, not complete yet
ASIDE = ".old"  # the previous version, while the new one takes its place


def new_name(target: Path, ending: str = GROWING) -> Path:
    """Invent a hidden name beside the target, so that a rename can bring it there.

    >>> new_name(Path("/models/news.wv")).name.startswith(".news.wv.")
    True
    """
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}{ending}")


@contextmanager
def temporary(target: Path, *, folder: bool) -> Iterator[Path]:
    """Make an empty file or folder beside the target, and its parents; what is left there is removed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    path, lock = _new_and_locked(target, folder)
    try:
        yield path
    finally:
        _remove_and_unlock(path, lock)


def aside_of(target: Path) -> Path | None:
    """Find the previous version that an interrupted save has put aside, the latest if there are several."""
    aside = _beside(target, ASIDE)
    return max(aside, key=lambda path: path.stat().st_mtime) if aside else None


def remove_leftovers(target: Path) -> None:
    """Clean up after saves that were cut short; what belongs to a running one stays.

    Previous versions go only where the target is in its place: else they are all there is.
    """
    leftovers = _beside(target, GROWING)
    if target.exists():
        leftovers += _beside(target, ASIDE)
    for leftover in leftovers:
        with suppress(OSError):  # somebody else's: what cannot be removed does no harm
            lock = _lock(leftover)
            if lock is not None:
                _remove_and_unlock(leftover, lock)


def _new_and_locked(target: Path, folder: bool) -> tuple[Path, int | None]:
    while True:
        path = new_name(target)
        if folder:
            path.mkdir()
        else:
            path.touch(exist_ok=False)
        # Another process that cleans up may have come between the two steps.
        with suppress(BlockingIOError, FileNotFoundError):
            lock = _lock(path)
            if path.exists():
                return path, lock
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

    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _remove_and_unlock(path: Path, lock: int | None) -> None:
    try:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()
    finally:
        if lock is not None:
            os.close(lock)


def _beside(target: Path, ending: str) -> list[Path]:
    # Compared as text: in a pattern, brackets in the target's name would mean something else.
    start = f".{target.name}."
    length = len(new_name(target, ending).name)
    if not target.parent.is_dir():
        return []
    return [
        path
        for path in target.parent.iterdir()
        if path.name.startswith(start) and path.name.endswith(ending) and len(path.name) == length
    ]
