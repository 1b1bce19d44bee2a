"""Change: how far words moved from one model to another, once their shared words align the two spaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import ConfigError, EvaluationError
from wordvec.vectors.directions import unit_rows
from wordvec.vectors.top_k import Neighbor
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["Change", "Changes", "Shared", "aligned", "changes_between", "shared_words"]

# S shared words, D dimensions
Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]

NUM_ANCHORS = 5_000  # the most frequent shared words, which are taken to mean the same
BAND = 400  # words of about the same rank, whose movements by chance say how far one of them moves
CERTAINTY = 0.95  # share of movements by chance that are below the floor
NEIGHBORS = 5


class Change(NamedTuple):
    """How far a word moved, and its neighbors before and after."""

    word: str
    distance: float  # 1 - cosine of its two vectors, in [0, 2]
    floor: float | None  # what 95 % of the words of its frequency stay below by chance; None where not known
    before: list[Neighbor]  # its nearest words in the first model
    after: list[Neighbor]  # and in the second


class Changes(NamedTuple):
    """Words by how far they moved, the farthest beyond chance first."""

    changes: list[Change]  # at most as many as were asked for
    shared: int  # words that were compared
    beyond_chance: int | None  # of these; chance alone would have one in twenty there
    median: float  # distance
    median_floor: float | None


def changes_between(
    first: WordVectors,
    second: WordVectors,
    again: Sequence[WordVectors] = (),
    *,
    k: int = 20,
    search_limit: int = 20_000,
) -> Changes:
    """Compare the words that two models share, after rotating one space into the other.

    Args:
        first: of one corpus, time or seed.
        second: of another.
        again: further runs on the first one's corpus, with other seeds: words move between these by chance.
        k: number of words to report.
        search_limit: compare only the N most frequent shared words.

    Raises:
        EvaluationError: the models differ in their dimensions, or share fewer than two words.
        ConfigError: k is below 1.

    >>> before = WordVectors(["a", "b", "c", "d"], [[1, 0], [0.9, 0.1], [0, 1], [0.1, 1]])
    >>> after = WordVectors(["a", "b", "c", "d"], [[1, 0], [0.1, 0.9], [0, 1], [0.1, 1]])
    >>> changes_between(before, after, k=1).changes[0].word
    'b'
    """
    if k < 1:
        raise ConfigError(f"k must be at least 1, got {k} (how many words to report)")
    models = [first, second, *again]
    dims = {model.dim for model in models}
    if len(dims) > 1:
        raise EvaluationError(
            f"models can be compared where they have the same dimensions, got {' and '.join(map(str, sorted(dims)))}"
        )
    shared = shared_words(models, search_limit)
    distances = [_distances(shared.units[0], unit) for unit in shared.units[1:]]
    floors = _floors(np.stack(distances[1:])) if again else None
    beyond = distances[0] if floors is None else distances[0] - floors
    rows = np.argsort(-beyond, kind="stable")[:k].tolist()
    words = [shared.words[row] for row in rows]
    found = zip(
        rows,
        words,
        *(model.neighbors(words, k=NEIGHBORS, search_limit=search_limit) for model in (first, second)),
        strict=True,
    )
    return Changes(
        [
            Change(
                word, float(distances[0][row]), None if floors is None else float(floors[row]), before, after
            )
            for row, word, before, after in found
        ],
        len(shared.words),
        None if floors is None else int((distances[0] > floors).sum()),
        float(np.median(distances[0])),
        None if floors is None else float(np.median(floors)),
    )


def _distances(unit: Vectors, other: Vectors) -> Floats:
    turned = aligned(other, unit, NUM_ANCHORS)
    cosines: Floats = np.einsum("ij,ij->i", unit.astype(np.float64), turned)
    return 1.0 - cosines.clip(-1.0, 1.0)


def _floors(by_chance: Floats) -> Floats:
    """What most words of about the same rank stay below, (S,), from their movements in R pairs of runs, (R, S)."""
    num_words = by_chance.shape[1]
    size = min(BAND, num_words)
    windows = np.lib.stride_tricks.sliding_window_view(by_chance, size, axis=1)  # (R, S - size + 1, size)
    quantiles = np.array([np.quantile(windows[:, place], CERTAINTY) for place in range(windows.shape[1])])
    floors: Floats = quantiles[np.clip(np.arange(num_words) - size // 2, 0, len(quantiles) - 1)]
    return floors


class Shared(NamedTuple):
    """The words that all models have, and each model's vectors of them."""

    words: list[str]  # (S,)  in the order of the first model, by convention most frequent first
    units: list[Vectors]  # (S, D) for each model, rows of length 1 or 0


def shared_words(models: Sequence[WordVectors], search_limit: int) -> Shared:
    """Take the first `search_limit` words of the first model that all the others have, too.

    Raises:
        EvaluationError: there are fewer than two such words.

    >>> one, other = WordVectors(["a", "b", "c"], np.eye(3)), WordVectors(["c", "a"], np.eye(2))
    >>> shared_words([one, other], 10).words
    ['a', 'c']
    """
    words = [word for word in models[0].words if all(word in model for model in models[1:])][:search_limit]
    if len(words) < 2:
        raise EvaluationError(
            f"models are compared by the words that they share, got {len(words)} such words; are they of one language "
            "and one way to cut words?"
        )
    return Shared(words, [unit_rows(model.lookup(words)) for model in models])


def aligned(unit: Vectors, target: Vectors, num_anchors: int) -> Vectors:
    """Rotate vectors, (S, D), so that their first `num_anchors` rows come as near to those of the target as can be.

    The rotation, which may be a reflection, too, is U V' of the singular value decomposition U S V' of the anchors'
    cross-products (Schönemann, 1966; Hamilton et al., 2016).

    >>> turned = np.array([[0, 1], [-1, 0], [0, -1]], np.float32)
    >>> aligned(turned, np.array([[1, 0], [0, 1], [-1, 0]], np.float32), 3).round().tolist()
    [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]
    """
    products = unit[:num_anchors].astype(np.float64).T @ target[:num_anchors]
    left, _, right = np.linalg.svd(products)
    turned: Vectors = (unit.astype(np.float64) @ (left @ right)).astype(np.float32)
    return turned
