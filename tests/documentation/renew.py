"""Renew: bring the code in the pages up to date (`make docs`); and run them, to record what they print.

`make docs-output CORPUS=wikitext-2.train.txt.gz` runs every page; the tutorial on that corpus.
"""

from __future__ import annotations

import argparse
import os
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.machine import describe_machine, describe_source, file_digest
from tests.documentation.names import with_names
from tests.documentation.pages import DOCS, GUIDES, PAGES, Block, run_page, with_bodies, with_sources

import wordvec

__all__: list[str] = []

TUTORIAL = PAGES[0]
PICTURE = DOCS / "images" / "wikitext-2-map.png"


def renew_sources() -> None:
    """Copy the code of the package into the pages, and its table of foreign names."""
    for page in PAGES:
        page.write_text(with_sources(page.read_text(encoding="utf-8")), encoding="utf-8")
    page = DOCS / "from-gensim.md"
    page.write_text(with_names(page.read_text(encoding="utf-8")), encoding="utf-8")


def renew_outputs(page: Path, settings: dict[str, Any], machine: str) -> None:
    """Run a page, and put what it prints, and where, into it."""
    printed, _ = run_page(page, settings)
    outputs = iter(printed)

    def body_of(block: Block) -> str:
        if block.kind == "output":
            return next(outputs)
        return machine if block.kind == "machine" else block.body

    page.write_text(with_bodies(page.read_text(encoding="utf-8"), body_of), encoding="utf-8")


def described(corpus: Path | None, load: float) -> str:
    """The conditions of a run, in a line each."""
    machine, source = describe_machine(), describe_source()
    changed = ", with changes since" if source["dirty"] else ""
    lines = [
        f"wordvec {wordvec.__version__} at commit {str(source['commit'])[:12]}{changed}",
        f"PyTorch {version('torch')}, numba {version('numba')}, scikit-learn {version('scikit-learn')}",
        f"{machine['cores']} cores of {machine['cpu']}, {' '.join(machine['simd'])}",
    ]
    lines[-1] += f"; load average {load:.1f} when the run began"
    if corpus is not None:
        lines.append(f"{corpus.name}, SHA-256 {file_digest(corpus)[:16]}...")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outputs", action="store_true", help="run the pages and record what they print")
    parser.add_argument("--corpus", type=Path, help="run the tutorial, too, on this text")
    arguments = parser.parse_args()
    renew_sources()
    if not arguments.outputs:
        return
    corpus = arguments.corpus and arguments.corpus.resolve()
    load, _, _ = os.getloadavg()
    with TemporaryDirectory() as folder:
        os.chdir(folder)  # where the pages' snippets write
        for page in [*PAGES[1:], *GUIDES]:
            renew_outputs(page, {}, described(None, load))
        if corpus is not None:
            settings = {"corpus": str(corpus), "epochs": 20, "picture": str(PICTURE)}
            renew_outputs(TUTORIAL, settings, described(corpus, load))


if __name__ == "__main__":
    main()
