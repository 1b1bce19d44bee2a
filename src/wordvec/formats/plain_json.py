"""Settings and records as JSON that every parser reads."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from wordvec.errors import FormatError

__all__ = ["is_unicode", "to_json"]


def to_json(value: Any, indent: int | None = None) -> str:
    """Write plain data, NumPy's numbers among it, as JSON; NaN and infinity, which JSON lacks, become null.

    Raises:
        FormatError: something in it is not plain data.

    >>> to_json({"loss": np.float32(0.5), "scores": (float("nan"), 1)})
    '{"loss": 0.5, "scores": [null, 1]}'
    """
    text = json.dumps(_plain(value), indent=indent, ensure_ascii=False, allow_nan=False)
    if not is_unicode(text):
        raise FormatError(f"settings and training records must be valid Unicode text, got {text[:200]!r}")
    return text


def is_unicode(value: Any) -> bool:
    r"""Whether all text in plain data is valid: JSON may hold halves of characters, which no file takes.

    >>> is_unicode({"é": ["\U0001f600"]}), is_unicode({"é": ["\ud83d"]})
    (True, False)
    """
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


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
