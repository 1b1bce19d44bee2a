"""Int8 finds what float32 finds, to the last bit and in the same order."""

import numpy as np
import pytest
from tests.kernels.int8.hard_vectors import KINDS, hard_vectors

from wordvec.kernels.int8 import int8_tile
from wordvec.kernels.int8.candidate_filter import CandidateFilter
from wordvec.vectors import int8_search
from wordvec.vectors import top_k as top_k_module
from wordvec.vectors.top_k import top_k

pytestmark = pytest.mark.skipif(
    int8_tile.int8_tile_shape() is None, reason="this machine has no int8 products"
)


@pytest.fixture
def by_floats(monkeypatch):
    """top_k without int8."""

    def find(*arguments, **options):
        with monkeypatch.context() as without:
            without.setattr(int8_search, "MIN_BATCH_PRODUCTS", 2**62)
            return top_k(*arguments, **options)

    return find


@pytest.fixture
def by_int8(monkeypatch):
    """top_k by int8, however little is asked, from the fiftieth row on; counts the rows that were compared so."""
    for name, value in {
        "MIN_BATCH_PRODUCTS": 0,
        "MIN_BATCH_QUERIES": 1,
        "FIRST_ROWS": 50,
        "FIRST_ROWS_PER_RESULT": 4,
    }.items():
        monkeypatch.setattr(int8_search, name, value)
    compared = []
    pairs_reaching = CandidateFilter.pairs_reaching

    def counted(self, unit_vectors, rows, thresholds, max_pairs):
        listed = pairs_reaching(self, unit_vectors, rows, thresholds, max_pairs)
        compared.append(listed.stop - rows.start)
        return listed

    monkeypatch.setattr(CandidateFilter, "pairs_reaching", counted)

    def find(*arguments, **options):
        compared.clear()
        return top_k(*arguments, **options), sum(compared)

    return find


def assert_same(found, expected):
    np.testing.assert_array_equal(found.ids, expected.ids)
    np.testing.assert_array_equal(found.scores, expected.scores)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("k", [1, 10, 60])
def test_int8_finds_what_floats_find(by_int8, by_floats, kind, k):
    unit_vectors = hard_vectors(kind, 3001, 40)
    queries = unit_vectors[np.random.default_rng(1).integers(3001, size=30)]
    found, num_rows = by_int8(unit_vectors, queries, k)
    assert num_rows > 0
    assert_same(found, by_floats(unit_vectors, queries, k))


def test_all_rows_but_the_first_are_compared_as_int8(by_int8, by_floats):
    unit_vectors = hard_vectors("clustered", 5003, 60)
    found, num_rows = by_int8(unit_vectors, unit_vectors[:70], 3)
    assert num_rows == 5003 - 50
    assert_same(found, by_floats(unit_vectors, unit_vectors[:70], 3))


def test_where_int8_decides_too_little_floats_go_on(by_int8, by_floats):
    unit_vectors = hard_vectors("crowded", 3000, 40)
    found, num_rows = by_int8(unit_vectors, unit_vectors[:20], 5)
    assert num_rows < 3000 - 50
    assert_same(found, by_floats(unit_vectors, unit_vectors[:20], 5))


def test_excluded_rows_do_not_answer(by_int8, by_floats):
    unit_vectors = hard_vectors("twins", 2000, 30)
    own = [[row, row + 900, 1999] for row in range(40)]
    found, _ = by_int8(unit_vectors, unit_vectors[:40], 8, exclude=own)
    assert not any(np.isin(ids, rows).any() for ids, rows in zip(found.ids, own, strict=True))
    assert_same(found, by_floats(unit_vectors, unit_vectors[:40], 8, exclude=own))


def test_a_row_that_may_not_answer_anyway_takes_none_from_the_next_query(by_int8, by_floats):
    unit_vectors = hard_vectors("plain", 2000, 30)
    queries = unit_vectors[:40] + unit_vectors[1000:1040]
    best = by_floats(unit_vectors, queries, 3).ids
    beyond = [(len(unit_vectors) + best[(number + 1) % 40]).tolist() for number in range(40)]
    found, num_rows = by_int8(unit_vectors, queries, 3, exclude=beyond)
    assert num_rows > 0
    assert found.ids.tolist() == best.tolist()


def test_queries_of_zeros_find_the_first_rows(by_int8):
    unit_vectors = hard_vectors("plain", 1000, 30)
    found, _ = by_int8(unit_vectors, np.zeros((2, 30), np.float32), 3)
    assert found.ids.tolist() == [[0, 1, 2], [0, 1, 2]]


def test_blocks_of_queries_are_searched_one_after_the_other(by_int8, by_floats, monkeypatch):
    monkeypatch.setattr(top_k_module, "QUERIES_PER_BLOCK", 7)
    unit_vectors = hard_vectors("plain", 1500, 30)
    own = [[row] for row in range(50)]
    found, num_rows = by_int8(unit_vectors, unit_vectors[:50], 4, exclude=own)
    assert num_rows == 8 * 1450
    assert_same(found, by_floats(unit_vectors, unit_vectors[:50], 4, exclude=own))


def test_rows_that_are_not_side_by_side_are_compared_as_floats(by_int8, by_floats):
    unit_vectors = hard_vectors("plain", 4000, 30)[::2]
    found, num_rows = by_int8(unit_vectors, unit_vectors[:20], 4)
    assert num_rows == 0
    assert_same(found, by_floats(unit_vectors, unit_vectors[:20], 4))


def test_a_few_questions_do_not_load_the_kernels(monkeypatch):
    unit_vectors = hard_vectors("plain", 1000, 30)

    def loads_them(*_):
        raise AssertionError("a small search waits for numba")

    monkeypatch.setattr(CandidateFilter, "__init__", loads_them)
    assert top_k(unit_vectors, unit_vectors[:1000], 4).ids.shape == (1000, 4)


def test_a_machine_without_int8_products_compares_floats(by_int8, by_floats, monkeypatch):
    monkeypatch.setattr(int8_tile, "int8_tile_shape", lambda: None)
    unit_vectors = hard_vectors("plain", 1000, 30)
    found, num_rows = by_int8(unit_vectors, unit_vectors[:20], 4)
    assert num_rows == 0
    assert_same(found, by_floats(unit_vectors, unit_vectors[:20], 4))
