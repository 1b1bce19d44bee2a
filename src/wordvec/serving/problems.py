"""Problems: every error in one JSON form, with its status: what is wrong, where, what came, and what is allowed."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from wordvec.answers import error_answer
from wordvec.errors import (
    ConfigError,
    MissingPackageError,
    ResourceError,
    UnknownWordError,
    WordvecError,
)
from wordvec.text import one_line, shortened

__all__ = ["CODES", "Problem", "answer_of", "encoded", "has_long_list", "problem_of", "problem_of_validation"]

MAX_MESSAGE = 500  # characters
MAX_GOT = 100
LONG = 20  # items of a list

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode

CODES = {  # of statuses that come from routing, by number
    400: "malformed_request",
    404: "unknown_path",
    405: "method_not_allowed",
    413: "too_large",
    415: "wrong_content_type",
}


class Problem(Exception):  # noqa: N818  (what clients get is called so, too)
    """An answer that says why there is no other.

    Args:
        status: of HTTP.
        code: a word for programs, which is never renamed.
        message: one line for people.
        parameter: the one that is wrong.
        got: what came.
        allowed: what may come.
        near: known words that may have been meant.
        column: where in an expression, in characters from 0.
        headers: more headers of the answer.

    >>> Problem(404, "unknown_model", "no model is called 'x'", parameter="model", got="x").document["error"][
    ...     "got"
    ... ]
    'x'
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        parameter: str | None = None,
        got: object = None,
        allowed: str | None = None,
        near: Sequence[str] = (),
        column: int | None = None,
        headers: Mapping[str, str] | None = None,
    ):
        super().__init__(message)
        self.status, self.code = status, code
        self.message = shortened(_clean(one_line(message)), MAX_MESSAGE)
        self.parameter, self.got, self.allowed = parameter, _shown(got), allowed
        self.near, self.column, self.headers = list(near), column, dict(headers or {})

    @property
    def document(self) -> dict[str, Any]:
        """The JSON document of the answer."""
        return error_answer(
            self.code, self.message, self.parameter, self.got, self.allowed, self.near, self.column
        )


def answer_of(problem: Problem) -> Response:
    """The answer that says what is wrong."""
    headers = {"Cache-Control": "no-store", **problem.headers}
    return Response(encoded(problem.document), problem.status, headers, "application/json")


def encoded(document: Any) -> bytes:
    """A document as JSON in UTF-8, in which there is no NaN.

    Long lists of it are encoded item by item, so that other threads run meanwhile.

    >>> encoded({"word": "café"}).decode()
    '{"word":"café"}'
    """
    if not has_long_list(document):
        return _encode(document).encode("utf-8", "backslashreplace")
    parts = []
    for name, value in document.items():
        is_long = isinstance(value, list) and len(value) > LONG
        parts.append(
            f"{_encode(name)}:" + (f"[{','.join(map(_encode, value))}]" if is_long else _encode(value))
        )
    return ("{" + ",".join(parts) + "}").encode("utf-8", "backslashreplace")


def has_long_list(document: Any) -> bool:
    """Whether a document takes long to encode.

    >>> has_long_list({"words": ["oak"]}), has_long_list({"words": ["oak"] * 1000})
    (False, True)
    """
    if not isinstance(document, dict):
        return False
    return any(isinstance(value, list) and len(value) > LONG for value in document.values())


def problem_of(error: Exception, parameter: str | None = None) -> Problem:
    """The problem for an error of the library; unknown words are answered where their spellings are known.

    >>> problem_of(ConfigError("k must be at least 1, got 0"), "k").status
    400
    """
    message = str(error)
    if isinstance(error, Problem):
        return error
    if isinstance(error, UnknownWordError):
        return Problem(404, "unknown_word", message, parameter=parameter)
    if isinstance(error, ConfigError):
        return Problem(400, "misused", message, parameter=parameter)
    if isinstance(error, MissingPackageError):
        return Problem(501, "missing_package", message)
    if isinstance(error, MemoryError | ResourceError):
        return Problem(503, "busy", message or "not enough memory; ask for less at once")
    if isinstance(error, WordvecError):
        return Problem(400, "misused", message, parameter=parameter)
    return Problem(500, "internal_error", "the server failed at this; its log says where")


def problem_of_validation(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """The problem for the first of pydantic's errors.

    >>> error = {
    ...     "type": "less_than_equal",
    ...     "loc": ("query", "k"),
    ...     "msg": "Input should be ...",
    ...     "input": "9999",
    ...     "ctx": {"le": 1000},
    ... }
    >>> problem_of_validation([error]).message
    'k: Input should be ...; got 9999'
    """
    first = errors[0]
    kind, where = first["type"], [part for part in first["loc"] if part not in ("query", "body")]
    parameter = ".".join(map(str, where)) or None
    if kind == "json_invalid":
        reason = first.get("ctx", {}).get("error", "it is not JSON")
        return Problem(400, "malformed_json", f"the body is not JSON: {reason}", allowed="a JSON object")
    if kind == "missing":
        return Problem(400, "missing_parameter", f"{parameter or 'a body'} is missing", parameter=parameter)
    if kind == "extra_forbidden":
        return Problem(
            400,
            "unknown_parameter",
            f"there is no parameter {parameter} here",
            parameter=parameter,
            got=first.get("input"),
        )
    got = first.get("input")
    message = f"{parameter or 'the body'}: {first['msg']}; got {_shown(got)}"
    return Problem(400, "misused", message, parameter=parameter, got=got, allowed=_allowed(first))


def _allowed(error: Mapping[str, Any]) -> str | None:
    """What pydantic's error says of what is allowed."""
    limits = {
        name: value
        for name, value in (error.get("ctx") or {}).items()
        if name in ("ge", "le", "gt", "lt", "min_length", "max_length", "expected", "pattern")
    }
    if not limits:
        return None
    words = {"ge": "at least", "le": "at most", "gt": "above", "lt": "below"}
    words |= {"min_length": "a length of at least", "max_length": "a length of at most"}
    return ", ".join(f"{words.get(name, '')} {value}".strip() for name, value in limits.items())


def _shown(got: object) -> str | None:
    """What came, as a short text; None if nothing did."""
    if got is None:
        return None
    return _clean(shortened(got if isinstance(got, str) else reprlib.repr(got), MAX_GOT))


def _clean(text: str) -> str:
    """The text without halves of surrogate pairs, which no UTF-8 holds."""
    return text.encode("utf-8", "backslashreplace").decode()
