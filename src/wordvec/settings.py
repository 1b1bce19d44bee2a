"""Settings: how one is declared, and how its value is checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import field
from numbers import Integral, Real
from typing import Any, Literal, get_args, get_origin

from wordvec.errors import ConfigError
from wordvec.text import MAX_INTEGER, short_repr

__all__ = ["check_count", "expectation", "is_allowed", "setting"]


def setting(
    default: Any,
    help: str,  # noqa: A002  (the usual word)
    *,
    group: str,
    minimum: float | None = None,
    above: float | None = None,
    below: float | None = None,
    maximum: float | None = None,
) -> Any:
    """Declare a setting: its default, its help text, the group it is shown in, and its allowed range."""
    bounds = {"minimum": minimum, "above": above, "below": below, "maximum": maximum}
    return field(default=default, metadata={"help": help, "group": group, **bounds})


def is_allowed(value: Any, kind: Any, bounds: Mapping[str, Any]) -> bool:
    """Whether a setting of this type and range may have this value."""
    choices = _choices(kind)
    if isinstance(value, str) and value in choices:
        return True
    if get_origin(kind) is Literal:
        return value in choices
    if value is None:
        return type(None) in get_args(kind)
    if _is_text(kind):
        return isinstance(value, str) and bool(value.strip())
    if _is_switch(kind) or isinstance(value, bool):
        return _is_switch(kind) and isinstance(value, bool)
    if not isinstance(value, Integral if _is_integer(kind) else Real):
        return False
    if _is_too_large(value) or not math.isfinite(value):
        return False
    return (
        (bounds["minimum"] is None or value >= bounds["minimum"])
        and (bounds["above"] is None or value > bounds["above"])
        and (bounds["below"] is None or value < bounds["below"])
        and (bounds["maximum"] is None or value <= bounds["maximum"])
    )


def _choices(kind: Any) -> tuple[Any, ...]:
    """The words that a setting of this type may be, alone or beside numbers.

    >>> _choices(int | Literal["text"]), _choices(int | None)
    (('text',), ())
    """
    literals = [kind, *get_args(kind)] if get_origin(kind) is not Literal else [kind]
    return tuple(choice for one in literals if get_origin(one) is Literal for choice in get_args(one))


def _is_integer(kind: Any) -> bool:
    return kind is int or int in get_args(kind)


def _is_text(kind: Any) -> bool:
    return kind is str or str in get_args(kind)


def _is_switch(kind: Any) -> bool:
    return kind is bool or bool in get_args(kind)


def _is_too_large(value: Any) -> bool:
    """Whether this is an integer beyond 64 bits."""
    return isinstance(value, Integral) and abs(int(value)) >= MAX_INTEGER


def expectation(kind: Any, bounds: Mapping[str, Any], value: Any = None) -> str:
    """What a setting of this type and range may be, in words; for a `value` that it may not have.

    >>> expectation(int, {"minimum": 1, "above": None, "below": None, "maximum": 1000})
    'an integer of at least 1 and at most 1,000'
    >>> expectation(int | Literal["text"], {"minimum": 1, "above": None, "below": None, "maximum": None})
    "an integer of at least 1 or 'text'"
    """
    if get_origin(kind) is Literal:
        return " or ".join(repr(choice) for choice in get_args(kind))
    if _is_text(kind):
        return "a word"
    if _is_switch(kind):
        return "True or False"
    noun = "an integer" if _is_integer(kind) else "a number"
    words = {"minimum": "of at least", "above": "above", "below": "below", "maximum": "at most"}
    if _is_too_large(value) and bounds["maximum"] is None:
        bounds = {**bounds, "below": MAX_INTEGER}
    limits = [f"{words[name]} {_shown(bounds[name])}" for name in words if bounds[name] is not None]
    of_numbers = " ".join([noun, " and ".join(limits)]).rstrip()
    return " or ".join([of_numbers, *map(repr, _choices(kind))])


def check_count(name: str, value: Any, meaning: str) -> None:
    """Check an argument that counts something: an integer of at least 1, of Python or NumPy.

    Raises:
        ConfigError: the value is not an integer, or below 1.

    >>> check_count("k", 10, "how many neighbors to find")
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise ConfigError(f"{name} must be an integer of at least 1, got {short_repr(value)} ({meaning})")
    if int(value) < 1:
        raise ConfigError(f"{name} must be at least 1, got {short_repr(value)} ({meaning})")


def _shown(bound: float) -> str:
    return f"{bound:,}" if isinstance(bound, int) else f"{bound:g}"
