"""Checks of arrays that become word vectors or queries: shape, kind, finite numbers; what passes is read-only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wordvec.errors import ConfigError
from wordvec.settings import check_count
from wordvec.vocabulary.vocabulary import SimpleVocabulary, Vocabulary

__all__ = [
    "check_still_finite",
    "checked_counts",
    "checked_output_matrix",
    "checked_parts",
    "checked_position_weights",
    "checked_queries",
    "first_non_finite_row",
    "first_rows",
    "read_only",
]

# V words, R rows, D dimensions, P positions around a word, Q queries
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Scalar = TypeVar("Scalar", bound=np.generic)

ROWS_IN_CACHE = 128


def read_only(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """The same numbers, not to be changed through this array."""
    view: NDArray[Scalar] = array.view()
    view.setflags(write=False)
    return view


def checked_parts(words: Iterable[str] | Vocabulary, matrix: ArrayLike) -> tuple[Vocabulary, Floats]:
    """Check words, each given once, or take a vocabulary; and its rows, (R, D): float32 is not copied.

    Raises:
        ConfigError: words are not distinct strings; or the matrix has another shape, or numbers that are not finite.
    """
    numbers = _floats("matrix", matrix)
    with ThreadPoolExecutor(1) as beside:  # of a million words, each of the two takes a noticeable time
        broken_row = beside.submit(first_non_finite_row, numbers)
        vocabulary = words if isinstance(words, Vocabulary) else SimpleVocabulary(words)
    _check_shape("matrix", numbers, vocabulary.num_rows)
    _check_finite("matrix", broken_row.result(), vocabulary.words)
    return vocabulary, read_only(numbers)


def checked_output_matrix(matrix: ArrayLike | None, words: Sequence[str], dim: int) -> Floats | None:
    """Check output vectors, (V, D), one for each word, if there are some; float32 is not copied.

    Raises:
        ConfigError: another shape, or numbers that are not finite.
    """
    if matrix is None:
        return None
    checked = _floats("output_matrix", matrix)
    _check_shape("output_matrix", checked, len(words), dim)
    _check_finite("output_matrix", first_non_finite_row(checked), words)
    return read_only(checked)


def checked_position_weights(weights: ArrayLike | None, dim: int) -> Floats | None:
    """Check the weights of positions, (P, D), at least one, if there are some; float32 is not copied.

    Raises:
        ConfigError: another shape, or numbers that are not finite.
    """
    if weights is None:
        return None
    checked = _floats("position_weights", weights)
    if checked.ndim != 2 or not len(checked) or checked.shape[1] != dim:
        raise ConfigError(
            f"position_weights must have the shape (positions, {dim}), at least one, got {checked.shape}"
        )
    _check_finite("position_weights", first_non_finite_row(checked), ())
    return read_only(checked)


def _floats(name: str, matrix: ArrayLike) -> Floats:
    try:
        return np.ascontiguousarray(matrix, dtype=np.float32)
    except (TypeError, ValueError) as problem:
        raise ConfigError(f"{name} must be numbers, as many in each row, got others ({problem})") from problem


def _check_shape(name: str, matrix: Floats, num_rows: int, dim: int | None = None) -> None:
    wanted = "(at least 1)" if dim is None else dim
    if matrix.ndim != 2 or len(matrix) != num_rows or matrix.shape[1] != (dim or max(1, matrix.shape[1])):
        raise ConfigError(f"{name} must have the shape ({num_rows} rows, {wanted}), got {matrix.shape}")


def check_still_finite(name: str, matrix: Floats, words: Sequence[str]) -> None:
    """Check a matrix again before writing it: the caller may have changed the array since.

    Raises:
        ConfigError: a number is NaN or infinite.
    """
    _check_finite(name, first_non_finite_row(matrix), words)


def _check_finite(name: str, broken_row: int | None, words: Sequence[str]) -> None:
    if broken_row is not None:
        word = f" ({words[broken_row]!r})" if broken_row < len(words) else ""
        raise ConfigError(f"{name} must be finite, got NaN or infinity in row {broken_row}{word}")


def checked_counts(counts: ArrayLike, num_words: int) -> Ints:
    """Check counts, (V,).

    Raises:
        ConfigError: counts are not integers, or not one for each word; or one is negative, or has more than 63 bits.
    """
    checked = np.ascontiguousarray(counts)
    if checked.dtype.kind not in "iu" or checked.shape != (num_words,):
        raise ConfigError(
            f"counts must be {num_words} integers, one for each word, got {checked.dtype} {checked.shape}"
        )
    least, most = int(checked.min()), int(checked.max())
    if least < 0 or most > np.iinfo(np.int64).max:
        raise ConfigError(f"counts must be from 0 to {np.iinfo(np.int64).max}, got {least} to {most}")
    return read_only(checked.astype(np.int64))


def checked_queries(queries: ArrayLike, dim: int) -> Floats:
    """Check vectors that are asked about, (Q, D).

    Raises:
        ConfigError: queries have another shape, are not numbers, or are not finite.

    >>> checked_queries([[1, 2]], dim=2)
    array([[1., 2.]], dtype=float32)
    """
    try:
        checked = np.ascontiguousarray(queries, dtype=np.float32)
    except (TypeError, ValueError) as problem:
        raise ConfigError(
            f"queries must be words, or vectors of {dim} numbers, got {type(queries).__name__}"
        ) from problem
    if checked.ndim != 2 or checked.shape[1] != dim:
        raise ConfigError(
            f"query vectors must have the shape (queries, {dim}), as the words' vectors have, got {checked.shape}"
        )
    broken = first_non_finite_row(checked)
    if broken is not None:
        raise ConfigError(f"query vectors must be finite, got NaN or infinity in query {broken}")
    return checked


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


def first_rows(unit_vectors: Floats, search_limit: int | None) -> Floats:
    """The rows to search: the first N, or all.

    Raises:
        ConfigError: search_limit is not an integer, or below 1.

    >>> first_rows(np.eye(3, dtype=np.float32), 1).tolist()
    [[1.0, 0.0, 0.0]]
    """
    if search_limit is not None:
        check_count("search_limit", search_limit, "how many of the most frequent words to search")
    return unit_vectors[:search_limit]
