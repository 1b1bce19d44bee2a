"""Parquet files: a column of text, read a few thousand rows at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from wordvec.corpus.byte_stream import STANDARD_INPUT, check_unchanged, open_file, state_of
from wordvec.corpus.tables import Rows, choose_column, rows_of
from wordvec.errors import CorpusError
from wordvec.text import reason_of

__all__ = ["read_parquet"]

_MAX_ROWS = 2**14  # at a time
_BUFFER_BYTES = 2**20  # of a compressed column, of which a row group may have gigabytes
_OF_CPP = (
    ValueError,
    RuntimeError,
    TypeError,
    IndexError,
    ArithmeticError,
    OSError,
)  # what its exceptions become


def read_parquet(file: str, column: str | None, block_bytes: int) -> Iterator[Rows]:
    """Read the texts of a file.

    Raises:
        CorpusError: the file cannot be read, is damaged, changes meanwhile, or has no such column of text.
    """
    if file == STANDARD_INPUT:
        raise CorpusError("Parquet cannot be read from standard input, as it begins at its end; name a file")
    with open_file(file) as stream:
        if not stream.seekable():
            raise CorpusError(
                f"{file} can be read only from start to end, but Parquet begins at its end; save it first"
            )
        yield from rows_of(_arrays(stream, file, column, block_bytes), file, block_bytes)


def _arrays(stream: Any, title: str, column: str | None, block_bytes: int) -> Iterator[tuple[Any, int]]:
    import pyarrow.parquet as pq  # here, as few runs need it

    state = state_of(stream)
    size = stream.seek(0, os.SEEK_END)
    rows_read = 0

    def check_unchanged_so_far() -> None:
        check_unchanged(title, state, state_of(stream), int(size * rows_read / max(1, num_rows)))

    num_rows = 0
    try:
        # Without pre_buffer and without threads, which may abort the process when it ends.
        with pq.ParquetFile(stream, pre_buffer=False, buffer_size=_BUFFER_BYTES) as parquet:
            num_rows = parquet.metadata.num_rows
            name = choose_column(parquet.schema_arrow, column, title)
            batches = parquet.iter_batches(
                _batch_rows(parquet, block_bytes), columns=[name], use_threads=False
            )
            for batch in batches:
                check_unchanged_so_far()
                rows_read += batch.num_rows
                yield batch.column(name), int(size * rows_read / max(1, num_rows))
    except CorpusError:
        raise
    except (pa.ArrowException, *_OF_CPP) as problem:
        check_unchanged_so_far()
        raise CorpusError(
            f"{title} is not a Parquet file, or it is damaged or cut short, after {rows_read:,} rows "
            f"({reason_of(problem)}); fetch or write it again"
        ) from problem


def _batch_rows(parquet: Any, block_bytes: int) -> int:
    """How many rows make about a block, if most bytes are in the column of text."""
    groups = [parquet.metadata.row_group(number) for number in range(min(parquet.num_row_groups, 8))]
    num_rows: int = sum(group.num_rows for group in groups)
    num_bytes: int = sum(group.total_byte_size for group in groups)  # decompressed, of all columns
    if num_rows <= 0 or num_bytes <= 0:
        return _MAX_ROWS
    return max(1, min(_MAX_ROWS, block_bytes * num_rows // num_bytes))
