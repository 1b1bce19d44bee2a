"""Epoch evaluation: what is asked of the vectors after each epoch: neighbors of watched words, and scores in tests."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from wordvec.evaluation.scores import score_all
from wordvec.evaluation.word_tests import WordTest
from wordvec.sampling.seeds import Purpose, generator
from wordvec.training.progress import TrainingProgress
from wordvec.vectors.directions import unit_rows
from wordvec.vectors.top_k import top_k
from wordvec.vocabulary.vocabulary import NO_ID, CountedVocabulary

__all__ = ["EpochEvaluation", "choose_watched", "neighbors_of"]

NEIGHBORS_SHOWN = 5
FREQUENT = range(100)  # ranks that half of a sample comes from
RARER = range(1000, 1100)  # and the other half, where the vocabulary reaches so far


class EpochEvaluation:
    """Asks the vectors after each epoch.

    Args:
        words: of the vocabulary, (V,).
        watched: ids of the words whose neighbors are shown, (W,).
        tests: to take.
    """

    def __init__(self, words: Sequence[str], watched: NDArray[np.int64], tests: Sequence[WordTest]):
        self._words, self._watched, self._tests = words, watched, tests

    @property
    def asks(self) -> bool:
        """Whether anything is asked."""
        return bool(len(self._watched) or self._tests)

    def answered(
        self,
        progress: TrainingProgress,
        matrix: NDArray[np.float32],  # (V, D)
    ) -> TrainingProgress:
        """The report of an epoch's end, with the answers."""
        return replace(
            progress,
            neighbors=neighbors_of(self._watched, matrix, self._words) if len(self._watched) else None,
            scores=score_all(self._tests, self._words, matrix) if self._tests else None,
        )


def choose_watched(
    vocabulary: CountedVocabulary, words: Sequence[str], sample_size: int, seed: int
) -> NDArray[np.int64]:
    """The ids of the words to watch: those named, and a sample, half of it frequent words and half rarer ones.

    Named words that the vocabulary lacks are left out, with a warning: that is no reason not to train.

    >>> vocabulary = CountedVocabulary([f"word{rank}" for rank in range(1500)], np.arange(1500, 0, -1))
    >>> watched = choose_watched(vocabulary, ["word7"], 4, seed=1)
    >>> len(watched), int(watched[0]), int((watched[1:] >= 1000).sum())
    (5, 7, 2)
    """
    for word in words:
        if word not in vocabulary:
            warnings.warn(
                f"cannot watch {word!r}: it is not among the {len(vocabulary):,} words of the vocabulary",
                stacklevel=2,
            )
    named = [vocabulary.id_of(word) for word in words if word in vocabulary]
    draw = generator(seed, Purpose.WATCHED_WORDS)
    size = len(vocabulary)
    frequent = range(min(len(FREQUENT), (size + 1) // 2))
    rarer = RARER if size >= RARER.stop else range(len(frequent), size)
    sizes = (sample_size - sample_size // 2, sample_size // 2)
    for ranks, wanted in zip((frequent, rarer), sizes, strict=True):
        left = np.setdiff1d(ranks, named)
        named += draw.choice(left, min(wanted, len(left)), replace=False).tolist()
    return np.array(named, np.int64)


def neighbors_of(
    ids: NDArray[np.int64],  # (W,)
    matrix: NDArray[np.float32],  # (V, D)
    words: Sequence[str],  # (V,)
) -> dict[str, list[tuple[str, float]]]:
    """The five nearest words of each, with their cosines."""
    unit = unit_rows(matrix)
    best = top_k(unit, unit[ids], NEIGHBORS_SHOWN, exclude=[[row] for row in ids.tolist()])
    return {
        words[row]: [
            (words[near], float(cosine)) for near, cosine in zip(*found, strict=True) if near != NO_ID
        ]
        for row, *found in zip(ids.tolist(), best.ids.tolist(), best.scores.tolist(), strict=True)
    }
