"""Thread team: threads that do one piece of work together."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from wordvec.kernels.simd.memory import thread_yield_address

__all__ = ["ThreadTeam"]


class ThreadTeam:
    """Threads that wait for work between calls.

    >>> done = []
    >>> ThreadTeam(3).run(done.append)
    >>> sorted(done)
    [0, 1, 2]
    """

    def __init__(self, size: int):
        self.size = size
        self.yield_address = thread_yield_address()  # for kernels in which the threads wait for each other
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="wordvec-team")

    def run(self, work: Callable[[int], None]) -> None:
        """Call `work` with the number of each thread; return, or raise what one has raised, when all have ended."""
        tasks: list[Future[None]] = []
        try:
            for thread in range(self.size):
                tasks.append(self._pool.submit(work, thread))  # noqa: PERF401  # waited for if the next fails
        finally:
            wait(tasks)
        for task in tasks:
            task.result()
