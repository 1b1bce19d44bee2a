"""Rows of a matrix, one a word: brought to length 1, checked, or only the first of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wordvec.settings import check_count

__all__ = ["first_non_finite_row", "first_rows", "unit_rows"]

Floats = NDArray[np.float32]

ROWS_IN_CACHE = 128


def unit_rows(matrix: NDArray[np.floating]) -> Floats:
    """Divide each row by its length; a row of zeros stays as it is.

    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    unit = np.empty(matrix.shape, dtype=np.float32)  # (V, D)
    for start in range(0, len(matrix), ROWS_IN_CACHE):
        # In float64, where the square of the largest and of the smallest float32 still exists.
        block = matrix[start : start + ROWS_IN_CACHE].astype(np.float64)
        lengths = np.sqrt(np.einsum("ij,ij->i", block, block))  # (rows,)
        block /= np.where(lengths > 0, lengths, 1.0)[:, None]
        unit[start : start + ROWS_IN_CACHE] = block
    return unit


def first_non_finite_row(matrix: NDArray[np.floating]) -> int | None:
    """Find the first row that holds a NaN or an infinity.

    >>> first_non_finite_row(np.array([[1.0, 2.0], [np.nan, 0.0]]))
    1
    """
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(np.add.reduce(matrix, axis=None)):  # no sum with a NaN or an infinity in it is finite
            return None
    for start in range(0, len(matrix), ROWS_IN_CACHE):
        finite = np.isfinite(matrix[start : start + ROWS_IN_CACHE])  # (rows, D)
        if not finite.all():
            return start + int(np.argmin(finite.all(axis=1)))
    return None


def first_rows(unit_vectors: Floats, most_words: int | None) -> Floats:
    """The rows that may answer: the first so many, or all.

    Raises:
        ConfigError: most_words is not an integer, or below 1.

    >>> first_rows(np.eye(3, dtype=np.float32), 1).tolist()
    [[1.0, 0.0, 0.0]]
    """
    if most_words is not None:
        check_count("most_words", most_words, "how many words may answer")
    return unit_vectors[:most_words]
