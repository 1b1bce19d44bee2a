"""Settings and records as JSON that every parser reads."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from wordvec.errors import FormatError
from wordvec.text import is_unicode

__all__ = ["parse_json", "to_json"]

MAX_NESTING = 100  # lists and objects inside each other; records of wordvec have fewer than ten
TOO_DEEP = f"lists and objects are nested more than {MAX_NESTING} deep"


def to_json(value: Any, indent: int | None = None) -> str:
    """Write plain data, NumPy's numbers among it, as JSON; NaN and infinity, which JSON lacks, become null.

    Raises:
        FormatError: something in it is not plain data, or it nests too deeply.

    >>> to_json({"loss": np.float32(0.5), "scores": (float("nan"), 1)})
    '{"loss": 0.5, "scores": [null, 1]}'
    """
    try:
        _check_nesting(value)
    except ValueError as problem:
        raise FormatError(f"settings and training records must be plain data: {problem}") from problem
    text = json.dumps(_plain(value), indent=indent, ensure_ascii=False, allow_nan=False)
    if not is_unicode(text):
        raise FormatError(f"settings and training records must be valid Unicode text, got {text[:200]!r}")
    return text


def parse_json(text: str, *, odd_numbers_are_null: bool = False) -> Any:
    """Read JSON that `to_json` can write again.

    Args:
        text: the JSON.
        odd_numbers_are_null: read NaN, infinity and numbers beyond a float's range as null, as `to_json` writes them.

    Raises:
        ValueError: it is not JSON, has a number beyond a float's range, or nests too deeply.

    >>> parse_json('{"loss": null, "epoch": 3}')
    {'loss': None, 'epoch': 3}
    >>> parse_json('{"loss": NaN, "epoch": 3}', odd_numbers_are_null=True)
    {'loss': None, 'epoch': 3}
    """
    parse_constant, parse_float = (_null, _finite_or_null) if odd_numbers_are_null else (_not_json, _finite)
    try:
        value = json.loads(text, parse_constant=parse_constant, parse_float=parse_float)
    except RecursionError as problem:
        raise ValueError(TOO_DEEP) from problem
    _check_nesting(value)
    return value


def _not_json(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON; null stands for a number that is not known")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"the number {digits[:30]} is too large for a float")
    return number


def _null(_: str) -> None:
    return None


def _finite_or_null(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def _check_nesting(value: Any) -> None:
    level = [value]
    for _ in range(MAX_NESTING + 1):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    raise ValueError(TOO_DEEP)


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list | tuple) else ()


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    raise FormatError(
        f"settings and training records must be plain data (numbers, text, lists, dicts), got {value!r}"
    )
