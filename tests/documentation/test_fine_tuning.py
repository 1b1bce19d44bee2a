"""The page about going on from trained vectors runs, and vectors help as it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.documentation.pages import DOCS, recorded_outputs, run_page, shape_of

PAGE = DOCS / "fine-tuning.md"
Run = tuple[list[str], dict[str, Any]]


@pytest.fixture(scope="module")
def run() -> Run:
    return run_page(PAGE, {})


def test_every_output_has_the_shape_of_the_one_on_the_page(run: Run) -> None:
    assert [shape_of(printed) for printed in run[0]] == [shape_of(text) for text in recorded_outputs(PAGE)]


def test_new_words_come_to_stand_beside_old_ones_of_their_kind(run: Run) -> None:
    _, names = run
    for word, kinds in (("wok", names["kitchen"]), ("titanium", names["workshop"])):
        assert word not in names["vectors"]
        near = {neighbor.word for neighbor in names["grown"].most_similar(word, k=5)}
        assert len(near & {old for kind in kinds for old in kind}) >= 3


def test_a_grown_model_has_all_old_words_and_more_dimensions(run: Run) -> None:
    assert set(run[1]["vectors"].words) < set(run[1]["grown"].words)
    assert (run[1]["vectors"].dim, run[1]["grown"].dim) == (24, 32)


def test_word_vectors_help_a_transformer_with_few_examples(run: Run) -> None:
    with_vectors, without = (np.mean(shares) for shares in run[1]["accuracy"].values())
    assert with_vectors > 0.95
    assert with_vectors > without + 0.05
