"""Next items: is the last item of a session among those that the others predict? (hit rate and NDCG at k)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import EvaluationError
from wordvec.evaluation.questions import Line
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["AT", "Ranks", "Sessions", "are_sessions", "hit_rate", "ndcg", "rank_next_items", "read_sessions"]

# S sessions, A of which are asked
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

AT = 10  # k of hit@k and NDCG@k, as in most papers on sessions
MARK = re.compile(r"#\s*(next[ _-]items?|sessions)\s*$", re.IGNORECASE)  # the first line of such a test
NAME = re.compile(r"\.sessions(\.\w+)*$")  # or its name
NOT_FOUND = 0  # in place of a rank
MIN_ITEMS = 2
SESSIONS_PER_BLOCK = 1024


class Sessions(NamedTuple):
    """Items in the order in which somebody chose them; the last one of each is asked for."""

    sessions: list[tuple[str, ...]]  # (S,)  of two items or more


class Ranks(NamedTuple):
    """Where the last item of each session stands among the predicted ones."""

    asked: Ints  # (A,)  numbers of the sessions
    ranks: Ints  # (A,)  by the model's own prediction; 1 is first, NOT_FOUND beyond the first 10
    by_cosines: Ints | None  # (A,)  by cosines with the mean of the session; None where that is `ranks`
    by_counts: Ints | None  # (A,)  of the most frequent items; None where counts are not known


def are_sessions(path: Path, text: str) -> bool:
    r"""Whether a test is of sessions: its first line is `# next item`, or its name ends in .sessions.

    Sessions of items look like tests of other kinds, so one of the two must say so.

    >>> are_sessions(Path("x.txt"), "# next item\na b c\n"), are_sessions(Path("x.sessions.gz"), "a b c")
    (True, True)
    """
    return bool(MARK.match(text.partition("\n")[0].strip()) or NAME.search(path.name))


def read_sessions(lines: Iterable[Line]) -> Sessions:
    """Read a session a line, its items with white space between.

    Raises:
        EvaluationError: a session has a single item.

    >>> read_sessions([Line("", "tea milk honey")])
    Sessions(sessions=[('tea', 'milk', 'honey')])
    """
    found = Sessions([])
    for line in lines:
        items = tuple(line.text.split())
        if len(items) < MIN_ITEMS:
            raise EvaluationError(
                f"{line.place} must have the items of a session, two or more, of which the last is asked for, got "
                f"{line.text[:60]!r}"
            )
        found.sessions.append(items)
    return found


def rank_next_items(questions: Sequence[tuple[str, ...]], model: WordVectors) -> Ranks:
    """Predict the last item of each session from the others, which do not answer themselves.

    The output vectors predict, where the model has them (`WordVectors.predict`); cosines with the mean of the session
    do else. Items without a vector are left out. Sessions are asked whose last item is known, and not in the session
    before, and which have a known item before it.

    >>> shop = WordVectors(["tea", "milk", "nails"], [[1, 0], [1, 0.2], [0, 1]])
    >>> rank_next_items([("tea", "milk"), ("tea", "nails"), ("tea", "soap")], shop).ranks.tolist()
    [1, 2]
    """
    asked, contexts, targets = [], [], []
    for number, session in enumerate(questions):
        context = [item for item in session[:-1] if model.vocabulary.has_vector(item)]
        if context and session[-1] in model and session[-1] not in session[:-1]:
            asked.append(number)
            contexts.append(context)
            targets.append(session[-1])
    by_counts = _popular(model, contexts, targets) if model.counts is not None else None
    cosines = _nearest(model, contexts, targets)
    if model.output_matrix is None:
        return Ranks(np.array(asked, np.int64), cosines, None, by_counts)
    return Ranks(np.array(asked, np.int64), _predicted(model, contexts, targets), cosines, by_counts)


def _predicted(model: WordVectors, contexts: Sequence[list[str]], targets: Sequence[str]) -> Ints:
    found = model.predictions(contexts, AT, exclude_context=True)
    return _ranks([[one.word for one in answers] for answers in found], targets)


def _nearest(model: WordVectors, contexts: Sequence[list[str]], targets: Sequence[str]) -> Ints:
    """Neighbors of the mean of a session's vectors, without its own items."""
    answers: list[list[str]] = [[] for _ in contexts]
    owns = [set(context) for context in contexts]
    # Short ones together, as all of a block ask for as many neighbors as the longest one has items, and ten more.
    by_length = sorted(range(len(contexts)), key=lambda number: len(owns[number]))
    for start in range(0, len(contexts), SESSIONS_PER_BLOCK):
        some = by_length[start : start + SESSIONS_PER_BLOCK]
        means = np.array([model.lookup(contexts[number]).mean(axis=0) for number in some])
        found = model.neighbors(means, k=AT + len(owns[some[-1]]))
        for number, near in zip(some, found, strict=True):
            answers[number] = [word for word, _ in near if word not in owns[number]][:AT]
    return _ranks(answers, targets)


def _popular(model: WordVectors, contexts: Sequence[list[str]], targets: Sequence[str]) -> Ints:
    """The most frequent items, without the session's own."""
    order = np.argsort(-np.asarray(model.counts), kind="stable")
    longest = max((len(set(context)) for context in contexts), default=0)
    best = [model.words[row] for row in order[: AT + longest].tolist()]
    owns = map(set, contexts)
    return _ranks([[word for word in best if word not in own][:AT] for own in owns], targets)


def _ranks(answers: Sequence[Sequence[str]], targets: Sequence[str]) -> Ints:
    places = [
        found.index(target) + 1 if target in found else NOT_FOUND
        for found, target in zip(answers, targets, strict=True)
    ]
    return np.array(places, np.int64)


def hit_rate(ranks: Floats) -> float | None:
    """The share of sessions whose last item is among the first 10.

    >>> hit_rate(np.array([1.0, 0.0, 10.0, 0.0]))
    0.5
    """
    return float((ranks > 0).mean()) if len(ranks) else None


def ndcg(ranks: Floats) -> float | None:
    """The mean of 1 / log2(1 + rank), 0 where the item is not among the first 10 (Järvelin and Kekäläinen, 2002).

    >>> ndcg(np.array([1.0, 0.0, 3.0, 0.0]))
    0.375
    """
    if not len(ranks):
        return None
    gains = np.where(ranks > 0, 1 / np.log2(1 + np.maximum(ranks, 1)), 0.0)
    return float(gains.mean())
