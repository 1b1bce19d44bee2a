"""Frozen lists and dicts: they read, compare and print as Python's own, and refuse to be changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

__all__ = ["FrozenDict", "FrozenList", "frozen"]


def _refuse(self: Any, *_arguments: Any, **_settings: Any) -> NoReturn:
    kind = "list" if isinstance(self, list) else "dict"
    raise TypeError(
        f"word vectors never change, nor does this {kind}, which is part of them; change a copy of it, {kind}(...), "
        "and make new vectors: WordVectors(words, matrix, ...)"
    )


# Tuples and mapping proxies would do, were they equal to lists and dicts, and could JSON and Arrow write them.
class FrozenList(list[Any]):
    """A list that cannot be changed; `list(...)` of it can.

    >>> words = FrozenList(["red", "green"])
    >>> words == ["red", "green"], words[:1], [*words, "blue"]
    (True, ['red'], ['red', 'green', 'blue'])
    >>> words.append("blue")
    Traceback (most recent call last):
    TypeError: word vectors never change, nor does this list, ...
    """

    __slots__ = ()
    append = extend = insert = remove = pop = clear = sort = reverse = _refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse

    def __reduce__(self) -> Any:
        return FrozenList, (list(self),)


class FrozenDict(dict[str, Any]):
    """A dict that cannot be changed; `dict(...)` of it can."""

    __slots__ = ()
    update = setdefault = pop = popitem = clear = _refuse
    __setitem__ = __delitem__ = __ior__ = _refuse

    def __reduce__(self) -> Any:
        return FrozenDict, (dict(self),)


def frozen(value: Any) -> Any:
    """A copy of plain data that cannot be changed, nor can anything in it.

    >>> frozen({"losses": [0.5, 0.4]})["losses"].pop()
    Traceback (most recent call last):
    TypeError: word vectors never change, nor does this list, ...
    """
    if isinstance(value, Mapping):
        return FrozenDict({key: frozen(inner) for key, inner in value.items()})
    if isinstance(value, list):
        return FrozenList(map(frozen, value))
    return value
