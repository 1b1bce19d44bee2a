"""Early stopping: which epoch was the best so far, and when to stop waiting for a better one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.errors import EvaluationError
from wordvec.evaluation.scores import Score
from wordvec.training.progress import TrainingProgress

__all__ = ["EarlyStopping"]

Matrices = tuple[NDArray[np.float32], NDArray[np.float32] | None]


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
