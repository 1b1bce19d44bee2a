"""Exchange: a group of ranks as what sends bytes of any length, which the merging of their vocabularies needs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wordvec.distributed.group import Group

__all__ = ["GroupExchange"]


class GroupExchange:
    """An `Exchange` over a group, whose arrays must be of the same size for all: parts are filled up to the longest.

    Args:
        group: the ranks.

    >>> from wordvec.distributed.group import run_in_threads
    >>> run_in_threads(2, lambda group: GroupExchange(group).all_gather(b"red" * group.rank))
    [[b'', b'red'], [b'', b'red']]
    """

    def __init__(self, group: Group) -> None:
        self._group = group
        self.rank, self.size = group.rank, group.size

    def all_gather(self, part: bytes) -> list[bytes]:
        """What each rank gave, (size,), in the order of ranks."""
        lengths = self._group.collect(np.array([len(part)], np.int64))[:, 0]
        return _cut(self._group.collect(_filled(part, int(lengths.max()))), lengths)

    def all_to_all(self, parts: Sequence[bytes]) -> list[bytes]:
        """What each rank gave for this one, (size,)."""
        lengths = self._group.collect(np.array([len(part) for part in parts], np.int64))  # (from, to)
        longest = int(lengths.max())
        received = self._group.exchange(np.stack([_filled(part, longest) for part in parts]))
        return _cut(received, lengths[:, self.rank])


def _filled(part: bytes, length: int) -> NDArray[np.uint8]:
    filled = np.zeros(max(1, length), np.uint8)  # an empty array has no place to be sent from
    filled[: len(part)] = np.frombuffer(part, np.uint8)
    return filled


def _cut(received: NDArray[np.uint8], lengths: NDArray[np.int64]) -> list[bytes]:
    return [one[:length].tobytes() for one, length in zip(received, lengths.tolist(), strict=True)]
