"""Analogies: the words d for which a is to b as c is to d, by 3CosAdd or 3CosMul (Levy and Goldberg, 2014)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import ConfigError
from wordvec.vectors.checks import first_rows
from wordvec.vectors.directions import CANCELED, LookUp, unit_rows
from wordvec.vectors.top_k import ROWS_PER_BLOCK, TopK, top_k, unfilled
from wordvec.vocabulary.vocabulary import NO_ID

__all__ = [
    "Method",
    "Questions",
    "best_analogies",
    "check_direction_of_analogy",
    "check_method",
    "combine",
    "have_directions",
    "questions_of",
]

# V words, D dimensions, Q questions, k answers for each
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Reals = TypeVar("Reals", NDArray[np.float32], NDArray[np.float64])
Method = Literal["add", "mul"]
Find = Callable[[Floats, Floats, int, list[list[int]]], TopK]

WORDS_OF_A_QUESTION = 3
EPSILON = 1e-3  # of equation 4 of Levy and Goldberg: against division by zero
SCORES_PER_BLOCK = 2**24  # 64 MiB


class Questions(NamedTuple):
    """The words a, b and c of each question."""

    ids: Ints  # (Q, 3)  none of them answers; NO_ID of a word that has none
    units: Floats  # (Q, 3, D)  of length 1 or 0


def questions_of(find: LookUp, questions: Iterable[Sequence[str]]) -> Questions:
    """Look up the words of questions (a, b, c).

    Raises:
        ConfigError: a question does not have three words.
        UnknownWordError: a word has no vector.
    """
    asked = [questions] if isinstance(questions, str) else list(questions)
    for question in asked:
        if isinstance(question, str) or len(question) != WORDS_OF_A_QUESTION:
            raise ConfigError(f"an analogy is asked by three words, (a, b, c), got {question!r}")
    found = find([word for question in asked for word in question])
    dim = found.units.shape[1]
    return Questions(
        found.ids.reshape(-1, WORDS_OF_A_QUESTION), found.units.reshape(-1, WORDS_OF_A_QUESTION, dim)
    )


def check_method(method: str) -> None:
    """Check that there is such a method.

    Raises:
        ConfigError: the method is neither "add" nor "mul".
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
    questions: Questions,
    k: int,
    method: Method = "add",
    search_limit: int | None = None,  # search only the first N rows
    find: Find = top_k,  # searches for the direction of 3CosAdd
) -> TopK:
    """Find the k best answers to each question, none of them a, b or c.

    A question of 3CosAdd whose direction is zero has no answers; 3CosMul multiplies cosines, and needs no direction.
    The scores of 3CosAdd are cosines with the direction of b - a + c, in [-1, 1]; those of 3CosMul are as `combine`
    has them, in [0, 1000].

    Raises:
        ConfigError: k or search_limit is not an integer, or below 1; or there is no such method.
    """
    check_method(method)
    answers = first_rows(unit_vectors, search_limit)
    if method == "mul":
        return _best_products(answers, questions, k)
    found = find(answers, unit_rows(_sums(questions.units)), k, questions.ids.tolist())
    without = ~have_directions(questions)
    found.ids[without], found.scores[without] = NO_ID, -np.inf
    return found


def have_directions(questions: Questions) -> NDArray[np.bool_]:
    """Of each question (a, b, c), (Q,), whether b - a + c is more than what rounding leaves of zero.

    >>> units = np.array([[[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]], np.float32)
    >>> have_directions(Questions(np.array([[0, 1, 0]]), units)).tolist()
    [True]
    """
    largest = np.linalg.norm(questions.units.astype(np.float64), axis=2).max(axis=1, initial=0.0)
    found: NDArray[np.bool_] = np.linalg.norm(_sums(questions.units), axis=1) > CANCELED * largest
    return found


def check_direction_of_analogy(question: Questions) -> None:
    """Check that one question has a direction to search in.

    Raises:
        ConfigError: b - a + c is zero.
    """
    if not have_directions(question)[0]:
        raise ConfigError(
            "the analogy has no direction: b - a + c is a vector of zeros, so no word answers it better than others"
        )


def _sums(units: Floats) -> NDArray[np.float64]:
    """The sum b - a + c of each question, (Q, D)."""
    a, b, c = (units[:, word].astype(np.float64) for word in range(WORDS_OF_A_QUESTION))
    return b - a + c


def _best_products(answers: Floats, questions: Questions, k: int) -> TopK:
    result = unfilled(len(questions.ids), k, len(answers))
    num_results = result.ids.shape[1]
    num_questions = max(1, SCORES_PER_BLOCK // len(answers))
    for first in range(0, len(questions.ids), num_questions):
        a, b, c = questions.units[first : first + num_questions].swapaxes(0, 1)
        for question, scores in enumerate(_products(answers, a, b, c), first):
            own = questions.ids[question]
            scores[own[(own >= 0) & (own < len(answers))]] = -np.inf
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
