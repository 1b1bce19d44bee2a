"""Tensor file: a safetensors file opened to read, its tensors checked before they are loaded or mapped."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import FormatError
from wordvec.formats.files import check_regular, reading, reason_of

__all__ = ["SIZE_BYTES", "TensorFile", "open_tensors"]

SIZE_BYTES = 8  # before the header: https://github.com/huggingface/safetensors#format


class TensorFile(NamedTuple):
    """An open file, whose header safetensors has checked."""

    path: Path
    tensors: Any  # safetensors.safe_open, which has no type
    remedy: str  # ends a message
    stream: BinaryIO  # of the same file, which a new one may replace at its path meanwhile

    @property
    def names(self) -> list[str]:
        """What is in it."""
        return list(self.tensors.keys())

    def shape(self, name: str, kind: str, num_dims: int) -> tuple[int, ...]:
        """The shape of a tensor.

        Raises:
            FormatError: it is of another kind, or empty.
        """
        tensor = self.tensors.get_slice(name)
        found, shape = tensor.get_dtype(), tuple(tensor.get_shape())
        is_empty = 0 in shape and kind != "U8"  # (a trillion, 0) takes no bytes; the one word may be ""
        if found != kind or len(shape) != num_dims or is_empty:
            wanted = {"F32": "float32 (V, D)", "I64": "int64 (V,)", "U8": "bytes"}[kind]
            raise self.damage(f"{name} must be {wanted}, got {found} {shape}")
        return shape

    def array(self, name: str, limit: int | None = None) -> NDArray[Any]:
        """The first rows of a tensor."""
        part = self.tensors.get_slice(name)
        rows = part.get_shape()[0]
        tensor: NDArray[Any] = (
            self.tensors.get_tensor(name) if limit is None or limit >= rows else part[:limit]
        )
        return tensor

    def floats(self, name: str, limit: int | None, *, mmap: bool) -> NDArray[np.float32]:
        """The first rows of a float32 matrix; mapped ones are read by the system when they are looked at."""
        if not mmap:
            return self.array(name, limit)
        self.stream.seek(0)
        size = int.from_bytes(self.stream.read(SIZE_BYTES), "little")
        start, stop = json.loads(self.stream.read(size))[name]["data_offsets"]
        rows, dim = self.tensors.get_slice(name).get_shape()
        if stop - start != rows * dim * 4:
            raise self.damage(f"{name} has {stop - start:,} bytes")
        shape = (rows if limit is None else min(limit, rows), dim)
        return np.memmap(self.stream, "<f4", "r", SIZE_BYTES + size + start, shape)

    def damage(self, what: str) -> FormatError:
        """Make the error for what is wrong with it."""
        return FormatError(f"{self.path} is damaged or cut short: {what}; {self.remedy}")


@contextmanager
def open_tensors(path: Path, remedy: str) -> Iterator[TensorFile]:
    """Open a safetensors file.

    Raises:
        FormatError: it is damaged, also where that shows later in the block.
    """
    from safetensors import SafetensorError, safe_open

    check_regular(path)
    try:
        while True:
            with reading(path), path.open("rb") as stream, safe_open(path, framework="numpy") as tensors:
                # An open file keeps its number, so safe_open has opened this one if it is still at the path.
                if os.path.samestat(os.fstat(stream.fileno()), path.stat()):
                    yield TensorFile(path, tensors, remedy, stream)
                    return
    except SafetensorError as problem:
        raise FormatError(f"{path} is damaged or cut short: {reason_of(problem)}; {remedy}") from problem
