"""Ranking: where a word stands among the neighbours of another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wordvec.vectors.float_scan import ROWS_PER_BLOCK

__all__ = ["cosines_with", "nearer_rows"]

# V words, D dimensions
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def cosines_with(unit_vectors: Floats, query: Floats) -> Floats:
    """The cosine of each row, (V,), with a query, (D,): summed alike in each row, so equal rows get equal cosines.

    >>> cosines_with(np.eye(2, dtype=np.float32), np.array([0.6, 0.8], np.float32)).tolist()
    [0.6000000238418579, 0.800000011920929]
    """
    cosines = np.empty(len(unit_vectors), np.float32)
    exact = query.astype(np.float64)
    for start in range(0, len(unit_vectors), ROWS_PER_BLOCK):
        rows = unit_vectors[start : start + ROWS_PER_BLOCK].astype(np.float64)
        cosines[start : start + ROWS_PER_BLOCK] = np.einsum("ij,j->i", rows, exact).clip(-1.0, 1.0)
    return cosines


def nearer_rows(unit_vectors: Floats, row: int, other: int) -> tuple[Ints, Floats]:
    """The rows that are nearer to `row` than `other` is, nearest first, and their cosines; `row` is not among them.

    >>> plane = np.array([[1.0, 0.0], [0.0, 1.0], [0.8, 0.6]], np.float32)
    >>> nearer_rows(plane, 0, 1)[0].tolist()
    [2]
    """
    cosines = cosines_with(unit_vectors, unit_vectors[row])
    nearer = np.flatnonzero(cosines > cosines[other])
    nearer = nearer[nearer != row]
    nearer = nearer[np.argsort(-cosines[nearer], kind="stable")]
    return nearer, cosines[nearer]
