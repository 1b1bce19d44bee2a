"""Schemas: which column of a table is the text, and whether there is text in it."""

from __future__ import annotations

from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.types as pt

from wordvec.errors import CorpusError
from wordvec.text import name_list, shortened

__all__ = ["as_long_texts", "as_texts", "check_kind", "choose_column", "refuse_kind"]

_MOST_NAMES = 20  # in a message


def choose_column(schema: Any, column: str | None, title: str) -> str:
    """The name of the column that is the text; the only one needs no name.

    Raises:
        CorpusError: there is no such column, or two, or none is named; or what it holds is no text.

    >>> choose_column(pa.schema({"id": pa.int64(), "text": pa.string()}), "body", "a.parquet")
    Traceback (most recent call last):
    wordvec.errors.CorpusError: a.parquet has no column 'body'; its columns are id (int64), text (string)
    """
    columns = ", ".join(map(_described, list(schema)[:_MOST_NAMES]))
    columns += f" and {len(schema) - _MOST_NAMES} more" if len(schema) > _MOST_NAMES else ""
    if column is None:
        if len(schema) != 1:
            raise CorpusError(
                f"{title} is a table, so say which column is the text: column='NAME' (--column NAME); its columns "
                f"are {columns or 'none'}"
            )
        column = str(schema.names[0])
    if column not in schema.names:
        raise CorpusError(f"{title} has no column {column!r}; its columns are {columns or 'none'}")
    if schema.names.count(column) > 1:
        raise CorpusError(
            f"{title} has {schema.names.count(column)} columns named {column!r}; rename all but one"
        )
    check_kind(schema.field(column).type, f"column {column!r} of {title}", f"; its columns are {columns}")
    return column


def check_kind(kind: Any, name: str, remark: str = "") -> None:
    """Refuse a column of something else than text.

    Raises:
        CorpusError: so it is.

    >>> check_kind(pa.int64(), "the ChunkedArray")
    Traceback (most recent call last):
    wordvec.errors.CorpusError: the ChunkedArray holds int64, but must hold text: strings, or lists of strings or ...
    """
    if not _is_text(kind):
        refuse_kind(name, shortened(str(kind)), remark)


def _described(field: Any) -> str:
    name = name_list([str(field.name)])
    return name if pt.is_null(field.type) else f"{name} ({shortened(str(field.type))})"


def refuse_kind(name: str, kind: str, remark: str = "") -> NoReturn:
    """Say what a column holds, and what it must hold.

    Raises:
        CorpusError: always.
    """
    raise CorpusError(
        f"{name} holds {kind}, but must hold text: strings, or lists of strings or integers for texts that are words "
        f"already{remark}"
    )


def _is_text(kind: Any) -> bool:
    return _is_strings(kind) or (
        _is_list(kind) and (_is_strings(kind.value_type) or _is_integers(kind.value_type))
    )


def _is_integers(kind: Any) -> bool:
    return bool(pt.is_integer(kind.value_type if pt.is_dictionary(kind) else kind))


def _is_strings(kind: Any) -> bool:
    if pt.is_dictionary(kind):
        return _is_strings(kind.value_type)
    return bool(pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind) or pt.is_null(kind))


def _is_list(kind: Any) -> bool:
    return bool(pt.is_list(kind) or pt.is_large_list(kind) or pt.is_fixed_size_list(kind))


def as_texts(array: Any) -> Any:
    """The same texts as an array of strings, or of lists of strings: the plain kinds of both.

    >>> as_texts(pa.array(["red", None], pa.large_string())).type
    DataType(string)
    """
    return array.cast(pa.list_(pa.string()) if _is_list(array.type) else pa.string())


def as_long_texts(array: Any) -> Any:
    """The same texts as an array of strings, or of lists of strings, that may have any number of bytes.

    Integers become their digits.

    >>> as_long_texts(pa.array(["red", None, "red"]).dictionary_encode()).type
    DataType(large_string)
    """
    if pt.is_dictionary(array.type):  # pyarrow itself overflows at 2 GiB, and cannot look string views up
        return array.dictionary.cast(pa.large_string()).take(array.indices)
    return array.cast(pa.large_list(pa.large_string()) if _is_list(array.type) else pa.large_string())
