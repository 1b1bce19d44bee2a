"""Pages: documentation whose code is taken from the source, whose snippets run, and whose outputs were printed.

A fenced block says what it is in a comment on the line before it:

- `<!-- source: models/word2vec.py Word2Vec.forward -->`: code of the package, copied here by `make docs`;
- `<!-- settings -->`: the names that a page is run with; the tests run it with others;
- `<!-- output -->`: what the snippet before it printed, copied here by `make docs-output`;
- `<!-- machine -->`: where and on what that was.

Every other block of Python is a snippet. The snippets of a page run in order, in one namespace.
"""

from __future__ import annotations

import ast
import contextlib
import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from tests.documentation.sources import source_of

__all__ = [
    "DOCS",
    "GUIDES",
    "PAGES",
    "Block",
    "blocks_of",
    "recorded_outputs",
    "run_page",
    "shape_of",
    "with_bodies",
    "with_sources",
]

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = [
    DOCS / f"{name}.md"
    for name in ("from-the-ground-up", "custom-objectives", "fine-tuning", "runs", "phrases")
]
GUIDES = sorted((DOCS / "guides").glob("*.md"))
BLOCK = re.compile(
    r"(?:^<!-- (?P<marker>[^\n]*?) -->\n)?^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
KINDS = ("source", "settings", "output", "machine")


class Block(NamedTuple):
    """A fenced block of a page."""

    kind: str  # one of KINDS, "snippet", or "" for whatever else is fenced
    argument: str  # of a source
    body: str
    line: int  # of the body's first line, from 1


def blocks_of(text: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return [_block(match) for match in BLOCK.finditer(text)]


def with_bodies(text: str, body_of: Callable[[Block], str]) -> str:
    """The page with other bodies in its fenced blocks."""

    def replaced(match: re.Match[str]) -> str:
        whole, start = match.group(), match.start()
        first, last = match.span("body")
        return whole[: first - start] + body_of(_block(match)) + whole[last - start :]

    return BLOCK.sub(replaced, text)


def with_sources(text: str) -> str:
    """The page with the package's code as it is now."""
    return with_bodies(
        text, lambda block: source_of(block.argument) if block.kind == "source" else block.body
    )


def run_page(page: Path, settings: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """Run a page's snippets.

    Args:
        page: a Markdown file.
        settings: instead of the page's own; they must have the same names.

    Returns:
        What each snippet with an output block printed; and the namespace in which all ran.
    """
    threads = torch.get_num_threads()
    try:
        with torch.random.fork_rng():
            return _run(blocks_of(page.read_text(encoding="utf-8")), page, settings)
    finally:
        torch.set_num_threads(threads)


def _run(blocks: list[Block], page: Path, settings: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    namespace: dict[str, Any] = {"__name__": page.stem, **settings}
    outputs: list[str] = []
    for block, next_block in zip(blocks, [*blocks[1:], None], strict=True):
        if block.kind == "settings":
            assert _assigned(block.body) == set(settings), "run a page with the settings that it names"
        if block.kind != "snippet":
            continue
        printed = io.StringIO()
        code = compile(
            "\n" * (block.line - 1) + block.body, str(page), "exec"
        )  # errors then name the page's line
        with contextlib.redirect_stdout(printed):
            exec(code, namespace)  # noqa: S102
        if next_block is not None and next_block.kind == "output":
            outputs.append(printed.getvalue())
        else:
            assert not printed.getvalue(), f"{page.name}:{block.line} prints, and no output block follows it"
    return outputs, namespace


def recorded_outputs(page: Path) -> list[str]:
    """What the page says that its snippets printed."""
    return [block.body for block in blocks_of(page.read_text(encoding="utf-8")) if block.kind == "output"]


def shape_of(output: str) -> list[str]:
    r"""An output line by line, with numbers as 0 and words as x: what does not change from run to run.

    A whole number that follows a word may be a word of the text, and counts as one.

    >>> shape_of("river  0.81, old sea -1,024\n1,000 in 90th\nvalkyria 3 chronicles\n")
    ['x 0, x', '0 x', 'x']
    """
    shape = re.sub(r"-?\b\d+(?:\.\d+)?e[-+]\d+\b|-?\b\d[\d,]*\.\d+\b", "0", output)
    shape = re.sub(r"-?\b(?!0\b)\d+(?:,\d+)*\b", "#", shape)
    shape = re.sub(r"\d*[^\W\d][\w'.-]*", "x", shape)
    lines = [" ".join(line.split()) for line in shape.splitlines()]
    return [re.sub(r"\bx(?: (?:x\b|#(?!%)))+", "x", line).replace("#", "0") for line in lines]


def _assigned(code: str) -> set[str]:
    return {
        target.id
        for node in ast.parse(code).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _block(match: re.Match[str]) -> Block:
    kind, _, argument = (match["marker"] or "").partition(": ")
    if kind not in KINDS:
        kind, argument = "snippet" if match["language"] == "python" else "", ""
    line = match.string.count("\n", 0, match.start("body")) + 1
    return Block(kind, argument, match["body"], line)
