"""Swap two folders in one step, where the operating system can do that."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["exchange"]

HERE = -100  # AT_FDCWD: paths are relative to the working directory
SWAP = 2  # RENAME_EXCHANGE


def exchange(first: Path, second: Path) -> bool:
    """Swap two existing paths at once, so that neither is ever missing; False if this system cannot."""
    if sys.platform != "linux":
        return False
    import ctypes

    rename = getattr(ctypes.CDLL(None), "renameat2", None)  # glibc 2.28, musl 1.2.6
    if rename is None:
        return False
    return bool(rename(HERE, os.fsencode(first), HERE, os.fsencode(second), SWAP) == 0)
