"""Nearest neighbours: exact top-k by cosine similarity, on arrays alone."""

from __future__ import annotations

from collections.abc import Sequence
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

QUERIES_PER_BLOCK = 256
ROWS_PER_BLOCK = 16_384  # a block of scores takes at most 16 MiB
ROWS_IN_CACHE = 128
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
    excluded = [np.asarray(rows, dtype=np.int64) for rows in exclude or [()] * len(queries)]
    for first in range(0, len(queries), QUERIES_PER_BLOCK):
        block = slice(first, first + QUERIES_PER_BLOCK)
        _fill(TopK(result.ids[block], result.scores[block]), unit_vectors, queries[block], excluded[block])
    return result


def _fill(best: TopK, unit_vectors: Floats, queries: Floats, excluded: Sequence[Ints]) -> None:
    """Go through the rows block by block and keep the best of each query up to date, in place."""
    slack = (queries.shape[1] + 2) * float(np.finfo(np.float32).eps)  # more than a float32 score can be off
    for start in range(0, len(unit_vectors), ROWS_PER_BLOCK):
        rows = unit_vectors[start : start + ROWS_PER_BLOCK]
        scores = queries @ rows.T  # (Q, rows)  good to within slack
        for query_scores, unwanted in zip(scores, excluded, strict=True):
            inside = unwanted[(unwanted >= start) & (unwanted < start + len(rows))]
            query_scores[inside - start] = -np.inf
        floors = best.scores[:, -1] - slack  # (Q,)  below it, a row cannot enter any more
        for query in np.flatnonzero(scores.max(axis=1) > floors).tolist():
            found = np.flatnonzero(scores[query] > floors[query])
            found = _near_the_best(found, scores[query, found], best.ids.shape[1], slack)
            _merge(best, query, found + start, exact_cosines(rows[found], queries[query]))


def _near_the_best(found: Ints, scores: Floats, k: int, slack: float) -> Ints:
    """Drop what cannot be among the best k of these, however the scores are rounded."""
    if len(found) <= k:
        return found
    kth = np.partition(scores, len(scores) - k)[len(scores) - k]
    near: Ints = found[scores >= kth - 2 * slack]
    return near


def exact_cosines(rows: Floats, query: Floats) -> Floats:
    """Score (n, D) rows exactly; each row is summed in the same order, so equal rows get equal scores."""
    cosines: NDArray[np.float64] = (rows.astype(np.float64) * query.astype(np.float64)).sum(axis=1)
    return cosines.clip(-1.0, 1.0).astype(np.float32)


def _merge(best: TopK, query: int, ids: Ints, scores: Floats) -> None:
    ids = np.concatenate([best.ids[query], ids])
    scores = np.concatenate([best.scores[query], scores])
    order = np.lexsort((ids, -scores))[: best.ids.shape[1]]  # by score, then by id
    best.ids[query], best.scores[query] = ids[order], scores[order]
