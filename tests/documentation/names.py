"""Names: the table of foreign names in docs/from-gensim.md, made from the one that error messages use."""

from __future__ import annotations

from wordvec.foreign_names import FOREIGN, Counterpart

__all__ = ["BEGIN", "END", "with_names"]

BEGIN, END = "<!-- names: made by `make docs` -->\n", "<!-- end of names -->"


def with_names(page: str) -> str:
    """The page with the table as it is now."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + "\n" + names_table() + "\n" + END + rest.split(END)[1]


def names_table() -> str:
    """Our names, and what three tools call them."""
    lines = ["| wordvec | gensim | word2vec.c | fastText |", "| --- | --- | --- | --- |"]
    for row in FOREIGN:
        cells = [
            ", ".join(f"`{dash}{name}`" + _conversions(name, row) for name in getattr(row, column).split())
            for column, dash in (("gensim", ""), ("word2vec_c", "-"), ("fasttext", "-"))
        ]
        if any(cells):
            ours = f"`{row.ours}`" if row.ours else f"none: {row.note}"
            lines.append(f"| {' | '.join([ours, *cells])} |".replace("  |", " |"))
    return "\n".join(lines) + "\n"


def _conversions(name: str, row: Counterpart) -> str:
    """In brackets, how values read here.

    >>> _conversions(
    ...     "hs", Counterpart("objective", "hs", values={"hs": {"1": ("objective", "hierarchical")}})
    ... )
    ' (1: `hierarchical`)'
    """
    shown = [
        f"{theirs}: `{value}`" if setting == row.ours else f"{theirs}: `{setting}={value}`"
        for theirs, (setting, value) in row.values.get(name, {}).items()
    ]
    return f" ({', '.join(shown)})" if shown else ""
