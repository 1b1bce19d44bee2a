"""No row that may be among the best of a query is missing from its candidates, and few others are among them."""

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from tests.kernels.int8.hard_vectors import KINDS, every_int8_tile, hard_vectors

from wordvec.kernels.int8.single_query_filter import TILES_PER_CHUNK, SingleQueryFilter

MANY = 10**5


def for_one_query(shape):
    return replace(shape, vectors=3, queries=1)


def candidates(shape, unit_vectors, query, k, num_rows=None, max_compared=MANY):
    num_rows = len(unit_vectors) if num_rows is None else num_rows
    return SingleQueryFilter(shape, unit_vectors).candidates(query, k, num_rows, max_compared)


def dot_products(unit_vectors, query):
    """The plain version, in float64, as answers are rounded."""
    return (unit_vectors.astype(np.float64) @ query[0].astype(np.float64)).astype(np.float32)


def k_best(unit_vectors, query, k):
    scores = dot_products(unit_vectors, query)
    return set(np.lexsort((np.arange(len(scores)), -scores))[:k].tolist())


@every_int8_tile
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dim", [1, 7, 100, 301])
def test_none_of_the_best_is_missing(shape, kind, dim):
    shape = for_one_query(shape)
    unit_vectors = hard_vectors(kind, 701, dim)
    copy = SingleQueryFilter(shape, unit_vectors)
    for row in [row for row in (0, 48, 333, 634, 700) if unit_vectors[row].any()]:
        query = unit_vectors[row : row + 1]
        found = copy.candidates(query, 20, 701, MANY)
        assert found.is_complete
        assert len(set(found.rows.tolist())) == len(found.rows)
        assert set(found.rows.tolist()) >= k_best(unit_vectors, query, 20)


@every_int8_tile
def test_scores_are_those_of_float64(shape):
    unit_vectors = hard_vectors("clustered", 500, 60)
    found = candidates(for_one_query(shape), unit_vectors, unit_vectors[7:8], 30)
    exact = unit_vectors[found.rows].astype(np.float64) @ unit_vectors[7].astype(np.float64)
    np.testing.assert_allclose(found.scores, exact, rtol=0, atol=1e-14)


@every_int8_tile
def test_few_others_are_candidates_and_few_rows_are_compared(shape):
    unit_vectors = hard_vectors("plain", 20_000, 100)
    found = candidates(for_one_query(shape), unit_vectors, unit_vectors[11:12], 10, max_compared=600)
    assert found.is_complete
    assert 10 <= len(found.rows) < 20


@every_int8_tile
@pytest.mark.parametrize("num_rows", [1, 47, 48, 49, 300])
def test_only_the_first_rows_are_searched(shape, num_rows):
    unit_vectors = hard_vectors("plain", 301, 33)
    query = unit_vectors[300:301]
    found = candidates(for_one_query(shape), unit_vectors, query, 5, num_rows)
    assert found.rows.max() < num_rows
    assert set(found.rows.tolist()) >= k_best(unit_vectors[:num_rows], query, 5)


@every_int8_tile
def test_the_search_ends_where_too_many_rows_would_be_compared(shape):
    unit_vectors = hard_vectors("crowded", 3000, 40)
    found = candidates(for_one_query(shape), unit_vectors, unit_vectors[:1], 10, max_compared=500)
    assert not found.is_complete
    assert not len(found.rows)


@every_int8_tile
def test_more_than_there_are_rows_may_be_asked_for(shape):
    unit_vectors = hard_vectors("plain", 50, 20)
    found = candidates(for_one_query(shape), unit_vectors, unit_vectors[:1], 80)
    assert sorted(found.rows.tolist()) == list(range(50))


@every_int8_tile
def test_the_copy_takes_a_quarter_of_the_matrix_and_eight_bytes_a_row(shape):
    shape = for_one_query(shape)
    unit_vectors = hard_vectors("plain", shape.rows * 20, 100)
    copy = SingleQueryFilter(shape, unit_vectors).quantized
    assert sum(array.nbytes for array in copy) == unit_vectors.nbytes // 4 + 8 * len(unit_vectors)


@every_int8_tile
def test_threads_do_not_meet(shape):
    shape = for_one_query(shape)
    unit_vectors = hard_vectors("clustered", 5000, 60)
    copy = SingleQueryFilter(shape, unit_vectors)

    def rows(row):
        return copy.candidates(unit_vectors[row : row + 1], 10, 5000, MANY).rows.tolist()

    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(rows, range(200)))
    assert together == [rows(row) for row in range(200)]


@every_int8_tile
@pytest.mark.parametrize("place", [0, 47, 48, 299])
def test_the_best_is_found_where_rounding_hides_half_of_its_cosine(shape, place):
    dim = 301
    unit_vectors = np.zeros((300, dim), np.float32)
    unit_vectors[:, :2] = 0.5**0.5  # cosine 0.08, which int8 holds exactly
    unit_vectors[place] = [1.0] + [0.0035] * (dim - 1)  # cosine 0.12; all numbers but the first round to 0
    query = np.full((1, dim), dim**-0.5, np.float32)
    assert place in candidates(for_one_query(shape), unit_vectors, query, 1).rows


@every_int8_tile
@pytest.mark.parametrize("kind", ["plain", "clustered", "twins"])
def test_what_a_helper_finds_and_what_it_leaves_are_all_candidates_together(shape, kind):
    shape = for_one_query(shape)
    unit_vectors = hard_vectors(kind, 4 * TILES_PER_CHUNK * shape.rows + 5, 12)
    copy, query = SingleQueryFilter(shape, unit_vectors), unit_vectors[7:8]
    with ThreadPoolExecutor(1) as helper:
        for _ in range(20):
            found = copy.candidates(query, 20, len(unit_vectors), MANY, helper)
            assert found.is_complete
            assert len(set(found.rows.tolist())) == len(found.rows)
            assert set(found.rows.tolist()) >= k_best(unit_vectors, query, 20)


class Helper(Executor):
    """Does at once what it is asked for, never, or not at all."""

    def __init__(self, way):
        self.way = way

    def submit(self, function, *arguments):
        if self.way == "refuses":
            raise RuntimeError("cannot schedule new futures after shutdown")
        future = Future()
        if self.way == "at once":
            future.set_running_or_notify_cancel()
            future.set_result(function(*arguments))
        return future


@every_int8_tile
@pytest.mark.parametrize("way", ["at once", "never", "refuses"])
def test_a_helper_may_do_all_the_work_or_none(shape, way):
    shape = for_one_query(shape)
    unit_vectors = hard_vectors("plain", 3 * TILES_PER_CHUNK * shape.rows, 12)
    copy, asked = SingleQueryFilter(shape, unit_vectors), (unit_vectors[7:8], 20, len(unit_vectors), MANY)
    alone, together = copy.candidates(*asked), copy.candidates(*asked, Helper(way))
    assert together.is_complete
    assert set(together.rows.tolist()) == set(alone.rows.tolist())
