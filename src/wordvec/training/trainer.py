"""Trainer: epochs over the encoded corpus, on threads that share both matrices without locks (Hogwild)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

from wordvec.corpus.encoded import EncodedCorpus
from wordvec.errors import EngineError
from wordvec.training.engine import Engine, Worker
from wordvec.training.progress import LossTally, TrainingProgress
from wordvec.training.schedule import Schedule

__all__ = ["Trainer"]

SECONDS_BETWEEN_REPORTS = 0.25
DIVERGED_LOSS = 1e4  # of a pair; vectors at the start of a run, however large, are far from it


class Trainer:
    """Runs `epochs` over a corpus.

    The engine cuts the corpus into stretches that threads take in turn, so none waits for a slower one. The learning
    rate depends on a stretch's place in the run, and every draw on the word's place in the corpus. With one
    thread the result is therefore repeatable to the bit; with more, updates of a row by two threads may overlap and
    one be lost, which is rare and harmless (Recht et al., 2011).
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
        epochs_done: int = 0,
    ):
        self._engine, self._corpus, self._held_out = engine, corpus, held_out
        self._epochs, self._epochs_done = epochs, epochs_done
        self._threads, self._schedule = threads, schedule
        self._stop: threading.Event
        self._tally: LossTally

    def run(self, on_progress: Callable[[TrainingProgress], None]) -> bool:
        """Train; report four times a second and after each epoch, with the loss on the held-out text.

        Returns:
            True if all epochs are done, False if Ctrl-C (KeyboardInterrupt) stopped them before. The matrices are
            whole in both cases.

        Raises:
            EngineError: the loss is no longer a number.
        """
        self._stop = threading.Event()
        self._tally = LossTally(words=self._epochs_done * self._corpus.num_words)
        workers = [self._engine.worker() for _ in range(self._threads)]
        try:
            for epoch in range(self._epochs_done, self._epochs):
                self._run_epoch(epoch, workers, on_progress)
        except KeyboardInterrupt:
            return False
        return True

    def _run_epoch(
        self, epoch: int, workers: list[Worker], on_progress: Callable[[TrainingProgress], None]
    ) -> None:
        self._tally.begin_epoch()
        stretches = self._stretches(self._corpus)
        self._share_out(
            stretches,
            workers,
            lambda worker, start, stop: self._train_stretch(worker, epoch, start, stop),
            lambda: on_progress(self._report(epoch, stretches.last_stop)),
        )
        validation_loss = None
        if self._held_out is not None:
            validation_loss = self._held_out_loss(self._held_out, workers)
        end = self._corpus.num_positions
        on_progress(self._report(epoch, end, is_epoch_end=True, validation_loss=validation_loss))

    def _held_out_loss(self, held_out: EncodedCorpus, workers: list[Worker]) -> float | None:
        tally = LossTally()

        def measure(worker: Worker, start: int, stop: int) -> None:
            tally.add(*worker.measure_stretch(held_out, start, stop))

        self._share_out(self._stretches(held_out), workers, measure, lambda: None)
        return tally.mean_loss

    def _stretches(self, corpus: EncodedCorpus) -> _Shared:
        return _Shared(self._engine.stretches(corpus, self._threads))

    def _share_out(
        self,
        stretches: _Shared,
        workers: list[Worker],
        work_on: Callable[[Worker, int, int], None],
        meanwhile: Callable[[], None],
    ) -> None:
        """Let each worker, in a thread of its own, take one stretch after the other until none is left."""
        failures: list[BaseException] = []

        def work(worker: Worker) -> None:
            try:
                for start, stop in stretches:
                    if self._stop.is_set():
                        return
                    work_on(worker, start, stop)
            except BaseException as failure:
                failures.append(failure)
                self._stop.set()

        threads = [threading.Thread(target=work, args=[worker], daemon=True) for worker in workers]
        started = []
        try:
            for thread in threads:
                thread.start()
                started.append(thread)
            for thread in threads:
                while not _ended(thread):
                    meanwhile()
        except BaseException:
            self._stop.set()
            raise
        finally:
            _join(started)
        if failures:
            raise failures[0]

    def _train_stretch(self, worker: Worker, epoch: int, start: int, stop: int) -> None:
        rates = (self._learning_rate(epoch, 0), self._learning_rate(epoch + 1, 0))
        result = worker.train_stretch(self._corpus, epoch, start, stop, rates)
        mean_loss = result.loss / max(result.pairs, 1)
        if not mean_loss <= DIVERGED_LOSS:  # NaN is not, either
            raise EngineError(
                f"training diverged in epoch {epoch + 1}, positions {start:,} to {stop:,} of the corpus: the mean loss "
                f"of a pair is {mean_loss:g}; lower learning_rate (about {rates[0]:g} there), or batch_size"
            )
        self._tally.add(*result)

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


def _ended(thread: threading.Thread) -> bool:
    """Wait for a thread, but not longer than until the next report."""
    thread.join(SECONDS_BETWEEN_REPORTS)
    return not thread.is_alive()


def _join(threads: list[threading.Thread]) -> None:
    """Wait until no thread writes to the matrices any more, whatever else happens; each ends after its stretch."""
    for thread in threads:
        while thread.is_alive():
            with suppress(KeyboardInterrupt):
                thread.join()


class _Shared:
    """An iterator that several threads may advance."""

    def __init__(self, stretches: Iterator[tuple[int, int]]):
        self._stretches = stretches
        self._lock = threading.Lock()
        self.last_stop = 0

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return self

    def __next__(self) -> tuple[int, int]:
        with self._lock:
            stretch = next(self._stretches)
            self.last_stop = stretch[1]
            return stretch
