"""Exact top k: the rows with the highest cosines, found by comparing each query with every row, and named as words.

Rows that cannot be among the best are ruled out by less exact products, in float32 or int8; the others are scored in
float64. So a result depends neither on the other queries nor on the way it was found, and equal rows get equal scores.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.config import usable_cores
from wordvec.settings import check_count
from wordvec.vectors.directions import Queries
from wordvec.vectors.int8_search import BatchFilter, Int8Copy, batch_tile_shape, num_first_rows, tasks_of
from wordvec.vocabulary.vocabulary import NO_ID

__all__ = [
    "ROWS_PER_BLOCK",
    "Neighbor",
    "Search",
    "TopK",
    "cosines_with",
    "exact_cosines",
    "merge",
    "named",
    "named_all",
    "nearer_rows",
    "top_k",
    "unfilled",
]

# V words, D dimensions, Q queries, k results for each query, n candidates
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

QUERIES_PER_BLOCK = 1024
CANDIDATES_PER_BLOCK = 2**18  # queries x results: of more, sorting them takes longer than the search
ROWS_PER_BLOCK = 8192  # at least: a block of 1,024 queries' scores takes 32 MiB
# In a block of few queries: each call of BLAS waits for all of its threads, long where other programs use the cores.
SCORES_PER_BLOCK = 2**22
# Of the rows of a block, only those groups are looked into that hold candidates.
GROUPS, GROUPS_PER_RESULT = 256, 8
ROWS_PER_GROUP = 8  # at least; where k is so large that groups would be smaller, each row is looked at
LOWEST = np.float32(-2.0)  # below every cosine, and above -inf
NUMBERS_IN_CACHE = 2**15  # in float64; twice as many are new memory each time, which takes far longer
MANY = 1000  # answers to a query, from which on they are named without a step of Python for each


class TopK(NamedTuple):
    """The best rows for each query, best first; equal scores in order of id."""

    ids: Ints  # (Q, k)  rows of the matrix; -1 where there are fewer than k
    scores: Floats  # (Q, k)  cosines in [-1, 1]; -inf where the id is -1


def unfilled(num_queries: int, k: int, num_words: int) -> TopK:
    """A result to be filled: min(k, num_words) places for each query.

    Raises:
        ConfigError: k is not an integer, or below 1.

    >>> unfilled(1, k=10, num_words=2)
    TopK(ids=array([[-1, -1]]), scores=array([[-inf, -inf]], dtype=float32))
    """
    check_count("k", k, "how many neighbors to find")
    shape = num_queries, min(k, num_words)
    return TopK(np.full(shape, NO_ID, dtype=np.int64), np.full(shape, -np.inf, dtype=np.float32))


def top_k(
    unit_vectors: Floats,  # (V, D)  rows of length 1 or 0
    queries: Floats,  # (Q, D)  rows of length 1 or 0
    k: int,
    exclude: Sequence[Sequence[int]]
    | None = None,  # for each query rows that must not answer it; NO_ID stands for none
) -> TopK:
    """Find the k rows with the highest cosine for each query.

    Raises:
        ConfigError: k is not an integer, or below 1.

    >>> from wordvec.vectors.directions import unit_rows
    >>> units = unit_rows(np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 2.0]]))
    >>> top_k(units, units[:1], k=2, exclude=[[0]]).ids.tolist()
    [[1, 2]]
    """
    num_words = len(unit_vectors)
    result = unfilled(len(queries), k, num_words)
    exclude = exclude or [()] * len(queries)
    is_zero = ~queries.any(axis=1)  # (Q,)
    for query in np.flatnonzero(is_zero).tolist():
        rows = _first_of_all(num_words, k, exclude[query])
        result.ids[query, : len(rows)], result.scores[query, : len(rows)] = rows, 0.0
    asked = np.flatnonzero(~is_zero)
    excluded = _excluded_pairs([exclude[query] for query in asked.tolist()], num_words)
    num_queries = max(1, min(QUERIES_PER_BLOCK, CANDIDATES_PER_BLOCK // result.ids.shape[1]))
    int8_tile = batch_tile_shape(unit_vectors, len(asked), k)
    for first in range(0, len(asked), num_queries):
        block = asked[first : first + num_queries]
        own = excluded[(excluded[:, 0] >= first) & (excluded[:, 0] < first + len(block))] - (first, 0)
        search = _BlockSearch(unit_vectors, queries[block], own, unfilled(len(block), k, num_words))
        num_seen = 0
        if int8_tile is not None:
            num_seen = min(num_words, num_first_rows(result.ids.shape[1]))
            search.scan_floats(range(num_seen))
            num_seen = search.scan_int8(BatchFilter(int8_tile, unit_vectors, queries[block]), num_seen)
        search.scan_floats(range(num_seen, num_words))
        result.ids[block], result.scores[block] = search.best
    return result


class Search:
    """`top_k` of one matrix, asked again and again: single queries become faster once there have been some.

    It keeps an int8 copy of the unit vectors then. Several threads may ask at once.
    """

    def __init__(self, unit_vectors: Floats):
        """Take the unit vectors, (V, D), that will be searched."""
        self.int8_copy = Int8Copy(unit_vectors)

    def top_k(
        self,
        unit_vectors: Floats,  # (V, D)  all rows or the first of them
        queries: Floats,  # (Q, D)  rows of length 1 or 0
        k: int,
        exclude: Sequence[Sequence[int]]
        | None = None,  # for each query rows that must not answer it; NO_ID stands for none
    ) -> TopK:
        """Find the k rows with the highest cosine for each query, as the function `top_k` does.

        Raises:
            ConfigError: k is not an integer, or below 1.
        """
        check_count("k", k, "how many neighbors to find")
        if len(queries) == 1 and queries.any():
            query = np.array(queries, np.float32, order="C")
            own = [row for row in (exclude[0] if exclude else ()) if 0 <= row < len(unit_vectors)]
            found = self.int8_copy.candidates(
                unit_vectors, query, k + len(set(own))
            )  # own rows are found, too
            if found is not None:
                rows = found[(found[:, None] != np.array(own)).all(axis=1)] if own else found
                best = unfilled(1, k, len(unit_vectors))
                merge(best, np.zeros(len(rows), np.int64), rows, exact_cosines(unit_vectors[rows], query))
                return best
        return top_k(unit_vectors, queries, k, exclude)


def exact_cosines(rows: Floats, queries: Floats) -> Floats:
    """Score rows, (n, D), with a query or with one each; a row is summed in the same order wherever it stands.

    So equal rows get equal scores.
    """
    products = rows.astype(np.float64)  # (n, D)
    products *= queries
    cosines: NDArray[np.float64] = products.sum(axis=1)
    return cosines.clip(-1.0, 1.0).astype(np.float32)


def cosines_with(unit_vectors: Floats, query: Floats) -> Floats:
    """The cosine of each row, (V,), with a query, (D,), summed alike in each row, so equal rows get equal cosines.

    >>> cosines_with(np.eye(2, dtype=np.float32), np.array([0.6, 0.8], np.float32)).tolist()
    [0.6000000238418579, 0.800000011920929]
    """
    cosines = np.empty(len(unit_vectors), np.float32)
    exact = query.astype(np.float64)
    for start in range(0, len(unit_vectors), ROWS_PER_BLOCK):
        rows = unit_vectors[start : start + ROWS_PER_BLOCK].astype(np.float64)
        cosines[start : start + ROWS_PER_BLOCK] = np.einsum("ij,j->i", rows, exact).clip(-1.0, 1.0)
    return cosines


def nearer_rows(unit_vectors: Floats, two: Queries) -> tuple[Ints, Floats]:
    """The rows that are nearer to the first of two queries than the second is, nearest first, and their cosines.

    The first query's own row is not among them.

    >>> plane = np.array([[1.0, 0.0], [0.0, 1.0], [0.8, 0.6]], np.float32)
    >>> nearer_rows(plane, Queries(np.array([0, 1]), plane[:2]))[0].tolist()
    [2]
    """
    (own, other), (query, other_unit) = two.ids.tolist(), two.units
    cosines = cosines_with(unit_vectors, query)
    threshold = cosines_with(other_unit[None], query)[0] if other == NO_ID else cosines[other]
    nearer = np.flatnonzero(cosines > threshold)
    nearer = nearer[nearer != own]
    nearer = nearer[np.argsort(-cosines[nearer], kind="stable")]
    return nearer, cosines[nearer]


class _BlockSearch(NamedTuple):
    """Some queries, and the best rows that were found for them so far."""

    unit_vectors: Floats  # (V, D)
    queries: Floats  # (Q, D)
    excluded: Ints  # (n, 2)  the number of a query beside a row that must not answer it
    best: TopK  # changed in place

    def scan_floats(self, rows: range) -> None:
        """Compare the queries with rows by products in float32, block by block."""
        unit_vectors, queries, excluded, best = self
        slack = (queries.shape[1] + 2) * float(np.finfo(np.float32).eps)  # more than such a score can be off
        # One memory for all blocks: pages of new memory take longer than some of the work.
        num_rows = max(ROWS_PER_BLOCK, SCORES_PER_BLOCK // len(queries))
        room = np.empty(len(queries) * min(num_rows, len(rows)), np.float32)
        for start in range(rows.start, rows.stop, num_rows):
            block = unit_vectors[start : min(start + num_rows, rows.stop)]
            scores = room[: len(queries) * len(block)].reshape(len(queries), len(block))
            np.matmul(queries, block.T, out=scores)  # good to within slack
            query, row = excluded[(excluded[:, 1] >= start) & (excluded[:, 1] < start + len(block))].T
            scores[query, row - start] = -np.inf
            query, row = _candidates(scores, best, slack)
            merge(best, query, row + start, self._cosines(query, row + start))

    def scan_int8(self, batch: BatchFilter, first: int) -> int:
        """Compare the queries with rows from `first` on by products in int8.

        Returns:
            How many rows have been compared: all, or fewer where int8 decides too little.
        """
        num_words, num_threads, num_seen = len(self.unit_vectors), usable_cores(), first
        barred = self._numbered(*self.excluded.T)

        def scored(task: tuple[range, Floats]) -> tuple[Ints, Ints, Floats] | None:
            pairs = batch.pairs(*task)
            if pairs is None:
                return None
            return pairs.queries, pairs.rows, self._cosines(pairs.queries, pairs.rows)

        with ThreadPoolExecutor(num_threads) as threads:
            while num_seen < num_words:
                stretch = range(num_seen, min(2 * num_seen, num_words))  # by its end, thresholds have risen
                thresholds = self.best.scores[:, -1].copy()
                parts = list(
                    threads.map(scored, ((task, thresholds) for task in tasks_of(stretch, num_threads)))
                )
                listed = [part for part in parts if part is not None]
                if len(listed) < len(parts):
                    break
                query, row, cosines = (np.concatenate(side) for side in zip(*listed, strict=True))
                may_answer = ~np.isin(self._numbered(query, row), barred)
                merge(self.best, query[may_answer], row[may_answer], cosines[may_answer])
                num_seen = stretch.stop
        return num_seen

    def _cosines(self, query: Ints, rows: Ints) -> Floats:
        """The exact cosine of each row, (n,), with the query beside it, (n,)."""
        cosines = np.empty(len(rows), np.float32)
        num_pairs = max(1, NUMBERS_IN_CACHE // self.unit_vectors.shape[1])
        for first in range(0, len(rows), num_pairs):
            some = slice(first, first + num_pairs)
            asked = self.queries if len(self.queries) == 1 else self.queries[query[some]]
            cosines[some] = exact_cosines(self.unit_vectors.take(rows[some], axis=0), asked)
        return cosines

    def _numbered(self, query: Ints, rows: Ints) -> Ints:
        """A number for each pair of a query and a row, to be compared with others."""
        return query * len(self.unit_vectors) + rows


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
        thresholds = np.maximum(np.maximum(best.scores[:, -1] - slack, reached - 2 * slack), LOWEST)
        return np.divmod(np.flatnonzero(scores >= thresholds[:, None]), num_rows)
    grouped = scores[:, : size * num_groups].reshape(num_queries, size, num_groups)
    rest = scores[:, size * num_groups :]  # each a group of its own
    highest = np.concatenate([grouped.max(axis=1), rest], axis=1)  # (Q, groups)
    thresholds = best.scores[:, -1] - slack
    if highest.shape[1] >= k:
        reached = np.partition(highest, highest.shape[1] - k, axis=1)[:, highest.shape[1] - k]
        thresholds = np.maximum(thresholds, reached - 2 * slack)
    thresholds = np.maximum(thresholds, LOWEST)  # excluded rows are lower
    query, group = np.nonzero(highest >= thresholds[:, None])
    is_single = group >= num_groups
    in_groups, groups = query[~is_single], group[~is_single]
    inside = grouped[in_groups, :, groups] >= thresholds[in_groups, None]  # (groups looked into, size)
    which, place = np.nonzero(inside)
    return (
        np.concatenate([in_groups[which], query[is_single]]),
        np.concatenate([groups[which] + num_groups * place, group[is_single] + (size - 1) * num_groups]),
    )


def merge(best: TopK, query: Ints, ids: Ints, scores: Floats) -> None:
    """Put candidates among the best of their queries, in place: by score, then by id."""
    num_queries, k = best.ids.shape
    if num_queries == 1:
        is_found = best.ids[0] != NO_ID
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


def _first_of_all(num_words: int, k: int, excluded: Sequence[int]) -> Ints:
    """The answer to a query of zeros, to which all rows are equally near: to score them all would take long."""
    rows = np.arange(min(num_words, k + len(excluded)))
    return rows[~np.isin(rows, excluded)][:k]


def _excluded_pairs(excluded: Sequence[Sequence[int]], num_words: int) -> Ints:
    """The number of each query beside each row that could answer it and must not, (n, 2)."""
    sizes = [len(rows) for rows in excluded]
    rows = np.fromiter(chain.from_iterable(excluded), np.int64, sum(sizes))
    pairs = np.stack([np.repeat(np.arange(len(sizes)), sizes), rows], axis=1)
    return pairs[
        (rows >= 0) & (rows < num_words)
    ]  # where only the first rows may answer, a query's own may be another


class Neighbor(NamedTuple):
    """A word and its cosine with what was asked for; compares equal to a plain tuple."""

    word: str
    similarity: float  # in [-1, 1]


_NEIGHBOR = partial(tuple.__new__, Neighbor)  # without a call of Python for each of ten thousand answers


def named(words: Sequence[str], rows: Iterable[int], cosines: Iterable[float]) -> list[Neighbor]:
    """Name the rows that were found for one query; places without a row (NO_ID) are left out.

    >>> named(["paris", "rome"], [1, -1], [0.5, float("-inf")])
    [Neighbor(word='rome', similarity=0.5)]
    """
    return [
        _NEIGHBOR((words[row], cosine)) for row, cosine in zip(rows, cosines, strict=True) if row != NO_ID
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
    """The same as `named`, without a step of Python for each of thousands of answers."""
    is_found = rows != NO_ID
    rows, cosines = rows[is_found], cosines[is_found]
    if len(rows) < 2:  # of one index, itemgetter would make no tuple
        return named(words, rows.tolist(), cosines.tolist())
    with _garbage_collection_paused():
        return list(map(_NEIGHBOR, zip(itemgetter(*rows.tolist())(words), cosines.tolist(), strict=True)))


@contextmanager
def _garbage_collection_paused() -> Iterator[None]:
    """Make thousands of tuples without Python looking for garbage among them after every few hundred.

    Threads that come at once leave it as they found it: whoever found it on turns it on again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
