"""Site hooks: what the site shows beside docs/: README, results, and the API reference; links lead there.

Pages of docs/ link to files of the repository, as they are read there, too. Here such links are led to pages.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files
from reference import module_list, module_page, modules, public_pages

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?!https?:|#|mailto:)(?P<path>[^)\s#]*)(?P<anchor>#[^)\s]*)?\)")
FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that do not lie in docs/."""
    for source, page in _pages_elsewhere().items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=_led_to_pages(text, source, page)))
    for page, text in public_pages().items():
        files.append(File.generated(config, page, content=text))
    for source, page in modules().items():
        files.append(File.generated(config, page, content=module_page(source)))
    files.append(File.generated(config, "reference/modules/index.md", content=module_list()))
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


def _led_to_pages(text: str, source: str, page: str) -> str:
    """Change links from a file of the repository into links from its page; code is left alone."""
    pages = {**_pages_elsewhere(), **modules()}

    def led(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), match["path"]))
        if (ROOT / target / "README.md").is_file():
            target = f"{target}/README.md"
        if target in pages:
            there = pages[target]
        elif target.startswith("docs/") and (ROOT / target).is_file():
            there = target.removeprefix("docs/")
        else:
            return match["text"]  # not a page, such as a license
        return f"[{match['text']}]({posixpath.relpath(there, posixpath.dirname(page) or '.')}{match['anchor'] or ''})"

    parts = FENCE.split(text)
    return "".join(part if part.startswith("```") else LINK.sub(led, part) for part in parts)
