"""Parquet: columns "word", "vector" (a list of D float32), and "count" where it is known.

pyarrow decompresses a few bytes to a billion numbers, and aborts the whole process on some damaged files: where a
footer makes its C++ code raise an error, `RowGroupMetaData.column` of pyarrow 25 catches none. So the footer and the
headers of the pages are read here first; pyarrow gets only columns of known kinds and codecs, whose pages have as many
values as the footer says.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import FormatError, WordvecError
from wordvec.formats.files import reading
from wordvec.formats.foreign_words import (
    MAX_WORD_BYTES,
    check_unicode,
    check_word_length,
    vectors_of_distinct_words,
)
from wordvec.storage.atomic import replacing_file
from wordvec.text import reason_of
from wordvec.vectors.word_vectors import WordVectors

__all__ = [
    "CODECS",
    "MAX_SNAPPY_RATIO",
    "OF_CPP",
    "ColumnChunk",
    "column_chunks",
    "read_parquet",
    "words_of",
    "write_parquet",
]

# V words, D dimensions
WORD, COUNT, VECTOR = "word", "count", "vector"
NUMBERS_PER_GROUP = 2**22
MAX_TIMES = 64  # the bytes of all vectors, as float32, beside those of the file
CODECS = {"SNAPPY", "UNCOMPRESSED"}  # others compress a gigabyte to some kilobytes
OF_CPP = (ValueError, RuntimeError, TypeError, IndexError, ArithmeticError)  # what exceptions of C++ become

# https://parquet.apache.org/docs/file-format/metadata: numbers of fields in the Thrift structures
ROW_GROUPS, COLUMNS, META_DATA = 4, 1, 3
PATH, CODEC, NUM_VALUES, DATA_PAGE, DICTIONARY_PAGE = 3, 4, 5, 9, 11
DECOMPRESSED_SIZE, COMPRESSED_SIZE, DATA_PAGE_HEADER, DICTIONARY_PAGE_HEADER, DATA_PAGE_HEADER_V2 = (
    2,
    3,
    5,
    7,
    8,
)
VALUES_OF_PAGE = 1
SNAPPY, UNCOMPRESSED = 1, 0
CODEC_NAMES = {
    UNCOMPRESSED: "UNCOMPRESSED",
    SNAPPY: "SNAPPY",
    2: "GZIP",
    3: "LZO",
    4: "BROTLI",
    5: "LZ4",
    6: "ZSTD",
    7: "LZ4",
}
MAX_SNAPPY_RATIO = 22  # 64 bytes from 3
MAX_RATIO = {"UNCOMPRESSED": 1, "SNAPPY": MAX_SNAPPY_RATIO}  # of the others, none is known
MAX_OVERHEAD = 64  # bytes: places and lengths, beside the values
END = 8  # bytes: the footer's size, and a mark
MAX_NESTED = 16  # structures and lists; there are 6
MAX_FIELDS = 2**15
MAX_UNCHECKED = 2**16  # bytes, that may be more than are left in the file
TRUE, FALSE, BYTE, DOUBLE, BINARY, LIST, SET, STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
INTEGERS = (4, 5, 6)


def read_parquet(path: Path, limit: int | None = None) -> WordVectors:
    """Read words and vectors, and counts if they are there, as `write_parquet` and most other programs write them.

    Of a repeated word the first vector is kept, with a warning.

    Args:
        path: the file.
        limit: read only the first N words; row groups that follow are not read.

    Raises:
        FormatError: it is damaged, has no words and vectors, or is compressed by a codec without a bound.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with reading(path), path.open("rb") as stream:
        try:
            # Without pre_buffer, which starts a thread that may abort the process when that ends.
            with pq.ParquetFile(stream, read_dictionary=[WORD], pre_buffer=False) as parquet:
                columns = _columns(path, parquet)
                dim, num_words = _size(path, stream, columns)
                return _read_groups(path, parquet, columns, (min(num_words, limit or num_words), dim))
        except KeyError as problem:
            raise FormatError(
                f'{path} must have the columns "word", of strings, and "vector", of lists of float32; rename them in '
                "the program that wrote it"
            ) from problem
        except (pa.ArrowException, *OF_CPP) as problem:
            if isinstance(problem, WordvecError):
                raise
            raise FormatError(f"{path} is damaged: {reason_of(problem)}; get the file again") from problem


def _columns(path: Path, parquet: Any) -> list[str]:
    """The columns to read, if they are of the right kinds."""
    import pyarrow as pa

    schema = parquet.schema_arrow
    if not {WORD, VECTOR} <= set(schema.names):
        raise KeyError
    columns = [name for name in (WORD, COUNT, VECTOR) if name in schema.names]
    kinds = {name: schema.field(name).type for name in columns}
    is_list = pa.types.is_list(kinds[VECTOR]) or pa.types.is_large_list(kinds[VECTOR])
    is_list = is_list or pa.types.is_fixed_size_list(kinds[VECTOR])
    if (
        not pa.types.is_dictionary(kinds[WORD])
        or kinds[WORD].value_type not in (pa.string(), pa.large_string())
        or not pa.types.is_integer(kinds.get(COUNT, pa.int64()))
        or not is_list
        or kinds[VECTOR].value_type not in (pa.float32(), pa.float64())
    ):
        kinds_found = ", ".join(
            f"{name} {kind.value_type if pa.types.is_dictionary(kind) else kind}"
            for name, kind in kinds.items()
        )
        raise FormatError(
            f"{path} has columns of other types: expected strings as word, integers as count and lists of "
            f"float32 or float64 as vector, got {kinds_found}; convert them in the program that wrote it"
        )
    levels = {WORD: 0, COUNT: 0, VECTOR: 1}
    found = [parquet.schema.column(number) for number in range(len(parquet.schema))]
    for column in found:
        name = column.path.split(".")[0]
        max_level = levels.get(name, 1)
        if name in columns and (
            column.max_repetition_level != max_level or column.max_definition_level > 1 + 2 * max_level
        ):
            raise ValueError(f"{name} is nested in another way than a list is")
    return columns


def _size(path: Path, stream: BinaryIO, columns: list[str]) -> tuple[int, int]:
    """D and V, from what the pages have."""
    dims, num_words = set(), 0
    for group in column_chunks(stream):
        chunks = {chunk.name: chunk for chunk in group}
        others = {chunks[name].codec for name in columns} - CODECS
        if others:
            raise FormatError(
                f"{path} is compressed by {' and '.join(sorted(others))}, which may make a gigabyte of a few bytes; "
                "write it with compression='snappy' or none"
            )
        rows = chunks[WORD].num_values
        if any(chunks[name].num_values != rows for name in columns if name != VECTOR):
            raise ValueError("its columns differ in their rows")
        if rows:
            dims.add(chunks[VECTOR].num_values / rows)
        num_words += rows
        if chunks[WORD].min_bytes_of_longest > MAX_WORD_BYTES:
            raise ValueError(
                f"a word of it has {chunks[WORD].min_bytes_of_longest:,} bytes or more, and a word may have "
                f"{MAX_WORD_BYTES:,}"
            )
    dim = int(min(dims, default=0))
    if dims != {dim} or dim < 1:
        raise FormatError(
            f"{path} has vectors of different lengths, or none: they must all have the same dimensions, 1 or more, "
            f"got {', '.join(f'{size:g}' for size in sorted(dims)[:3]) or 0} on average in its row groups; write them "
            "again"
        )
    if num_words * dim * 4 > MAX_TIMES * os.fstat(stream.fileno()).st_size:
        raise ValueError(f"its vectors are more than {MAX_TIMES} times as long as the file")
    return dim, num_words


def _read_groups(path: Path, parquet: Any, columns: list[str], shape: tuple[int, int]) -> WordVectors:
    num_words, dim = shape
    words: list[str] = []
    counts: list[NDArray[Any]] = []
    matrix = np.empty(shape, np.float32)
    room = MAX_SNAPPY_RATIO * path.stat().st_size
    for number in range(parquet.num_row_groups):
        if len(words) >= num_words:
            break
        # Without threads, which may abort the process when it ends.
        table = parquet.read_row_group(number, columns=columns, use_threads=False)
        if not len(table):
            continue
        found = [word for chunk in table[WORD].chunks for word in words_of(chunk)]
        check_word_length(found, path, MAX_WORD_BYTES)
        room -= sum(map(len, found))
        if room < 0:
            raise ValueError("its words are longer than the file")
        num_unknown = table[COUNT].null_count if COUNT in columns else len(table)
        if num_unknown not in (0, len(table)):
            raise ValueError("there are counts missing")
        if not num_unknown:
            counts.append(np.from_dlpack(table[COUNT].combine_chunks()))
        start = len(words)
        words += found
        for chunk in table[VECTOR].chunks:
            room_left = matrix[start : start + len(chunk)]  # fewer at the limit
            room_left[:] = _rows(path, chunk, dim)[: len(room_left)]
            start += len(chunk)
        if start != len(words):
            raise ValueError("its columns differ in their rows")
    if len(words) < num_words:
        raise ValueError(f"it has {len(words):,} words in place of {num_words:,}")
    all_counts = np.concatenate(counts)[:num_words] if counts else None
    if all_counts is not None and len(all_counts) != num_words:
        raise ValueError("there are counts missing")
    return vectors_of_distinct_words(path, words[:num_words], matrix, all_counts)


def _rows(path: Path, chunk: Any, dim: int) -> NDArray[np.float32]:
    """The numbers of a chunk of lists, (rows, D)."""
    import pyarrow as pa

    is_fixed = pa.types.is_fixed_size_list(chunk.type)
    lengths = chunk.type.list_size if is_fixed else np.diff(np.from_dlpack(chunk.offsets))
    numbers = chunk.flatten()
    if chunk.null_count or numbers.null_count or (lengths != dim if is_fixed else (lengths != dim).any()):
        raise FormatError(
            f"{path} has vectors of different lengths, or without some numbers: they must all have {dim} numbers, "
            "which is their mean; write them again"
        )
    with np.errstate(over="ignore"):  # what becomes infinity is refused with its word
        return np.from_dlpack(numbers).astype(np.float32, copy=False).reshape(-1, dim)


def words_of(chunk: Any) -> list[str]:
    """The words of a chunk that was read as a dictionary; one that is there many times is in memory once."""
    import pyarrow as pa

    if chunk.null_count or chunk.dictionary.null_count:
        raise pa.ArrowInvalid("there are words missing")
    distinct: list[str] = chunk.dictionary.to_pylist()
    return [distinct[number] for number in np.from_dlpack(chunk.indices).tolist()]


def write_parquet(vectors: WordVectors, path: Path) -> None:
    """Write words, input vectors, and counts where they are known.

    Raises:
        FormatError: a word is not valid text, or too long.
        ResourceError: the file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    check_unicode(vectors.words, path)
    check_word_length(vectors.words, path, MAX_WORD_BYTES)
    columns = {WORD: pa.array(vectors.words, pa.string())}
    if vectors.counts is not None:
        columns[COUNT] = pa.array(vectors.counts)
    numbers = pa.array(np.asarray(vectors.matrix).reshape(-1))
    columns[VECTOR] = pa.FixedSizeListArray.from_arrays(numbers, vectors.dim)
    rows_per_group = max(1, NUMBERS_PER_GROUP // vectors.dim)
    with replacing_file(path) as stream:
        pq.write_table(
            pa.table(columns),
            stream,
            row_group_size=rows_per_group,
            use_dictionary=False,
            compression="snappy",
        )


class ColumnChunk(NamedTuple):
    """A column of a row group, as the footer has it."""

    name: str  # of the whole column, where it is nested
    codec: str
    num_values: int
    start: int  # of its first page in the file
    min_bytes_of_longest: int = 0  # decompressed, some value has at least this size


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
    footer = _structure(io.BytesIO(file.read(size)), MAX_NESTED)
    file.seek(place)
    try:
        groups = [[column[META_DATA] for column in group[COLUMNS]] for group in footer[ROW_GROUPS]]
        for column in (column for group in groups for column in group):
            column[CODEC]
    except (KeyError, TypeError, IndexError) as missing:
        raise ValueError("its end does not say how its columns are compressed") from missing
    return groups


def _codec(column: dict[int, Any]) -> str:
    return CODEC_NAMES.get(column[CODEC], f"an unknown codec ({column[CODEC]})")


def _chunk(column: dict[int, Any]) -> ColumnChunk:
    pages = [column[field] for field in (DICTIONARY_PAGE, DATA_PAGE) if column.get(field)]
    name = column[PATH][0].decode(errors="replace")
    return ColumnChunk(name, _codec(column), int(column[NUM_VALUES]), min(pages))


def _checked(file: BinaryIO, chunk: ColumnChunk) -> ColumnChunk:
    """Add up what the pages say."""
    num_values, start, max_bytes = 0, chunk.start, 0
    while num_values < chunk.num_values:
        if start < 0:
            raise ValueError(f"the pages of {chunk.name} are not in the file")
        file.seek(start)
        header = _structure(file, MAX_NESTED)
        page = header.get(DATA_PAGE_HEADER) or header.get(DATA_PAGE_HEADER_V2)
        sizes: tuple[Any, ...] = (
            header.get(COMPRESSED_SIZE),
            header.get(DECOMPRESSED_SIZE),
            _values_of(page),
        )
        if not all(isinstance(number, int) and number >= 0 for number in sizes):
            raise ValueError(f"a page of {chunk.name} does not say what is in it")
        size, decompressed, values = sizes
        ratio = MAX_RATIO.get(chunk.codec)
        if ratio is not None and decompressed > ratio * size + MAX_OVERHEAD:
            raise ValueError(
                f"a page of {chunk.name} with {size:,} bytes cannot decompress to the {decompressed:,} that it promises"
            )
        in_dictionary = _values_of(header.get(DICTIONARY_PAGE_HEADER))
        if isinstance(in_dictionary, int):
            max_bytes = max(max_bytes, decompressed // max(1, values + in_dictionary) - MAX_OVERHEAD)
        num_values, start = num_values + values, file.tell() + size
    if num_values != chunk.num_values:
        raise ValueError(
            f"the pages of {chunk.name} have {num_values:,} values, but its footer says {chunk.num_values:,}"
        )
    return chunk._replace(min_bytes_of_longest=max_bytes)


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
        if number in fields or not 0 < number < MAX_FIELDS:  # where readers differ in what they take it for
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
    # Asked for more than there is, Python takes memory for all of it.
    part = data.read(size) if size <= MAX_UNCHECKED or size <= _num_left(data) else b""
    if len(part) < size:
        raise ValueError("its end is cut short")
    return part


def _num_left(data: BinaryIO) -> int:
    place = data.tell()
    end = data.seek(0, os.SEEK_END)
    data.seek(place)
    return end - place
