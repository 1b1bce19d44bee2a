"""Page: the pieces of Markdown that every page of results is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["Format", "circumstances", "spread_text", "table"]

Format = Callable[[float], str]


def circumstances(conditions: dict[str, Any]) -> list[str]:
    """Two items of a list: the machine, and the versions with the commit."""
    machine, versions, source = (conditions[name] for name in ("machine", "versions", "source"))
    packages = ", ".join(f"{name} {number}" for name, number in versions.items())
    commit = f"commit {source['commit'] or 'none yet'}{', with changes' if source['dirty'] else ''}"
    memory_gibibytes = machine["memory_bytes"] / 2**30
    hardware = (
        f"{machine['cpu']}, {machine['cores']} cores, {memory_gibibytes:.0f} GiB, {' '.join(machine['simd'])}"
    )
    return [f"- {hardware}; {machine['os']}", f"- {packages}; {commit}"]


def table(rows: Sequence[Sequence[str]]) -> str:
    """A table whose first row is its heading.

    >>> print(table([["", "words/s"], ["torch", "7"]]))
    |  | words/s |
    | --- | --- |
    | torch | 7 |
    """
    heading, *body = rows
    lines = [heading, ["---"] * len(heading), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def spread_text(value: dict[str, float] | None, center: str, form: Format) -> str:
    """The median or mean, and the range; a dash for nothing.

    >>> spread_text({"median": 2.0, "mean": 2.5, "least": 1.0, "most": 5.0}, "median", "{:.0f}".format)
    '2 (1 to 5)'
    """
    if value is None:
        return "-"
    return f"{form(value[center])} ({form(value['least'])} to {form(value['most'])})"
