"""Stops in the middle of an epoch, whatever the clock says: the work waits for the stop, not the stop for it."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from wordvec.pipeline.run_log import Progress
from wordvec.training.progress import TrainingProgress
from wordvec.training.trainer import WorkerPool

__all__ = ["MidEpochStop"]

PATIENCE = 60.0  # seconds; so that a mistake is a failure, not a hang


class MidEpochStop:
    """Ends a run after the first stretches of an epoch, of which each thread has one under way.

    As `on_progress` of a run. The other runs of the test are left alone.

    Args:
        monkeypatch: of the test.
        worker: the class whose workers train.
        epoch: in which to stop, from 1; None for the one that the run begins in.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, worker: type, epoch: int | None = None):
        self._epoch = epoch
        self._is_armed = self._is_reached = self._is_asked = False
        self._may_work = threading.Event()
        monkeypatch.setattr("wordvec.training.trainer.SECONDS_BETWEEN_REPORTS", 1e-4)
        train_stretch, pause = worker.train_stretch, WorkerPool.pause  # type: ignore[attr-defined]

        def train_when_asked(worker: Any, corpus: Any, epoch: int, start: int, stop: int, rates: Any) -> Any:
            if self._is_armed and start > 0 and self._epoch in (None, epoch + 1):
                self._is_reached = True
                assert self._may_work.wait(PATIENCE)
            return train_stretch(worker, corpus, epoch, start, stop, rates)

        def pause_then_work(pool: WorkerPool) -> None:
            pool._is_paused = True  # before the next stretch can be taken
            self._may_work.set()
            pause(pool)

        monkeypatch.setattr(worker, "train_stretch", train_when_asked)
        monkeypatch.setattr(
            WorkerPool, "pause", lambda pool: pause_then_work(pool) if self._is_asked else pause(pool)
        )

    def __enter__(self) -> MidEpochStop:
        """From here on, a run is stopped."""
        self._is_armed, self._is_reached, self._is_asked = True, False, False
        self._may_work.clear()
        return self

    def __exit__(self, *problem: object) -> None:
        """From here on, no run is."""
        self._is_armed = False

    def __call__(self, progress: Progress) -> None:
        """Stop if it is time."""
        if self._is_reached and isinstance(progress, TrainingProgress):
            self._is_asked = True
            raise KeyboardInterrupt
