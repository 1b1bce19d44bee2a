"""The footer of a Parquet file, as far as needed to know how its columns are packed before they are unpacked.

pyarrow could tell that, too, but aborts the whole process where a damaged footer makes its C++ code raise an error:
`RowGroupMetaData.column` of pyarrow 25 catches none.
"""

from __future__ import annotations

import io
import os
from typing import Any, BinaryIO

__all__ = ["packings"]

# https://parquet.apache.org/docs/file-format/metadata: numbers of fields in the Thrift structures
ROW_GROUPS, COLUMNS, META_DATA, CODEC = 4, 1, 3, 4
SNAPPY, UNCOMPRESSED = 1, 0
KNOWN = {
    UNCOMPRESSED: "UNCOMPRESSED",
    SNAPPY: "SNAPPY",
    2: "GZIP",
    3: "LZO",
    4: "BROTLI",
    5: "LZ4",
    6: "ZSTD",
    7: "LZ4",
}
END = 8  # bytes: the footer's size, and a mark
MOST_NESTED = 16  # structures and lists; there are 6
MOST_FIELDS = 2**15
TRUE, FALSE, BYTE, DOUBLE, BINARY, LIST, SET, STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
INTEGERS = (4, 5, 6)


def packings(file: BinaryIO) -> set[str]:
    """How the columns of a Parquet file say that they are packed; the file is left where it was.

    Raises:
        ValueError: the footer is damaged.
    """
    place = file.tell()
    file.seek(-END, os.SEEK_END)
    size = int.from_bytes(file.read(4), "little")
    if size > file.tell() - 4:
        raise ValueError("its end is longer than the file")
    file.seek(-END - size, os.SEEK_END)
    footer = _structure(io.BytesIO(file.read(size)), MOST_NESTED)
    file.seek(place)
    try:
        columns = [column for group in footer[ROW_GROUPS] for column in group[COLUMNS]]
        codecs = [column[META_DATA][CODEC] for column in columns]
    except (KeyError, TypeError, IndexError) as missing:
        raise ValueError("its end does not say how its columns are packed") from missing
    return {KNOWN.get(codec, f"a packing without a name ({codec})") for codec in codecs}


# Thrift's compact protocol: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md


def _structure(data: io.BytesIO, may_nest: int) -> dict[int, Any]:
    """The values of a structure by the numbers of their fields, each there once."""
    if may_nest == 0:
        raise ValueError("its end is nested too deeply")
    fields: dict[int, Any] = {}
    number = 0
    while head := _byte(data):
        number = number + (head >> 4) if head >> 4 else _integer(data)
        if number in fields or not 0 < number < MOST_FIELDS:  # where readers differ in what they take it for
            raise ValueError("its end has a field twice, or one that cannot be")
        kind = head & 15
        fields[number] = kind == TRUE if kind in (TRUE, FALSE) else _value(data, kind, may_nest - 1)
    return fields


def _value(data: io.BytesIO, kind: int, may_nest: int) -> Any:
    if kind in INTEGERS:
        return _integer(data)
    if kind in (TRUE, FALSE, BYTE):  # in a list, these have a byte each
        return _byte(data)
    if kind == DOUBLE:
        return _bytes(data, 8)
    if kind == BINARY:
        return _bytes(data, _variable(data))
    if kind in (LIST, SET):
        head = _byte(data)
        num_values = head >> 4 if head >> 4 < 15 else _variable(data)
        if may_nest == 0:
            raise ValueError("its end is nested too deeply")
        return [_value(data, head & 15, may_nest - 1) for _ in range(num_values)]
    if kind == STRUCT:
        return _structure(data, may_nest)
    raise ValueError("its end has a value of an unknown kind")


def _integer(data: io.BytesIO) -> int:
    zigzag = _variable(data)
    return zigzag >> 1 ^ -(zigzag & 1)


def _variable(data: io.BytesIO) -> int:
    """A number in as many bytes as it needs, of 7 bits each."""
    number = 0
    for shift in range(0, 70, 7):
        byte = _byte(data)
        number |= (byte & 127) << shift
        if byte < 128:
            return number
    raise ValueError("its end has a number of too many digits")


def _byte(data: io.BytesIO) -> int:
    return _bytes(data, 1)[0]


def _bytes(data: io.BytesIO, size: int) -> bytes:
    part = data.read(size)
    if len(part) < size:
        raise ValueError("its end is cut short")
    return part
