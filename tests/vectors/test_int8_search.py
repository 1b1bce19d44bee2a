"""Single queries find by int8 what they find by float32, to the last bit and in the same order."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy

import numpy as np
import pytest
from tests.kernels.int8.hard_vectors import KINDS, hard_vectors

from wordvec.errors import ConfigError
from wordvec.kernels.int8 import int8_tile
from wordvec.kernels.int8.single_query_filter import SingleQueryFilter
from wordvec.vectors import int8_search
from wordvec.vectors.top_k import Search, top_k
from wordvec.vectors.word_vectors import WordVectors

needs_int8 = pytest.mark.skipif(
    int8_tile.int8_tile_shape() is None, reason="this machine has no int8 products"
)


@pytest.fixture
def small(monkeypatch):
    """Matrices of any size are searched by int8, from the third query on; lists the k of those that were."""
    for name, value in {"MIN_NUMBERS": 0, "MIN_QUERIES": 3, "MIN_PRODUCTS": 0, "ROWS_PER_RESULT": 1}.items():
        monkeypatch.setattr(int8_search, name, value)
    searched = []
    candidates = SingleQueryFilter.candidates

    def counted(*arguments):
        found = candidates(*arguments)
        searched.append(found.is_complete)
        return found

    monkeypatch.setattr(SingleQueryFilter, "candidates", counted)
    return searched


def warmed(unit_vectors):
    search = Search(unit_vectors)
    for _ in range(2):
        search.top_k(unit_vectors, unit_vectors[unit_vectors.any(axis=1)][:1], 1)
    return search


def assert_same(found, expected):
    np.testing.assert_array_equal(found.ids, expected.ids)
    np.testing.assert_array_equal(found.scores, expected.scores)


@needs_int8
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("k", "dim"), [(1, 40), (10, 130), (60, 5)])
def test_int8_finds_what_floats_find(small, kind, k, dim):
    unit_vectors = hard_vectors(kind, 1501, dim)
    search = warmed(unit_vectors)
    rows = [
        row for row in np.random.default_rng(1).integers(1501, size=20).tolist() if unit_vectors[row].any()
    ]
    for row in rows:
        query = unit_vectors[row : row + 1]
        assert_same(search.top_k(unit_vectors, query, k), top_k(unit_vectors, query, k))
    assert len(small) == len(rows)
    assert all(small)


@needs_int8
def test_queries_that_are_no_rows_are_found_alike(small):
    unit_vectors = hard_vectors("clustered", 900, 30)
    search = warmed(unit_vectors)
    for row in range(30):
        query = hard_vectors("plain", 1, 30, seed=row)
        assert_same(search.top_k(unit_vectors, query, 7), top_k(unit_vectors, query, 7))
    assert len(small) == 30


@needs_int8
@pytest.mark.parametrize("own", [[5], [5, 5, 700], [1400, 3], list(range(300)), [1500]], ids=str)
def test_excluded_rows_do_not_answer(small, own):
    unit_vectors = hard_vectors("twins", 1501, 30)
    search = warmed(unit_vectors)
    found = search.top_k(unit_vectors[:1401], unit_vectors[5:6], 20, exclude=[own])
    assert small == [True]
    assert not np.isin(found.ids, own).any()
    assert_same(found, top_k(unit_vectors[:1401], unit_vectors[5:6], 20, exclude=[own]))


@needs_int8
def test_it_takes_some_queries_until_the_copy_is_made(small):
    unit_vectors = hard_vectors("plain", 500, 30)
    search = Search(unit_vectors)
    for expected in (0, 0, 1, 2):
        search.top_k(unit_vectors, unit_vectors[:1], 3)
        assert len(small) == expected


@needs_int8
@pytest.mark.parametrize("name", ["MIN_NUMBERS", "MIN_PRODUCTS", "ROWS_PER_RESULT"])
def test_where_int8_would_not_pay_floats_answer(small, monkeypatch, name):
    monkeypatch.setattr(int8_search, name, 10**6)
    unit_vectors = hard_vectors("plain", 500, 30)
    assert_same(
        warmed(unit_vectors).top_k(unit_vectors, unit_vectors[:1], 3),
        top_k(unit_vectors, unit_vectors[:1], 3),
    )
    assert not small


@needs_int8
def test_where_int8_decides_too_little_floats_answer_and_the_copy_goes(small, monkeypatch):
    monkeypatch.setattr(int8_search, "MAX_COMPARED", 0)
    unit_vectors = hard_vectors("crowded", 3000, 40)
    search = warmed(unit_vectors)
    for row in range(5):
        query = unit_vectors[row : row + 1]
        assert_same(search.top_k(unit_vectors, query, 5), top_k(unit_vectors, query, 5))
    assert small == [False] * int8_search.MAX_UNDECIDED
    assert not search.int8_copy.is_made


@needs_int8
def test_other_vectors_are_not_searched_in_this_copy(small):
    unit_vectors, others = hard_vectors("plain", 500, 30), hard_vectors("plain", 500, 30, seed=1)
    search = warmed(unit_vectors)
    search.top_k(unit_vectors, unit_vectors[:1], 3)
    assert_same(search.top_k(others, others[:1], 3), top_k(others, others[:1], 3))
    assert_same(search.top_k(unit_vectors[::2], others[:1], 3), top_k(unit_vectors[::2], others[:1], 3))
    assert len(small) == 1


@needs_int8
def test_several_queries_and_queries_of_zeros_are_for_the_other_ways(small):
    unit_vectors = hard_vectors("plain", 500, 30)
    search = warmed(unit_vectors)
    assert_same(search.top_k(unit_vectors, unit_vectors[:2], 3), top_k(unit_vectors, unit_vectors[:2], 3))
    assert search.top_k(unit_vectors, np.zeros((1, 30), np.float32), 3).ids.tolist() == [[0, 1, 2]]
    assert not small


@needs_int8
def test_words_ask_by_int8_and_their_answers_stay_the_same(small):
    matrix = np.random.default_rng(5).normal(size=(400, 20))
    vectors = WordVectors([f"w{row}" for row in range(400)], matrix)
    fresh = [WordVectors(vectors.words, matrix).most_similar(f"w{row}", k=5) for row in range(12)]
    assert not small
    assert [vectors.most_similar(f"w{row}", k=5) for row in range(12)] == fresh
    assert [vectors.nearest(vectors[f"w{row}"], k=6)[1:] for row in range(12)] == fresh
    assert [vectors.neighbors([f"w{row}"], k=5)[0] for row in range(12)] == fresh
    assert [vectors.analogy("w1", "w2", f"w{row}", 5) for row in range(3, 12)] == [
        vectors.most_similar(["w2", f"w{row}"], ["w1"], k=5) for row in range(3, 12)
    ]
    assert len(small) == 52


@needs_int8
@pytest.mark.parametrize("again", [deepcopy, lambda vectors: pickle.loads(pickle.dumps(vectors))])  # noqa: S301
def test_a_copy_of_the_vectors_makes_its_own_int8(small, again):
    vectors = WordVectors([f"w{row}" for row in range(400)], np.random.default_rng(5).normal(size=(400, 20)))
    expected = [vectors.most_similar("w3") for _ in range(4)][-1]
    other = again(vectors)
    assert not other._search.int8_copy.is_made
    small.clear()
    assert [other.most_similar("w3") for _ in range(4)] == [expected] * 4
    assert len(small) == 2


@needs_int8
def test_threads_may_ask_at_once(small):
    vectors = WordVectors([f"w{row}" for row in range(900)], np.random.default_rng(5).normal(size=(900, 20)))
    expected = [vectors.most_similar(word) for word in vectors.words[:60]]
    with ThreadPoolExecutor(4) as threads:
        fresh = WordVectors(vectors.words, vectors.matrix)
        assert list(threads.map(fresh.most_similar, vectors.words[:60])) == expected


@needs_int8
def test_where_there_is_no_memory_for_the_copy_floats_answer(small, monkeypatch):
    def has_none(*_):
        raise MemoryError

    monkeypatch.setattr(SingleQueryFilter, "__init__", has_none)
    unit_vectors = hard_vectors("plain", 500, 30)
    search = warmed(unit_vectors)
    for _ in range(3):
        assert_same(search.top_k(unit_vectors, unit_vectors[:1], 3), top_k(unit_vectors, unit_vectors[:1], 3))
    assert not small


def test_a_machine_without_int8_products_compares_floats(small, monkeypatch):
    monkeypatch.setattr(int8_tile, "int8_tile_shape", lambda: None)
    unit_vectors = hard_vectors("plain", 500, 30)
    search = warmed(unit_vectors)
    for _ in range(3):
        assert_same(search.top_k(unit_vectors, unit_vectors[:1], 3), top_k(unit_vectors, unit_vectors[:1], 3))
    assert not small


def test_a_small_model_never_loads_the_kernels(monkeypatch):
    def loads_them(*_):
        raise AssertionError("a small model waits for numba")

    monkeypatch.setattr(int8_search, "_quantized", loads_them)
    vectors = WordVectors(["a", "b", "c"], np.eye(3))
    for _ in range(2 * int8_search.MIN_QUERIES):
        vectors.most_similar("a")


@pytest.mark.parametrize("k", [None, 1.5, "3", True, 0])
def test_what_is_not_a_count_is_refused_before_anything_is_searched(k):
    with pytest.raises(ConfigError, match="k must be"):
        Search(np.eye(3, dtype=np.float32)).top_k(np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32), k)
