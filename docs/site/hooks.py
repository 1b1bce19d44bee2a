"""Site hooks: what the site shows beside docs/: README, results, and a page for each module; links lead there.

Pages of docs/ link to files of the repository, as they are read there, too. Here such links are led to pages.
"""

from __future__ import annotations

import ast
import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "src/wordvec"
LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?!https?:|#|mailto:)(?P<path>[^)\s#]*)(?P<anchor>#[^)\s]*)?\)")
FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that do not lie in docs/."""
    for source, page in _pages_elsewhere().items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=_led_to_pages(text, source, page)))
    modules = _modules()
    for source, page in modules.items():
        name = source.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        content = f"# `{name}`\n\n::: {name}\n"
        files.append(File.generated(config, page, content=content))
    files.append(File.generated(config, "reference/index.md", content=_reference(modules)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead the links of a page of docs/ to pages of the site."""
    path = page.file.src_uri
    if page.file.generated_by is not None:
        return markdown
    return _led_to_pages(markdown, f"docs/{path}", path)


def _pages_elsewhere() -> dict[str, str]:
    """Files of the repository that are pages, and where."""
    pages = {"README.md": "index.md", "CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}
    for result in sorted((ROOT / "benchmarks" / "results").glob("*.md")):
        pages[f"benchmarks/results/{result.name}"] = f"results/{result.name}"
    return pages


def _modules() -> dict[str, str]:
    """Modules of the package, and the pages of what they have that others may use."""
    sources = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / PACKAGE).rglob("*.py"))
    return {
        source: "reference/"
        + source.removeprefix(f"{PACKAGE}/").replace("__init__.py", "package.py")[:-3]
        + ".md"
        for source in sources
        if not source.endswith("__main__.py")
    }


def _reference(modules: dict[str, str]) -> str:
    """A list of all modules, with the first sentence of each."""
    lines = ["# Reference", "", "What each module is about; public names are in `wordvec` itself.", ""]
    for source, page in modules.items():
        docstring = ast.get_docstring(ast.parse((ROOT / source).read_text(encoding="utf-8"))) or ""
        name = page.removeprefix("reference/").removesuffix(".md")
        lines.append(f"- [`{name}`]({name}.md) {docstring.splitlines()[0]}")
    return "\n".join(lines) + "\n"


def _led_to_pages(text: str, source: str, page: str) -> str:
    """Change links from a file of the repository into links from its page; code is left alone."""
    pages = {**_pages_elsewhere(), **_modules()}

    def led(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), match["path"]))
        if (ROOT / target / "README.md").is_file():
            target = f"{target}/README.md"
        if target in pages:
            there = pages[target]
        elif target.startswith("docs/") and (ROOT / target).is_file():
            there = target.removeprefix("docs/")
        else:
            return match["text"]  # a file that is no page, such as a licence
        return f"[{match['text']}]({posixpath.relpath(there, posixpath.dirname(page) or '.')}{match['anchor'] or ''})"

    parts = FENCE.split(text)
    return "".join(part if part.startswith("```") else LINK.sub(led, part) for part in parts)
