"""Trainer: epochs over the encoded corpus, on threads without locks, at a learning rate that follows a schedule."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from wordvec.config import Config
from wordvec.corpus.encoded import EncodedCorpus
from wordvec.engines.engine import Engine, LossSum, Pending, Worker
from wordvec.errors import EngineError
from wordvec.training.progress import START, LossTally, RunPosition, TrainingProgress

__all__ = [
    "ConstantSchedule",
    "LearnedQueue",
    "LinearSchedule",
    "Schedule",
    "Trainer",
    "WorkerPool",
    "measure",
    "schedule_of",
]

SECONDS_BETWEEN_REPORTS = 0.25

DIVERGED_LOSS = 1e4  # of a pair; vectors at the start of a run, however large, are far from it

Task = TypeVar("Task")


class Schedule(Protocol):
    """How the learning rate goes through a run."""

    def at(self, share_done: float) -> float:
        """The learning rate when `share_done` in [0, 1] of the run's positions are done."""


@dataclass(frozen=True)
class LinearSchedule:
    """From `first` to `final` in a straight line, as in word2vec.c.

    >>> schedule = LinearSchedule(first=0.5, final=0.0)
    >>> schedule.at(0.0), schedule.at(0.75), schedule.at(1.0)
    (0.5, 0.125, 0.0)
    """

    first: float
    final: float

    def at(self, share_done: float) -> float:
        """The learning rate when `share_done` in [0, 1] of the run's positions are done."""
        return self.first * (1 - share_done) + self.final * share_done


@dataclass(frozen=True)
class ConstantSchedule:
    """The same throughout, as for optimizers that adapt their steps.

    >>> ConstantSchedule(0.5).at(0.75)
    0.5
    """

    rate: float

    def at(self, share_done: float) -> float:  # noqa: ARG002
        """The learning rate, which never changes."""
        return self.rate


def schedule_of(config: Config) -> Schedule:
    """How the learning rate goes through the run."""
    if config.schedule == "constant":
        return ConstantSchedule(config.first_learning_rate)
    return LinearSchedule(config.first_learning_rate, config.final_learning_rate)


class WorkerPool(Generic[Task]):
    """Each worker, in a thread of its own, takes one task after the other until none is left.

    Args:
        tasks: such as stretches (start, stop), in the order of the corpus.
        workers: one for each thread.
        work_on: what a worker does with a task.
    """

    def __init__(
        self, tasks: Iterator[Task], workers: Sequence[Worker], work_on: Callable[[Worker, Task], None]
    ):
        self._tasks, self._workers, self._work_on = tasks, workers, work_on
        self._lock = threading.Lock()
        self._is_paused = self._is_exhausted = False
        self._threads: list[threading.Thread] = []
        self._failures: list[BaseException] = []
        self.last: Task | None = (
            None  # the task that was taken last; when paused, it and all before it are done
        )

    def work(self) -> Iterator[None]:
        """Work until all is done, and yield four times a second meanwhile.

        After a pause, the next step goes on. Closing the iterator is a pause, too.

        Raises:
            BaseException: what a worker has raised.
        """
        try:
            while not self._is_exhausted:
                self._start()
                for thread in self._threads:
                    while not _has_ended(thread):
                        yield
                self.check()
        finally:
            self.pause()

    def check(self) -> None:
        """Raise what a worker has raised, if one has."""
        if self._failures:
            raise self._failures[0]

    def pause(self) -> None:
        """Return when no thread works any more: each ends after the task that it is at."""
        self._is_paused = True
        for thread in self._threads:
            while thread.is_alive():
                with suppress(KeyboardInterrupt):  # wait in any case: the threads write to the matrices
                    thread.join()

    def _start(self) -> None:
        self._is_paused = False
        self._threads = []
        for worker in self._workers:
            thread = threading.Thread(target=self._run, args=[worker], daemon=True)
            thread.start()
            self._threads.append(thread)

    def _run(self, worker: Worker) -> None:
        try:
            while (task := self._take()) is not None:
                self._work_on(worker, task)
        except BaseException as failure:
            self._failures.append(failure)
            self._is_paused = True

    def _take(self) -> Task | None:
        with self._lock:
            if self._is_paused:
                return None
            task = next(self._tasks, None)
            if task is None:
                self._is_exhausted = True
            else:
                self.last = task
            return task


def _has_ended(thread: threading.Thread) -> bool:
    """Wait for a thread, but not longer than until the next report."""
    thread.join(SECONDS_BETWEEN_REPORTS)
    return not thread.is_alive()


class _Learned(NamedTuple):
    """What a worker learned from one stretch."""

    epoch: int  # from 0
    start: int  # position
    stop: int
    learning_rate: float  # when the epoch began
    sums: Pending


class LearnedQueue:
    """What workers have learned and nobody has counted yet.

    Args:
        remedies: settings to lower if training diverges, other than the learning rate, for the message.
    """

    def __init__(self, remedies: Sequence[str] = ()):
        self._remedies = remedies
        self._pending: deque[_Learned] = deque()

    def add(self, epoch: int, start: int, stop: int, learning_rate: float, sums: Pending) -> None:
        """Take what was learned from the positions [start, stop) in an epoch, numbered from 0."""
        self._pending.append(_Learned(epoch, start, stop, learning_rate, sums))

    def settle(self, count: Callable[[LossSum], None]) -> None:
        """Count what was learned since the last time.

        Raises:
            EngineError: the loss of a stretch is no longer a number.
        """
        while self._pending:
            # It stays there where the loss is not a number, so that nothing goes on from it.
            epoch, start, stop, rate, learned = self._pending[0]
            sums = learned()
            mean_loss = sums.loss / max(sums.pairs, 1)
            if not mean_loss <= DIVERGED_LOSS:  # NaN is not, either
                remedies = " or ".join([f"learning_rate (about {rate:g} there)", *self._remedies])
                raise EngineError(
                    f"training diverged in epoch {epoch + 1}, positions {start:,} to {stop:,} of the corpus: the mean "
                    f"loss of a pair is {mean_loss:g}; lower {remedies}"
                )
            count(sums)
            self._pending.popleft()


def measure(
    corpus: EncodedCorpus, stretches: Iterator[tuple[int, int]], workers: Sequence[Worker]
) -> LossSum:
    """The loss of a text that is not trained on, on these stretches of it."""
    losses: list[Pending] = []

    def measure_one(worker: Worker, stretch: tuple[int, int]) -> None:
        losses.append(worker.measure_stretch(corpus, *stretch))

    for _ in WorkerPool(stretches, workers, measure_one).work():
        pass
    found = LossSum()
    for loss in losses:
        found = found.plus(loss())
    return found


class Trainer:
    """Runs `epochs` over a corpus.

    The engine cuts the corpus into stretches that threads take in turn, so none waits for a slower one. The learning
    rate depends on a stretch's position in the run, and every draw on the word's position in the corpus. With one
    thread the result is therefore repeatable to the bit, however often the run was paused or resumed; with more,
    updates of a row by two threads may overlap and one be lost, which is rare and harmless (Recht et al., 2011).

    Args:
        engine: what is trained.
        corpus: what it is trained on.
        epochs: over the corpus, all in all.
        threads: to train with.
        schedule: of the learning rate.
        held_out: what its loss is computed on after each epoch.
        start: where an earlier part of the run has stopped.
        remedies: settings to lower if training diverges, other than the learning rate, for the message.
    """

    def __init__(
        self,
        engine: Engine,
        corpus: EncodedCorpus,
        *,
        epochs: int,
        threads: int,
        schedule: Schedule,
        held_out: EncodedCorpus | None = None,
        start: RunPosition = START,
        remedies: Sequence[str] = (),
    ):
        self._engine, self._corpus, self._held_out = engine, corpus, held_out
        self._epochs, self._start = epochs, start
        self._threads, self._schedule = threads, schedule
        self._position = start
        self._pool: WorkerPool[tuple[int, int]] | None = None  # at work in an epoch
        self._tally = LossTally(start, corpus.num_words)
        self._learned = LearnedQueue(remedies)
        self.must_stop = False  # where nobody else can wish so

    def run(self) -> Generator[TrainingProgress]:
        """Train; yield a report four times a second and after each epoch, then with the loss on the held-out text.

        Threads go on while the caller looks at a report. They stop when the iterator is closed, and the matrices are
        whole then.

        Raises:
            EngineError: the loss is no longer a number.
        """
        self._tally = LossTally(self._start, self._corpus.num_words)
        workers = [self._engine.worker() for _ in range(self._threads)]
        for epoch in range(self._start.epochs_done, self._epochs):
            yield from self._run_epoch(epoch, workers)

    def pause(self, *, for_good: bool = False) -> RunPosition:  # noqa: ARG002  (that makes no difference here)
        """Wait until no thread works any more, and say how far the run has come; the next step of `run` goes on.

        Args:
            for_good: there will be no next step.

        Raises:
            EngineError: the loss is no longer a number.
        """
        if self._pool is not None:
            self._pool.pause()
            self._pool.check()
            self._settle()
            position = self._reached(self._pool)
            self._position = RunPosition(self._position.epochs_done, position, *self._tally.of_epoch)
        return self._position

    def facts(self) -> dict[str, Any] | None:
        """What a checkpoint needs besides the position: nothing."""
        return None

    def _run_epoch(self, epoch: int, workers: list[Worker]) -> Iterator[TrainingProgress]:
        if epoch != self._start.epochs_done:
            self._tally.begin_epoch()
        done = self._position.position
        stretches = (
            (max(start, done), stop)  # as another release, or number of threads, may have cut them elsewhere
            for start, stop in self._engine.stretches(self._corpus, self._threads)
            if stop > done
        )
        self._pool = WorkerPool(
            stretches,
            workers,
            lambda worker, stretch: self._train_stretch(worker, epoch, *stretch),
        )
        for _ in self._pool.work():
            self._settle()
            yield self._report(epoch, self._reached(self._pool))
        self.pause()
        self._pool = None
        validation_loss = self._held_out_loss(workers)
        self._position = RunPosition(epoch + 1, 0)
        end = self._corpus.num_positions
        yield self._report(epoch, end, is_epoch_end=True, validation_loss=validation_loss)

    def _held_out_loss(self, workers: list[Worker]) -> float | None:
        if self._held_out is None:
            return None
        return measure(self._held_out, self._engine.stretches(self._held_out, self._threads), workers).mean

    def _reached(self, pool: WorkerPool[tuple[int, int]]) -> int:
        """The position up to which stretches of this epoch were taken."""
        return max(pool.last[1] if pool.last else 0, self._position.position)

    def _train_stretch(self, worker: Worker, epoch: int, start: int, stop: int) -> None:
        rates = (self._learning_rate(epoch, 0), self._learning_rate(epoch + 1, 0))
        learned = worker.train_stretch(self._corpus, epoch, start, stop, rates)
        self._learned.add(epoch, start, stop, rates[0], learned)

    def _settle(self) -> None:
        self._learned.settle(self._tally.add)

    def _learning_rate(self, epoch: int, position: int) -> float:
        positions = self._corpus.num_positions
        return self._schedule.at((epoch * positions + position) / (self._epochs * positions))

    def _report(
        self,
        epoch: int,
        position: int,
        *,
        is_epoch_end: bool = False,
        validation_loss: float | None = None,
    ) -> TrainingProgress:
        return self._tally.report(
            epoch + 1,
            self._epochs,
            self._epochs * self._corpus.num_words,
            self._learning_rate(epoch, position),
            is_epoch_end=is_epoch_end,
            validation_loss=validation_loss,
        )
