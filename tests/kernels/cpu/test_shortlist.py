"""No row that is near enough is missing from the shortlist, and few others are on it."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tests.kernels.cpu.byte_cases import KINDS, every_byte_tile, hard_vectors

from wordvec.kernels.cpu.shortlist import Shortlister

MANY = 10**6


def pairs(shortlist):
    return set(zip(shortlist.queries.tolist(), shortlist.rows.tolist(), strict=True))


def pairs_reaching(unit_vectors, queries, floors, rows):
    """The plain version, in float64."""
    cosines = queries.astype(np.float64) @ unit_vectors.astype(np.float64).T
    near = cosines >= floors[:, None]
    return {(query, row) for query, row in np.argwhere(near).tolist() if row in rows and queries[query].any()}


@every_byte_tile
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dim", [1, 7, 64, 100, 301, 1500])
def test_no_row_that_reaches_the_floor_is_missing(shape, kind, dim):
    unit_vectors = hard_vectors(kind, 700, dim)
    queries = unit_vectors[np.random.default_rng(1).integers(700, size=37)]
    cosines = queries.astype(np.float64) @ unit_vectors.astype(np.float64).T
    floors = np.sort(cosines, axis=1)[:, -20].astype(np.float32)  # so that one row is right on the floor
    listed = Shortlister(shape, queries).reaching(unit_vectors, range(3, 691), floors, MANY)
    assert listed.stop == 691
    found = pairs(listed)
    assert len(found) == len(listed.rows)
    assert found >= pairs_reaching(unit_vectors, queries, floors, range(3, 691))
    assert all(3 <= row < 691 and query < 37 for query, row in found)


@every_byte_tile
def test_rows_far_below_the_floor_are_not_listed(shape):
    unit_vectors = hard_vectors("plain", 5000, 300)
    queries, floors = unit_vectors[:20], np.full(20, 0.25, np.float32)
    found = pairs(Shortlister(shape, queries).reaching(unit_vectors, range(5000), floors, MANY))
    lower = pairs_reaching(unit_vectors, queries, floors - 0.04, range(5000))
    assert pairs_reaching(unit_vectors, queries, floors, range(5000)) <= found <= lower


@every_byte_tile
def test_each_query_has_a_floor_of_its_own(shape):
    unit_vectors = hard_vectors("plain", 300, 50)
    floors = np.full(9, 2.0, np.float32)
    floors[[2, 8]] = 0.9
    found = pairs(Shortlister(shape, unit_vectors[:9]).reaching(unit_vectors, range(300), floors, MANY))
    assert found == {(2, 2), (8, 8)}


@every_byte_tile
def test_it_stops_when_more_are_listed_than_asked_for(shape):
    unit_vectors = hard_vectors("crowded", 2000, 20)
    floors = np.full(5, -1.0, np.float32)
    listed = Shortlister(shape, unit_vectors[:5]).reaching(unit_vectors, range(2000), floors, 1000)
    assert 1000 < len(listed.rows) == 5 * listed.stop < 1500


@every_byte_tile
def test_a_query_of_zeros_is_never_listed(shape):
    unit_vectors = hard_vectors("plain", 100, 20)
    queries = np.zeros((2, 20), np.float32)
    floors = np.zeros(2, np.float32)
    assert not pairs(Shortlister(shape, queries).reaching(unit_vectors, range(100), floors, MANY))


@every_byte_tile
def test_everything_reaches_a_floor_of_minus_infinity_but_no_row_that_is_not_there(shape):
    unit_vectors = hard_vectors("plain", 50, 20)
    floors = np.full(3, -np.inf, np.float32)
    listed = Shortlister(shape, unit_vectors[:3]).reaching(unit_vectors, range(50), floors, MANY)
    assert pairs(listed) == {(query, row) for query in range(3) for row in range(50)}


@every_byte_tile
def test_threads_do_not_meet(shape):
    unit_vectors = hard_vectors("clustered", 20_000, 60)
    shortlister, floors = Shortlister(shape, unit_vectors[:64]), np.full(64, 0.8, np.float32)
    parts = [range(start, start + 500) for start in range(0, 20_000, 500)]

    def reaching(rows):
        return pairs(shortlister.reaching(unit_vectors, rows, floors, MANY))

    with ThreadPoolExecutor(4) as threads:
        together = set().union(*threads.map(reaching, parts))
    assert together == reaching(range(20_000))
