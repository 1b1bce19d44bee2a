"""Temporary neighbours of a target: where a new file or folder grows until it is complete."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wordvec.formats.locks import make_locked, remove_abandoned, remove_and_unlock

__all__ = ["ASIDE", "GROWING", "aside_of", "beside", "new_name", "remove_leftovers", "temporary"]

GROWING = ".tmp"  # a new version, not complete yet
RANDOM = re.compile("[0-9a-f]{8}")  # what `new_name` puts into a name
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
        remove_and_unlock(path, lock)


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
    remove_abandoned(leftovers)


def beside(target: Path, ending: str) -> list[Path]:
    """The files and folders that are called so, beside the target; pipes and links are not ours."""
    # Compared as text: in a pattern, brackets in the target's name would mean something else.
    start = f".{target.name}."
    length = len(new_name(target, ending).name)
    if not target.parent.is_dir():
        return []
    return [
        path
        for path in target.parent.iterdir()
        if path.name.startswith(start)
        and path.name.endswith(ending)
        and len(path.name) == length
        and RANDOM.fullmatch(path.name[len(start) : -len(ending)])
        and (path.is_file() or path.is_dir())
        and not path.is_symlink()
    ]
