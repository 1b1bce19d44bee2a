"""Crew: threads that take stretches of a corpus in turn, and can be paused between two of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from wordvec.training.engine import Worker

__all__ = ["Crew"]

SECONDS_BETWEEN_REPORTS = 0.25


class Crew:
    """Each worker, in a thread of its own, takes one stretch after the other until none is left.

    Args:
        stretches: (start, stop) each, in the order of the corpus.
        workers: one for each thread.
        work_on: what a worker does with a stretch.
    """

    def __init__(
        self,
        stretches: Iterator[tuple[int, int]],
        workers: Sequence[Worker],
        work_on: Callable[[Worker, int, int], None],
    ):
        self._stretches, self._workers, self._work_on = stretches, workers, work_on
        self._lock = threading.Lock()
        self._is_paused = self._is_exhausted = False
        self._threads: list[threading.Thread] = []
        self._failures: list[BaseException] = []
        self.position = 0  # where the stretch that was taken last ends; when paused, all before it is done

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
        """Return when no thread works any more: each ends after the stretch that it is at."""
        self._is_paused = True
        for thread in self._threads:
            while thread.is_alive():
                with suppress(KeyboardInterrupt):  # whatever else happens: they write to the matrices
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
            while (stretch := self._take()) is not None:
                self._work_on(worker, *stretch)
        except BaseException as failure:
            self._failures.append(failure)
            self._is_paused = True

    def _take(self) -> tuple[int, int] | None:
        with self._lock:
            if self._is_paused:
                return None
            stretch = next(self._stretches, None)
            if stretch is None:
                self._is_exhausted = True
            else:
                self.position = stretch[1]
            return stretch


def _has_ended(thread: threading.Thread) -> bool:
    """Wait for a thread, but not longer than until the next report."""
    thread.join(SECONDS_BETWEEN_REPORTS)
    return not thread.is_alive()
