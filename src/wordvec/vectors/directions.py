"""Directions: what searches start from, at length 1: words, vectors, sums of several, and the means of sets."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, NamedTuple, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wordvec.errors import ConfigError, UnknownWordError
from wordvec.text import short_repr
from wordvec.vectors.checks import checked_queries
from wordvec.vocabulary.vocabulary import NO_ID, Vocabulary

__all__ = [
    "CANCELED",
    "Direction",
    "LookUp",
    "Queries",
    "Terms",
    "centralities",
    "check_direction",
    "direction_of",
    "look_up",
    "mean_cosine",
    "queries_of",
    "unit_rows",
    "weighted_mean",
]

# V words, R rows, D dimensions, Q queries, n terms
Floats = NDArray[np.float32]
Reals = NDArray[np.float64]

# What most_similar takes: a word, a vector, or several of them, each alone or in a pair with its weight.
Term: TypeAlias = str | ArrayLike | tuple[str | ArrayLike, float]
Terms: TypeAlias = Term | Iterable[Term] | None

ROWS_IN_CACHE = 128
# Unit vectors in float32 are good to 6e-8: a sum smaller than its terms by this factor is rounding alone.
CANCELED = 1e-6
NUMBERS = "iuf"  # kinds of arrays
NO_DIRECTION = "the query has no direction: it is a vector of zeros, so no word is nearer to it than others"

# n vectors, D dimensions


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


class Queries(NamedTuple):
    """Words or vectors to search with."""

    ids: NDArray[np.int64]  # (Q,)  of words; NO_ID for vectors, and for words that have a vector, but no id
    units: Floats  # (Q, D)  of length 1 or 0


LookUp: TypeAlias = Callable[[Sequence[str]], Queries]  # finds words


def look_up(
    vocabulary: Vocabulary,
    unit_vectors: Floats,  # (V, D)
    vectors_of: Callable[[Sequence[str]], Floats],  # of words that have no id
    words: str | Sequence[str],
) -> Queries:
    """Find the id and the unit vector of each word.

    Raises:
        UnknownWordError: a word has no vector.
    """
    several = [words] if isinstance(words, str) else words
    try:
        ids = vocabulary.ids(several)
    except UnknownWordError:
        ids = vocabulary.find_ids(several)
    else:
        return Queries(ids, unit_vectors[ids])
    units: Floats = unit_vectors[ids]
    without_id = np.flatnonzero(ids == NO_ID).tolist()
    units[without_id] = unit_rows(vectors_of([several[position] for position in without_id]))
    return Queries(ids, units)


def queries_of(find: LookUp, dim: int, queries: Sequence[str] | ArrayLike) -> Queries:
    """Look up queries: Q words, or Q vectors of D numbers.

    Raises:
        ConfigError: vectors have another shape, are not numbers, or are not finite.
        UnknownWordError: a word has no vector.
    """
    if are_words(queries):
        return find(queries)
    units = unit_rows(checked_queries(queries, dim))
    return Queries(np.full(len(units), NO_ID), units)


def are_words(queries: object) -> TypeGuard[Sequence[str]]:
    """Whether queries are words, in a list or an array, and not vectors.

    >>> are_words(["paris"]), are_words(np.array(["paris"])), are_words([[1.0, 2.0]])
    (True, True, False)
    """
    if isinstance(queries, np.ndarray):
        return queries.dtype.kind in "UO"
    return not isinstance(queries, list | tuple) or not queries or isinstance(queries[0], str)


class Direction(NamedTuple):
    """What to search for."""

    query: Floats  # (1, D)  of length 1
    own: list[int]  # ids of the words that it was made of


class _Term(NamedTuple):
    vector: Floats  # (D,)
    weight: float
    id: int  # NO_ID of a vector


def direction_of(find: LookUp, dim: int, positive: Terms, negative: Terms) -> Direction:
    """Add the unit vectors of words, and vectors as they are, each times its weight; without one, 1 and -1.

    Args:
        find: looks up words.
        dim: D, of vectors among the terms.
        positive: terms to add.
        negative: terms to subtract.

    Raises:
        ConfigError: there is no term, or one is neither a word nor a vector nor a pair of one and its weight; or the
            terms cancel out.
        UnknownWordError: a word has no vector.
    """
    plus = _terms(find, dim, "positive", positive)
    minus = _terms(find, dim, "negative", negative)
    terms = plus + minus
    if not terms:
        raise ConfigError("most_similar needs at least one word, positive or negative; got none")
    query = _sum(plus, dim) - _sum(minus, dim)  # (D,)
    largest = sum(abs(term.weight) * float(np.linalg.norm(term.vector.astype(np.float64))) for term in terms)
    if not largest:
        raise ConfigError(NO_DIRECTION)
    if np.linalg.norm(query) <= CANCELED * largest:
        raise ConfigError(
            "the query has no direction: what is positive and what is negative cancel out, so no word is nearer to it "
            "than others"
        )
    return Direction(unit_rows(query[None, :]), [term.id for term in terms if term.id != NO_ID])


def check_direction(query: Floats) -> None:
    """Check that a query, (D,), is not zero.

    Raises:
        ConfigError: all its numbers are zero.

    >>> check_direction(np.ones(3, np.float32))
    """
    if not query.any():
        raise ConfigError(NO_DIRECTION)


def _sum(terms: list[_Term], dim: int) -> Reals:
    vectors = np.array([term.vector for term in terms], np.float64).reshape(-1, dim)  # (n, D)
    vectors *= np.array([term.weight for term in terms]).reshape(-1, 1)
    total: Reals = vectors.sum(axis=0)
    return total


def _terms(find: LookUp, dim: int, name: str, given: Terms) -> list[_Term]:
    if given is None:
        return []
    if isinstance(given, Mapping):
        raise ConfigError(
            f"{name} takes pairs of a word and its weight, got a {type(given).__name__}: pass its items()"
        )
    is_one = isinstance(given, str | bytes) or not isinstance(given, Iterable) or _is_one_vector(given)
    items: Iterable[Any] = [given] if is_one else given  # type: ignore[assignment]  # no more than one
    return [_term(find, dim, name, item) for item in items]


def _term(find: LookUp, dim: int, name: str, item: Any) -> _Term:
    weight = 1.0
    if isinstance(item, tuple | list) and len(item) == 2 and not isinstance(item[0], Real):
        item, weight = item[0], _weight(name, *item)
    if isinstance(item, str):
        found = find([item])
        return _Term(found.units[0], weight, int(found.ids[0]))
    return _Term(_vector(name, item, dim), weight, NO_ID)


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


def weighted_mean(vectors: Floats, weights: ArrayLike | None = None) -> Floats:
    """The mean of vectors, (n, D), each with its weight (default: 1): their sum by the sum of the weights' sizes.

    Raises:
        ConfigError: there are no vectors; or weights are not one for each, not finite, or all zero.

    >>> weighted_mean(np.eye(2, dtype=np.float32), [3.0, -1.0]).tolist()
    [0.75, -0.25]
    """
    _check_some(vectors)
    try:
        checked = np.ones(len(vectors)) if weights is None else np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError) as problem:
        raise ConfigError(f"weights must be numbers, one for each word, got {weights!r}") from problem
    if checked.shape != (len(vectors),):
        raise ConfigError(f"weights must be {len(vectors)} numbers, one for each word, got {checked.shape}")
    if not np.isfinite(checked).all() or not checked.any():
        raise ConfigError(f"weights must be finite and not all zero, got {checked.tolist()}")
    mean: Floats = (checked @ vectors.astype(np.float64) / np.abs(checked).sum()).astype(np.float32)
    return mean


def centralities(unit_vectors: Floats) -> Floats:
    """The cosine of each vector with the mean direction of all, (n,).

    >>> centralities(np.array([[1, 0], [1, 0], [0, 1]], np.float32)).round(2)
    array([0.89, 0.89, 0.45], dtype=float32)
    """
    _check_some(unit_vectors)
    direction = unit_rows(unit_vectors.mean(axis=0, dtype=np.float64)[None, :])[0]
    return np.asarray(np.einsum("ij,j->i", unit_vectors.astype(np.float64), direction), np.float32)


def mean_cosine(one: Floats, other: Floats) -> float:
    """The cosine of the means of two sets of vectors.

    >>> round(mean_cosine(np.eye(2, dtype=np.float32), np.array([[2.0, 2.0]], np.float32)), 6)
    1.0
    """
    means = unit_rows(np.stack([weighted_mean(vectors) for vectors in (one, other)]))
    return float(np.clip(means[0].astype(np.float64) @ means[1], -1.0, 1.0).astype(np.float32))


def _check_some(vectors: Floats) -> None:
    if not len(vectors):
        raise ConfigError("at least one word is needed, got none")
