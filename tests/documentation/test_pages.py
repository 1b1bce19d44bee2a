"""Pages: their code is the package's, their links lead somewhere, and the tool that keeps them so works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.documentation.pages import (
    GUIDES,
    PAGES,
    blocks_of,
    recorded_outputs,
    run_page,
    shape_of,
    with_bodies,
    with_sources,
)
from tests.documentation.sources import source_of

SMALL_PAGE = """A page.

<!-- settings -->
```python
size = 1000
```

```python
number = size + 1
print("number", number)
```
<!-- output -->
```text
number 1,001
```

```python
assert number == 3
```
"""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_code_on_a_page_is_that_of_the_package(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert any(block.kind == "source" for block in blocks_of(text))
    assert text == with_sources(text), "run: make docs"


@pytest.mark.parametrize("page", [*PAGES, *GUIDES], ids=lambda page: page.stem)
def test_each_page_says_what_it_printed_and_where(page: Path) -> None:
    machine = [block.body for block in blocks_of(page.read_text(encoding="utf-8")) if block.kind == "machine"]
    assert len(machine) == 1
    assert "wordvec" in machine[0]
    assert all(output.strip() for output in recorded_outputs(page)), "run: make docs-output"


def test_the_contents_lead_to_the_sections() -> None:
    text = PAGES[0].read_text(encoding="utf-8")
    titles = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    anchors = [
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles
    ]  # as GitHub makes them
    assert re.findall(r"^\d+\. \[(.+)\]\(#(.+)\)$", text, flags=re.MULTILINE) == [
        (title.split(". ")[1], anchor) for title, anchor in zip(titles, anchors, strict=True)
    ]


def test_a_definition_is_copied_without_indentation_docstring_and_remarks_to_linters() -> None:
    copied = source_of("models/negative_sampling.py step_by_hand, without docstring")
    assert copied.startswith("@torch.no_grad()\ndef step_by_hand(\n    input_vectors")
    assert '"""' not in copied
    assert "noqa" not in copied


def test_a_docstring_is_copied_unless_told_otherwise() -> None:
    assert '"""B windows' in source_of("models/architectures.py Windows")


def test_a_constant_is_copied_whole() -> None:
    copied = source_of("sampling/subsampling.py FORMULAS")
    assert copied.startswith("FORMULAS")
    assert copied.endswith("}\n")


def test_a_missing_name_is_reported() -> None:
    with pytest.raises(AssertionError, match=r"no NegativeSampling\.backward in "):
        source_of("models/negative_sampling.py NegativeSampling.backward")


def test_a_page_runs_with_other_settings_and_errors_name_its_lines(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(SMALL_PAGE, encoding="utf-8")
    outputs, names = run_page(page, {"size": 2})
    assert outputs == ["number 3\n"]
    assert names["number"] == 3
    with pytest.raises(AssertionError) as failure:
        run_page(page, {"size": 3})
    last = failure.traceback[-1]
    assert (last.path, SMALL_PAGE.splitlines()[last.lineno]) == (page, "assert number == 3")
    with pytest.raises(AssertionError, match="settings that it names"):
        run_page(page, {})


def test_only_bodies_are_replaced() -> None:
    shouted = with_bodies(
        SMALL_PAGE, lambda block: block.body.upper() if block.kind == "output" else block.body
    )
    assert shouted == SMALL_PAGE.replace("number 1,001", "NUMBER 1,001")


def test_shapes_tell_missing_parts_but_not_other_words_and_numbers() -> None:
    assert shape_of("river: lake 0.81, sea 1e-05\n") == shape_of("old ship: fleet 1,024.5, port -3.0\n")
    assert shape_of("river: lake 0.81, sea 0.79\n") != shape_of("river: lake 0.81\n")
    assert shape_of("one\n") != shape_of("one\ntwo\n")
