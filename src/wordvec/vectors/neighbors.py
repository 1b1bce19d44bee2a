"""Nearest neighbours: exact top-k by cosine similarity, on arrays alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import ConfigError

__all__ = [
    "NOBODY",
    "TopK",
    "exact_cosines",
    "first_non_finite_row",
    "first_rows",
    "nothing_found",
    "top_k",
    "unit_rows",
]

# V words, D dimensions, Q queries, k results for each query
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

QUERIES_PER_BLOCK = 1024
ROWS_PER_BLOCK = 8192  # a block of scores takes at most 32 MiB
ROWS_IN_CACHE = 128
CANDIDATES_PER_BLOCK = 2**20  # queries x results
PAIRS_IN_CACHE = 2048
GROUPS, GROUPS_PER_RESULT = (
    256,
    8,
)  # of the rows of a block, of which only those that hold candidates are looked into
LOWEST = np.float32(-2.0)  # below every cosine, and above -inf
NOBODY = -1  # the id that fills a row with fewer than k results


class TopK(NamedTuple):
    """The best rows for each query, best first; equal scores in order of id."""

    ids: Ints  # (Q, k)  rows of the matrix; -1 where there are fewer than k
    scores: Floats  # (Q, k)  cosines in [-1, 1]; -inf where the id is -1


def unit_rows(matrix: NDArray[np.floating]) -> Floats:
    """Divide each row by its length; a row of zeros stays as it is.

    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    unit = np.empty(matrix.shape, dtype=np.float32)  # (V, D)
    for start in range(0, len(matrix), ROWS_IN_CACHE):
        # In float64, where the square of the largest and of the smallest float32 still exists.
        block = matrix[start : start + ROWS_IN_CACHE].astype(np.float64)
        lengths = np.sqrt(np.einsum("ij,ij->i", block, block))  # (rows,)
        block /= np.where(lengths > 0, lengths, 1.0)[:, None]
        unit[start : start + ROWS_IN_CACHE] = block
    return unit


def first_non_finite_row(matrix: NDArray[np.floating]) -> int | None:
    """Find the first row that holds a NaN or an infinity.

    >>> first_non_finite_row(np.array([[1.0, 2.0], [np.nan, 0.0]]))
    1
    """
    for start in range(0, len(matrix), ROWS_IN_CACHE):
        finite = np.isfinite(matrix[start : start + ROWS_IN_CACHE])  # (rows, D)
        if not finite.all():
            return start + int(np.argmin(finite.all(axis=1)))
    return None


def first_rows(unit_vectors: Floats, most_words: int | None) -> Floats:
    """The rows that may answer: the first so many, or all.

    Raises:
        ConfigError: most_words is below 1.

    >>> first_rows(np.eye(3, dtype=np.float32), 1).tolist()
    [[1.0, 0.0, 0.0]]
    """
    if most_words is not None and most_words < 1:
        raise ConfigError(f"most_words must be at least 1, got {most_words} (how many words may answer)")
    return unit_vectors[:most_words]


def nothing_found(num_queries: int, k: int, num_words: int) -> TopK:
    """A result to be filled, with as many places as there can be answers.

    Raises:
        ConfigError: k is below 1.

    >>> nothing_found(1, k=10, num_words=2)
    TopK(ids=array([[-1, -1]]), scores=array([[-inf, -inf]], dtype=float32))
    """
    if k < 1:
        raise ConfigError(f"k must be at least 1, got {k} (how many neighbours to find)")
    shape = num_queries, min(k, num_words)
    return TopK(np.full(shape, NOBODY, dtype=np.int64), np.full(shape, -np.inf, dtype=np.float32))


def top_k(
    unit_vectors: Floats,  # (V, D)  rows of length 1 or 0
    queries: Floats,  # (Q, D)  rows of length 1 or 0
    k: int,
    exclude: Sequence[Sequence[int]] | None = None,  # for each query the rows that must not answer it
) -> TopK:
    """Find the k rows with the highest cosine for each query, by comparing with every row.

    BLAS scores blocks of rows in float32; what can still be among the best is scored again in float64. So the
    result depends neither on the other queries nor on BLAS, and equal rows get equal scores.

    >>> names = unit_rows(np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 2.0]]))
    >>> top_k(names, names[:1], k=2, exclude=[[0]]).ids.tolist()
    [[1, 2]]
    """
    result = nothing_found(len(queries), k, len(unit_vectors))
    excluded = _pairs(exclude or [()] * len(queries))
    num_queries = max(1, min(QUERIES_PER_BLOCK, CANDIDATES_PER_BLOCK // result.ids.shape[1]))
    for first in range(0, len(queries), num_queries):
        block = slice(first, first + num_queries)
        own = excluded[(excluded[:, 0] >= first) & (excluded[:, 0] < block.stop)] - (first, 0)
        _fill(TopK(result.ids[block], result.scores[block]), unit_vectors, queries[block], own)
    return result


def _pairs(excluded: Sequence[Sequence[int]]) -> Ints:
    """The number of each query beside each row that must not answer it, (n, 2)."""
    sizes = [len(rows) for rows in excluded]
    rows = np.fromiter(chain.from_iterable(excluded), np.int64, sum(sizes))
    return np.stack([np.repeat(np.arange(len(sizes)), sizes), rows], axis=1)


def _fill(best: TopK, unit_vectors: Floats, queries: Floats, excluded: Ints) -> None:
    """Go through the rows block by block and keep the best of each query up to date, in place."""
    slack = (queries.shape[1] + 2) * float(np.finfo(np.float32).eps)  # more than a float32 score can be off
    # One for all blocks: pages of new memory take longer than some of the work.
    room = np.empty(len(queries) * min(ROWS_PER_BLOCK, len(unit_vectors)), np.float32)
    for start in range(0, len(unit_vectors), ROWS_PER_BLOCK):
        rows = unit_vectors[start : start + ROWS_PER_BLOCK]
        scores = room[: len(queries) * len(rows)].reshape(len(queries), len(rows))
        np.matmul(queries, rows.T, out=scores)  # good to within slack
        query, row = excluded[(excluded[:, 1] >= start) & (excluded[:, 1] < start + len(rows))].T
        scores[query, row - start] = -np.inf
        query, row = _candidates(scores, best, slack)
        cosines = np.empty(len(query), np.float32)
        for first in range(0, len(query), PAIRS_IN_CACHE):
            some = slice(first, first + PAIRS_IN_CACHE)
            cosines[some] = exact_cosines(rows[row[some]], queries[query[some]])
        _merge(best, query, row + start, cosines)


def _candidates(scores: Floats, best: TopK, slack: float) -> tuple[Ints, Ints]:
    """Pairs of a query and a row of this block that may be among the query's best, however scores are rounded.

    Rows are taken in groups. The k-th highest of the groups' highest scores is one that k rows reach; only groups that
    reach it are looked into.
    """
    num_queries, num_rows = scores.shape
    k = best.ids.shape[1]
    num_groups = min(num_rows, max(GROUPS, GROUPS_PER_RESULT * k))
    size = num_rows // num_groups
    grouped = scores[:, : size * num_groups].reshape(num_queries, size, num_groups)
    rest = scores[:, size * num_groups :]  # each a group of its own
    highest = np.concatenate([grouped.max(axis=1), rest], axis=1)  # (Q, groups)
    floors = best.scores[:, -1] - slack
    if highest.shape[1] >= k:
        reached = np.partition(highest, highest.shape[1] - k, axis=1)[:, highest.shape[1] - k]
        floors = np.maximum(floors, reached - 2 * slack)
    floors = np.maximum(floors, LOWEST)  # what is excluded is lower
    query, group = np.nonzero(highest >= floors[:, None])
    is_single = group >= num_groups
    in_groups, groups = query[~is_single], group[~is_single]
    inside = grouped[in_groups, :, groups] >= floors[in_groups, None]  # (groups looked into, size)
    which, place = np.nonzero(inside)
    return (
        np.concatenate([in_groups[which], query[is_single]]),
        np.concatenate([groups[which] + num_groups * place, group[is_single] + (size - 1) * num_groups]),
    )


def exact_cosines(rows: Floats, queries: Floats) -> Floats:
    """Score rows, (n, D), with a query or with one each; a row is summed in the same order wherever it stands.

    So equal rows get equal scores.
    """
    cosines: NDArray[np.float64] = (rows.astype(np.float64) * queries.astype(np.float64)).sum(axis=1)
    return cosines.clip(-1.0, 1.0).astype(np.float32)


def _merge(best: TopK, query: Ints, ids: Ints, scores: Floats) -> None:
    """Put candidates among the best of their queries, in place: by score, then by id."""
    num_queries, k = best.ids.shape
    query = np.concatenate([np.repeat(np.arange(num_queries), k), query])
    ids, scores = np.concatenate([best.ids.ravel(), ids]), np.concatenate([best.scores.ravel(), scores])
    order = np.lexsort((ids, -scores, query))
    firsts = np.searchsorted(query[order], np.arange(num_queries))
    kept = order[(firsts[:, None] + np.arange(k)).ravel()]
    best.ids[:], best.scores[:] = ids[kept].reshape(best.ids.shape), scores[kept].reshape(best.ids.shape)
