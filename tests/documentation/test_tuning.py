"""The page about tuning runs, and prints what it says."""

from __future__ import annotations

from tests.documentation.pages import DOCS, recorded_outputs, run_page

PAGE = DOCS / "tuning.md"


def test_the_page_prints_what_it_says() -> None:
    outputs, names = run_page(PAGE, {})
    assert outputs == recorded_outputs(PAGE)
    assert names["result"].reports[0].kind == "next item"
