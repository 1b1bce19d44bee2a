"""The page about objectives of one's own runs, and what it teaches is learned."""

from __future__ import annotations

import math
from typing import Any

import pytest
from tests.documentation.pages import DOCS, recorded_outputs, run_page, shape_of

PAGE = DOCS / "custom-objectives.md"
Run = tuple[list[str], dict[str, Any]]


@pytest.fixture(scope="module")
def run() -> Run:
    return run_page(PAGE, {})


def test_every_output_has_the_shape_of_the_one_on_the_page(run: Run) -> None:
    assert [shape_of(printed) for printed in run[0]] == [shape_of(text) for text in recorded_outputs(PAGE)]


def test_the_check_of_the_objective_says_what_the_page_says(run: Run) -> None:
    assert run[0][0] == recorded_outputs(PAGE)[0]


def test_the_loss_begins_below_that_of_a_guess_among_six_and_falls(run: Run) -> None:
    losses = [report["epoch_loss"] for report in run[1]["vectors"].training if report["event"] == "epoch"]
    assert math.log(6) > losses[0] > losses[-1] + 0.05


def test_words_of_a_kind_are_found_with_each_objective(run: Run) -> None:
    assert len(run[1]["kin"]) == 3
    assert min(run[1]["kin"].values()) > 0.8
