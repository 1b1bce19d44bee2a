"""The API reference: each public name is on it, and its docstring says what a caller needs and shows an example."""

from __future__ import annotations

import importlib.util
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from types import ModuleType
from typing import Any

import pytest
from tests.documentation.pages import DOCS

import wordvec

EXPLAINED = ("__getitem__",)  # of the special methods; the others are what Python's are everywhere


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    """What makes the pages of the site."""
    spec = importlib.util.spec_from_file_location("reference", DOCS / "site" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_public(name: str) -> bool:
    return name in EXPLAINED or not name.startswith("_")


def callables() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Public functions, and the public methods of public classes, by name."""
    for name in wordvec.__all__:
        value = getattr(wordvec, name)
        if inspect.isfunction(value):
            yield name, value
        elif not issubclass(value, Exception):
            yield from ((f"{name}.{own}", method) for own, method in methods(value))


def methods(cls: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, value in vars(cls).items():
        if inspect.isfunction(value) and is_public(name):
            yield name, value


def section(docstring: str, title: str) -> str:
    """The text of a section of a docstring, "" if it has none."""
    found = re.search(rf"^{title}:\n((?:(?: .*)?\n)+)", docstring + "\n", flags=re.MULTILINE)
    return found[1] if found else ""


@pytest.mark.parametrize("name", wordvec.__all__)
def test_each_public_name_is_listed_first_and_has_its_place(name: str, reference: ModuleType) -> None:
    pages = reference.public_pages()
    (link,) = re.findall(rf"^- \[`wordvec\.{name}`\]\((\S+?)(?:#\S+)?\)", pages["reference/index.md"], re.M)
    home = f"{getattr(wordvec, name).__module__}.{name}"
    assert f"::: {home}\n" in pages[f"reference/{link}"]


def test_each_page_of_a_public_name_is_in_the_navigation(reference: ModuleType) -> None:
    navigation = (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8").split("\nnav:")[1]
    for page in reference.public_pages():
        assert page in navigation, page


@pytest.mark.parametrize("name", wordvec.__all__)
def test_each_public_name_has_an_example(name: str) -> None:
    assert ">>> " in (getattr(wordvec, name).__doc__ or "")


@pytest.mark.parametrize(("name", "function"), [pytest.param(*each, id=each[0]) for each in callables()])
def test_each_public_function_says_arguments_result_errors_and_has_an_example(
    name: str, function: Callable[..., Any]
) -> None:
    docstring = inspect.getdoc(function) or ""
    signature = inspect.signature(function)
    arguments = section(docstring, "Args")
    for parameter in signature.parameters:
        if parameter != "self":
            assert re.search(rf"^    {parameter}: \S", arguments, re.MULTILINE), parameter
    if signature.return_annotation != "None":
        assert section(docstring, "Returns")
    assert section(docstring, "Raises")
    assert ">>> " in docstring


@pytest.mark.parametrize("name", ["WordVectors", "ApproximateSearch", "DocumentEncoder"])
def test_each_public_class_says_its_arguments_and_errors(name: str) -> None:
    cls = getattr(wordvec, name)
    docstring = inspect.getdoc(cls) or ""
    arguments = section(docstring, "Args")
    for parameter in inspect.signature(cls).parameters:
        assert re.search(rf"^    {parameter}: \S", arguments, re.MULTILINE), parameter
    assert section(docstring, "Raises")


def test_each_setting_is_in_the_table_with_its_default(reference: ModuleType) -> None:
    page = reference.public_pages()["reference/Config.md"]
    for field in fields(wordvec.Config):
        assert f"| `{field.name}` | `{field.default}` |" in page
