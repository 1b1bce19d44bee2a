"""Parquet files: a column of text, read a few thousand rows at a time."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa

from wordvec.corpus.byte_stream import STANDARD_INPUT, FilePart, check_unchanged, open_file, state_of
from wordvec.corpus.tables import Rows, choose_column, choose_weight, rows_of
from wordvec.corpus.weights import weighted
from wordvec.errors import CorpusError
from wordvec.text import reason_of

__all__ = ["parquet_rows", "read_parquet"]

_MAX_ROWS = 2**14  # at a time
# Of a compressed column, of which a row group may have gigabytes. Through a buffer, pyarrow takes, and fills with
# zeros, what a page says of its size, up to 2 GB, before it finds the file shorter; so small files do without.
_BUFFER_BYTES = 2**20
_SMALL_FILE_BYTES = 2**26
_OF_CPP = (
    ValueError,
    RuntimeError,
    TypeError,
    IndexError,
    ArithmeticError,
    OSError,
)  # what its exceptions become


def read_parquet(
    file: str | FilePart, column: str | None, block_bytes: int, weight: str | None = None
) -> Iterator[Rows]:
    """Read the texts of a file, or of some of its rows.

    Raises:
        CorpusError: the file cannot be read, is damaged, changes meanwhile, or has no such column of text.
    """
    part = FilePart(file) if isinstance(file, str) else file
    title = f"{part.file} after row {part.start:,}" if part.start else part.file
    with _opened(part.file) as stream:
        arrays = _arrays(stream, title, column, block_bytes, weight, part)
        yield from rows_of(arrays, title, block_bytes)


def parquet_rows(file: str) -> list[int]:
    """How many rows each row group of a file has.

    Raises:
        CorpusError: the file cannot be read, or is damaged.
    """
    import pyarrow.parquet as pq  # here, as few runs need it

    with _opened(file) as stream:
        try:
            metadata = pq.read_metadata(stream)
            return [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
        except (pa.ArrowException, *_OF_CPP) as problem:
            raise _damaged(file, 0, problem) from problem


def _opened(file: str) -> BinaryIO:
    if file == STANDARD_INPUT:
        raise CorpusError("Parquet cannot be read from standard input, as it begins at its end; name a file")
    stream = open_file(file)
    if not stream.seekable():
        stream.close()
        raise CorpusError(
            f"{file} can be read only from start to end, but Parquet begins at its end; save it first"
        )
    return stream


def _damaged(title: str, rows_read: int, problem: Exception) -> CorpusError:
    return CorpusError(
        f"{title} is not a Parquet file, or it is damaged or cut short, after {rows_read:,} rows "
        f"({reason_of(problem)}); fetch or write it again"
    )


def _arrays(
    stream: Any, title: str, column: str | None, block_bytes: int, weight: str | None, part: FilePart
) -> Iterator[tuple[Any, int]]:
    import pyarrow.parquet as pq  # here, as few runs need it

    state = state_of(stream)
    size = stream.seek(0, os.SEEK_END)
    rows_read = 0

    def check_unchanged_so_far() -> None:
        check_unchanged(title, state, state_of(stream), int(size * rows_read / max(1, num_rows)))

    num_rows = 0
    try:
        # Without pre_buffer and without threads, which may abort the process when it ends.
        buffer_bytes = _BUFFER_BYTES if size > _SMALL_FILE_BYTES else 0
        with pq.ParquetFile(stream, pre_buffer=False, buffer_size=buffer_bytes) as parquet:
            num_rows = parquet.metadata.num_rows
            name = choose_column(parquet.schema_arrow, column, title)
            weights = choose_weight(parquet.schema_arrow, weight, title)
            groups, skipped, wanted = _groups(parquet, part)
            batches = parquet.iter_batches(
                _batch_rows(parquet, block_bytes),
                row_groups=groups,
                columns=[name, *weights],
                use_threads=False,
            )
            for whole_batch in batches:
                check_unchanged_so_far()
                batch = whole_batch.slice(skipped, max(0, wanted - rows_read))
                skipped = max(0, skipped - whole_batch.num_rows)
                rows_read += batch.num_rows
                texts = batch.column(name)
                if weights:
                    texts = weighted(texts, batch.column(weights[0]))
                yield texts, int(size * rows_read / max(1, num_rows))
    except CorpusError:
        raise
    except (pa.ArrowException, *_OF_CPP) as problem:
        check_unchanged_so_far()
        raise _damaged(title, rows_read, problem) from problem


def _groups(parquet: Any, part: FilePart) -> tuple[list[int] | None, int, int]:
    """The row groups that a part reaches into (None: all); how many rows of the first to skip; how many to take."""
    if part.stop is None:
        return None, 0, sys.maxsize
    sizes = [parquet.metadata.row_group(group).num_rows for group in range(parquet.num_row_groups)]
    groups: list[int] = []
    first_row = 0
    skipped = 0
    for group, size in enumerate(sizes):
        if first_row < part.stop and first_row + size > part.start:
            skipped = skipped if groups else part.start - first_row
            groups.append(group)
        first_row += size
    return groups, max(0, skipped), part.stop - part.start


def _batch_rows(parquet: Any, block_bytes: int) -> int:
    """How many rows make about a block, if most bytes are in the column of text."""
    groups = [parquet.metadata.row_group(number) for number in range(min(parquet.num_row_groups, 8))]
    num_rows: int = sum(group.num_rows for group in groups)
    num_bytes: int = sum(group.total_byte_size for group in groups)  # decompressed, of all columns
    if num_rows <= 0 or num_bytes <= 0:
        return _MAX_ROWS
    return max(1, min(_MAX_ROWS, block_bytes * num_rows // num_bytes))
