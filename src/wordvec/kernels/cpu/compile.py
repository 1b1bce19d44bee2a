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
    folder = _cache_folder()
    if folder is None:
        return nb.njit(**_OPTIONS)(function)
    chosen_by_user = nb.config.CACHE_DIR
    nb.config.CACHE_DIR = str(folder)
    try:
        return nb.njit(cache=True, **_OPTIONS)(function)
    finally:
        nb.config.CACHE_DIR = chosen_by_user


@cache
def _cache_folder() -> Path | None:
    """A folder for this version of the kernels; None where none can be written, or the user has no home."""
    try:
        folder = _cache_root() / f"kernels-{_revision()}"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except (OSError, RuntimeError):  # RuntimeError: no home
        return None


def _cache_root() -> Path:
    """Numba's own folder if the user has chosen one (NUMBA_CACHE_DIR), else a part of the user's cache."""
    if nb.config.CACHE_DIR:
        return Path(nb.config.CACHE_DIR)
    named = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(named) if named else Path.home() / ".cache") / "wordvec"


@cache
def _revision() -> str:
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
