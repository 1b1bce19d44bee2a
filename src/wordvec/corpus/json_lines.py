"""JSON lines: one JSON object a line, with the text in one of its fields; parsed by pyarrow, block by block."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import pyarrow as pa

from wordvec.corpus.decoding import UTF_8, Decoding
from wordvec.corpus.tables import Records, not_text
from wordvec.corpus.text_blocks import Block, Cut, Piece, read_pieces
from wordvec.corpus.validity import check_text
from wordvec.errors import CorpusError
from wordvec.text import MAX_NAMES, one_line, shortened

__all__ = ["read_json_lines"]

_MIN_BYTES = 2**16  # of a block: it must show which fields there are
_MAX_DIGITS = 60  # of a number; longer ones stay text
_AT_LINES = Cut(
    lambda data: data.rfind(b"\n") + 1,
    "a line break",
    "write one JSON object a line (jq -c '.[]' makes lines of an array)",
)


def read_json_lines(
    file: str, column: str | None, block_bytes: int, decoding: Decoding = UTF_8
) -> Iterator[Records]:
    """Read the records of a file.

    Raises:
        CorpusError: the file cannot be read, or has no such field at its beginning.
    """
    name = None
    for piece in read_pieces(file, max(block_bytes, _MIN_BYTES), lambda _: _AT_LINES, decoding):
        if name is None and not piece.data.isspace():
            check_text(Block((piece,), piece.bytes_read))
            name = _checked(piece, column)
        if name is not None:
            yield Records(piece, piece.bytes_read, partial(_texts, column=name))


def _checked(piece: Piece, column: str | None) -> str:
    """The name of the field of text; the only field needs no name."""
    names: dict[str, None] = {}
    line = 0
    for line, found in _objects(piece):  # noqa: B007  (the message has the last one)
        if column in found:
            return str(column)
        names.update(dict.fromkeys(found))
    if column is None and len(names) == 1:
        return next(iter(names))
    fields = (
        f"its fields are {', '.join(shortened(repr(name)) for name in list(names)[:MAX_NAMES]) or 'none'}"
    )
    if column is None:
        raise CorpusError(
            f"{piece.title} has an object a line, so say which field is the text: column='NAME' "
            f"(--column NAME); {fields}"
        )
    raise CorpusError(f"{piece.title} has no field {column!r} in its first {line:,} lines; {fields}")


def _texts(piece: Piece, column: str) -> Any:
    try:
        return _parsed(piece, column, pa.string())
    except pa.ArrowException as problem:
        reason = str(problem)
    for kind in (pa.string(), pa.int64()):
        with suppress(pa.ArrowException):
            return _parsed(piece, column, pa.list_(kind))
    return _parsed_one_by_one(piece, column, reason)


def _parsed(piece: Piece, column: str, kind: Any) -> Any:
    import pyarrow.json as pj  # here, as few runs need it

    table = pj.read_json(
        pa.BufferReader(piece.data),
        read_options=pj.ReadOptions(use_threads=False, block_size=len(piece.data) + 1),
        parse_options=pj.ParseOptions(
            explicit_schema=pa.schema([(column, kind)]), unexpected_field_behavior="ignore"
        ),
    )
    return table[column].combine_chunks()


def _objects(piece: Piece) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects with the numbers of their lines, from 1."""
    for line, data in enumerate(piece.data.splitlines(), start=piece.first_line):
        if not data.strip():
            continue
        try:
            found = json.loads(data, parse_int=_integer)
        except RecursionError:
            raise CorpusError(
                f"line {line:,} of {piece.title} is nested too deeply to be read; leave that field out"
            ) from None
        except ValueError as problem:
            raise CorpusError(
                f"line {line:,} of {piece.title} is not JSON: {problem}; {_AT_LINES.remedy}, or name another format "
                "(input_format, --input-format)"
            ) from None
        if not isinstance(found, dict):
            raise CorpusError(
                f"line {line:,} of {piece.title} is not a JSON object, but {shortened(repr(found))}; {_AT_LINES.remedy}"
            )
        yield line, found


def _integer(digits: str) -> int | str:
    """A number; one of thousands of digits, which JSON allows and Python refuses to read, stays text."""
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


def _parsed_one_by_one(piece: Piece, column: str, problem: str) -> Any:
    """Read lists of integers that pyarrow could not parse; or find the line that holds something else.

    pyarrow refuses integers beyond 64 bits, and lists of strings after lists of integers.
    """
    name = f"field {column!r} of {piece.title}"
    texts: list[Any] = []
    are_words = None
    has_integers = False
    for line, found in _objects(piece):
        text = found.get(column)
        if text is not None:
            kind = f"{shortened(repr(text))} in line {line:,}"
            is_list = isinstance(text, list)
            words = [word for word in (text if is_list else [text]) if word is not None]
            if is_list and words and all(type(word) is int for word in words):
                text, has_integers = [str(word) for word in words], True
            elif not all(isinstance(word, str) for word in words):
                raise not_text(name, kind)
            if is_list is not (is_list if are_words is None else are_words):
                raise not_text(name, f"{kind}, after {'lists' if are_words else 'strings'}")
            are_words = is_list
        texts.append(text)
    if has_integers:
        with suppress(UnicodeEncodeError):
            return pa.array(texts, pa.list_(pa.string()))
    lines = f"lines {piece.first_line:,} to {piece.first_line + piece.data.count(10) - 1:,}"
    reason = shortened(one_line(str(problem)), 200)
    raise CorpusError(f"{piece.title} cannot be parsed as JSON in {lines}: {reason}; write them again")
