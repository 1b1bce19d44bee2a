"""Stretches: how a corpus is cut into pieces of work, and how far beyond its ends a piece is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.corpus.encoded import TEXT_END, EncodedCorpus

__all__ = [
    "Halo",
    "Span",
    "ends_of_batches",
    "even_stretches",
    "max_shuffled_positions",
    "max_shuffled_windows",
    "shuffled_stretches",
    "stretches_of_texts",
]

MAX_POSITIONS = 32_768  # of one stretch: some 10 ms of work for a compiled kernel, small beside the matrices
MIN_STRETCHES = 16  # for each thread and epoch, so that all threads end about together
MIN_POSITIONS = 256
MAX_SHUFFLED_POSITIONS = 2**20
MAX_SHUFFLED_CONTEXTS = 2**24  # 8 bytes and a few copies each, where windows are as wide as texts
SHARE_KEPT = 0.4  # of the words of a text, about, where frequent ones are thinned out
MAX_POSITIONS_OF_TEXTS = 65_536  # so that long texts do not ask for more memory than there is
POSITIONS_AT_A_TIME = 2**20
FIRST_HALO = 256

Found = TypeVar("Found")


class Span(NamedTuple):
    """What is read of the corpus for a stretch."""

    first: int  # position
    end: int  # position after the last one
    is_whole: tuple[bool, bool]  # whether the corpus begins at `first`, and ends at `end`


class Halo:
    """Positions read on each side of a stretch, for the windows at its ends.

    How many are enough depends on how many words are thinned out: twice as many are read until they are, and from then
    on for all stretches.

    Args:
        window: words on each side of a center.
    """

    def __init__(self, window: int):
        self.size = FIRST_HALO + 4 * window

    def around(self, start: int, stop: int, num_positions: int) -> Span:
        """What to read for the stretch [start, stop) of a corpus of that many positions."""
        first, end = max(0, start - self.size), min(stop + self.size, num_positions)
        return Span(first, end, (first == 0, end == num_positions))

    def widened_until(self, attempt: Callable[[], Found | None]) -> Found:
        """Try, with ever wider halos, until the attempt gives something."""
        while (found := attempt()) is None:
            self.size *= 2
        return found


def even_stretches(
    num_positions: int,
    threads: int,
    max_positions: int = MAX_POSITIONS,
    *,
    stretches_per_thread: int = MIN_STRETCHES,
) -> Iterator[tuple[int, int]]:
    """Cut [0, num_positions) into stretches small enough to share and large enough to be worth a call.

    >>> list(even_stretches(1000, threads=1))
    [(0, 256), (256, 512), (512, 768), (768, 1000)]
    """
    size = num_positions // (threads * stretches_per_thread)
    size = max(min(size, max_positions), MIN_POSITIONS)
    for start in range(0, num_positions, size):
        yield start, min(start + size, num_positions)


def shuffled_stretches(num_positions: int, window: int) -> Iterator[tuple[int, int]]:
    """Cut into as few even stretches as memory allows, since centers are shuffled within each.

    >>> list(shuffled_stretches(1000, window=5))
    [(0, 1000)]
    >>> list(shuffled_stretches(3 * 2**20, window=5)) == [(n * 2**20, (n + 1) * 2**20) for n in range(3)]
    True
    """
    num_stretches = -(-num_positions // max_shuffled_positions(window))
    cuts = [num_positions * number // num_stretches for number in range(num_stretches)]
    return pairwise([*cuts, num_positions])


def max_shuffled_positions(window: int) -> int:
    """Positions whose centers are shuffled at a time."""
    return min(MAX_SHUFFLED_POSITIONS, max(MAX_SHUFFLED_CONTEXTS // (2 * window), MIN_POSITIONS))


def max_shuffled_windows(config: Config) -> float:
    """About how many windows have those positions as centers, in a text that is as long or longer."""
    thins = config.subsample > 0 or config.subsample_quantile is not None
    return max_shuffled_positions(config.window_words) * (SHARE_KEPT if thins else 1.0)


def stretches_of_texts(
    corpus: EncodedCorpus, num_texts: int, *, batches_at_once: int = 1
) -> Iterator[tuple[int, int]]:
    """Cut after every `num_texts` texts; and within them, where they are longer than 65,536 positions together.

    Args:
        corpus: what is cut.
        num_texts: of a batch.
        batches_at_once: that many whole batches make a stretch, at most, if they have no more positions than that.
    """
    begin, end, num_batches = 0, 0, 0  # of the stretch so far
    for start, stop in _batches_of_texts(corpus, num_texts):
        is_full = num_batches == batches_at_once or stop - begin > MAX_POSITIONS_OF_TEXTS
        if num_batches and is_full:
            yield begin, end
            num_batches = 0
        if stop - start > MAX_POSITIONS_OF_TEXTS:
            yield from _pieces(start, stop)
            continue
        if num_batches == 0:
            begin = start
        end = stop
        num_batches += 1
    if num_batches:
        yield begin, end


def ends_of_batches(ids: NDArray[np.int32], num_texts: int) -> NDArray[np.int64]:
    """Where batches of that many texts end among the ids of a stretch, (batches,): the last one, with the stretch.

    >>> ends_of_batches(np.array([5, TEXT_END, 6, TEXT_END, 7, TEXT_END], np.int32), num_texts=2)
    array([4, 6])
    """
    ends = 1 + np.flatnonzero(ids == TEXT_END)[num_texts - 1 :: num_texts]
    return ends if len(ends) and ends[-1] == len(ids) else np.append(ends, len(ids))


def _batches_of_texts(corpus: EncodedCorpus, num_texts: int) -> Iterator[tuple[int, int]]:
    start, ends_seen = 0, 0
    for first in range(0, corpus.num_positions, POSITIONS_AT_A_TIME):
        ids = corpus.read(first, min(first + POSITIONS_AT_A_TIME, corpus.num_positions))
        text_stops = first + 1 + np.flatnonzero(ids == TEXT_END)
        for stop in text_stops[num_texts - 1 - ends_seen :: num_texts].tolist():
            yield start, stop
            start = stop
        ends_seen = (ends_seen + len(text_stops)) % num_texts
    if start < corpus.num_positions:
        yield start, corpus.num_positions


def _pieces(start: int, stop: int) -> Iterator[tuple[int, int]]:
    for first in range(start, stop, MAX_POSITIONS_OF_TEXTS):
        yield first, min(first + MAX_POSITIONS_OF_TEXTS, stop)
