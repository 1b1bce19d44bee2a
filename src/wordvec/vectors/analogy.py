"""Ranking: where a word stands among the neighbours of another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import ConfigError
from wordvec.vectors.directions import first_rows, unit_rows
from wordvec.vectors.top_k import ROWS_PER_BLOCK, TopK, top_k, unfilled

__all__ = ["Method", "best_analogies", "check_method", "combine", "cosines_with", "nearer_rows"]

# V words, D dimensions
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

# V words, D dimensions, Q questions, k answers for each
Reals = TypeVar("Reals", NDArray[np.float32], NDArray[np.float64])
Method = Literal["add", "mul"]
Find = Callable[[Floats, Floats, int, list[list[int]]], TopK]

EPSILON = 1e-3  # of equation 4 of Levy and Goldberg: against division by zero
SCORES_PER_BLOCK = 2**24  # 64 MiB


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


def check_method(method: str) -> None:
    """Refuse what is no way to answer analogies.

    Raises:
        ConfigError: so it is.
    """
    if method not in get_args(Method):
        raise ConfigError(f"method must be 'add' (3CosAdd) or 'mul' (3CosMul), got {method!r}")


def combine(a: Reals, b: Reals, c: Reals, method: Method) -> Reals:
    """Score words as answers, from their cosines with a, b and c; arrays of any one shape.

    3CosAdd is cos(b) - cos(a) + cos(c); 3CosMul is cos(b) cos(c) / (cos(a) + 0.001), with cosines moved from [-1, 1]
    to [0, 1] (Levy and Goldberg, 2014, equations 3 and 4).

    >>> combine(*np.array([[0.0], [1.0], [0.5]], np.float32), "add").tolist()
    [1.5]
    """
    if method == "add":
        return b - a + c
    return (1 + b) / 2 * (1 + c) / 2 / ((1 + a) / 2 + EPSILON)  # type: ignore[return-value]  # numpy keeps float32


def best_analogies(
    unit_vectors: Floats,  # (V, D)
    questions: Ints,  # (Q, 3)  rows of a, b and c
    k: int,
    method: Method = "add",
    search_limit: int | None = None,  # search only the first N rows
    find: Find = top_k,  # what searches for the direction of 3CosAdd
) -> TopK:
    """Find the k best answers to each question, none of them a, b or c.

    The scores of 3CosAdd are cosines with the direction of b - a + c, in [-1, 1]; those of 3CosMul are as `combine`
    has them, in [0, 1000].

    Raises:
        ConfigError: k is below 1, or there is no such method.
    """
    check_method(method)
    if method == "mul":
        return _best_products(unit_vectors, questions, k, search_limit)
    a, b, c = (unit_vectors[rows].astype(np.float64) for rows in questions.T)
    return find(first_rows(unit_vectors, search_limit), unit_rows(b - a + c), k, questions.tolist())


def _best_products(
    unit_vectors: Floats,
    questions: Ints,
    k: int,
    search_limit: int | None,
) -> TopK:
    answers = first_rows(unit_vectors, search_limit)
    result = unfilled(len(questions), k, len(answers))
    num_results = result.ids.shape[1]
    num_questions = max(1, SCORES_PER_BLOCK // len(answers))
    for first in range(0, len(questions), num_questions):
        block = questions[first : first + num_questions]
        a, b, c = (unit_vectors[rows] for rows in block.T)
        for question, scores in enumerate(_products(answers, a, b, c), first):
            own = questions[question]
            scores[own[own < len(answers)]] = -np.inf
            kth = np.partition(scores, -num_results)[-num_results]
            near = np.flatnonzero((scores >= kth) & (scores > -np.inf))
            best = near[np.lexsort((near, -scores[near]))][:num_results]  # by score, then by id
            result.ids[question, : len(best)] = best
            result.scores[question, : len(best)] = scores[best]
    return result


def _products(answers: Floats, a: Floats, b: Floats, c: Floats) -> Floats:
    """The scores of all answers, (Q, V); in float64 before they are rounded, so that equal rows have equal scores."""
    scores = np.empty((len(a), len(answers)), np.float32)
    for start in range(0, len(answers), ROWS_PER_BLOCK):
        rows = answers[start : start + ROWS_PER_BLOCK].astype(np.float64).T  # (D, rows)
        cosines = [(queries.astype(np.float64) @ rows).clip(-1.0, 1.0) for queries in (a, b, c)]
        scores[:, start : start + ROWS_PER_BLOCK] = combine(cosines[0], cosines[1], cosines[2], "mul")
    return scores
