"""Categories: planted clusters are found, and purity is what it is defined to be."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from wordvec.errors import EvaluationError, MissingPackageError
from wordvec.evaluation.questions import Line
from wordvec.evaluation.word_groups import Categories, cluster_words, purity, read_categories

WORDS = ["cat", "oak", "dog", "elm", "cow", "fir", "axe"]
MATRIX = np.array(
    [[3, 0, 0.1], [0, 1, 0], [1, 0.2, 0], [0.1, 5, 0], [1, 0.1, 0], [0, 1, 0.2], [0, 0, 2]], np.float32
)


def test_planted_clusters_are_found_at_any_lengths() -> None:
    test = Categories(
        ["Cat", "oak", "dog", "yew", "elm", "cow"], ["animal", "tree", "animal", "tree", "tree", "animal"]
    )
    asked, clusters, kinds = cluster_words(test, WORDS, MATRIX)
    assert asked.tolist() == [0, 1, 2, 4, 5]
    assert purity(clusters, kinds) == 1.0
    assert len(set(clusters.tolist())) == 2


def test_a_cluster_counts_for_its_commonest_category() -> None:
    clusters = np.array([1, 1, 1, 0, 0, 2])
    assert purity(clusters, np.array([4, 4, 5, 5, 4, 5])) == pytest.approx((2 + 1 + 1) / 6)
    assert purity(clusters, np.zeros(6, np.int64)) == 1.0


def test_without_known_words_there_is_not_a_score() -> None:
    assert purity(*cluster_words(Categories(["yew"], ["tree"]), WORDS, MATRIX)[1:]) is None


def test_cells_may_be_in_quotation_marks() -> None:
    assert read_categories([Line("", '"tiger","animal"')]) == (["tiger"], ["animal"])


def test_fewer_different_vectors_than_categories_are_no_error() -> None:
    test = Categories(["cat", "dog", "cow"], ["a", "b", "c"])
    found = cluster_words(test, WORDS, np.ones((7, 2), np.float32))
    assert purity(*found[1:]) == pytest.approx(1 / 3)


@pytest.mark.parametrize("text", ["tiger", "tiger big animal"])
def test_other_lines_are_refused_with_their_place(text: str) -> None:
    with pytest.raises(EvaluationError, match="line 7 must have a word and its category"):
        read_categories([Line("line 1", "cat,animal"), Line("line 7", text)])


def test_without_scikit_learn_the_way_to_install_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.cluster", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'wordvec\[map\]'"):
        cluster_words(Categories(["cat"], ["animal"]), WORDS, MATRIX)
