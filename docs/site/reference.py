"""The API reference: a page that lists the public names first, a page for each of them, and one for each module."""

from __future__ import annotations

import ast
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "src/wordvec"
sys.path.insert(0, str(ROOT / "src"))  # the package of this checkout, not an installed one

import wordvec  # noqa: E402
from wordvec.settings import expectation  # noqa: E402

GROUPS = {  # errors are the rest
    "Train": ("train", "resume", "recipe", "find_phrases", "Phrases", "Config"),
    "Use": ("WordVectors", "ApproximateSearch", "DocumentEncoder"),
    "Load and share": ("load", "push_to_hub"),
}
SPECIAL = (
    '"!^_[^_]", "!^__(init|iter|repr|len|contains)__"'  # of the special methods, indexing alone is explained
)


def public_pages() -> dict[str, str]:
    """The text of each page about public names, by its path in the site."""
    pages = {"reference/index.md": _index(), "reference/errors.md": _errors()}
    for names in GROUPS.values():
        for name in names:
            pages[f"reference/{name}.md"] = _page_of(name)
    return pages


def modules() -> dict[str, str]:
    """The page of each module, by its source."""
    sources = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / PACKAGE).rglob("*.py"))
    return {
        source: "reference/modules/"
        + source.removeprefix(f"{PACKAGE}/").replace("__init__.py", "package.py")[:-3]
        + ".md"
        for source in sources
        if not source.endswith("__main__.py")
    }


def module_page(source: str) -> str:
    """All that a module has for others."""
    name = source.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return f"# `{name}`\n\n::: {name}\n"


def module_list() -> str:
    """All modules, with the first sentence of each."""
    lines = ["# Modules", "", "Everything else inside wordvec. Before 1.0 it may change without notice.", ""]
    for source, page in modules().items():
        docstring = ast.get_docstring(ast.parse((ROOT / source).read_text(encoding="utf-8"))) or ""
        name = page.removeprefix("reference/modules/").removesuffix(".md")
        lines.append(f"- [`{name}`]({name}.md) {docstring.splitlines()[0]}")
    return "\n".join(lines) + "\n"


def _error_names() -> list[str]:
    grouped = {name for names in GROUPS.values() for name in names}
    return [name for name in wordvec.__all__ if name not in grouped]


def _first_sentence(name: str) -> str:
    return str(getattr(wordvec, name).__doc__).strip().split("\n\n")[0].replace("\n", " ")


def _index() -> str:
    lines = [
        "# API reference",
        "",
        "Everything that `import wordvec` offers: arguments with their shapes and units, results, errors, and an",
        "example that the tests run. In shapes, V is the number of words, D the dimension, Q the number of queries.",
        "All vectors are float32, all cosines are in [-1, 1], and all ids are rows of the matrix, from 0.",
    ]
    for group, names in GROUPS.items():
        lines += ["", f"## {group}", ""]
        lines += [f"- [`wordvec.{name}`]({name}.md): {_first_sentence(name)}" for name in names]
    lines += ["", "## Errors", ""]
    lines += [
        f"- [`wordvec.{name}`](errors.md#{getattr(wordvec, name).__module__}.{name}): {_first_sentence(name)}"
        for name in _error_names()
    ]
    lines += [
        "",
        "## Inside",
        "",
        "- [Modules](modules/index.md): what each file is about, and what it holds.",
    ]
    return "\n".join(lines) + "\n"


def _directive(name: str, level: int = 1) -> str:
    filters = SPECIAL if name == "WordVectors" else '"!^_"'
    options = (
        f"heading: wordvec.{name}",
        f"heading_level: {level}",
        "show_root_heading: true",
        f"filters: [{filters}]",
    )
    home = getattr(wordvec, name).__module__
    return f"::: {home}.{name}\n    options:\n" + "".join(f"      {option}\n" for option in options)


def _page_of(name: str) -> str:
    return _directive(name) + ("\n" + _settings() if name == "Config" else "")


def _errors() -> str:
    parts = [
        "# Errors\n\nEach message is one line: what, where, what was given, what is allowed, and what to do.\n"
    ]
    return "\n".join([*parts, *(_directive(name, level=2) for name in _error_names())])


def _settings() -> str:
    """Each setting with its default, its range and its help text, as Config has them."""
    kinds: dict[str, Any] = get_type_hints(wordvec.Config)
    lines = ["## Settings", ""]
    group = None
    for one in fields(wordvec.Config):
        if one.metadata["group"] != group:
            group = one.metadata["group"]
            lines += ["", f"### {group.capitalize()}", ""]
            lines += ["| setting | default | allowed | meaning |", "| --- | --- | --- | --- |"]
        allowed = expectation(kinds[one.name], one.metadata).replace("|", "\\|")
        lines.append(f"| `{one.name}` | `{one.default}` | {allowed} | {one.metadata['help']} |")
    return "\n".join(lines) + "\n"
