"""Rows of a matrix, one a word: brought to length 1, checked, or only the first of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wordvec.errors import ConfigError
from wordvec.settings import check_count
from wordvec.text import short_repr
from wordvec.vectors.lexicon import Lexicon

__all__ = [
    "Direction",
    "Terms",
    "check_analogy",
    "check_direction",
    "direction_of",
    "first_non_finite_row",
    "first_rows",
    "have_directions",
    "unit_rows",
]

Floats = NDArray[np.float32]

ROWS_IN_CACHE = 128

# V words, D dimensions, n terms
Reals = NDArray[np.float64]

# What most_similar takes: a word, a vector, or several of them, each alone or in a pair with its weight.
Term: TypeAlias = str | ArrayLike | tuple[str | ArrayLike, float]
Terms: TypeAlias = Term | Iterable[Term] | None

# Unit vectors in float32 are good to 6e-8: what is left of a sum that is so much smaller is rounding alone.
CANCELED = 1e-6
NUMBERS = "iuf"  # kinds of arrays
NO_DIRECTION = "the query has no direction: it is a vector of zeros, so no word is nearer to it than others"


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


class Direction(NamedTuple):
    """What is searched for."""

    query: Floats  # (1, D)  of length 1
    own: list[int]  # rows of the words that it was made of


class _Term(NamedTuple):
    vector: Floats  # (D,)
    weight: float
    row: int | None  # of a word


def direction_of(lexicon: Lexicon, unit_vectors: Floats, positive: Terms, negative: Terms) -> Direction:
    """Add the unit vectors of words, and vectors as they are, each times its weight; without one, 1 and -1.

    Raises:
        ConfigError: there is no term, or one is neither a word nor a vector nor a pair of one and its weight; or the
            terms cancel out.
        UnknownWordError: a word is not there.
    """
    plus = _terms(lexicon, unit_vectors, "positive", positive)
    minus = _terms(lexicon, unit_vectors, "negative", negative)
    terms = plus + minus
    if not terms:
        raise ConfigError("most_similar needs at least one word, positive or negative; got none")
    query = _sum(plus, unit_vectors.shape[1]) - _sum(minus, unit_vectors.shape[1])  # (D,)
    largest = sum(abs(term.weight) * float(np.linalg.norm(term.vector.astype(np.float64))) for term in terms)
    if not largest:
        raise ConfigError(NO_DIRECTION)
    if np.linalg.norm(query) <= CANCELED * largest:
        raise ConfigError(
            "the query has no direction: what is positive and what is negative cancel out, so no word is nearer to it "
            "than others"
        )
    return Direction(unit_rows(query[None, :]), [term.row for term in terms if term.row is not None])


def check_direction(query: Floats) -> None:
    """Check that a query, (D,), is not zero.

    Raises:
        ConfigError: it is.

    >>> check_direction(np.ones(3, np.float32))
    """
    if not query.any():
        raise ConfigError(NO_DIRECTION)


def have_directions(
    unit_vectors: Floats,  # (V, D)
    questions: NDArray[np.int64],  # (Q, 3)  rows of a, b and c
) -> NDArray[np.bool_]:  # (Q,)
    """Tell of each question (a, b, c) whether b - a + c is more than what rounding leaves of zero.

    >>> have_directions(np.eye(2, dtype=np.float32), np.array([[0, 1, 0], [0, 1, 1]])).tolist()
    [True, True]
    """
    a, b, c = (unit_vectors[rows].astype(np.float64) for rows in questions.T)
    largest = np.max([np.linalg.norm(term, axis=1) for term in (a, b, c)], axis=0)
    found: NDArray[np.bool_] = np.linalg.norm(b - a + c, axis=1) > CANCELED * largest
    return found


def check_analogy(unit_vectors: Floats, question: NDArray[np.int64]) -> None:
    """Check that a question, (1, 3) rows of a, b and c, has a direction to search in.

    Raises:
        ConfigError: b - a + c is zero.
    """
    if not have_directions(unit_vectors, question)[0]:
        raise ConfigError(
            "the analogy has no direction: b - a + c is a vector of zeros, so no word answers it better than others"
        )


def _sum(terms: list[_Term], dim: int) -> Reals:
    vectors = np.array([term.vector for term in terms], np.float64).reshape(-1, dim)  # (n, D)
    vectors *= np.array([term.weight for term in terms]).reshape(-1, 1)
    total: Reals = vectors.sum(axis=0)
    return total


def _terms(lexicon: Lexicon, unit_vectors: Floats, name: str, given: Terms) -> list[_Term]:
    if given is None:
        return []
    if isinstance(given, Mapping):
        raise ConfigError(
            f"{name} takes pairs of a word and its weight, got a {type(given).__name__}: pass its items()"
        )
    is_one = isinstance(given, str | bytes) or not isinstance(given, Iterable) or _is_one_vector(given)
    items: Iterable[Any] = [given] if is_one else given  # type: ignore[assignment]  # no more than one
    return [_term(lexicon, unit_vectors, name, item) for item in items]


def _term(lexicon: Lexicon, unit_vectors: Floats, name: str, item: Any) -> _Term:
    weight = 1.0
    if isinstance(item, tuple | list) and len(item) == 2 and not isinstance(item[0], Real):
        item, weight = item[0], _weight(name, *item)
    if isinstance(item, str):
        row = lexicon.row(item)
        return _Term(unit_vectors[row], weight, row)
    return _Term(_vector(name, item, unit_vectors.shape[1]), weight, None)


def _weight(name: str, item: object, weight: object) -> float:
    """Check the weight of a pair; in `negative`, give what its term is subtracted with."""
    if isinstance(weight, bool) or not isinstance(weight, Real) or not math.isfinite(weight):
        raise ConfigError(
            f"a pair in {name} is a word or a vector and its weight, a finite number; "
            f"got the weight {short_repr(weight)}"
        )
    if name == "positive":
        return float(weight)
    if float(weight) > 0:  # gensim adds the word then, although it is among the negative ones
        raise ConfigError(
            f"a weight in negative must be below 0, got {weight} for {short_repr(item)}: "
            f"the weight is the sign, too, as in gensim; -{weight} keeps away from it"
        )
    return -float(weight)


def _is_one_vector(given: object) -> bool:
    """Whether this is a single vector: an array of one dimension, or a list of nothing but numbers."""
    if hasattr(given, "__array__"):
        array = np.asarray(given)
        return array.ndim == 0 or (array.ndim == 1 and array.dtype.kind in NUMBERS)
    return (
        isinstance(given, list | tuple) and len(given) > 0 and all(isinstance(item, Real) for item in given)
    )


def _vector(name: str, item: object, dim: int) -> Floats:
    try:
        array = np.asarray(item)
    except ValueError:  # lists of different lengths
        array = np.empty((), object)
    if array.shape != (dim,) or array.dtype.kind not in NUMBERS:
        got = (
            short_repr(item)
            if array.dtype.kind not in NUMBERS or not array.ndim
            else f"the shape {array.shape}"
        )
        raise ConfigError(
            f"{name} takes words, vectors of {dim} numbers, and pairs of one of these and its weight, such as "
            f"[('word', 0.5)]; got {got}"
        )
    with np.errstate(over="ignore"):
        vector: Floats = array.astype(np.float32)
    if not np.isfinite(vector).all():
        raise ConfigError(f"a vector in {name} must be finite in float32, got NaN or infinity in it")
    return vector
