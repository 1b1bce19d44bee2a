"""No row that is near enough is missing from the candidates, and few others are among them."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tests.kernels.int8.hard_vectors import KINDS, every_int8_tile, hard_vectors

from wordvec.kernels.int8.candidate_filter import CandidateFilter

MANY = 10**6


def pairs(found):
    return set(zip(found.queries.tolist(), found.rows.tolist(), strict=True))


def pairs_reaching(unit_vectors, queries, thresholds, rows):
    """The plain version, in float64."""
    cosines = queries.astype(np.float64) @ unit_vectors.astype(np.float64).T
    near = cosines >= thresholds[:, None]
    return {(query, row) for query, row in np.argwhere(near).tolist() if row in rows and queries[query].any()}


@every_int8_tile
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dim", [1, 7, 64, 100, 301, 1500])
def test_no_row_that_reaches_the_threshold_is_missing(shape, kind, dim):
    unit_vectors = hard_vectors(kind, 700, dim)
    queries = unit_vectors[np.random.default_rng(1).integers(700, size=37)]
    cosines = queries.astype(np.float64) @ unit_vectors.astype(np.float64).T
    thresholds = np.sort(cosines, axis=1)[:, -20].astype(np.float32)  # so that one row is right on the floor
    listed = CandidateFilter(shape, queries).pairs_reaching(unit_vectors, range(3, 691), thresholds, MANY)
    assert listed.stop == 691
    found = pairs(listed)
    assert len(found) == len(listed.rows)
    assert found >= pairs_reaching(unit_vectors, queries, thresholds, range(3, 691))
    assert all(3 <= row < 691 and query < 37 for query, row in found)


@every_int8_tile
def test_rows_far_below_the_threshold_are_not_listed(shape):
    unit_vectors = hard_vectors("plain", 5000, 300)
    queries, thresholds = unit_vectors[:20], np.full(20, 0.25, np.float32)
    found = pairs(CandidateFilter(shape, queries).pairs_reaching(unit_vectors, range(5000), thresholds, MANY))
    lower = pairs_reaching(unit_vectors, queries, thresholds - 0.04, range(5000))
    assert pairs_reaching(unit_vectors, queries, thresholds, range(5000)) <= found <= lower


@every_int8_tile
def test_each_query_has_a_threshold_of_its_own(shape):
    unit_vectors = hard_vectors("plain", 300, 50)
    thresholds = np.full(9, 2.0, np.float32)
    thresholds[[2, 8]] = 0.9
    found = pairs(
        CandidateFilter(shape, unit_vectors[:9]).pairs_reaching(unit_vectors, range(300), thresholds, MANY)
    )
    assert found == {(2, 2), (8, 8)}


@every_int8_tile
def test_it_stops_when_more_are_listed_than_asked_for(shape):
    unit_vectors = hard_vectors("crowded", 2000, 20)
    thresholds = np.full(5, -1.0, np.float32)
    listed = CandidateFilter(shape, unit_vectors[:5]).pairs_reaching(
        unit_vectors, range(2000), thresholds, 1000
    )
    assert 1000 < len(listed.rows) == 5 * listed.stop < 1500


@every_int8_tile
def test_a_query_of_zeros_is_never_listed(shape):
    unit_vectors = hard_vectors("plain", 100, 20)
    queries = np.zeros((2, 20), np.float32)
    thresholds = np.zeros(2, np.float32)
    assert not pairs(
        CandidateFilter(shape, queries).pairs_reaching(unit_vectors, range(100), thresholds, MANY)
    )


@every_int8_tile
def test_everything_reaches_a_threshold_of_minus_infinity_but_no_row_that_is_not_there(shape):
    unit_vectors = hard_vectors("plain", 50, 20)
    thresholds = np.full(3, -np.inf, np.float32)
    listed = CandidateFilter(shape, unit_vectors[:3]).pairs_reaching(
        unit_vectors, range(50), thresholds, MANY
    )
    assert pairs(listed) == {(query, row) for query in range(3) for row in range(50)}


@every_int8_tile
def test_threads_do_not_meet(shape):
    unit_vectors = hard_vectors("clustered", 20_000, 60)
    candidates, thresholds = CandidateFilter(shape, unit_vectors[:64]), np.full(64, 0.8, np.float32)
    parts = [range(start, start + 500) for start in range(0, 20_000, 500)]

    def reaching(rows):
        return pairs(candidates.pairs_reaching(unit_vectors, rows, thresholds, MANY))

    with ThreadPoolExecutor(4) as threads:
        together = set().union(*threads.map(reaching, parts))
    assert together == reaching(range(20_000))
