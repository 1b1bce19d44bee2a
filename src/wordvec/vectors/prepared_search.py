"""Prepared search: exact neighbors of many directions at once, with all that searches need made ahead; for servers.

`WordVectors` makes unit vectors and an int8 copy when enough has been asked. A server that has just started knows that
much will be asked. It makes an int8 copy at once, of rows as they are mapped, so that unit vectors take no memory; the
copy is read once for all queries that come together. Where int8 is not faster, it searches as `WordVectors` does.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wordvec.config import usable_cores
from wordvec.errors import ConfigError
from wordvec.settings import check_count
from wordvec.vectors import checks, directions
from wordvec.vectors.directions import Direction, Queries, Terms, unit_rows
from wordvec.vectors.int8_search import MAX_COMPARED, MAX_COMPARED_PER_RESULT, MIN_NUMBERS, ROW_LIMIT
from wordvec.vectors.top_k import (
    Neighbor,
    TopK,
    cosines_with,
    exact_cosines,
    merge,
    named,
    named_all,
    top_k,
    unfilled,
)
from wordvec.vectors.word_vectors import WordVectors

if TYPE_CHECKING:
    from wordvec.kernels.int8.several_queries_filter import SeveralQueriesFilter

__all__ = ["PreparedSearch"]

# V words, D dimensions, Q queries
Floats = NDArray[np.float32]

TILES_PER_BLOCK = 128  # of rows, whose unit vectors are in memory at once while the copy is made
ROWS_PER_RESULT = 128  # of fewer rows, too many are compared exactly
COMPARED_AT_ONCE = 2**20  # pairs of a query and a row, of each thread: 16 MiB


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
        self._matrix = vectors.matrix  # (V, D)
        self._filter = _filter_of(self._matrix)

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
            asked: Q directions, at least one.
            k: how many words to find, at least 1.
            search_limit: search only the N most frequent words; None searches all.

        Returns:
            For each direction, words and cosines, the nearest first; which do not depend on the other directions.

        Raises:
            ConfigError: k or search_limit is not valid, or there is no direction.
        """
        if not asked:
            raise ConfigError("at least one direction is needed, got none")
        check_count("k", k, "how many neighbors to find")
        queries = np.concatenate([direction.query for direction in asked]).astype(np.float32)  # (Q, D)
        own = [direction.own for direction in asked]
        num_rows = len(checks.first_rows(self._matrix, search_limit))
        found = self._by_int8(queries, own, k, num_rows)
        if found is None:
            found = top_k(self.vectors.unit_matrix[:num_rows], queries, k, own)
        return named_all(self.vectors.words, found)

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
        """Ids and unit vectors, without those of all words in memory."""
        several = [words] if isinstance(words, str) else words
        ids = self.vectors.vocabulary.find_ids(several)
        return Queries(ids, unit_rows(self.vectors.lookup(several)))

    def _by_int8(self, queries: Floats, own: Sequence[Sequence[int]], k: int, num_rows: int) -> TopK | None:
        """The exact result by the int8 copy, a few queries at a time; None where int8 is not faster, or not enough."""
        wanted = min(k, num_rows) + max(len(set(rows)) for rows in own)  # own rows are found, too
        if self._filter is None or wanted * ROWS_PER_RESULT > num_rows:
            return None
        best = unfilled(len(queries), k, num_rows)
        max_compared = MAX_COMPARED + MAX_COMPARED_PER_RESULT * wanted
        num_queries = max(1, COMPARED_AT_ONCE // max_compared)
        for first in range(0, len(queries), num_queries):
            some = slice(first, first + num_queries)
            found = self._filter.candidates(
                queries[some], wanted, num_rows, max_compared, _helpers(), usable_cores() - 1
            )
            if not found.is_complete:
                return None
            units = unit_rows(self._matrix[found.rows])  # as the same rows of all unit vectors
            cosines = exact_cosines(units, queries[some][found.queries])
            barred = [
                query * num_rows + row
                for query, rows in enumerate(own[some])
                for row in rows
                if row < num_rows
            ]
            may_answer = ~np.isin(found.queries * num_rows + found.rows, barred)
            part = TopK(best.ids[some], best.scores[some])
            merge(part, found.queries[may_answer], found.rows[may_answer], cosines[may_answer])
        return best


def _filter_of(matrix: Floats) -> SeveralQueriesFilter | None:
    """What rules rows out by int8; None where the matrix is small, or this machine has no int8 products."""
    if matrix.size < MIN_NUMBERS or len(matrix) >= ROW_LIMIT or not matrix.flags.c_contiguous:
        return None
    from wordvec.kernels.int8.int8_tile import int8_tile_shape

    shape = int8_tile_shape()
    if shape is None:
        return None
    from wordvec.kernels.int8.several_queries_filter import SeveralQueriesFilter, empty_copy, fill_copy

    inverse_lengths = np.empty(len(matrix))
    rows_per_block = TILES_PER_BLOCK * shape.rows

    def fill(first: int) -> None:
        block = matrix[first : first + rows_per_block].astype(np.float64)
        lengths = np.sqrt(np.einsum("ij,ij->i", block, block))
        inverse_lengths[first : first + len(block)] = np.where(
            lengths > 0, 1 / np.where(lengths > 0, lengths, 1), 0
        )
        block *= inverse_lengths[first : first + len(block), None]
        fill_copy(shape, copy, first, block.astype(np.float32))

    try:
        copy = empty_copy(shape, *matrix.shape)
    except MemoryError:
        return None
    with ThreadPoolExecutor(usable_cores()) as threads:
        list(threads.map(fill, range(0, len(matrix), rows_per_block)))
    found = SeveralQueriesFilter(shape, copy, matrix, inverse_lengths)
    found.warm_up()
    return found


@cache
def _helpers() -> ThreadPoolExecutor | None:
    """More threads for all searches, where there are cores for them."""
    number = usable_cores() - 1
    return ThreadPoolExecutor(number, thread_name_prefix="wordvec-search") if number else None


if hasattr(os, "register_at_fork"):  # a child has no thread of its parent
    os.register_at_fork(after_in_child=_helpers.cache_clear)
