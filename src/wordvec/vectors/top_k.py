"""Exact top k: the most similar rows of a matrix, by products in float32, with the best checked in float64."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.settings import check_count

__all__ = [
    "NOBODY",
    "ROWS_PER_BLOCK",
    "Neighbor",
    "TopK",
    "cosines_of_pairs",
    "exact_cosines",
    "merge",
    "named",
    "named_all",
    "nothing_found",
    "scan_floats",
]

# Q queries, k results for each query, n candidates, D dimensions
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

NOBODY = -1  # the id that fills a row with fewer than k results
NUMBERS_IN_CACHE = 2**15  # in float64; twice as many are new memory each time, which takes far longer

MANY = 1000  # answers to a query

# V words, D dimensions, Q queries

ROWS_PER_BLOCK = 8192  # at least: a block of 1,024 queries' scores takes 32 MiB
# In a block of few queries: each call of BLAS waits for all of its threads, long where other programs use the cores.
SCORES_PER_BLOCK = 2**22
# Of the rows of a block, only those groups are looked into that hold candidates.
GROUPS, GROUPS_PER_RESULT = 256, 8
ROWS_PER_GROUP = (
    8  # at least; where so many are asked for that groups would be smaller, each row is looked at
)
LOWEST = np.float32(-2.0)  # below every cosine, and above -inf


class TopK(NamedTuple):
    """The best rows for each query, best first; equal scores in order of id."""

    ids: Ints  # (Q, k)  rows of the matrix; -1 where there are fewer than k
    scores: Floats  # (Q, k)  cosines in [-1, 1]; -inf where the id is -1


def nothing_found(num_queries: int, k: int, num_words: int) -> TopK:
    """A result to be filled, with as many places as there can be answers.

    Raises:
        ConfigError: k is not an integer, or below 1.

    >>> nothing_found(1, k=10, num_words=2)
    TopK(ids=array([[-1, -1]]), scores=array([[-inf, -inf]], dtype=float32))
    """
    check_count("k", k, "how many neighbors to find")
    shape = num_queries, min(k, num_words)
    return TopK(np.full(shape, NOBODY, dtype=np.int64), np.full(shape, -np.inf, dtype=np.float32))


def exact_cosines(rows: Floats, queries: Floats) -> Floats:
    """Score rows, (n, D), with a query or with one each; a row is summed in the same order wherever it stands.

    So equal rows get equal scores.
    """
    products = rows.astype(np.float64)  # (n, D)
    products *= queries
    cosines: NDArray[np.float64] = products.sum(axis=1)
    return cosines.clip(-1.0, 1.0).astype(np.float32)


def cosines_of_pairs(unit_vectors: Floats, rows: Ints, queries: Floats, of_query: Ints) -> Floats:
    """The exact cosine of each row, (n,), with the query beside it, (n,)."""
    cosines = np.empty(len(rows), np.float32)
    num_pairs = max(1, NUMBERS_IN_CACHE // unit_vectors.shape[1])
    for first in range(0, len(rows), num_pairs):
        some = slice(first, first + num_pairs)
        asked = queries if len(queries) == 1 else queries[of_query[some]]
        cosines[some] = exact_cosines(unit_vectors.take(rows[some], axis=0), asked)
    return cosines


def merge(best: TopK, query: Ints, ids: Ints, scores: Floats) -> None:
    """Put candidates among the best of their queries, in place: by score, then by id."""
    num_queries, k = best.ids.shape
    if num_queries == 1:
        is_found = best.ids[0] != NOBODY
        ids = np.concatenate([best.ids[0, is_found], ids])
        scores = np.concatenate([best.scores[0, is_found], scores])
        kept = np.lexsort((ids, -scores))[:k]
        best.ids[0, : len(kept)], best.scores[0, : len(kept)] = ids[kept], scores[kept]
        return
    query = np.concatenate([np.repeat(np.arange(num_queries), k), query])
    ids, scores = np.concatenate([best.ids.ravel(), ids]), np.concatenate([best.scores.ravel(), scores])
    order = np.lexsort((ids, -scores, query))
    firsts = np.searchsorted(query[order], np.arange(num_queries))
    kept = order[(firsts[:, None] + np.arange(k)).ravel()]
    best.ids[:], best.scores[:] = ids[kept].reshape(best.ids.shape), scores[kept].reshape(best.ids.shape)


class Neighbor(NamedTuple):
    """A word and its cosine with what was asked for; compares equal to a plain tuple."""

    word: str
    similarity: float  # in [-1, 1]


_NEIGHBOR = partial(tuple.__new__, Neighbor)  # without a call of Python for each, of ten thousand answers


def named(words: Sequence[str], rows: Iterable[int], cosines: Iterable[float]) -> list[Neighbor]:
    """Name the rows that were found for one query; those that stand for nobody are left out.

    >>> named(["paris", "rome"], [1, -1], [0.5, float("-inf")])
    [Neighbor(word='rome', similarity=0.5)]
    """
    return [
        _NEIGHBOR((words[row], cosine)) for row, cosine in zip(rows, cosines, strict=True) if row != NOBODY
    ]


def named_all(words: Sequence[str], found: TopK) -> list[list[Neighbor]]:
    """Name the rows that were found for each query."""
    if found.ids.shape[1] >= MANY:
        return [_many_named(words, *one) for one in zip(found.ids, found.scores, strict=True)]
    return [
        named(words, rows, cosines)
        for rows, cosines in zip(found.ids.tolist(), found.scores.tolist(), strict=True)
    ]


def _many_named(
    words: Sequence[str], rows: NDArray[np.int64], cosines: NDArray[np.float32]
) -> list[Neighbor]:
    """What `named` gives, without a step of Python for each of thousands of answers."""
    is_found = rows != NOBODY
    rows, cosines = rows[is_found], cosines[is_found]
    if len(rows) < 2:  # of one index, itemgetter would make no tuple
        return named(words, rows.tolist(), cosines.tolist())
    return list(map(_NEIGHBOR, zip(itemgetter(*rows.tolist())(words), cosines.tolist(), strict=True)))


def scan_floats(
    best: TopK,
    unit_vectors: Floats,  # (V, D)
    queries: Floats,  # (Q, D)
    excluded: Ints,  # (n, 2)  the number of a query beside a row that must not answer it
    rows: range,
) -> None:
    """Go through the rows, block by block, and keep the best of each query up to date, in place."""
    slack = (queries.shape[1] + 2) * float(np.finfo(np.float32).eps)  # more than a float32 score can be off
    # One for all blocks: pages of new memory take longer than some of the work.
    num_rows = max(ROWS_PER_BLOCK, SCORES_PER_BLOCK // len(queries))
    room = np.empty(len(queries) * min(num_rows, len(rows)), np.float32)
    for start in range(rows.start, rows.stop, num_rows):
        block = unit_vectors[start : min(start + num_rows, rows.stop)]
        scores = room[: len(queries) * len(block)].reshape(len(queries), len(block))
        np.matmul(queries, block.T, out=scores)  # good to within slack
        query, row = excluded[(excluded[:, 1] >= start) & (excluded[:, 1] < start + len(block))].T
        scores[query, row - start] = -np.inf
        query, row = _candidates(scores, best, slack)
        merge(best, query, row + start, cosines_of_pairs(unit_vectors, row + start, queries, query))


def _candidates(scores: Floats, best: TopK, slack: float) -> tuple[Ints, Ints]:
    """Pairs of a query and a row of this block that may be among the query's best, however scores are rounded.

    Rows are taken in groups. The k-th highest of the groups' highest scores is one that k rows reach; only groups that
    reach it are looked into.
    """
    num_queries, num_rows = scores.shape
    k = best.ids.shape[1]
    num_groups = min(num_rows, max(GROUPS, GROUPS_PER_RESULT * k))
    size = num_rows // num_groups
    if k <= num_rows and size < ROWS_PER_GROUP:
        reached = np.partition(scores, num_rows - k, axis=1)[:, num_rows - k]
        floors = np.maximum(np.maximum(best.scores[:, -1] - slack, reached - 2 * slack), LOWEST)
        return np.divmod(np.flatnonzero(scores >= floors[:, None]), num_rows)
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
