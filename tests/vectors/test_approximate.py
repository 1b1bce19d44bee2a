import sys

import numpy as np
import pytest

from wordvec.errors import ConfigError, MissingPackageError, UnknownWordError
from wordvec.vectors import approximate
from wordvec.vectors.word_vectors import WordVectors

WORDS = [f"w{row}" for row in range(300)]
VECTORS = WordVectors(WORDS, np.random.default_rng(6).normal(size=(300, 8)))


@pytest.fixture(scope="module")
def search():
    pytest.importorskip("usearch")
    return approximate.ApproximateSearch(VECTORS)


def test_what_it_finds_has_exact_cosines_in_order_and_not_the_word_itself(search):
    for word, found in zip(WORDS, search.neighbors(WORDS, k=5), strict=True):
        exact = dict(VECTORS.neighbors([word], k=299)[0])
        assert all(exact[near] == cosine for near, cosine in found)  # a KeyError is the word itself
        assert [cosine for _, cosine in found] == sorted((cosine for _, cosine in found), reverse=True)
        assert len(found) == 5


def test_recall_is_the_share_of_true_neighbors_that_are_found(search):
    assert search.num_tried == 300
    true, found = VECTORS.neighbors(WORDS), search.neighbors(WORDS)
    hits = sum(
        len({near for near, _ in one} & {near for near, _ in other})
        for one, other in zip(true, found, strict=True)
    )
    assert search.recall == hits / 3000
    assert search.recall > 0.9


def test_an_index_that_finds_little_says_so(monkeypatch):
    pytest.importorskip("usearch")
    poor = approximate.ApproximateSearch(
        WordVectors(WORDS, np.random.default_rng(6).normal(size=(300, 200))), connectivity=2, effort=2
    )
    assert poor.recall < 0.9


def test_one_query_is_answered_as_many_are(search):
    assert search.neighbors(["w7"], k=3) == [search.neighbors(["w9", "w7"], k=3)[1]]
    assert search.neighbors(VECTORS.matrix[[7]], k=1)[0][0] == ("w7", 1.0)
    assert search.neighbors([]) == []


def test_only_the_first_words_answer_where_that_is_asked_for():
    pytest.importorskip("usearch")
    few = approximate.ApproximateSearch(VECTORS, search_limit=4)
    assert {word for word, _ in few.neighbors(["w200"], k=9)[0]} == set(WORDS[:4])
    assert {word for word, _ in few.neighbors(["w2"], k=9)[0]} == {"w0", "w1", "w3"}
    assert few.recall == 1.0


def test_a_vocabulary_of_one_word_has_nothing_to_miss():
    pytest.importorskip("usearch")
    alone = approximate.ApproximateSearch(WordVectors(["a"], [[1.0, 2.0]]))
    assert alone.neighbors(["a"]) == [[]]


def test_an_impossible_query_or_setting_is_refused(search):
    with pytest.raises(UnknownWordError, match="'w300' is not in the vocabulary"):
        search.neighbors(["w1", "w300"])
    with pytest.raises(ConfigError, match="shape"):
        search.neighbors(np.zeros((1, 9)))
    with pytest.raises(ConfigError, match="k must be at least 1"):
        search.neighbors(["w1"], k=0)
    with pytest.raises(ConfigError, match="connectivity must be at least 2, got 1"):
        approximate.ApproximateSearch(VECTORS, connectivity=1)


def test_ctrl_c_while_the_index_grows_is_what_it_is_elsewhere(monkeypatch):
    usearch = pytest.importorskip("usearch.index")

    def stopped_with(message):
        def add(*_):
            raise RuntimeError(message)

        monkeypatch.setattr(usearch.Index, "add", add)

    stopped_with("Operation has been terminated")  # what usearch makes of a signal
    with pytest.raises(KeyboardInterrupt):
        approximate.ApproximateSearch(VECTORS)
    stopped_with("Out of memory")
    with pytest.raises(RuntimeError, match="memory"):
        approximate.ApproximateSearch(VECTORS)


def test_without_usearch_the_way_to_install_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "usearch.index", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'wordvec\[search\]'"):
        approximate.ApproximateSearch(VECTORS)
