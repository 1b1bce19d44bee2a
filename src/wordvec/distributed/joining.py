"""Joining: the ranks of one start find each other, even in a store that still has what an earlier start has left.

torchrun keeps one store of keys over all its restarts (pytorch/pytorch#135712): a rank that is started again finds
the addresses of processes that are dead, and gives up. Here rank 0 draws a name for its start, and lists who has
answered under that name; whoever is not on the list has read an old name, and looks again.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from typing import Protocol

from wordvec.errors import EngineError
from wordvec.storage.plain_json import parse_json, to_json

__all__ = ["KeyStore", "name_of_start"]

CURRENT = "wordvec/start"
SECONDS_BETWEEN_LOOKS = 0.05
MAX_RANKS_NAMED = 8


class KeyStore(Protocol):
    """What is asked of a store of torch.distributed, which all ranks share."""

    def set(self, key: str, value: str) -> None:
        """Write a value."""

    def get(self, key: str) -> bytes:
        """The value of a key that is there."""

    def check(self, keys: list[str]) -> bool:
        """Whether all of these are there."""


def name_of_start(store: KeyStore, rank: int, size: int, timeout_seconds: float) -> str:
    """A name on which all ranks of this start agree, and no rank of an earlier one.

    Args:
        store: which may still have keys of earlier starts.
        rank: the number of this process.
        size: how many there are.
        timeout_seconds: after which ranks that have not come are given up.

    Raises:
        EngineError: not all ranks have come in time.
    """
    token, deadline = secrets.token_hex(8), time.monotonic() + timeout_seconds
    if rank == 0:
        _list_ranks(store, token, size, deadline, timeout_seconds)
        return token
    while time.monotonic() < deadline:
        if store.check([CURRENT]):
            start = store.get(CURRENT).decode()
            store.set(_place(start, rank), token)
            if store.check([_list(start)]) and parse_json(store.get(_list(start)).decode())[rank] == token:
                return start
        time.sleep(SECONDS_BETWEEN_LOOKS)
    raise EngineError(_gave_up(f"rank {rank} of {size} has not been let in", timeout_seconds))


def _list_ranks(store: KeyStore, start: str, size: int, deadline: float, timeout_seconds: float) -> None:
    store.set(CURRENT, start)
    waiting = list(range(1, size))
    while waiting:
        waiting = [rank for rank in waiting if not store.check([_place(start, rank)])]
        if waiting and time.monotonic() > deadline:
            raise EngineError(_gave_up(f"{_ranks(waiting)} of {size} did not come", timeout_seconds))
        if waiting:
            time.sleep(SECONDS_BETWEEN_LOOKS)
    tokens = [store.get(_place(start, rank)).decode() for rank in range(1, size)]
    store.set(_list(start), to_json([start, *tokens]))


def _place(start: str, rank: int) -> str:
    return f"wordvec/{start}/{rank}"


def _list(start: str) -> str:
    return f"wordvec/{start}/ranks"


def _ranks(ranks: Sequence[int]) -> str:
    """Some ranks, for a message.

    >>> _ranks([2]), _ranks([1, 2])
    ('rank 2', 'ranks 1, 2')
    """
    named = ", ".join(map(str, ranks[:MAX_RANKS_NAMED]))
    return f"rank{'s' * (len(ranks) > 1)} {named}{' ...' * (len(ranks) > MAX_RANKS_NAMED)}"


def _gave_up(who: str, timeout_seconds: float) -> str:
    return (
        f"{who} within {timeout_seconds:.0f} seconds; look at that rank's own message, and start again, with "
        "WORDVEC_RANK_TIMEOUT if ranks start that slowly"
    )
