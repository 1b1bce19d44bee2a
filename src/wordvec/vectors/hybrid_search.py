"""Hybrid search: texts ranked by meaning and by the words that they share with a query, both rankings fused."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wordvec.packages import imported
from wordvec.vectors.text_encoder import TextEncoder
from wordvec.vectors.top_k import top_k
from wordvec.vocabulary.vocabulary import NO_ID

__all__ = ["HybridSearch", "fused"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

DAMPING = 60  # of ranks: from Cormack, Clarke and Buettcher (2009), who found that it hardly matters
MIN_FUSED = 100  # texts of each ranking, or ten times as many as are asked for


def fused(rankings: Sequence[Sequence[int]], k: int) -> list[int]:
    """The best of several rankings: those with the largest sum of 1 / (60 + rank), reciprocal rank fusion.

    Args:
        rankings: each the best first.
        k: how many are wanted; there may be fewer.

    >>> fused([[7, 8, 9], [8, 9, 7]], 2)
    [8, 7]
    """
    sums: dict[int, float] = {}
    for ranking in rankings:
        for rank, one in enumerate(ranking, start=1):
            sums[one] = sums.get(one, 0.0) + 1 / (DAMPING + rank)
    return sorted(sums, key=lambda one: -sums[one])[:k]


class HybridSearch:
    """Some texts, to be searched by meaning and by words: cosines of an encoder, and Okapi BM25 by bm25s.

    Args:
        encoder: of the texts and the queries, which also says what their words are.
        texts: N texts; or lists of words, cut as the corpus of the encoder's vectors was.

    Raises:
        ConfigError: see `TextEncoder.encode`.
        MissingPackageError: bm25s is not installed (`pip install 'wordvec[hybrid]'`).

    >>> from wordvec import WordVectors
    >>> cities = WordVectors(["rome", "soup", "broth"], [[0, 2], [1, 0], [1, 0.1]], counts=[5, 5, 5])
    >>> encoder = TextEncoder.of(cities, tokenizer="words")
    >>> HybridSearch(encoder, ["Broth", "Rome", "soup, Zoe's"]).search(["Zoe's soup"], k=2)
    [[2, 0]]
    """

    def __init__(self, encoder: TextEncoder, texts: Sequence[str] | Sequence[Sequence[str]]):
        bm25s = imported("bm25s", "a hybrid search")
        self._encoder = encoder
        self.vectors = encoder.encode(texts)
        words = [list(text) for text in encoder.tokens(texts)]
        self._by_words = None
        if any(words):  # bm25s divides by their number
            self._by_words = bm25s.BM25()
            self._by_words.index(words, show_progress=False)

    def search(self, queries: Sequence[str] | Sequence[Sequence[str]], k: int = 10) -> list[list[int]]:
        """The texts that answer each query best.

        Args:
            queries: as the texts were given.
            k: how many texts for each query.

        Returns:
            For each query, the numbers of at most k texts, the best first: none that has neither a word of the query
            nor a known one.
        """
        vectors, is_known = self._encoder.encode(queries), (self.vectors != 0).any(axis=1)
        num_fused = max(MIN_FUSED, 10 * k)
        by_meaning = top_k(self.vectors, vectors, num_fused).ids
        found = []
        for vector, near, words in zip(
            vectors, by_meaning.tolist(), self._encoder.tokens(queries), strict=True
        ):
            of_meaning = [row for row in near if row != NO_ID and is_known[row]] if vector.any() else []
            found.append(fused([of_meaning, self._sharing_words(list(words), num_fused)], k))
        return found

    def _sharing_words(self, words: list[str], number: int) -> list[int]:
        """The texts with words of a query, the best first."""
        if self._by_words is None or not words:
            return []
        scores: Floats = self._by_words.get_scores(words)
        best: Ints = np.argsort(-scores, kind="stable")[:number]
        return [int(row) for row in best if scores[row] > 0]
