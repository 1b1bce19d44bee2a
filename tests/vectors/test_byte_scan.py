"""The scan of bytes finds what the scan of floats finds, to the last bit and in the same order."""

import numpy as np
import pytest
from tests.kernels.cpu.byte_cases import KINDS, hard_vectors

from wordvec.kernels.cpu.machine import byte_tile_shape
from wordvec.kernels.cpu.shortlist import Shortlister
from wordvec.vectors import byte_scan
from wordvec.vectors.neighbors import top_k

pytestmark = pytest.mark.skipif(byte_tile_shape() is None, reason="this machine cannot multiply bytes")


@pytest.fixture
def by_floats(monkeypatch):
    """top_k without bytes."""

    def find(*arguments, **options):
        with monkeypatch.context() as without:
            without.setattr(byte_scan, "FEWEST_PRODUCTS", 2**62)
            return top_k(*arguments, **options)

    return find


@pytest.fixture
def by_bytes(monkeypatch):
    """top_k by bytes for whatever is asked, from the fiftieth row on; counts the rows that were looked at so."""
    for name, value in {
        "FEWEST_PRODUCTS": 0,
        "FEWEST_QUERIES": 1,
        "FIRST_ROWS": 50,
        "FIRST_ROWS_PER_RESULT": 4,
    }.items():
        monkeypatch.setattr(byte_scan, name, value)
    looked_at = []
    reaching = Shortlister.reaching

    def counted(self, unit_vectors, rows, floors, most_pairs):
        listed = reaching(self, unit_vectors, rows, floors, most_pairs)
        looked_at.append(listed.stop - rows.start)
        return listed

    monkeypatch.setattr(Shortlister, "reaching", counted)

    def find(*arguments, **options):
        looked_at.clear()
        return top_k(*arguments, **options), sum(looked_at)

    return find


def assert_same(found, expected):
    np.testing.assert_array_equal(found.ids, expected.ids)
    np.testing.assert_array_equal(found.scores, expected.scores)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("k", [1, 10, 60])
def test_bytes_find_what_floats_find(by_bytes, by_floats, kind, k):
    unit_vectors = hard_vectors(kind, 3001, 40)
    queries = unit_vectors[np.random.default_rng(1).integers(3001, size=30)]
    found, num_rows = by_bytes(unit_vectors, queries, k)
    assert num_rows > 0
    assert_same(found, by_floats(unit_vectors, queries, k))


def test_all_rows_but_the_first_are_compared_as_bytes(by_bytes, by_floats):
    unit_vectors = hard_vectors("clustered", 5003, 60)
    found, num_rows = by_bytes(unit_vectors, unit_vectors[:70], 3)
    assert num_rows == 5003 - 50
    assert_same(found, by_floats(unit_vectors, unit_vectors[:70], 3))


def test_where_bytes_tell_too_little_floats_go_on(by_bytes, by_floats):
    unit_vectors = hard_vectors("crowded", 3000, 40)
    found, num_rows = by_bytes(unit_vectors, unit_vectors[:20], 5)
    assert num_rows < 3000 - 50
    assert_same(found, by_floats(unit_vectors, unit_vectors[:20], 5))


def test_excluded_rows_do_not_answer(by_bytes, by_floats):
    unit_vectors = hard_vectors("twins", 2000, 30)
    own = [[row, row + 900, 1999] for row in range(40)]
    found, _ = by_bytes(unit_vectors, unit_vectors[:40], 8, exclude=own)
    assert not any(np.isin(ids, rows).any() for ids, rows in zip(found.ids, own, strict=True))
    assert_same(found, by_floats(unit_vectors, unit_vectors[:40], 8, exclude=own))


def test_a_row_that_may_not_answer_anyway_takes_none_from_the_next_query(by_bytes, by_floats):
    unit_vectors = hard_vectors("plain", 2000, 30)
    queries = unit_vectors[:40] + unit_vectors[1000:1040]
    best = by_floats(unit_vectors, queries, 3).ids
    beyond = [(len(unit_vectors) + best[(number + 1) % 40]).tolist() for number in range(40)]
    found, num_rows = by_bytes(unit_vectors, queries, 3, exclude=beyond)
    assert num_rows > 0
    assert found.ids.tolist() == best.tolist()


def test_queries_of_zeros_find_the_first_rows(by_bytes):
    unit_vectors = hard_vectors("plain", 1000, 30)
    found, _ = by_bytes(unit_vectors, np.zeros((2, 30), np.float32), 3)
    assert found.ids.tolist() == [[0, 1, 2], [0, 1, 2]]


def test_blocks_of_queries_are_searched_one_after_the_other(by_bytes, by_floats, monkeypatch):
    monkeypatch.setattr("wordvec.vectors.neighbors.QUERIES_PER_BLOCK", 7)
    unit_vectors = hard_vectors("plain", 1500, 30)
    own = [[row] for row in range(50)]
    found, num_rows = by_bytes(unit_vectors, unit_vectors[:50], 4, exclude=own)
    assert num_rows == 8 * 1450
    assert_same(found, by_floats(unit_vectors, unit_vectors[:50], 4, exclude=own))


def test_rows_that_are_not_side_by_side_are_compared_as_floats(by_bytes, by_floats):
    unit_vectors = hard_vectors("plain", 4000, 30)[::2]
    found, num_rows = by_bytes(unit_vectors, unit_vectors[:20], 4)
    assert num_rows == 0
    assert_same(found, by_floats(unit_vectors, unit_vectors[:20], 4))


def test_a_few_questions_do_not_load_the_kernels(monkeypatch):
    unit_vectors = hard_vectors("plain", 1000, 30)

    def loads_them(*_):
        raise AssertionError("a small search waits for numba")

    monkeypatch.setattr(Shortlister, "__init__", loads_them)
    assert top_k(unit_vectors, unit_vectors[:1000], 4).ids.shape == (1000, 4)


def test_a_machine_that_cannot_multiply_bytes_compares_floats(by_bytes, by_floats, monkeypatch):
    monkeypatch.setattr("wordvec.kernels.cpu.machine.byte_tile_shape", lambda: None)
    unit_vectors = hard_vectors("plain", 1000, 30)
    found, num_rows = by_bytes(unit_vectors, unit_vectors[:20], 4)
    assert num_rows == 0
    assert_same(found, by_floats(unit_vectors, unit_vectors[:20], 4))
