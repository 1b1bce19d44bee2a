"""Prepared search: exact neighbors of many directions at once, with all that searches need made ahead; for servers.

`WordVectors` makes its unit vectors and its int8 copy when enough has been asked. A server that has just started knows
that much will be asked, and makes them before the first question.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wordvec.errors import ConfigError
from wordvec.vectors import checks, directions
from wordvec.vectors.directions import Direction, Queries, Terms
from wordvec.vectors.top_k import Neighbor, Search, cosines_with, named, named_all
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["PreparedSearch"]


class PreparedSearch:
    """Searches the words of a model, ready from the start; several threads may ask at once.

    Args:
        vectors: what to search in.

    >>> axes = WordVectors(["king", "man", "woman", "queen"], [[1, 1], [1, 0], [-1, 0], [-1, 1]])
    >>> search = PreparedSearch(axes)
    >>> asked = [search.direction(["king", "woman"], ["man"]), search.direction("queen")]
    >>> [found[0].word for found in search.nearest(asked, k=1)]
    ['queen', 'woman']
    """

    def __init__(self, vectors: WordVectors):
        self.vectors = vectors
        self._unit_matrix = vectors.unit_matrix  # (V, D)
        self._search = Search(self._unit_matrix)
        self._search.int8_copy.make()

    def direction(self, positive: Terms = (), negative: Terms = ()) -> Direction:
        """The direction in which `WordVectors.most_similar` searches, and the words that it leaves out.

        Args:
            positive: words to be near to: a word, or a list of terms.
            negative: words to be away from.

        Returns:
            A vector of length 1, (1, D), and the ids of the words that it was made of.

        Raises:
            ConfigError: a term is not valid, or the terms cancel out.
            UnknownWordError: a word has no vector.
        """
        return directions.direction_of(self._look_up, self.vectors.dim, positive, negative)

    def nearest(
        self, asked: Sequence[Direction], *, k: int = 10, search_limit: int | None = None
    ) -> list[list[Neighbor]]:
        """Find the k words nearest to each of many directions, without the words that it was made of.

        Args:
            asked: Q directions.
            k: how many words to find, at least 1.
            search_limit: search only the N most frequent words; None searches all.

        Returns:
            For each direction, words and cosines, the nearest first; the same whatever else is asked along with it.

        Raises:
            ConfigError: k or search_limit is not valid, or there is no direction.
        """
        if not asked:
            raise ConfigError("at least one direction is needed, got none")
        candidates = checks.first_rows(self._unit_matrix, search_limit)
        queries = np.concatenate([direction.query for direction in asked])  # (Q, D)
        own = [direction.own for direction in asked]
        return named_all(self.vectors.words, self._search.top_k(candidates, queries, k, exclude=own))

    def cosines(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """The cosine of the words of each pair, as `WordVectors.similarity` computes it.

        Raises:
            UnknownWordError: a word has no vector.
        """
        words = list(dict.fromkeys(word for pair in pairs for word in pair))
        units = dict(zip(words, self._look_up(words).units, strict=True))
        return [float(cosines_with(units[other][None], units[word])[0]) for word, other in pairs]

    def centrality(self, words: Sequence[str]) -> list[Neighbor]:
        """Words by their cosine with the mean direction of all, as `WordVectors.centrality` orders them.

        Raises:
            UnknownWordError: a word has no vector.
        """
        cosines = directions.centralities(self._look_up(words).units)
        order = np.argsort(-cosines, kind="stable")
        return named(words, order.tolist(), cosines[order].tolist())

    def _look_up(self, words: str | Sequence[str]) -> Queries:
        return directions.look_up(self.vectors.vocabulary, self._unit_matrix, self.vectors.lookup, words)
