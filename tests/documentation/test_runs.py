"""The page about runs runs, and what it promises comes out."""

from __future__ import annotations

from typing import Any

import pytest
from tests.documentation.pages import DOCS, recorded_outputs, run_page, shape_of

PAGE = DOCS / "runs.md"
Run = tuple[list[str], dict[str, Any]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("runs"))
        return run_page(PAGE, {})


def test_every_output_has_the_shape_of_the_one_on_the_page(run: Run) -> None:
    assert [shape_of(printed) for printed in run[0]] == [shape_of(text) for text in recorded_outputs(PAGE)]


def test_a_resumed_run_ends_as_a_whole_one(run: Run) -> None:
    assert run[0][2].splitlines()[-1] == "the same: True"


def test_a_deterministic_run_is_the_same_on_any_number_of_threads(run: Run) -> None:
    assert run[0][3] == "the same on 1 and 3 threads: True\n"


def test_the_run_stops_early(run: Run) -> None:
    assert run[0][1].splitlines()[-1] == "similarity no better for 2 epochs"
