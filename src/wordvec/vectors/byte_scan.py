"""The scan of bytes: all rows are compared with queries as bytes, three to four times as fast, and few as floats.

What rounding to bytes may have hidden is bounded (`kernels.cpu.byte_tile`), so no row is missed. The first rows are
scanned as floats; the best of them are the floor that others have to reach. It rises as better ones are found.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.config import usable_cores
from wordvec.vectors.top_k import TopK, cosines_of_pairs, merge, scan_floats

if TYPE_CHECKING:
    from wordvec.kernels.cpu.machine import ByteTileShape
    from wordvec.kernels.cpu.shortlist import Shortlister

__all__ = ["byte_tile_that_pays", "scan_bytes"]

# V words, D dimensions, Q queries
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

FEWEST_PRODUCTS = 2**36  # about a second of BLAS; loading the kernels takes nearly as long, once
FEWEST_QUERIES = 64  # of few, rounding the rows takes longer than comparing them
FIRST_ROWS, FIRST_ROWS_PER_RESULT = 8192, 64
ROWS_PER_TASK = 16_384
MOST_LISTED = 1 / 16  # of the pairs of a query and a row; where more are listed, floats are faster
ROW_LIMIT = 2**31  # rows are numbered in int32


def byte_tile_that_pays(unit_vectors: Floats, num_queries: int, k: int) -> ByteTileShape | None:
    """The machine's tile of bytes, if it has one, and there is so much to compare that bytes are faster than floats."""
    num_words, dim = unit_vectors.shape
    if num_queries < FEWEST_QUERIES or num_queries * num_words * dim < FEWEST_PRODUCTS:
        return None
    if num_words < 4 * _first_rows(k) or num_words >= ROW_LIMIT or not unit_vectors.flags.c_contiguous:
        return None
    from wordvec.kernels.cpu.machine import byte_tile_shape

    return byte_tile_shape()


def scan_bytes(
    shape: ByteTileShape,
    best: TopK,
    unit_vectors: Floats,  # (V, D)
    queries: Floats,  # (Q, D)
    excluded: Ints,  # (n, 2)  the number of a query beside a row that must not answer it
    rows: range,
) -> None:
    """Go through the rows and keep the best of each query up to date, in place."""
    from wordvec.kernels.cpu.shortlist import Shortlister

    num_seen = min(len(rows), _first_rows(best.ids.shape[1]))
    scan_floats(best, unit_vectors, queries, excluded, rows[:num_seen])
    search, num_threads = _Search(unit_vectors, queries, Shortlister(shape, queries)), usable_cores()
    barred = search.numbered(*excluded.T)
    with ThreadPoolExecutor(num_threads) as threads:
        while num_seen < len(rows):
            stretch = rows[num_seen : 2 * num_seen]  # when as many more are seen, floors have risen
            candidates = partial(search.candidates, floors=best.scores[:, -1].copy())
            parts = list(threads.map(candidates, _parts(stretch, num_threads)))
            listed = [part for part in parts if part is not None]
            if len(listed) < len(parts):
                scan_floats(best, unit_vectors, queries, excluded, rows[num_seen:])
                return
            query, row, cosines = (np.concatenate(side) for side in zip(*listed, strict=True))
            may_answer = ~np.isin(search.numbered(query, row), barred)
            merge(best, query[may_answer], row[may_answer], cosines[may_answer])
            num_seen += len(stretch)


class _Candidates(NamedTuple):
    """Pairs that may be among the best."""

    queries: Ints  # (n,)
    rows: Ints  # (n,)
    cosines: Floats  # (n,)  exact


@dataclass(frozen=True)
class _Search:
    """What is the same in all tasks of a scan."""

    unit_vectors: Floats
    queries: Floats
    shortlister: Shortlister

    def candidates(self, rows: range, floors: Floats) -> _Candidates | None:
        """All pairs of a query and a row whose cosine reaches the query's floor; None if bytes tell too little."""
        most_pairs = int(MOST_LISTED * len(rows) * len(self.queries))
        listed = self.shortlister.reaching(self.unit_vectors, rows, floors, most_pairs)
        if listed.stop < rows.stop:
            return None
        query, row = listed.queries.astype(np.int64), listed.rows.astype(np.int64)
        cosines = cosines_of_pairs(self.unit_vectors, row, self.queries, query)
        return _Candidates(query, row, cosines)

    def numbered(self, queries: Ints, rows: Ints) -> Ints:
        """A number for each pair of a query and a row, to be compared with others."""
        return queries * len(self.unit_vectors) + rows


def _first_rows(k: int) -> int:
    return max(FIRST_ROWS, FIRST_ROWS_PER_RESULT * k)


def _parts(rows: range, num_threads: int) -> list[range]:
    size = min(ROWS_PER_TASK, -(-len(rows) // num_threads))
    return [rows[start : start + size] for start in range(0, len(rows), size)]
