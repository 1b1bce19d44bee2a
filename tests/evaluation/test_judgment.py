"""Judgment: one model has a score and an interval; two are compared on what both can be asked."""

from __future__ import annotations

import numpy as np
import pytest

from wordvec.evaluation.analogies import Analogies, Tally
from wordvec.evaluation.scores import judge
from wordvec.evaluation.similarity import Judgments
from wordvec.evaluation.word_groups import Categories, OutlierSets, Topic, detect_outliers
from wordvec.evaluation.word_tests import WordTest
from wordvec.vectors.word_vectors import WordVectors

WORDS = ["a", "b", "c", "d", "e"]
ANGLES = np.radians([0, 5, 20, 50, 95])
GOOD = WordVectors(WORDS, np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1))
PAIRS = WordTest(
    "pairs", Judgments([("a", "b"), ("a", "c"), ("a", "d"), ("a", "e"), ("a", "z")], [9, 8, 5, 1, 0])
)


def test_a_model_alone_has_no_difference() -> None:
    found = judge(PAIRS, [GOOD], search_limit=9)
    assert (found.name, found.kind, found.of, found.difference, found.shared) == (
        "pairs",
        "similarity",
        5,
        None,
        4,
    )
    assert (found.scores[0].value, found.scores[0].asked) == (1.0, 4)


def test_two_models_are_compared_on_what_both_can_be_asked() -> None:
    fewer = WordVectors(["a", "b", "c", "e"], GOOD.matrix[[0, 4, 2, 1]])  # the order is turned around
    found = judge(PAIRS, [GOOD, fewer], search_limit=9)
    assert [score.asked for score in found.scores] == [4, 3]
    assert found.shared == 3
    assert found.difference is not None
    assert found.difference.value == 2.0


def test_outliers_have_a_second_score_with_an_interval_of_its_own() -> None:
    sets = OutlierSets(
        [Topic("left", ["a", "b", "c"], ["e", "d"]), Topic("right", ["c", "d", "e"], ["b", "a"])]
    )
    score = judge(WordTest("sets", sets), [GOOD], search_limit=9).scores[0]
    positions = detect_outliers(sets, WORDS, GOOD.matrix).positions
    assert 0 < positions.mean() < 1
    assert score.value == (positions == 1).mean()
    found = score.further["outlier position"]
    assert found.value == positions.mean()
    assert found.low <= found.value <= found.high


def test_analogies_have_a_method_sections_and_a_limit() -> None:
    test = WordTest("x", Analogies([("a", "b", "c", "d"), ("b", "a", "d", "e")], ["s", "t"]))
    found = judge(test, [GOOD], search_limit=4, method="mul")
    assert (found.method, found.scores[0].asked) == ("mul", 1)
    assert found.scores[0].sections["t"] == Tally(0, 0, 1)


@pytest.mark.parametrize(
    ("test", "value"),
    [
        (WordTest("x", Categories(["a", "b", "e"], ["p", "p", "q"])), 1.0),
        (WordTest("x", OutlierSets([Topic("t", ["a", "b", "c"], ["e"])])), 1.0),
        (WordTest("x", Judgments([("y", "z")], [1.0])), None),
    ],
    ids=["categories", "outliers", "nothing known"],
)
def test_other_kinds_have_scores_too(test: WordTest, value: float | None) -> None:
    assert judge(test, [GOOD], search_limit=9).scores[0].value == value
