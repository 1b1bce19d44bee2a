"""Searches prepared for servers answer what word vectors answer, to the last bit, whatever is asked along with it."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tests.kernels.int8.hard_vectors import KINDS, hard_vectors

from wordvec.errors import ConfigError, UnknownWordError
from wordvec.kernels.int8 import int8_tile
from wordvec.kernels.int8.several_queries_filter import SeveralQueriesFilter
from wordvec.vectors import prepared_search
from wordvec.vectors.prepared_search import PreparedSearch
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary

needs_int8 = pytest.mark.skipif(
    int8_tile.int8_tile_shape() is None, reason="this machine has no int8 products"
)


@pytest.fixture
def small(monkeypatch):
    """Matrices of any size are searched by int8; lists whether each search was complete."""
    monkeypatch.setattr(prepared_search, "MIN_NUMBERS", 0)
    monkeypatch.setattr(prepared_search, "ROWS_PER_RESULT", 1)
    searched = []
    candidates = SeveralQueriesFilter.candidates

    def counted(self, queries, k, num_rows, *others):
        found = candidates(self, queries, k, num_rows, *others)
        if others and num_rows > self._shape.rows:
            searched.append(found.is_complete)
        return found

    monkeypatch.setattr(SeveralQueriesFilter, "candidates", counted)
    return searched


def made_up(kind, num_rows, dim):
    matrix = hard_vectors(kind, num_rows, dim) * np.random.default_rng(2).uniform(0.1, 9, (num_rows, 1))
    words = [f"w{row}" for row in range(num_rows)]
    vectors = WordVectors(words, matrix.astype(np.float32))
    return vectors, [word for word, row in zip(words, vectors.matrix, strict=True) if row.any()]


@needs_int8
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("num_queries", [1, 2, 7, 9, 33])
def test_several_queries_find_what_each_finds_alone(small, kind, num_queries):
    vectors, words = made_up(kind, 1501, 37)
    search = PreparedSearch(vectors)
    asked = words[3 :: max(1, len(words) // num_queries)][:num_queries]
    found = search.nearest([search.direction(word) for word in asked], k=9)
    assert found == [vectors.most_similar(word, k=9) for word in asked]
    assert small == [True]


@needs_int8
def test_the_search_limit_and_words_to_stay_away_from_hold_in_a_batch(small):
    vectors, words = made_up("clustered", 1203, 40)
    search = PreparedSearch(vectors)
    pairs = [(words[row], words[row + 5]) for row in range(10)]
    found = search.nearest([search.direction(one, other) for one, other in pairs], k=5, search_limit=607)
    assert found == [vectors.most_similar(one, other, k=5, search_limit=607) for one, other in pairs]
    assert small == [True]


@needs_int8
def test_where_int8_decides_too_little_floats_search(small, monkeypatch):
    monkeypatch.setattr(prepared_search, "MAX_COMPARED", 0)
    monkeypatch.setattr(prepared_search, "MAX_COMPARED_PER_RESULT", 1)
    vectors, words = made_up("crowded", 900, 20)
    search = PreparedSearch(vectors)
    assert search.nearest([search.direction(words[0])], k=4) == [vectors.most_similar(words[0], k=4)]
    assert small == [False]


@needs_int8
def test_threads_ask_at_once(small):
    vectors, words = made_up("plain", 2000, 30)
    search = PreparedSearch(vectors)

    def found(word):
        return search.nearest([search.direction(word)], k=6)[0]

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(found, words[:40])) == [
            vectors.most_similar(word, k=6) for word in words[:40]
        ]


def test_small_models_are_searched_without_a_copy():
    vectors, words = made_up("plain", 50, 4)
    search = PreparedSearch(vectors)
    assert search._filter is None
    assert search.nearest([search.direction(words[0])], k=60)[0] == vectors.most_similar(words[0], k=60)


def test_a_word_without_an_id_is_asked_by_its_ngrams():
    vocabulary = SubwordVocabulary(["is", "was"], SubwordRules(2, 3, 50))
    rows = np.random.default_rng(1).normal(size=(vocabulary.num_rows, 5)).astype(np.float32)
    vectors = WordVectors(vocabulary, rows)
    search = PreparedSearch(vectors)
    assert search.nearest([search.direction("wasis")], k=2)[0] == vectors.most_similar("wasis", k=2)


def test_cosines_and_centralities_are_those_of_the_vectors():
    vectors, words = made_up("plain", 20, 6)
    search = PreparedSearch(vectors)
    assert search.cosines([(words[0], words[1]), (words[2], words[2])]) == [
        vectors.similarity(words[0], words[1]),
        vectors.similarity(words[2], words[2]),
    ]
    assert search.centrality(words[:4]) == vectors.centrality(words[:4])


def test_questions_without_an_answer_say_why():
    vectors, words = made_up("plain", 20, 6)
    search = PreparedSearch(vectors)
    with pytest.raises(ConfigError, match="at least one direction"):
        search.nearest([])
    with pytest.raises(ConfigError, match="k must be"):
        search.nearest([search.direction(words[0])], k=0)
    with pytest.raises(UnknownWordError, match="nowhere"):
        search.direction("nowhere")
    with pytest.raises(ConfigError, match="cancel out"):
        search.direction(words[0], words[0])
