"""The words of a model and their counts, in a Parquet file, of which a few bytes could unpack to anything."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import FormatError
from wordvec.formats.files import AGAIN, check_regular, reading, reason_of
from wordvec.formats.foreign_words import check_unicode
from wordvec.formats.parquet_footer import BEST_SNAPPY_RATIO, column_chunks

__all__ = ["OF_CPP", "PACKINGS", "read_vocabulary", "words_of", "write_vocabulary"]

PACKINGS = {"SNAPPY", "UNCOMPRESSED"}  # others pack a gigabyte into some kilobytes
OF_CPP = (ValueError, RuntimeError, TypeError, IndexError, ArithmeticError)  # what exceptions of C++ become


def write_vocabulary(words: list[str], counts: NDArray[np.int64] | None, file: Path, path: Path) -> None:
    """Write words with their counts, where these are known; `path` is the folder that messages name."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    check_unicode(words, path)
    column = pa.array(words, pa.string())
    unknown = pa.nulls(len(words), pa.int64())
    table = pa.table({"word": column, "count": unknown if counts is None else pa.array(counts)})
    with file.open("wb") as stream:  # pyarrow takes no path that is not UTF-8
        pq.write_table(table, stream, use_dictionary=False, compression="snappy")


def read_vocabulary(
    file: Path, *, most_words: int, limit: int | None = None
) -> tuple[list[str], NDArray[np.int64] | None]:
    """Read what `write_vocabulary` wrote.

    Words are read as numbers beside the distinct words, so that one which is there a million times, or begins as the
    one before, takes no more memory than it does in the file; pyarrow itself then refuses shared beginnings.

    Args:
        file: which.
        most_words: that there may be in it.
        limit: read so many words at most.

    Raises:
        FormatError: it is damaged, or has more words, or longer ones, than there can be.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    check_regular(file)
    with reading(file), file.open("rb") as stream:
        try:
            # Without pre_buffer, which starts a thread that may abort the process when that ends.
            with pq.ParquetFile(stream, read_dictionary=["word"], pre_buffer=False) as parquet:
                _check_columns(parquet)
                _check_packings(stream)
                tables = _row_groups(parquet, most_words)
                room = BEST_SNAPPY_RATIO * os.fstat(stream.fileno()).st_size
                return _words_and_counts(tables, room, most_words if limit is None else limit)
        except KeyError as problem:
            raise FormatError(f"{file} is damaged: it has no words or no counts; {AGAIN}") from problem
        except (pa.ArrowException, *OF_CPP) as problem:
            raise FormatError(f"{file} is damaged: {reason_of(problem)}; {AGAIN}") from problem


def _words_and_counts(
    tables: Iterator[Any], room: int, enough: int
) -> tuple[list[str], NDArray[np.int64] | None]:
    """Put the parts of a vocabulary together, whose words may have as many bytes as there is room.

    Parts that follow when there are words enough are not read.

    Without what loads pyarrow.compute, or pandas where that is installed: they take longer than all the rest.
    """
    import pyarrow as pa

    words: list[str] = []
    counts: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
    num_unknown = 0
    for table in tables:
        for chunk in table["word"].chunks:
            found = words_of(chunk)
            room -= sum(map(len, found))
            if room < 0:
                raise pa.ArrowInvalid("its words are longer than the file")
            words += found
        column = table["count"]
        num_unknown += column.null_count
        if not column.null_count:
            counts.append(np.from_dlpack(column.combine_chunks()).astype(np.int64, copy=False))
        if len(words) >= enough:
            break
    if num_unknown not in (0, len(words)):
        raise pa.ArrowInvalid("there are counts missing")
    return words[:enough], None if num_unknown else np.concatenate(counts)[:enough]


def _check_columns(parquet: Any) -> None:
    """Refuse other kinds of columns before they are read.

    Some of them are refused by pyarrow, too, but with an abort of the whole process.
    """
    import pyarrow as pa

    schema = parquet.schema_arrow
    kinds = [schema.field(name).type for name in ("word", "count")]
    if kinds != [pa.dictionary(pa.int32(), pa.string()), pa.int64()]:
        raise pa.ArrowInvalid(f"expected strings and int64 counts, got {kinds[0]} and {kinds[1]}")
    columns = [parquet.schema.column(number) for number in range(len(parquet.schema))]
    if any((column.max_definition_level, column.max_repetition_level) != (1, 0) for column in columns):
        raise pa.ArrowInvalid("expected columns with one optional value in each row")


def _check_packings(stream: BinaryIO) -> None:
    """Refuse what may unpack to anything."""
    others = {chunk.packing for group in column_chunks(stream) for chunk in group} - PACKINGS
    if others:
        raise ValueError(f"it is packed with {' and '.join(sorted(others))}, not with SNAPPY")


def _row_groups(parquet: Any, most_words: int) -> Iterator[Any]:
    """The table of each row group, if it may be read; the file's own sum of their rows is not believed."""
    import pyarrow as pa

    groups = range(parquet.num_row_groups)
    num_words = sum(parquet.metadata.row_group(number).num_rows for number in groups)
    if num_words > most_words:
        raise pa.ArrowInvalid(f"it has {num_words:,} words, for {most_words:,} vectors")
    for number in groups:
        # Without threads, which may abort the process when it ends.
        yield parquet.read_row_group(number, columns=["word", "count"], use_threads=False)


def words_of(chunk: Any) -> list[str]:
    """The words of a chunk that was read as a dictionary; one that is there many times is in memory once."""
    import pyarrow as pa

    if chunk.null_count or chunk.dictionary.null_count:
        raise pa.ArrowInvalid("there are words missing")
    distinct: list[str] = chunk.dictionary.to_pylist()
    return [distinct[number] for number in np.from_dlpack(chunk.indices).tolist()]
