"""Both columns of the gensim user's table give the same answers."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wordvec.vectors.word_vectors import WordVectors

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of gensim's own imports
    keyedvectors = pytest.importorskip("gensim.models.keyedvectors")

PAGE = Path(__file__).resolve().parents[2] / "docs" / "from-gensim.md"
ROWS = re.findall(r"^\| `([^|]+)` \| `([^|]+)` \|$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
WORDS = [
    "the",
    "king",
    "queen",
    "paris",
    "rome",
    "man",
    "of",
    "woman",
    "soup",
    "and",
    "tree",
    "sea",
    "red",
    "sky",
]


@pytest.fixture(scope="module")
def both() -> dict[str, Any]:
    matrix = np.random.default_rng(11).normal(size=(len(WORDS), 7)).astype(np.float32)
    counts = np.arange(50, 50 - len(WORDS), -1)
    wv = keyedvectors.KeyedVectors(7)
    wv.add_vectors(WORDS, matrix)
    for word, count in zip(WORDS, counts.tolist(), strict=True):
        wv.set_vecattr(word, "count", count)
    return {"wv": wv, "vectors": WordVectors(WORDS, matrix, counts=counts)}


def test_the_table_is_there() -> None:
    assert len(ROWS) >= 30


@pytest.mark.filterwarnings("ignore:Call to deprecated:DeprecationWarning")  # gensim's own, of itself
@pytest.mark.parametrize(("theirs", "ours"), ROWS, ids=[row[0] for row in ROWS])
def test_both_columns_give_the_same_answer(theirs: str, ours: str, both: dict[str, Any]) -> None:
    assert_equal(eval(ours, dict(both)), eval(theirs, dict(both)))  # noqa: S307  # our own page


def assert_equal(ours: Any, theirs: Any) -> None:
    """The same words in the same order, and the same numbers but for float32's rounding."""
    if isinstance(theirs, str):
        assert ours == theirs
    elif isinstance(theirs, list | tuple):
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            assert_equal(one, other)
    else:
        np.testing.assert_allclose(ours, theirs, rtol=2e-6, atol=2e-7)
