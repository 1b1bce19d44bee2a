"""The footer of a Parquet file, as far as needed to know what its columns unpack to before they are unpacked.

pyarrow could tell that, too, but aborts the whole process where a damaged footer makes its C++ code raise an error:
`RowGroupMetaData.column` of pyarrow 25 catches none.
"""

from __future__ import annotations

import io
import os
from typing import Any, BinaryIO, NamedTuple

__all__ = ["BEST_SNAPPY_RATIO", "ColumnChunk", "column_chunks"]

# https://parquet.apache.org/docs/file-format/metadata: numbers of fields in the Thrift structures
ROW_GROUPS, COLUMNS, META_DATA = 4, 1, 3
PATH, CODEC, NUM_VALUES, DATA_PAGE, DICTIONARY_PAGE = 3, 4, 5, 9, 11
UNPACKED_SIZE, PACKED_SIZE, DATA_PAGE_HEADER, DICTIONARY_PAGE_HEADER, DATA_PAGE_HEADER_V2 = 2, 3, 5, 7, 8
VALUES_OF_PAGE = 1
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
BEST_SNAPPY_RATIO = 22  # 64 bytes from 3
BEST_RATIO = {"UNCOMPRESSED": 1, "SNAPPY": BEST_SNAPPY_RATIO}  # of the others, none is known
MOST_OVERHEAD = 64  # bytes: places and lengths, beside the values
END = 8  # bytes: the footer's size, and a mark
MOST_NESTED = 16  # structures and lists; there are 6
MOST_FIELDS = 2**15
TRUE, FALSE, BYTE, DOUBLE, BINARY, LIST, SET, STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
INTEGERS = (4, 5, 6)


class ColumnChunk(NamedTuple):
    """A column of a row group, as the footer has it."""

    name: str  # of the whole column, where it is nested
    packing: str
    num_values: int
    start: int  # of its first page in the file
    most_bytes_of_value: int = 0  # a value of some page has so many bytes or more, unpacked


def column_chunks(file: BinaryIO) -> list[list[ColumnChunk]]:
    """The columns of each row group, whose pages have as many values as the footer says.

    A page says of itself how many values it has, and a few bytes may stand for a billion; readers believe it. The file
    is left where it was.

    Raises:
        ValueError: the footer or a page is damaged.
    """
    place = file.tell()
    try:
        chunks = [[_chunk(column) for column in group] for group in _row_groups(file)]
    except (KeyError, TypeError, IndexError, AttributeError) as missing:
        raise ValueError("its end does not say where its columns are") from missing
    checked = [[_checked(file, chunk) for chunk in group] for group in chunks]
    file.seek(place)
    return checked


def _row_groups(file: BinaryIO) -> list[list[dict[int, Any]]]:
    """The metadata of the columns of each row group."""
    place = file.tell()
    file.seek(-END, os.SEEK_END)
    size = int.from_bytes(file.read(4), "little")
    if size > file.tell() - 4:
        raise ValueError("its end is longer than the file")
    file.seek(-END - size, os.SEEK_END)
    footer = _structure(io.BytesIO(file.read(size)), MOST_NESTED)
    file.seek(place)
    try:
        groups = [[column[META_DATA] for column in group[COLUMNS]] for group in footer[ROW_GROUPS]]
        for column in (column for group in groups for column in group):
            column[CODEC]
    except (KeyError, TypeError, IndexError) as missing:
        raise ValueError("its end does not say how its columns are packed") from missing
    return groups


def _packing(column: dict[int, Any]) -> str:
    return KNOWN.get(column[CODEC], f"a packing without a name ({column[CODEC]})")


def _chunk(column: dict[int, Any]) -> ColumnChunk:
    pages = [column[field] for field in (DICTIONARY_PAGE, DATA_PAGE) if column.get(field)]
    name = column[PATH][0].decode(errors="replace")
    return ColumnChunk(name, _packing(column), int(column[NUM_VALUES]), min(pages))


def _checked(file: BinaryIO, chunk: ColumnChunk) -> ColumnChunk:
    """Add up what the pages say."""
    num_values, start, most_bytes = 0, chunk.start, 0
    while num_values < chunk.num_values:
        if start < 0:
            raise ValueError(f"the pages of {chunk.name} are not in the file")
        file.seek(start)
        header = _structure(file, MOST_NESTED)
        page = header.get(DATA_PAGE_HEADER) or header.get(DATA_PAGE_HEADER_V2)
        told: tuple[Any, ...] = (header.get(PACKED_SIZE), header.get(UNPACKED_SIZE), _values_of(page))
        if not all(isinstance(number, int) and number >= 0 for number in told):
            raise ValueError(f"a page of {chunk.name} does not say what is in it")
        size, unpacked, values = told
        ratio = BEST_RATIO.get(chunk.packing)
        if ratio is not None and unpacked > ratio * size + MOST_OVERHEAD:
            raise ValueError(
                f"a page of {chunk.name} with {size:,} bytes cannot unpack to the {unpacked:,} that it tells"
            )
        in_dictionary = _values_of(header.get(DICTIONARY_PAGE_HEADER))
        if isinstance(in_dictionary, int):
            most_bytes = max(most_bytes, unpacked // max(1, values + in_dictionary) - MOST_OVERHEAD)
        num_values, start = num_values + values, file.tell() + size
    if num_values != chunk.num_values:
        raise ValueError(
            f"the pages of {chunk.name} have {num_values:,} values, and {chunk.num_values:,} are told"
        )
    return chunk._replace(most_bytes_of_value=most_bytes)


def _values_of(page: Any) -> Any:
    """How many values the header of a page tells; 0 where there is none."""
    return page.get(VALUES_OF_PAGE) if isinstance(page, dict) else 0


# Thrift's compact protocol: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md


def _structure(data: BinaryIO, may_nest: int) -> dict[int, Any]:
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


def _value(data: BinaryIO, kind: int, may_nest: int) -> Any:
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


def _integer(data: BinaryIO) -> int:
    zigzag = _variable(data)
    return zigzag >> 1 ^ -(zigzag & 1)


def _variable(data: BinaryIO) -> int:
    """A number in as many bytes as it needs, of 7 bits each."""
    number = 0
    for shift in range(0, 70, 7):
        byte = _byte(data)
        number |= (byte & 127) << shift
        if byte < 128:
            return number
    raise ValueError("its end has a number of too many digits")


def _byte(data: BinaryIO) -> int:
    return _bytes(data, 1)[0]


def _bytes(data: BinaryIO, size: int) -> bytes:
    part = data.read(size)
    if len(part) < size:
        raise ValueError("its end is cut short")
    return part
