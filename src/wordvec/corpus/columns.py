"""Columns: text from dicts, and from data sets, data frames and arrays of libraries that are not imported here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import groupby, islice
from numbers import Real
from typing import Any

import pyarrow as pa

from wordvec.corpus.sources import TableSource
from wordvec.corpus.tables import Rows, check_kind, choose_column, choose_weight, not_text, rows_of
from wordvec.corpus.token_lists import words_of_text
from wordvec.corpus.weights import weighted
from wordvec.errors import ConfigError, CorpusError
from wordvec.text import name_list, shortened

__all__ = ["read_column"]

_ROWS_AT_A_TIME = 1000  # of a data set, or of dicts


def read_column(source: TableSource, block_bytes: int) -> Iterator[Rows]:
    """Read the texts of a column.

    Raises:
        CorpusError: there is no such column, or it does not hold text.
    """
    title = f"the {type(source.table).__name__}"
    arrays = {"data set": _of_data_set, "arrow": _of_arrow, "dicts": _of_dicts}[source.kind]
    each = arrays(source.table, source.column, source.weight, title)
    return rows_of(((array, 0) for array in each), title, block_bytes)


def _of_data_set(data: Any, column: str | None, weight: str | None, title: str) -> Iterator[Any]:
    if data.features is None:  # of a stream, whose rows may each look like another table
        for rows in data.with_format(None).iter(batch_size=_ROWS_AT_A_TIME):
            names = pa.schema([(name, pa.null()) for name in rows])
            name = choose_column(names, column, title)
            texts = _array(rows[name], f"column {name!r} of {title}")
            weights = [_weights(rows[key]) for key in choose_weight(names, weight, title)]
            yield weighted(texts, *weights) if weights else texts
        return
    name = choose_column(data.features.arrow_schema, column, title)
    weights = choose_weight(data.features.arrow_schema, weight, title)
    for table in data.select_columns([name, *weights]).with_format("arrow").iter(batch_size=_ROWS_AT_A_TIME):
        for batch in table.to_batches():
            yield _with_weights(batch, name, weights)


def _with_weights(batch: Any, column: str, weights: list[str]) -> Any:
    """The texts of a batch, with their weights where it has some."""
    texts = batch.column(column)
    return weighted(texts, *(batch.column(name) for name in weights)) if weights else texts


def _weights(values: list[Any]) -> Any:
    """Weights that Python gives, with what is not a number as it is written, to be refused with its row."""
    if all(value is None or (isinstance(value, Real) and not isinstance(value, bool)) for value in values):
        with suppress(OverflowError):
            return pa.array([None if value is None else float(value) for value in values], pa.float64())
    return pa.array([None if value is None else shortened(repr(value)) for value in values], pa.string())


def _array(values: list[Any], name: str, kind: Any = None) -> Any:
    try:
        array = pa.array(values, kind)
    except (pa.ArrowException, UnicodeEncodeError) as problem:
        raise CorpusError(f"{name} cannot be read as Arrow: {problem}; give one of strings") from problem
    check_kind(array.type, name)
    return array


def _of_arrow(data: Any, column: str | None, weight: str | None, title: str) -> Iterator[Any]:
    try:
        if hasattr(data, "columns") or hasattr(data, "schema"):
            if hasattr(data, "iloc"):  # pandas would convert all of its columns
                names = pa.schema([(str(name), pa.null()) for name in data.columns])
                column = choose_column(names, column, title)
                wanted = [column, *choose_weight(names, weight, title)]
                data = data.iloc[:, list(map(names.names.index, wanted))]  # its own names may be numbers
            with pa.RecordBatchReader.from_stream(data) as batches:
                name = choose_column(batches.schema, column, title)
                weights = choose_weight(batches.schema, weight, title)
                for batch in batches:
                    yield _with_weights(batch, name, weights)
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
    for option, value in (("column", column), ("weight", weight)):
        if value is not None:
            raise ConfigError(
                f"{option} applies only to tables, got {value!r} for {title}, which is one column; leave it out"
            )
    check_kind(array.type, title)
    yield from array.chunks


def _of_dicts(data: Any, column: str | None, weight: str | None, title: str) -> Iterator[Any]:
    """The texts that dicts have under a key, some at a time; a dict may lack the key, but not all of the first ones."""
    rows = enumerate(data, start=1)
    is_first = True
    while some := list(islice(rows, _ROWS_AT_A_TIME)):
        for row, record in some:
            if not isinstance(record, Mapping):
                raise CorpusError(
                    f"row {row:,} of {title} must be a dict with the text under {column!r}, got "
                    f"{shortened(repr(record))}; leave column out if texts are lists of words"
                )
        for key in (column, weight) if is_first else ():
            if key is not None and not any(key in record for _, record in some):
                names = list(dict.fromkeys(str(name) for _, record in some for name in record))
                raise CorpusError(
                    f"{title} has no column {key!r} in its first {len(some):,} rows; its columns are "
                    f"{name_list(names) or 'none'}"
                )
        is_first = False
        texts = [
            (_text_of(record.get(column), column, f"row {row:,} of {title}"), record) for row, record in some
        ]
        for is_list, group in groupby(texts, key=lambda each: isinstance(each[0], list)):
            kind = pa.list_(pa.string()) if is_list else pa.string()
            values, records = zip(*group, strict=True)
            array = _array(list(values), f"column {column!r} of {title}", kind)
            yield (
                array
                if weight is None
                else weighted(array, _weights([record.get(weight) for record in records]))
            )


def _text_of(value: Any, column: str | None, place: str) -> str | list[str] | None:
    """A string, words, or None where a data frame has no text, which it marks by NaN."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, (bytes, Mapping)) or not isinstance(value, Iterable):
        raise not_text(f"column {column!r} in {place}", shortened(repr(value)))
    return words_of_text(value, f"column {column!r} in {place}")
