"""How kernels are compiled: the numba options, said once."""

from __future__ import annotations

from typing import Any

import numba as nb

__all__ = ["kernel", "kernel_part"]

# Kernels work on arrays that their caller holds, so they need no reference counts: with them, each call of a
# part with a few arrays costs dozens of atomic instructions.
_OPTIONS: dict[str, Any] = {"nogil": True, "_nrt": False, "error_model": "numpy"}

kernel_part = nb.njit(forceinline=True, **_OPTIONS)
kernel = nb.njit(cache=True, **_OPTIONS)
