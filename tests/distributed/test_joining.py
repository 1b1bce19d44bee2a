"""Joining: ranks agree on a name that no earlier start has had, whoever comes first, and say who did not come."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from wordvec.distributed.joining import SECONDS_BETWEEN_LOOKS, name_of_start
from wordvec.errors import EngineError


class Dictionary(dict[str, str]):
    """A store as torch.distributed has it, in this process."""

    def set(self, key: str, value: str) -> None:
        self[key] = value

    def get(self, key: str) -> bytes:  # type: ignore[override]
        return self[key].encode()

    def check(self, keys: list[str]) -> bool:
        return all(key in self for key in keys)


def start(store: Dictionary, size: int, *, last: int) -> set[str]:
    """The names that ranks agree on, of whom one comes after all others have looked."""
    late = threading.Event()

    def join(rank: int) -> str:
        if rank == last:
            late.wait()
        return name_of_start(store, rank, size, 20.0)

    with ThreadPoolExecutor(size) as pool:
        found = [pool.submit(join, rank) for rank in range(size)]
        threading.Timer(3 * SECONDS_BETWEEN_LOOKS, late.set).start()
        return {one.result() for one in found}


@pytest.mark.parametrize("last", [0, 1, 2])
def test_ranks_that_start_again_do_not_believe_what_the_start_before_has_left(last: int) -> None:
    store = Dictionary()
    names = [start(store, 3, last=last) for _ in range(3)]
    assert [len(one) for one in names] == [1, 1, 1]
    assert len(set.union(*names)) == 3


def test_a_start_that_was_given_up_does_not_disturb_the_next_one() -> None:
    store = Dictionary()
    with pytest.raises(EngineError, match=r"ranks 1, 2 of 3 did not come within 0 seconds"):
        name_of_start(store, 0, 3, 0.1)
    with pytest.raises(EngineError, match="rank 1 of 3 has not been let in within 0 seconds"):
        name_of_start(store, 1, 3, 0.1)
    assert len(start(store, 2, last=0)) == 1  # with one rank less
