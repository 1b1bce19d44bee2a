"""The scan of floats: all rows are scored in float32, by BLAS; what may be among the best, in float64."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wordvec.vectors.best import TopK, cosines_of_pairs, merge

__all__ = ["ROWS_PER_BLOCK", "scan_floats"]

# V words, D dimensions, Q queries
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

ROWS_PER_BLOCK = 8192  # at least: a block of 1,024 queries' scores takes 32 MiB
# In a block of few queries: each call of BLAS waits for all of its threads, long where other programs use the cores.
SCORES_PER_BLOCK = 2**22
# Of the rows of a block, only those groups are looked into that hold candidates.
GROUPS, GROUPS_PER_RESULT = 256, 8
ROWS_PER_GROUP = (
    8  # at least; where so many are asked for that groups would be smaller, each row is looked at
)
LOWEST = np.float32(-2.0)  # below every cosine, and above -inf


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
