import sys

import numpy as np
import pytest

from wordvec.errors import MissingPackageError
from wordvec.visualization.word_map import MAX_GROUPS, group, group_names

pytest.importorskip("sklearn")


def around_axes(num_axes, num_words, spread=0.05):
    """Vectors around a few axes; word i lies near axis i % num_axes."""
    axes = np.eye(num_axes, num_axes + 3)[np.arange(num_words) % num_axes]
    return (axes + spread * np.random.default_rng(5).normal(size=axes.shape)).astype(np.float32)


def test_alike_words_are_one_group_and_the_first_word_is_in_the_first():
    assert group(around_axes(4, 32), seed=1).tolist() == [0, 1, 2, 3] * 8


def test_there_are_never_more_groups_than_colors():
    groups = group(around_axes(29, 600), seed=1)
    assert set(groups) == set(range(MAX_GROUPS))


@pytest.mark.parametrize(
    "vectors", [np.zeros((8, 2)), np.ones((9, 3)), np.ones((1, 3))], ids=["zero", "equal", "one"]
)
def test_words_that_do_not_differ_are_one_group(vectors):
    assert set(group(vectors.astype(np.float32), seed=1)) == {0}


def test_one_seed_is_one_grouping():
    vectors = np.random.default_rng(0).normal(size=(90, 5)).astype(np.float32)
    assert group(vectors, seed=3).tolist() == group(vectors, seed=3).tolist()
    assert group(vectors, seed=3).tolist() != group(vectors, seed=4).tolist()


def test_without_its_package_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.cluster", None)
    with pytest.raises(MissingPackageError, match=r"needs scikit-learn: pip install 'wordvec\[map\]'"):
        group(around_axes(2, 8), seed=1)


def test_of_many_words_a_part_finds_the_means_and_the_others_join():
    centers = np.eye(5, 8)
    cluster = np.arange(203) % 5
    vectors = (centers[cluster] + np.random.default_rng(1).normal(scale=0.01, size=(203, 8))).astype(
        np.float32
    )
    found = group(vectors, seed=1, sample_words=50)
    assert len(found) == 203
    for number in set(found.tolist()):  # more groups than clusters: none has words of two
        assert len(set(cluster[found == number].tolist())) == 1


def test_a_group_is_named_by_its_first_words():
    names = group_names(["a", "b", "c", "d", "e", "f", "g"], np.array([0, 1, 0, 0, 0, 0, 2]))
    assert names == ["a, c, d, e", "b", "g"]
