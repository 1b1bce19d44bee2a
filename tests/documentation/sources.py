"""Sources: a class, function or constant of the package, as it is written in its file."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

__all__ = ["PACKAGE", "source_of"]

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "wordvec"
FOR_TOOLS = re.compile(r" *# (?:noqa|type: ignore).*$")  # no news to readers


def source_of(reference: str) -> str:
    """The lines of a definition, without its indentation and what is said to linters.

    Args:
        reference: a file of the package and a name in it, such as `models/word2vec.py Word2Vec.forward`; followed by
            `, without docstring`, the docstrings are left out.
    """
    reference, comma, option = reference.partition(", ")
    assert option == ("without docstring" if comma else ""), f"unknown option: {option}"
    file, name = reference.split(" ")
    text = (PACKAGE / file).read_text(encoding="utf-8")
    node = _definition(ast.parse(text), name)
    assert node is not None, f"there is no {name} in {file}"
    dropped = {
        line for each in ast.walk(node) for line in (_docstring_lines(each, text) if option else range(0))
    }
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    assert node.end_lineno is not None
    lines = [FOR_TOOLS.sub("", line) for line in text.splitlines()]
    kept = [lines[number - 1] for number in range(first, node.end_lineno + 1) if number not in dropped]
    return textwrap.dedent("\n".join(kept)) + "\n"


def _definition(parent: ast.AST, name: str) -> ast.stmt | None:
    """The statement that defines a dotted name."""
    outer, _, inner = name.partition(".")
    for node in ast.iter_child_nodes(parent):
        if outer in _names(node):
            assert isinstance(node, ast.stmt)
            return _definition(node, inner) if inner else node
    return None


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return [node.name]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [target.id for target in targets if isinstance(target, ast.Name)]
    return []


def _docstring_lines(node: ast.AST, text: str) -> range:
    """The numbers of the lines of a docstring, and of an empty line after it."""
    if not isinstance(node, ast.ClassDef | ast.FunctionDef) or ast.get_docstring(node) is None:
        return range(0)
    docstring = node.body[0]
    assert docstring.end_lineno is not None
    lines = text.splitlines()
    is_followed_by_none = docstring.end_lineno < len(lines) and not lines[docstring.end_lineno].strip()
    return range(docstring.lineno, docstring.end_lineno + 1 + is_followed_by_none)
