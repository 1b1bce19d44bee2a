"""No row that is among the nearest of a query is missing, whatever is asked along with it, on every int8 tile."""

import numpy as np
import pytest
from tests.kernels.int8.hard_vectors import KINDS, every_int8_tile, hard_vectors

from wordvec.kernels.int8.several_queries_filter import SeveralQueriesFilter, empty_copy, fill_copy


def filter_of(shape, unit_vectors, lengths):
    """The filter of rows that have these lengths, filled a few tiles at a time."""
    copy = empty_copy(shape, *unit_vectors.shape)
    for first in range(0, len(unit_vectors), 2 * shape.rows):
        fill_copy(shape, copy, first, unit_vectors[first : first + 2 * shape.rows])
    matrix = (unit_vectors * lengths[:, None]).astype(np.float32)
    is_zero = ~unit_vectors.any(axis=1)
    return SeveralQueriesFilter(shape, copy, matrix, np.where(is_zero, 0.0, 1.0 / lengths))


@every_int8_tile
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("num_queries", "num_rows"), [(1, 403), (5, 403), (17, 210)])
def test_all_of_the_nearest_rows_are_candidates(shape, kind, num_queries, num_rows):
    k, dim = 7, 37
    unit_vectors = hard_vectors(kind, 403, dim)
    found = filter_of(shape, unit_vectors, np.random.default_rng(3).uniform(0.5, 20, 403)).candidates(
        queries := hard_vectors("plain", num_queries, dim, seed=5), k, num_rows, max_compared=403
    )
    assert found.is_complete
    cosines = unit_vectors[:num_rows].astype(np.float64) @ queries.T.astype(np.float64)  # (rows, Q)
    for query in range(num_queries):
        rows = set(found.rows[found.queries == query].tolist())
        kth = np.sort(cosines[:, query])[-k]
        assert set(np.flatnonzero(cosines[:, query] > kth + 1e-6).tolist()) <= rows
        assert len(rows) >= k
        assert max(rows) < num_rows


@every_int8_tile
def test_it_says_so_when_more_rows_would_have_to_be_compared_than_allowed(shape):
    unit_vectors = hard_vectors("crowded", 403, 37)
    found = filter_of(shape, unit_vectors, np.ones(403)).candidates(unit_vectors[:3], 2, 403, max_compared=4)
    assert not found.is_complete


@every_int8_tile
def test_warming_up_needs_no_more_rows_than_there_are(shape):
    filter_of(shape, hard_vectors("plain", 3, 5), np.ones(3)).warm_up()
