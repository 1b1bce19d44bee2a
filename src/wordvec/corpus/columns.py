"""Columns: text from dicts, and from other libraries' data sets, data frames and arrays; none of these is imported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any

import pyarrow as pa

from wordvec.corpus.decoding import UTF_8, Decoding, check_decoding
from wordvec.corpus.file_kinds import check_input_format
from wordvec.corpus.schemas import check_kind, choose_column, names_in_a_message, refuse_kind
from wordvec.corpus.sources import Column, Files, TextSource, TokenLists, are_paths, describe, said_of
from wordvec.corpus.table_rows import Rows, rows_of
from wordvec.corpus.token_lists import words_of_text
from wordvec.errors import ConfigError, CorpusError
from wordvec.text import shortened

__all__ = ["as_source", "read_column"]

_ROWS_AT_A_TIME = 1000  # of a data set, or of dicts


def as_source(
    source: Any,
    column: str | None = None,
    input_format: str | None = None,
    encoding: str = UTF_8.encoding,
    errors: str = UTF_8.errors,
) -> TextSource | TokenLists:
    """What a user gives to train on, with what they say of it.

    Raises:
        ConfigError: what is said of it has no meaning for it.
        CorpusError: it is several data sets, or a dict.

    >>> as_source("reviews.parquet", column="text")
    Files(paths='reviews.parquet', column='text', input_format=None, encoding='utf-8', errors='strict')
    >>> as_source([{"id": 1, "text": "red green"}], column="text").name
    'text'
    >>> as_source([["red", "green"]], column="text")
    Traceback (most recent call last):
    wordvec.errors.ConfigError: column applies only to tables and texts that are dicts, got 'text' for ...
    """
    check_input_format(input_format)
    check_decoding(encoding, errors)
    if isinstance(source, (Files, Column)):
        return source
    if _is_column_of_a_data_set(source):
        if column not in (None, source.column_name):
            raise ConfigError(
                f"column is of tables, got {column!r} for the column {source.column_name!r} of one; leave it out"
            )
        source, column = source.source, source.column_name
    if not _is_arrow(source) and hasattr(source, "to_frame"):  # a Series before pandas 3
        source = source.to_frame()
    is_table = _is_data_set(source) or _is_arrow(source)
    if not is_table and are_paths(source):
        return said_of(source, column, input_format, encoding, errors)
    if input_format is not None:
        raise ConfigError(f"input_format is of files, got {input_format!r} for something else; leave it out")
    if Decoding(encoding, errors) != UTF_8:
        raise ConfigError(
            f"encoding and errors apply only to files, got {encoding!r} and {errors!r} for something else; "
            "leave them out"
        )
    if is_table:
        return Column(source, column)
    if isinstance(source, Mapping):
        names = [name if isinstance(name, str) else repr(name) for name in source]
        remedy = f"give one of its parts, such as data[{next(iter(source), 'train')!r}]"
        if not any(map(_is_data_set, source.values())):
            remedy += ", or list(data.values()) if each value is a text"
        raise CorpusError(
            f"a {type(source).__name__} of {names_in_a_message(names) or 'nothing'} is not one text to train on; "
            f"{remedy}"
        )
    if column is not None:
        if not _may_give_dicts(source):
            raise ConfigError(
                f"column applies only to tables and texts that are dicts, got {column!r} for {describe(source)}; "
                "leave it out"
            )
        return Column(source, column)
    lists: TokenLists = source
    return lists


def read_column(source: Column, block_bytes: int) -> Iterator[Rows]:
    """Read the texts of a column.

    Raises:
        CorpusError: there is no such column, or what it holds is no text.
    """
    title = f"the {type(source.data).__name__}"
    arrays = _of_data_set if _is_data_set(source.data) else _of_arrow if _is_arrow(source.data) else _of_dicts
    return rows_of(((array, 0) for array in arrays(source.data, source.name, title)), title, block_bytes)


def _is_data_set(value: Any) -> bool:
    """Whether it is a Hugging Face data set, in memory or streaming."""
    return all(hasattr(value, name) for name in ("with_format", "select_columns", "iter", "column_names"))


def _is_column_of_a_data_set(value: Any) -> bool:
    return hasattr(value, "column_name") and _is_data_set(getattr(value, "source", None))


def _is_arrow(value: Any) -> bool:
    """Whether it gives its data as Arrow."""
    gives = any(hasattr(value, name) for name in ("__arrow_c_stream__", "__arrow_c_array__"))
    return gives and not isinstance(value, type)


def _of_data_set(data: Any, column: str | None, title: str) -> Iterator[Any]:
    if data.features is None:  # of a stream, whose rows may each look like another table
        for rows in data.with_format(None).iter(batch_size=_ROWS_AT_A_TIME):
            names = pa.schema([(name, pa.null()) for name in rows])
            name = choose_column(names, column, title)
            yield _array(rows[name], f"column {name!r} of {title}")
        return
    name = choose_column(data.features.arrow_schema, column, title)
    for batch in data.select_columns([name]).with_format("arrow").iter(batch_size=_ROWS_AT_A_TIME):
        yield from batch[name].chunks


def _array(values: list[Any], name: str, kind: Any = None) -> Any:
    try:
        array = pa.array(values, kind)
    except (pa.ArrowException, UnicodeEncodeError) as problem:
        raise CorpusError(f"{name} cannot be read as Arrow: {problem}; give one of strings") from problem
    check_kind(array.type, name)
    return array


def _of_arrow(data: Any, column: str | None, title: str) -> Iterator[Any]:
    try:
        if hasattr(data, "columns") or hasattr(data, "schema"):
            if hasattr(data, "iloc"):  # pandas would convert all of its columns
                names = pa.schema([(str(name), pa.null()) for name in data.columns])
                column = choose_column(names, column, title)
                data = data.iloc[:, [names.names.index(column)]]  # its own names may be numbers
            with pa.RecordBatchReader.from_stream(data) as batches:
                name = choose_column(batches.schema, column, title)
                for batch in batches:
                    yield batch.column(name)
            return
        array = (
            pa.chunked_array(data)
            if hasattr(data, "__arrow_c_stream__")
            else pa.chunked_array([pa.array(data)])
        )
    except (pa.ArrowException, TypeError, UnicodeEncodeError) as problem:
        raise CorpusError(
            f"{title} cannot be read as Arrow: {problem}; give one with a column of strings"
        ) from problem
    if column is not None:
        raise ConfigError(
            f"column is of tables, got {column!r} for {title}, which is one column; leave it out"
        )
    check_kind(array.type, title)
    yield from array.chunks


def _may_give_dicts(source: Any) -> bool:
    """Whether it is texts of which the first is a dict, or can be looked at only by reading it."""
    if isinstance(source, Sequence):
        return len(source) == 0 or isinstance(source[0], Mapping)
    return isinstance(source, Iterable)


def _of_dicts(data: Any, column: str | None, title: str) -> Iterator[Any]:
    """The texts that dicts have under a name, some at a time; a dict may lack it, but not all of the first ones."""
    rows = enumerate(data, start=1)
    is_first = True
    while some := list(islice(rows, _ROWS_AT_A_TIME)):
        for row, record in some:
            if not isinstance(record, Mapping):
                raise CorpusError(
                    f"row {row:,} of {title} must be a dict with the text under {column!r}, got "
                    f"{shortened(repr(record))}; leave column out if texts are lists of words"
                )
        if is_first and not any(column in record for _, record in some):
            names = list(dict.fromkeys(str(name) for _, record in some for name in record))
            raise CorpusError(
                f"{title} has no column {column!r} in its first {len(some):,} rows; its columns are "
                f"{names_in_a_message(names) or 'none'}"
            )
        is_first = False
        texts = [_text_of(record.get(column), column, f"row {row:,} of {title}") for row, record in some]
        for is_list, group in groupby(texts, key=lambda text: isinstance(text, list)):
            kind = pa.list_(pa.string()) if is_list else pa.string()
            yield _array(list(group), f"column {column!r} of {title}", kind)


def _text_of(value: Any, column: str | None, place: str) -> str | list[str] | None:
    """A string, words, or None where a data frame had no text, which it tells as NaN."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, (bytes, Mapping)) or not isinstance(value, Iterable):
        refuse_kind(f"column {column!r} in {place}", shortened(repr(value)))
    return words_of_text(value, f"column {column!r} in {place}")
