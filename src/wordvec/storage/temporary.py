"""Temporary neighbours of a target: where a new file or folder grows until it is complete."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wordvec.storage.locks import make_locked, remove_abandoned, remove_and_unlock
from wordvec.storage.own_files import remove_own

__all__ = ["ASIDE", "GROWING", "aside_of", "beside", "new_name", "remove_leftovers", "temporary"]

GROWING = ".tmp"  # a new version, not complete yet
NUM_DIGITS = 8  # hexadecimal ones: of a random number, then of a checksum of it and of the target's name
ASIDE = ".old"  # the previous version, while the new one takes its place


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


@contextmanager
def temporary(target: Path, *, folder: bool) -> Iterator[Path]:
    """Make an empty file or folder beside the target, and its parents; what is left there is removed."""

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


def aside_of(target: Path) -> Path | None:
    """Find the previous version that an interrupted save has put aside, the latest if there are several."""
    aside = beside(target, ASIDE)
    return max(aside, key=lambda path: path.stat().st_mtime) if aside else None


def remove_leftovers(target: Path) -> None:
    """Clean up after saves that were cut short; what belongs to a running one stays.

    Previous versions go only where the target is in its place: else they are all there is.
    """
    leftovers = beside(target, GROWING)
    if target.exists():
        leftovers += beside(target, ASIDE)
    remove_abandoned(leftovers, remove_own)


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
