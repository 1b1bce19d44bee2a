"""Ranks in one process: threads that exchange bytes, as machines do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


class RankOfThreads:
    """One of several ranks; an exchange as wordvec.vocabulary.merging describes it."""

    def __init__(self, rank: int, table: list[list[bytes]], meeting: threading.Barrier) -> None:
        self.rank, self.size = rank, len(table)
        self._table, self._meeting = table, meeting
        self.bytes_sent: list[int] = []  # in each call

    def all_gather(self, part: bytes) -> list[bytes]:
        return self.all_to_all([part] * self.size)

    def all_to_all(self, parts: Sequence[bytes]) -> list[bytes]:
        assert len(parts) == self.size
        assert all(isinstance(part, bytes) for part in parts)
        self.bytes_sent.append(sum(map(len, parts)))
        self._table[self.rank] = list(parts)
        self._meeting.wait()
        received = [row[self.rank] for row in self._table]
        self._meeting.wait()
        return received


def run_ranks(size: int, work: Callable[[RankOfThreads], Result]) -> list[Result]:
    """What each rank's work gives, (size,); an error of one that the others do not hear of ends all of them."""
    table: list[list[bytes]] = [[]] * size
    meeting = threading.Barrier(size, timeout=60)

    def one(rank: int) -> Result:
        try:
            return work(RankOfThreads(rank, table, meeting))
        except BaseException:
            threading.Timer(0.5, meeting.abort).start()
            raise

    with ThreadPoolExecutor(size) as pool:
        ranks = [pool.submit(one, rank) for rank in range(size)]
        return [rank.result() for rank in ranks]
