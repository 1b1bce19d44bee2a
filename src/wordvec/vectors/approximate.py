"""Approximate search: nearest neighbors from a graph of near vectors, and how many of the true ones it finds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wordvec.errors import ConfigError
from wordvec.packages import imported
from wordvec.vectors.checks import first_rows
from wordvec.vectors.directions import Queries, look_up, queries_of
from wordvec.vectors.top_k import Neighbor, TopK, exact_cosines, named_all, top_k, unfilled
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.vocabulary import NO_ID

__all__ = ["ApproximateSearch"]

# V words, D dimensions, Q queries
Floats = NDArray[np.float32]

TRIED = 500  # words whose true neighbors are searched for, to measure the recall
RECALL_AT = 10
SEED = 1


class ApproximateSearch:
    """An index of the words (HNSW, Malkov and Yashunin, 2016; by usearch) that answers without comparing with all.

    Building it takes far longer than exact searches do; it pays where very many queries come one by one. Cosines
    are exact, but some of the nearest words may be missing: `recall` says how many, measured once it is built.

    Args:
        vectors: what to search in.
        connectivity: how many near vectors each one is linked to; more find more, and take more memory.
        effort: how many candidates a search keeps; more find more, and take longer.
        search_limit: search only the N most frequent words.

    Raises:
        ConfigError: a setting is out of its range.
        MissingPackageError: usearch is not installed.

    >>> cities = WordVectors(["paris", "rome", "soup"], [[2.0, 1.0], [4.0, 3.0], [-1.0, 3.0]])
    >>> search = ApproximateSearch(cities)
    >>> search.recall, search.neighbors(["paris"], k=1)[0][0].word
    (1.0, 'rome')
    """

    def __init__(
        self,
        vectors: WordVectors,
        *,
        connectivity: int = 16,
        effort: int = 64,
        search_limit: int | None = None,
    ):
        for name, value in (("connectivity", connectivity), ("effort", effort)):
            if value < 2:
                raise ConfigError(f"{name} must be at least 2, got {value}")
        self._vectors = vectors
        self._candidates = first_rows(vectors.unit_matrix, search_limit)  # (V, D)
        self._index = imported("usearch.index", "approximate search").Index(
            ndim=vectors.dim,
            metric="ip",
            dtype="f32",
            connectivity=connectivity,
            expansion_add=max(effort, 2 * connectivity),
            expansion_search=effort,
        )
        try:
            self._index.add(np.arange(len(self._candidates)), np.ascontiguousarray(self._candidates))
        except RuntimeError as stopped:
            if "terminated" in str(stopped):  # usearch's word for Ctrl-C
                raise KeyboardInterrupt from stopped
            raise
        self.k = min(RECALL_AT, max(1, len(self._candidates) - 1))  # of the neighbors that recall counts
        rows = np.random.default_rng(SEED).permutation(len(self._candidates))[:TRIED]
        self.num_tried = len(rows)
        self.recall = self._recall(rows)  # share of the true k nearest that are found, in [0, 1]

    def neighbors(self, queries: Sequence[str] | ArrayLike, *, k: int = 10) -> list[list[Neighbor]]:
        """Find about the k nearest words of each query; `WordVectors.neighbors` finds exactly these.

        Args:
            queries: Q words, or Q vectors, (Q, D).
            k: how many words to find for each, at least 1.

        Returns:
            For each query, words and their exact cosines, the nearest first; a word is not its own neighbor.

        Raises:
            ConfigError: the vectors or k are not valid.
            UnknownWordError: a word has no vector.

        >>> cities = WordVectors(["paris", "rome", "soup"], [[2.0, 1.0], [4.0, 3.0], [-1.0, 3.0]])
        >>> [found[0].word for found in ApproximateSearch(cities).neighbors(["paris", "soup"], k=1)]
        ['rome', 'rome']
        """
        vectors = self._vectors
        find = partial(look_up, vectors.vocabulary, vectors.unit_matrix, vectors.lookup)
        return named_all(vectors.words, self._found(queries_of(find, vectors.dim, queries), k))

    def _found(self, asked: Queries, k: int) -> TopK:
        result = unfilled(len(asked.ids), k, len(self._candidates))
        if not len(asked.ids):
            return result
        count = min(result.ids.shape[1] + 1, len(self._candidates))  # one more, for the word itself
        for query, keys in enumerate(self._keys(asked.units, count)):
            near = keys[keys != asked.ids[query]]
            cosines = exact_cosines(self._candidates[near], asked.units[query])
            best = np.lexsort((near, -cosines))[: result.ids.shape[1]]
            result.ids[query, : len(best)], result.scores[query, : len(best)] = near[best], cosines[best]
        return result

    def _keys(self, asked: Floats, count: int) -> list[NDArray[np.int64]]:
        """The rows that the index finds for each query."""
        matches = self._index.search(asked, count)
        if len(asked) == 1:  # which usearch answers in another form
            return [matches.keys.astype(np.int64)]
        found = zip(matches.keys, matches.counts.tolist(), strict=True)
        return [keys[:num_found].astype(np.int64) for keys, num_found in found]

    def _recall(self, rows: NDArray[np.int64]) -> float:
        asked = Queries(rows, self._candidates[rows])
        true = top_k(self._candidates, asked.units, self.k, exclude=rows[:, None].tolist()).ids
        found = self._found(asked, self.k).ids
        hits = (true[:, :, None] == found[:, None, :]).any(axis=2) & (true != NO_ID)
        return float(hits.sum() / max(1, (true != NO_ID).sum()))
