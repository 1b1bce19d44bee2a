"""Change: how far words moved between two models, and how far they move by chance alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import ConfigError, EvaluationError
from wordvec.evaluation.alignment import aligned, shared_words
from wordvec.vectors.neighbors import Neighbor
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["Change", "Changes", "changes_between"]

Floats = NDArray[np.float64]

NUM_ANCHORS = 5_000  # the most frequent shared words, which are taken to mean the same
BAND = 400  # words of about the same rank, whose movements by chance say how far one of them moves
CERTAINTY = 0.95  # share of movements by chance that are below the floor
NEIGHBORS = 5


class Change(NamedTuple):
    """What became of a word."""

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
    """Compare the words that two models share, after one space was turned into the other.

    Args:
        first: of one corpus, time or seed.
        second: of another.
        again: other runs on the first one's corpus, with other seeds: how far words move there is chance.
        k: how many words to report.
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


def _distances(unit: NDArray[np.float32], other: NDArray[np.float32]) -> Floats:
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
