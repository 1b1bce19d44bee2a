"""How kernels are compiled, and where the machine code is kept for the next run."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba as nb

__all__ = ["kernel", "kernel_part"]

# Kernels work on arrays that their caller holds, so they need no reference counts: with them, each call of a
# part with a few arrays costs dozens of atomic instructions.
_OPTIONS: dict[str, Any] = {"nogil": True, "_nrt": False, "error_model": "numpy", "no_cfunc_wrapper": True}

# A part is called by kernels alone; without a wrapper for Python it compiles in a fraction of the time.
kernel_part = nb.njit(forceinline=True, no_cpython_wrapper=True, **_OPTIONS)


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function on first use and keep the machine code on disk, where there is a place for it.

    The place is named by a hash of all kernel sources: numba's own cache notices edits in the file of a kernel,
    but not in the files of the parts that it calls.
    """
    chosen_before = nb.config.CACHE_DIR
    nb.config.CACHE_DIR = str(_cache_folder(chosen_before))
    try:
        return nb.njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # numba finds no folder that can be written: compile anew in each run
        return nb.njit(**_OPTIONS)(function)
    finally:
        nb.config.CACHE_DIR = chosen_before


def _cache_folder(chosen: str) -> Path:
    """A folder for this version of the kernels, below numba's own if the user chose one (NUMBA_CACHE_DIR)."""
    return (Path(chosen) if chosen else _user_cache() / "wordvec") / f"kernels-{_revision()}"


def _user_cache() -> Path:
    named = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    if named:
        return Path(named)
    try:
        return Path.home() / ".cache"
    except RuntimeError:  # a user without a home
        return Path(tempfile.gettempdir())


@cache
def _revision() -> str:
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
