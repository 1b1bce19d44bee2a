"""The guides run, print what they say in kind, and do what they promise."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.documentation.pages import GUIDES, recorded_outputs, run_page, shape_of

pytestmark = pytest.mark.xdist_group("guides")  # each runs once for several tests

Run = tuple[list[str], dict[str, Any]]


@cache
def run_of(guide: str) -> Run:
    """What the snippets of a guide printed, and what they have made; each guide runs once."""
    return run_page(next(page for page in GUIDES if page.stem == guide), {})


def names_of(guide: str) -> dict[str, Any]:
    """What the snippets of a guide have made."""
    return run_of(guide)[1]


FAST = {"comparing-corpora"}  # the others take seconds each


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=pytest.mark.slow if page.stem not in FAST else ()) for page in GUIDES],
    ids=lambda page: page.stem,
)
def test_every_output_has_the_shape_of_the_one_on_the_page(page: Path) -> None:
    printed = [shape_of(text) for text in run_of(page.stem)[0]]
    assert printed == [shape_of(text) for text in recorded_outputs(page)]


def test_planted_changes_are_the_first_two_and_nothing_else_goes_far_beyond_chance() -> None:
    changes = names_of("comparing-corpora")["found"].changes
    assert {change.word for change in changes[:2]} == {"mouse", "tablet"}
    assert changes[1].distance > 10 * changes[2].distance


@pytest.mark.slow
def test_the_club_parts_as_it_did() -> None:
    assert names_of("graph-nodes")["right"] >= 28  # of 34; threads do not take turns


@pytest.mark.slow
def test_sessions_recommend_better_than_best_sellers() -> None:
    rates = names_of("recommendation")["rates"]
    assert rates["predict"] > 1.2 * rates["best sellers"]
    assert rates["predict"] >= rates["cosines"]


@pytest.mark.slow
def test_sif_finds_more_documents_than_the_plain_mean() -> None:
    scores = names_of("semantic-search")["scores"]
    assert scores["SIF"] > scores["plain mean"] > 0.05


@pytest.mark.slow
def test_words_of_a_domain_have_the_domain_s_neighbors() -> None:
    near = {word for word, _ in names_of("domain-embeddings")["vectors"].most_similar("thread", k=20)}
    assert near & {"threading", "threads", "lock", "locks", "acquire", "daemon"}
    assert names_of("domain-embeddings")["score"].value > 0.4
    assert np.mean(names_of("domain-embeddings")["stability"].agreement) > 0.2
