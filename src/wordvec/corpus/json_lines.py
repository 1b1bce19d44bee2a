"""JSON lines: one JSON object a line, with the text in one of its fields; parsed by pyarrow, block by block."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from typing import Any

import pyarrow as pa

from wordvec.corpus.byte_stream import FilePart
from wordvec.corpus.decoding import UTF_8, Decoding
from wordvec.corpus.tables import Records, not_text
from wordvec.corpus.text_blocks import Block, Cut, Piece, read_pieces
from wordvec.corpus.validity import check_text
from wordvec.corpus.weights import weighted
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
    file: str | FilePart,
    column: str | None,
    block_bytes: int,
    decoding: Decoding = UTF_8,
    weight: str | None = None,
) -> Iterator[Records]:
    """Read the records of a file, or of a part of it that begins and ends with a line.

    Raises:
        CorpusError: the file cannot be read, or has no such field at its beginning.
    """
    part = FilePart(file) if isinstance(file, str) else file
    size = max(block_bytes, _MIN_BYTES)
    name = None
    if part.start:  # the file's beginning shows which fields there are, as for those who read all of it
        with closing(read_pieces(part.file, size, lambda _: _AT_LINES, decoding)) as beginning:
            name = next(
                (_field(piece, column, weight) for piece in beginning if not piece.data.isspace()), None
            )
    for piece in read_pieces(part, size, lambda _: _AT_LINES, decoding):
        if name is None and not piece.data.isspace():
            name = _field(piece, column, weight)
        if name is not None:
            yield Records(piece, piece.bytes_read, partial(_parse, column=name, weight=weight))


def _field(piece: Piece, column: str | None, weight: str | None) -> str:
    """The name of the field of text, by the first lines of a file; a weight must be there, too."""
    check_text(Block((piece,), piece.bytes_read))
    name = _checked(piece, column)
    if weight is not None:
        _checked(piece, weight)
    return name


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


def _parse(piece: Piece, column: str, weight: str | None) -> Any:
    texts = _texts(piece, column)
    return texts if weight is None else weighted(texts, _weights(piece, weight))


def _weights(piece: Piece, weight: str) -> Any:
    """The weights; as they are written, where one is not a number, which is refused with its place."""
    with suppress(pa.ArrowException):
        return _parsed(piece, weight, pa.float64())
    values = [found.get(weight) for _, found in _objects(piece)]
    return pa.array(
        [None if value is None else f"{value}" if _is_number(value) else repr(value) for value in values],
        pa.string(),
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


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
