"""Nearest neighbours: exact top-k by cosine similarity, on arrays alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from wordvec.vectors.byte_scan import byte_tile_that_pays, scan_bytes
from wordvec.vectors.top_k import TopK, nothing_found, scan_floats

__all__ = ["top_k"]

# V words, D dimensions, Q queries
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

QUERIES_PER_BLOCK = 1024
CANDIDATES_PER_BLOCK = 2**18  # queries x results: of more, sorting them takes longer than the search


def top_k(
    unit_vectors: Floats,  # (V, D)  rows of length 1 or 0
    queries: Floats,  # (Q, D)  rows of length 1 or 0
    k: int,
    exclude: Sequence[Sequence[int]] | None = None,  # for each query the rows that must not answer it
) -> TopK:
    """Find the k rows with the highest cosine for each query, by comparing with every row.

    Rows that cannot be among the best are told by less exact scores, those of `float_scan`, or of `byte_scan` where
    there is much to compare; what is left is scored in float64. So the result depends neither on the other
    queries nor on the way that was taken, and equal rows get equal scores.

    >>> from wordvec.vectors.directions import unit_rows
    >>> names = unit_rows(np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 2.0]]))
    >>> top_k(names, names[:1], k=2, exclude=[[0]]).ids.tolist()
    [[1, 2]]
    """
    num_words = len(unit_vectors)
    result = nothing_found(len(queries), k, num_words)
    exclude = exclude or [()] * len(queries)
    is_zero = ~queries.any(axis=1)  # (Q,)
    for query in np.flatnonzero(is_zero).tolist():
        rows = _first_of_all(num_words, k, exclude[query])
        result.ids[query, : len(rows)], result.scores[query, : len(rows)] = rows, 0.0
    asked = np.flatnonzero(~is_zero)
    excluded = _pairs([exclude[query] for query in asked.tolist()], num_words)
    num_queries = max(1, min(QUERIES_PER_BLOCK, CANDIDATES_PER_BLOCK // result.ids.shape[1]))
    byte_tile = byte_tile_that_pays(unit_vectors, len(asked), k)
    scan = scan_floats if byte_tile is None else partial(scan_bytes, byte_tile)
    for first in range(0, len(asked), num_queries):
        block = asked[first : first + num_queries]
        own = excluded[(excluded[:, 0] >= first) & (excluded[:, 0] < first + len(block))] - (first, 0)
        best = nothing_found(len(block), k, num_words)
        scan(best, unit_vectors, queries[block], own, range(num_words))
        result.ids[block], result.scores[block] = best
    return result


def _first_of_all(num_words: int, k: int, excluded: Sequence[int]) -> Ints:
    """The answer to a query of zeros, to which all rows are equally near: to score them all would take long."""
    rows = np.arange(min(num_words, k + len(excluded)))
    return rows[~np.isin(rows, excluded)][:k]


def _pairs(excluded: Sequence[Sequence[int]], num_words: int) -> Ints:
    """The number of each query beside each row that could answer it and must not, (n, 2)."""
    sizes = [len(rows) for rows in excluded]
    rows = np.fromiter(chain.from_iterable(excluded), np.int64, sum(sizes))
    pairs = np.stack([np.repeat(np.arange(len(sizes)), sizes), rows], axis=1)
    return pairs[rows < num_words]  # where only the first rows may answer, a query's own may be another
