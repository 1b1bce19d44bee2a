"""Parquet: columns "word", "vector" (a list of D float32), and "count" where it is known.

pyarrow aborts the whole process on some damaged files, and unpacks a few bytes to a billion numbers. So only columns of
these kinds are read, with the packings and as many values as `parquet_footer` has found in the pages themselves.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import FormatError, WordvecError
from wordvec.formats.files import reading, reason_of
from wordvec.formats.foreign_words import (
    MAX_WORD_BYTES,
    check_unicode,
    check_word_length,
    vectors_of_distinct_words,
)
from wordvec.formats.parquet_footer import BEST_SNAPPY_RATIO, column_chunks
from wordvec.formats.vocabulary_file import OF_CPP, PACKINGS, words_of
from wordvec.storage.atomic import replacing_file
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["read", "write"]

# V words, D dimensions
WORD, COUNT, VECTOR = "word", "count", "vector"
NUMBERS_PER_GROUP = 2**22
MOST_TIMES = 64  # the bytes of all vectors, as float32, beside those of the file


def read(path: Path, limit: int | None = None) -> WordVectors:
    """Read words and vectors, and counts if they are there, as `write` and most other programs write them.

    Of a repeated word the first vector is kept, with a warning.

    Args:
        path: the file.
        limit: read so many words at most; row groups that follow are not read.

    Raises:
        FormatError: it is damaged, has no words and vectors, or is packed so that it may unpack to anything.
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
        told = ", ".join(
            f"{name} {kind.value_type if pa.types.is_dictionary(kind) else kind}"
            for name, kind in kinds.items()
        )
        raise FormatError(
            f"{path} has columns of other types: expected strings as word, integers as count and lists of "
            f"float32 or float64 as vector, got {told}; convert them in the program that wrote it"
        )
    levels = {WORD: 0, COUNT: 0, VECTOR: 1}
    found = [parquet.schema.column(number) for number in range(len(parquet.schema))]
    for column in found:
        name = column.path.split(".")[0]
        most = levels.get(name, 1)
        if name in columns and (
            column.max_repetition_level != most or column.max_definition_level > 1 + 2 * most
        ):
            raise ValueError(f"{name} is nested in another way than a list is")
    return columns


def _size(path: Path, stream: BinaryIO, columns: list[str]) -> tuple[int, int]:
    """D and V, from what the pages have."""
    dims, num_words = set(), 0
    for group in column_chunks(stream):
        chunks = {chunk.name: chunk for chunk in group}
        packed = {chunks[name].packing for name in columns} - PACKINGS
        if packed:
            raise FormatError(
                f"{path} is packed with {' and '.join(sorted(packed))}, which may unpack to anything; write it with "
                "compression='snappy' or none"
            )
        rows = chunks[WORD].num_values
        if any(chunks[name].num_values != rows for name in columns if name != VECTOR):
            raise ValueError("its columns differ in their rows")
        if rows:
            dims.add(chunks[VECTOR].num_values / rows)
        num_words += rows
        if chunks[WORD].most_bytes_of_value > MAX_WORD_BYTES:
            raise ValueError(
                f"a word of it has {chunks[WORD].most_bytes_of_value:,} bytes or more, and a word may have "
                f"{MAX_WORD_BYTES:,}"
            )
    dim = int(min(dims, default=0))
    if dims != {dim} or dim < 1:
        raise FormatError(
            f"{path} has vectors of different lengths, or none: they must all have the same dimensions, 1 or more, "
            f"got {', '.join(f'{size:g}' for size in sorted(dims)[:3]) or 0} on average in its row groups; write them "
            "again"
        )
    if num_words * dim * 4 > MOST_TIMES * os.fstat(stream.fileno()).st_size:
        raise ValueError(f"its vectors are more than {MOST_TIMES} times as long as the file")
    return dim, num_words


def _read_groups(path: Path, parquet: Any, columns: list[str], shape: tuple[int, int]) -> WordVectors:
    num_words, dim = shape
    words: list[str] = []
    counts: list[NDArray[Any]] = []
    matrix = np.empty(shape, np.float32)
    room = BEST_SNAPPY_RATIO * path.stat().st_size
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


def write(vectors: WordVectors, path: Path) -> None:
    """Write words, input vectors, and counts where they are known.

    Raises:
        FormatError: a word is no valid text, or the file cannot be written.
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
