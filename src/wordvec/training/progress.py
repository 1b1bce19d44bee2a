"""Progress: how far a run has come and what it has learned, as reports and as a position to go on from."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from wordvec.engines.engine import LossSum
from wordvec.evaluation.scores import Score

__all__ = ["START", "LossTally", "RankProgress", "RunPosition", "TrainingProgress"]

SECONDS_OF_RECENT_STRETCH = 1.0  # at least, so that a stretch of the corpus ends in each


class RunPosition(NamedTuple):
    """Where a run stands between two stretches, and what it has counted in the epoch under way."""

    epochs_done: int
    position: int  # of the corpus; all before it is done in this epoch, and nothing after it
    words: int = 0  # in-vocabulary words of this epoch so far
    pairs: int = 0  # true and noise pairs
    loss: float = 0.0  # summed over the pairs


START = RunPosition(0, 0)


class RankProgress(NamedTuple):
    """How several ranks have trained so far, in this part of the run."""

    ranks: int
    rounds: int
    bytes_sent: int  # by each rank; of simulated ranks, what each would have sent
    share_combining: float  # of the time, in [0, 1]
    slowest_rank: int
    slowest_lag: float  # its seconds of training, as a multiple of the mean rank's; at least 1


@dataclass(frozen=True)
class TrainingProgress:
    """One report from a training run."""

    epoch: int  # the one under way, from 1
    epochs: int
    words: int  # in-vocabulary words seen so far, over all epochs
    total_words: int
    seconds: float  # since training began
    words_per_second: float  # over the recent stretch: the last second or so
    learning_rate: float
    recent_loss: float | None  # mean per pair over the recent stretch; None before the first pair
    epoch_loss: float | None  # mean per pair since the epoch began
    is_epoch_end: bool = False  # the one report of each epoch that counts all of it
    validation_loss: float | None = None  # mean per pair of the held-out text, at an epoch's end
    neighbors: Mapping[str, Sequence[tuple[str, float]]] | None = None  # of watched words, at an epoch's end
    scores: tuple[Score, ...] | None = None  # in the tests given, at an epoch's end
    words_before: int = 0  # of `words`, those seen by the run that this one resumes
    ranks: RankProgress | None = None  # where several ranks train; words and speed are those of all together

    @property
    def share_done(self) -> float:
        """In [0, 1]."""
        return self.words / self.total_words

    @property
    def seconds_left(self) -> float | None:
        """At the mean speed so far; None before there is one."""
        words_done = self.words - self.words_before
        return self.seconds * (self.total_words - self.words) / words_done if words_done else None


class LossTally:
    """Words, pairs and loss that all threads have reported; float64 and Python's unbounded integers.

    Args:
        start: where the run goes on.
        words_per_epoch: in-vocabulary words.
    """

    def __init__(self, start: RunPosition = START, words_per_epoch: int = 0) -> None:
        self._lock = threading.Lock()
        self._words_of_epochs_done = start.epochs_done * words_per_epoch
        self._words_before = self._words_of_epochs_done + start.words
        self._epoch = LossSum(start.words, start.pairs, start.loss)
        self._recent = LossSum()
        # Until one was long enough, there is the beginning of the first.
        self._has_recent_stretch = False
        self._last_speed = 0.0
        self._last_loss: float | None = None
        self._began = self._recent_began = time.perf_counter()

    def add(self, learned: LossSum) -> None:
        """Count one stretch of the corpus."""
        with self._lock:
            self._epoch = self._epoch.plus(learned)
            self._recent = self._recent.plus(learned)

    @property
    def of_epoch(self) -> LossSum:
        """Words, pairs and loss since the epoch began."""
        with self._lock:
            return self._epoch

    @property
    def mean_loss(self) -> float | None:
        """Mean per pair since the epoch began; None before the first pair."""
        with self._lock:
            return self._epoch.mean

    def begin_epoch(self) -> None:
        """From now on, `epoch_loss` counts afresh."""
        with self._lock:
            self._words_of_epochs_done += self._epoch.words
            self._epoch = LossSum()

    def report(
        self,
        epoch: int,
        epochs: int,
        total_words: int,
        learning_rate: float,
        *,
        is_epoch_end: bool = False,
        validation_loss: float | None = None,
        ranks: RankProgress | None = None,
    ) -> TrainingProgress:
        """What happened in the last second or so, and since the epoch began."""
        with self._lock:
            time_now = time.perf_counter()
            seconds = max(time_now - self._recent_began, 1e-9)
            is_long_enough = seconds >= SECONDS_OF_RECENT_STRETCH and self._recent.pairs > 0
            if is_long_enough or not self._has_recent_stretch:
                self._last_speed = self._recent.words / seconds
                self._last_loss = self._recent.mean
            report = TrainingProgress(
                epoch=epoch,
                epochs=epochs,
                words=self._words_of_epochs_done + self._epoch.words,
                total_words=total_words,
                seconds=time_now - self._began,
                words_per_second=self._last_speed,
                learning_rate=learning_rate,
                recent_loss=self._last_loss,
                epoch_loss=self._epoch.mean,
                is_epoch_end=is_epoch_end,
                validation_loss=validation_loss,
                words_before=self._words_before,
                ranks=ranks,
            )
            if is_long_enough:
                self._has_recent_stretch = True
                self._recent, self._recent_began = LossSum(), time_now
            return report
