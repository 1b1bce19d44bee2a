"""Progress: what is known about a run at one moment, and the tally that it is made from."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["LossTally", "TrainingProgress"]

SECONDS_OF_RECENT_STRETCH = 1.0  # at least, so that a stretch of the corpus ends in each


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
    words_before: int = 0  # of `words`, those seen by the run that this one resumes

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
    """Words, pairs and loss that all threads have reported; float64 and Python's unbounded integers."""

    def __init__(self, words: int = 0) -> None:
        """Begin with words that an earlier part of the run has seen."""
        self._lock = threading.Lock()
        self._words, self._pairs = words, 0
        self._words_before = words
        self._loss = 0.0
        self._epoch_start = self._recent_start = (words, 0, 0.0)
        self._began = self._recent_began = time.perf_counter()

    def add(self, words: int, pairs: int, loss: float) -> None:
        """Count one stretch of the corpus."""
        with self._lock:
            self._words += words
            self._pairs += pairs
            self._loss += loss

    @property
    def mean_loss(self) -> float | None:
        """Mean per pair of everything counted; None before the first pair."""
        with self._lock:
            return _mean_loss((0, 0, 0.0), (self._words, self._pairs, self._loss))

    def begin_epoch(self) -> None:
        """From now on, `epoch_loss` counts afresh."""
        with self._lock:
            self._epoch_start = (self._words, self._pairs, self._loss)

    def report(
        self,
        epoch: int,
        epochs: int,
        total_words: int,
        learning_rate: float,
        *,
        is_epoch_end: bool = False,
        validation_loss: float | None = None,
    ) -> TrainingProgress:
        """What happened in the last second or so, and since the epoch began."""
        with self._lock:
            now = (self._words, self._pairs, self._loss)
            time_now = time.perf_counter()
            seconds = max(time_now - self._recent_began, 1e-9)
            report = TrainingProgress(
                epoch=epoch,
                epochs=epochs,
                words=self._words,
                total_words=total_words,
                seconds=time_now - self._began,
                words_per_second=(self._words - self._recent_start[0]) / seconds,
                learning_rate=learning_rate,
                recent_loss=_mean_loss(self._recent_start, now),
                epoch_loss=_mean_loss(self._epoch_start, now),
                is_epoch_end=is_epoch_end,
                validation_loss=validation_loss,
                words_before=self._words_before,
            )
            if seconds >= SECONDS_OF_RECENT_STRETCH and now[1] > self._recent_start[1]:
                self._recent_start, self._recent_began = now, time_now
            return report


def _mean_loss(before: tuple[int, int, float], now: tuple[int, int, float]) -> float | None:
    pairs = now[1] - before[1]
    return (now[2] - before[2]) / pairs if pairs else None
