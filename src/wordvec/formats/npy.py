"""NumPy's .npy layout, as NumPy writes it, read without eval and without pickle.

https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import math
import re
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["NpyHeader", "read_header", "read_rows"]

MAGIC = b"\x93NUMPY"
LONGEST_HEADER = 10_000  # bytes; NumPy reads no longer ones either
HEADER = re.compile(
    rb"\{'descr': '(?P<descr>[<>|=](?:[fiuU][1-9]\d{0,8}|O))', 'fortran_order': (?P<fortran>True|False), "
    rb"'shape': \((?P<shape>\d{1,18}(?:, \d{1,18}|,))\), \} *\n"
)


class NpyHeader(NamedTuple):
    """What a .npy file says of its array."""

    dtype: np.dtype[np.generic]
    shape: tuple[int, ...]  # one or two numbers
    in_columns: bool  # Fortran's order
    num_bytes: int  # of all its numbers


def read_header(stream: BinaryIO) -> NpyHeader:
    """Read the header of an array of one or two dimensions, of numbers or of text.

    Raises:
        ValueError: it is of another kind, or damaged.
    """
    start = stream.read(len(MAGIC) + 2)
    if start[:-2] != MAGIC or len(start) < len(MAGIC) + 2 or start[-2] not in (1, 2, 3):
        raise ValueError("it does not begin as a .npy file does")
    size = int.from_bytes(stream.read(2 if start[-2] == 1 else 4), "little")
    found = HEADER.fullmatch(stream.read(min(size, LONGEST_HEADER)))
    if found is None:
        raise ValueError("its header is none of an array of numbers or text with one or two dimensions")
    if found["descr"].endswith(b"O"):
        raise ValueError("it holds Python objects, as a pickle, which may run any code and is never opened")
    dtype = np.dtype(found["descr"].decode())
    shape = tuple(int(number) for number in found["shape"].split(b",") if number)
    return NpyHeader(dtype, shape, found["fortran"] == b"True", math.prod(shape) * dtype.itemsize)


def read_rows(stream: BinaryIO, header: NpyHeader, limit: int | None = None) -> NDArray[np.generic]:
    """Read the first rows of an array from a stream that stands behind the header.

    Raises:
        ValueError: there are fewer.
    """
    rows, *more = header.shape
    if not header.in_columns and limit is not None:
        rows = min(rows, limit)
    array = np.empty(rows * math.prod(more), header.dtype)
    room, filled = array.view(np.uint8).data if array.nbytes else memoryview(b""), 0
    while filled < len(room) and (num_bytes := stream.readinto(room[filled:])):  # type: ignore[attr-defined]
        filled += num_bytes
    if filled < len(room):
        raise ValueError(f"it is cut short: {filled:,} bytes in place of {len(room):,}")
    shape = (rows, *more)
    return array.reshape(shape, order="F" if header.in_columns else "C")[:limit]
