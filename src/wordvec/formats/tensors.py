"""Tensors: arrays by name in a safetensors file."""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["write_tensors"]


def write_tensors(
    tensors: Mapping[str, NDArray[np.generic]], file: Path, about: Mapping[str, str] | None = None
) -> None:
    """Write arrays by name, and words about them; a full disk is the OSError that it is."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    try:
        save_file(dict(tensors), file, dict(about) if about else None)
    except SafetensorError as problem:
        number = re.search(r"os error (\d+)", str(problem))  # all that is left of the OSError
        raise OSError(int(number[1]) if number else errno.EIO, str(problem)) from problem
