"""How kernels are compiled, and where the machine code is kept for the next run.

What numba keeps is pickles of machine code, so whoever can write there can run code as the user who trains: the folder
is private. Nothing that is wrong with it ends a run: a damaged entry is made anew, and without room nothing is kept.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import numba as nb
from numba.core.caching import FunctionCache, IndexDataCacheFile

__all__ = ["kernel", "kernel_part"]

# Kernels work on arrays that their caller holds, so they need no reference counts: with them, each call of a
# part with a few arrays costs dozens of atomic instructions.
_OPTIONS: dict[str, Any] = {"nogil": True, "_nrt": False, "error_model": "numpy", "no_cfunc_wrapper": True}

_PRIVATE = 0o700
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_DIGEST_BYTES = hashlib.sha256().digest_size


def kernel_part(function: Callable[..., Any]) -> Any:
    """Compile a function that kernels alone call: without a wrapper for Python, in a fraction of the time."""
    with _numba_setting("DISABLE_JIT", value=0):
        return nb.njit(forceinline=True, no_cpython_wrapper=True, **_OPTIONS)(function)


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function on first use and keep the machine code on disk, where there is a place for it.

    The place is named by a hash of all kernel sources: numba's own cache notices edits in the file of a kernel,
    but not in the files of the parts that it calls. NUMBA_DISABLE_JIT is for functions that Python can run, too;
    kernels consist of instructions that exist only compiled, so it does not apply to them.
    """
    with _numba_setting("DISABLE_JIT", value=0):
        compiled = nb.njit(**_OPTIONS)(function)
    folder = _cache_folder()
    if folder is not None:
        with suppress(OSError, RuntimeError):  # RuntimeError: numba finds no place for its files
            compiled._cache = _KernelCache(function, folder)  # as njit(cache=True) does
    return compiled


class _KernelCache(FunctionCache):  # type: ignore[misc]  # numba is untyped
    """Numba's cache of one function; damaged files are made anew, and without room nothing is kept."""

    def __init__(self, function: Callable[..., Any], folder: Path):
        with _numba_setting("CACHE_DIR", value=str(folder)):
            super().__init__(function)
        if not Path(self.cache_path).is_relative_to(folder):
            raise RuntimeError(f"numba would keep its files in {self.cache_path}, which is not private")
        self._cache_file = _CheckedFiles(
            cache_path=self.cache_path,
            filename_base=self._impl.filename_base,
            source_stamp=self._impl.locator.get_source_stamp(),
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The machine code for a signature; None, so that it is compiled, where there is none or it is damaged."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # damaged pickles raise anything
            self._cache_file.forget()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep machine code, if there is room for it."""
        with suppress(Exception):  # such as a full disk
            super().save_overload(sig, data)


class _CheckedFiles(IndexDataCacheFile):  # type: ignore[misc]  # numba is untyped
    """Numba's files, each with a checksum after the pickle: damaged machine code might run, and do anything."""

    def forget(self) -> None:
        """Remove the index, so that all entries are made anew."""
        with suppress(OSError):
            Path(self._index_path).unlink()

    def _dump(self, obj: Any) -> bytes:
        pickled: bytes = super()._dump(obj)
        return pickled + hashlib.sha256(pickled).digest()  # a pickle ends where it says

    def _load_data(self, name: str) -> Any:
        content = Path(self._data_path(name)).read_bytes()
        if hashlib.sha256(content[:-_DIGEST_BYTES]).digest() != content[-_DIGEST_BYTES:]:
            raise ValueError(f"{name} is damaged")
        return super()._load_data(name)


@contextmanager
def _numba_setting(name: str, *, value: Any) -> Iterator[None]:
    """Change a setting of numba's, which may be the user's own choice, for a moment."""
    before = getattr(nb.config, name)
    setattr(nb.config, name, value)
    try:
        yield
    finally:
        setattr(nb.config, name, before)


@cache
def _cache_folder() -> Path | None:
    """A folder for this version of the kernels; None where none can be written, or the user has no home."""
    try:
        folder = _cache_root() / f"kernels-{_revision()}"
        _make_private(folder)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except (OSError, RuntimeError):  # RuntimeError: no home
        return None


def _make_private(folder: Path) -> None:
    """Make a folder that its owner alone can use; what others may have put into it before is removed.

    Raises:
        OSError: it cannot be made, or belongs to somebody else.
    """
    folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    if not hasattr(os, "geteuid"):  # Windows keeps the user's own folders private by itself
        return
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise PermissionError(f"{folder} is somebody else's")
    if status.st_mode & _OTHERS_WRITE:
        shutil.rmtree(folder)
        folder.mkdir(mode=_PRIVATE)
    folder.chmod(_PRIVATE)


def _cache_root() -> Path:
    """Numba's own folder if the user has chosen one (NUMBA_CACHE_DIR), else a part of the user's cache."""
    if nb.config.CACHE_DIR:
        return Path(nb.config.CACHE_DIR)
    named = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(named) if named else Path.home() / ".cache") / "wordvec"


@cache
def _revision() -> str:
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
