"""Claims: what a run will write is its own until it ends; a second run to the same place is refused at its start."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wordvec.errors import ResourceError
from wordvec.storage.atomic import writing
from wordvec.storage.locks import make_locked, remove_abandoned, remove_and_unlock
from wordvec.storage.temporary import beside, new_name, remove_leftovers

__all__ = ["claimed"]

CLAIM = ".run"  # ends the name of an empty file beside the target


@contextmanager
def claimed(path: Path) -> Iterator[None]:
    """Keep other runs, on this machine, from writing to `path`; where the system has no locks, nothing is kept.

    Raises:
        ResourceError: another run is at work on it, or nothing can be written there.
    """
    target = Path(os.path.realpath(path))

    def make() -> Path:
        claim = new_name(target, CLAIM)
        claim.touch(exist_ok=False)
        return claim

    with writing(path):
        target.parent.mkdir(parents=True, exist_ok=True)
        claim, lock = make_locked(make)
    try:
        # Each makes its own claim before it looks for others: of two at the same moment, both may be refused, but
        # never none.
        others = [other for other in beside(target, CLAIM) if other != claim]
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
        remove_and_unlock(claim, lock)
