"""Batching: neighbor queries that arrive together are answered by one search.

A search reads all rows of the int8 copy once, for one query or for many. While one search runs, those that arrive wait,
and are the next batch; a query that finds nobody else starts at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from wordvec.serving.models import ServedModel
from wordvec.serving.problems import Problem
from wordvec.vectors.directions import Direction
from wordvec.vectors.top_k import Neighbor

__all__ = ["Batcher"]

MAX_WAITING = 8192  # directions; others are answered that the server is busy
MAX_BATCH = 1024  # directions of one search
GATHER_SECONDS_PER_REQUEST = 0.0003  # about what it takes to answer one and to read the next
K_STEPS = (10, 100, 1000)  # a search finds as many for each of its queries; some of them drop the last


class _Asked(NamedTuple):
    """Directions of one request, and where its answer goes."""

    model: ServedModel
    directions: Sequence[Direction]
    k: int
    search_limit: int | None
    answer: asyncio.Future[list[list[Neighbor]]]

    @property
    def kind(self) -> tuple[int, int, int]:
        """What requests must have in common to be answered by one search."""
        k = next((step for step in K_STEPS if self.k <= step), self.k)
        return id(self.model), self.search_limit or 0, k


class Batcher:
    """Answers the queries of all requests of one event loop, in one thread.

    Args:
        on_search: called after each search with the number of its directions.
    """

    def __init__(self, on_search: Callable[[int], None] = lambda _: None) -> None:
        self._waiting: list[_Asked] = []
        self._num_waiting = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="wordvec-batches")
        self._task: asyncio.Task[None] | None = None
        self._last_size = 0  # requests of the last batch
        self._all_are_here = asyncio.Event()  # as many wait again
        self._last_end = 0.0
        self._on_search = on_search

    async def nearest(
        self, model: ServedModel, directions: Sequence[Direction], *, k: int, search_limit: int | None = None
    ) -> list[list[Neighbor]]:
        """Find the k words nearest to each direction, together with what others ask at this moment.

        Raises:
            Problem: 503, too many are waiting.
        """
        if self._num_waiting + len(directions) > MAX_WAITING:
            raise Problem(
                503,
                "busy",
                f"{self._num_waiting:,} queries are waiting already; ask again in a second",
                headers={"Retry-After": "1"},
            )
        loop = asyncio.get_running_loop()
        asked = _Asked(model, directions, k, search_limit, loop.create_future())
        self._waiting.append(asked)
        self._num_waiting += len(directions)
        if len(self._waiting) >= self._last_size:
            self._all_are_here.set()
        if self._task is None:
            self._task = loop.create_task(self._answer_all())
        return await asked.answer

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _answer_all(self) -> None:
        """Answer until nobody waits any more."""
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                await self._gather(loop)
                self._waiting = [
                    asked for asked in self._waiting if not asked.answer.done()
                ]  # gone meanwhile
                batch = self._next_batch()
                if not batch:
                    break
                self._last_size = len(batch)
                try:
                    found = await loop.run_in_executor(self._thread, _found, batch)
                except Exception as problem:
                    for asked in batch:
                        if not asked.answer.done():
                            asked.answer.set_exception(problem)
                    continue
                self._last_end = loop.time()
                self._on_search(sum(len(asked.directions) for asked in batch))
                for asked, answer in zip(batch, found, strict=True):
                    if not asked.answer.done():
                        asked.answer.set_result(answer)
        finally:
            self._task = None

    async def _gather(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wait a little for those who were answered together a moment ago, and ask again: they are one batch again.

        Without that, the first of them would be searched for alone, and all others wait for it. Who asks alone, or
        after a pause, does not wait.
        """
        end = self._last_end + GATHER_SECONDS_PER_REQUEST * self._last_size
        if self._last_size <= 1 or len(self._waiting) >= self._last_size or loop.time() >= end:
            return
        self._all_are_here = asyncio.Event()
        clock = loop.call_at(end, self._all_are_here.set)
        await self._all_are_here.wait()
        clock.cancel()

    def _next_batch(self) -> list[_Asked]:
        """Take from those that wait the first one and all others that one search can answer along with it."""
        batch: list[_Asked] = []
        left: list[_Asked] = []
        size = 0
        for asked in self._waiting:
            fits = not batch or (asked.kind == batch[0].kind and size + len(asked.directions) <= MAX_BATCH)
            (batch if fits else left).append(asked)
            size += len(asked.directions) if fits else 0
        self._waiting = left
        self._num_waiting = sum(len(asked.directions) for asked in left)
        return batch


def _found(batch: Sequence[_Asked]) -> list[list[list[Neighbor]]]:
    """The answers to each request of a batch."""
    first = batch[0]
    directions = [direction for asked in batch for direction in asked.directions]
    k = first.kind[2] if len(batch) > 1 else first.k
    found = iter(first.model.search.nearest(directions, k=k, search_limit=first.search_limit))
    return [[next(found)[: asked.k] for _ in asked.directions] for asked in batch]
