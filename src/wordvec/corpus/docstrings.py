"""Docstrings: real English that every machine has, the documentation in the installed Python."""

from __future__ import annotations

import ast
import os
import site
import sysconfig
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from wordvec.corpus.token_blocks import TokenBlock, tokenize_text
from wordvec.corpus.tokenizers import spacing_named

__all__ = ["python_docstrings", "python_folders"]

_LEFT_OUT = {"__pycache__", "dist-packages", "idle_test", "site-packages", "test", "tests"}
_MAX_FILE_BYTES = 2**19  # a syntax tree takes some hundred times the memory of its file
_BATCH_CHARACTERS = 2**16  # tokenized at once


def python_docstrings(
    folders: Sequence[str | os.PathLike[str]] | None = None,
    *,
    max_words: int | None = None,
    max_seconds: float | None = None,
) -> Iterator[list[str]]:
    """Give the lower-cased words of each docstring of Python files, which are parsed but not imported.

    The order is the same every time: folder by folder, file by file. A docstring that was met before is left
    out; so are test folders, and files that cannot be read or parsed.

    Args:
        folders: where to look; by default the standard library, then the installed packages.
        max_words: end with the docstring that reaches this number.
        max_seconds: read no further file after this time; the result then depends on the machine.

    >>> from itertools import islice
    >>> [" ".join(words) for words in islice(python_docstrings([os.path.dirname(ast.__file__)]), 1)]
    ['record of phased in incompatible language changes ...']
    """
    latest = float("inf") if max_seconds is None else time.monotonic() + max_seconds
    num_words = 0
    for texts in _batches(_distinct_docstrings(folders or python_folders(), latest)):
        for words in _words(texts):
            yield words
            num_words += len(words)
            if max_words is not None and num_words >= max_words:
                return


def python_folders() -> list[str]:
    """The folders of the standard library and of the installed packages of this Python, in this order."""
    paths = sysconfig.get_paths()
    names = [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    return list(dict.fromkeys([*names, *site.getsitepackages()]))


def _distinct_docstrings(folders: Iterable[str | os.PathLike[str]], latest: float) -> Iterator[str]:
    met: set[int] = set()
    for folder in folders:
        for file in _python_files(folder):
            if time.monotonic() > latest:
                return
            for docstring in _docstrings(file):
                if hash(docstring) not in met:
                    met.add(hash(docstring))
                    yield docstring


def _python_files(folder: str | os.PathLike[str]) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT and not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(names) if name.endswith(".py"))


def _docstrings(file: Path) -> Iterator[str]:
    try:
        source = file.read_bytes() if file.stat().st_size <= _MAX_FILE_BYTES else b""
        if b'"""' not in source and b"'''" not in source:  # nearly no docstrings, and parsing takes long
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # others' invalid escape sequences
            tree = ast.parse(source)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    # Docstrings are found in statements only, so the walk leaves out expressions, which are most of a tree.
    statements: list[Any] = [tree]
    while statements:
        statement = statements.pop()
        if isinstance(statement, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            docstring = ast.get_docstring(statement, clean=False)
            if docstring:
                yield docstring
        for block in ("finalbody", "handlers", "orelse", "cases", "body"):
            statements += reversed(getattr(statement, block, []))


def _batches(docstrings: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    num_characters = 0
    for docstring in docstrings:
        batch.append(docstring)
        num_characters += len(docstring)
        if num_characters >= _BATCH_CHARACTERS:
            yield batch
            batch, num_characters = [], 0
    yield batch


def _words(texts: list[str]) -> Iterator[list[str]]:
    lines = "".join(text.replace("\n", " ") + "\n" for text in texts)
    words, ids = tokenize_text(lines.encode(errors="replace"), spacing_named("words"))
    return filter(None, TokenBlock(words, ids).stretches())
