"""Epoch evaluation: what is asked of the vectors after each epoch, which epoch was the best, and when to stop."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.errors import EvaluationError
from wordvec.evaluation.scores import Score, score_all
from wordvec.evaluation.word_tests import WordTest
from wordvec.sampling.seeds import Purpose, generator
from wordvec.training.progress import TrainingProgress
from wordvec.vectors.directions import unit_rows
from wordvec.vectors.top_k import top_k
from wordvec.vocabulary.vocabulary import NO_ID, CountedVocabulary

__all__ = ["EarlyStopping", "EpochEvaluation", "choose_watched", "neighbors_of"]

# Input rows, (R, D); output vectors, (V, D), and weights of positions, (P, D), where there are some.
Matrices = tuple[NDArray[np.float32], NDArray[np.float32] | None, NDArray[np.float32] | None]

NEIGHBORS_SHOWN = 5
FREQUENT = range(100)  # ranks that half of a sample comes from
RARER = range(1000, 1100)  # and the other half, where the vocabulary reaches so far


class EarlyStopping:
    """Compares each epoch with the best one before.

    Args:
        config: says what is compared, and for how long to wait for a better epoch.
    """

    def __init__(self, config: Config):
        self._best_by, self._patience = config.best_by, config.patience
        self._value = -math.inf  # the higher the better
        self._epochs_since = 0
        self.matrices: Matrices | None = None  # of the best epoch, where they are kept

    @property
    def should_stop(self) -> bool:
        """Whether no epoch was better for as long as patience says."""
        return self._patience is not None and self._epochs_since >= self._patience

    @property
    def reason(self) -> str:
        """Why training stopped, for records and messages."""
        return f"{self._best_by.replace('_', ' ')} no better for {self._epochs_since} epochs"

    def is_best(self, progress: TrainingProgress) -> bool:
        """Take the report of an epoch's end, and say whether it is the best so far.

        Raises:
            EvaluationError: the report has neither the loss nor the score that tells which epoch is best.
        """
        value = self._value_of(progress)
        if value > self._value:
            self._value, self._epochs_since = value, 0
            return True
        self._epochs_since += 1
        return False

    def facts(self) -> dict[str, Any]:
        """What a checkpoint must remember, beside the matrices."""
        value = None if math.isinf(self._value) else self._value
        return {"best_value": value, "epochs_since_best": self._epochs_since}

    def restore(self, facts: dict[str, Any], matrices: Matrices) -> None:
        """Go on from what `facts` gave."""
        if facts["best_value"] is not None:
            self._value, self.matrices = facts["best_value"], matrices
        self._epochs_since = facts["epochs_since_best"]

    def _value_of(self, progress: TrainingProgress) -> float:
        if self._best_by == "validation_loss":
            if progress.validation_loss is None:
                raise EvaluationError(
                    "no two words of the text to validate on stood side by side after subsampling, so there is no "
                    "loss to tell the best epoch by; give more of it, or raise subsample"
                )
            return -progress.validation_loss
        return _mean_score(progress.scores or (), self._best_by)


def _mean_score(scores: tuple[Score, ...], kind: str) -> float:
    values = [score.value for score in scores if score.kind == kind and score.value is not None]
    if not values:
        raise EvaluationError(
            f"not one question of the tests of {kind} can be asked with the words of this vocabulary, so there is no "
            "score to tell the best epoch by; give another test, or choose another best_by"
        )
    return sum(values) / len(values)


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

    Named words that the vocabulary lacks are left out, with a warning: they need not end the run.

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
