"""The page on feeding: its snippets print what it says that they print."""

from __future__ import annotations

import pytest
from tests.documentation.pages import DOCS, recorded_outputs, run_page

PAGE = DOCS / "feeding.md"


def test_the_snippets_print_what_the_page_says() -> None:
    for package in ("datasets", "pandas", "tokenizers"):
        pytest.importorskip(package)
    outputs, _ = run_page(PAGE, {})
    assert outputs == recorded_outputs(PAGE)
