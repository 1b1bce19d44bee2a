"""The best so far: the rows that came nearest to each query, while others are still looked at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.settings import check_count

__all__ = ["NOBODY", "TopK", "cosines_of_pairs", "exact_cosines", "merge", "nothing_found"]

# Q queries, k results for each query, n candidates, D dimensions
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

NOBODY = -1  # the id that fills a row with fewer than k results
NUMBERS_IN_CACHE = 2**15  # in float64; twice as many are new memory each time, which takes far longer


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
