"""Outliers: the word without which the others fit together best."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from wordvec.errors import EvaluationError
from wordvec.evaluation.word_groups import OutlierSets, Topic, detect_outliers, read_topic

WORDS = ["lion", "tiger", "bread", "cat", "dog", "stone"]
MATRIX = np.array([[1, 0, 0], [2, 0.1, 0], [0, 1, 0.1], [3, 0.4, 0], [0.4, 0.5, 0], [0, 0, 1]], np.float32)


def position_by_the_paper(members: list[str], outlier: str) -> float:
    """Equation by equation: compactness of each word is the mean similarity of the pairs of the rest."""
    unit = MATRIX / np.linalg.norm(MATRIX, axis=1, keepdims=True)
    rows = [WORDS.index(word) for word in (*members, outlier)]
    compactness = [
        np.mean(
            [
                unit[one] @ unit[other]
                for one, other in itertools.permutations([r for r in rows if r != row], 2)
            ]
        )
        for row in rows
    ]
    return float(sum(value < compactness[-1] for value in compactness[:-1]) / len(members))


@pytest.mark.parametrize("outlier", ["bread", "dog", "stone"])
def test_positions_are_those_of_the_papers_compactness(outlier: str) -> None:
    members = ["lion", "tiger", "cat"]
    found = detect_outliers(OutlierSets([Topic("cats", members, [outlier])]), WORDS, MATRIX)
    assert found.positions.tolist() == [position_by_the_paper(members, outlier)]


def test_a_member_that_fits_worse_than_the_outlier_is_a_mistake() -> None:
    topic = Topic("odd", ["lion", "tiger", "stone"], ["cat"])
    found = detect_outliers(OutlierSets([topic]), WORDS, MATRIX)
    assert found.positions.tolist() == [position_by_the_paper(topic.members, "cat")]
    assert found.positions[0] < 1


def test_unknown_members_are_left_out_and_unknown_outliers_not_asked() -> None:
    cats = Topic("cats", ["Lion", "lynx", "tiger", "cat"], ["car", "stone", "bread"])
    few = Topic("few", ["lion", "lynx", "tiger"], ["stone"])
    found = detect_outliers(OutlierSets([few, cats]), WORDS, MATRIX)
    assert found.asked.tolist() == [2, 3]
    assert found.positions.tolist() == [1.0, 1.0]


def test_words_of_one_direction_have_no_outlier() -> None:
    found = detect_outliers(
        OutlierSets([Topic("", ["lion", "tiger", "cat"], ["dog"])]), WORDS, np.ones((6, 2), np.float32)
    )
    assert found.positions.tolist() == [0.0]


@pytest.mark.parametrize("text", ["lion\ntiger\n", "\n\n", "a\n\nb\n\nc\n"], ids=["one", "none", "three"])
def test_a_topic_without_two_parts_is_refused(text: str) -> None:
    with pytest.raises(EvaluationError, match=r"cats\.txt must have words that belong together.*such parts"):
        read_topic("cats.txt", text)


def test_comments_are_left_out_and_words_may_have_spaces() -> None:
    topic = read_topic("t", "# cities\nLos Angeles\nrome\n\n# food\nsoup\n")
    assert topic == Topic("t", ["Los Angeles", "rome"], ["soup"])


def test_a_topic_of_a_million_lines_is_refused_before_it_is_kept() -> None:
    with pytest.raises(EvaluationError, match=r"t is too long for a topic.*at most 1,000 lines"):
        read_topic("t", "ab\n" * 100_000)
