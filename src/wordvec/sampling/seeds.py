"""Seeds: one independent random stream for each purpose and epoch of a run."""

from __future__ import annotations

from enum import IntEnum
from functools import cache

import numpy as np

__all__ = ["HELD_OUT_EPOCH", "Purpose", "generator", "stream"]


class Purpose(IntEnum):
    """What is drawn. The numbers are part of what makes runs repeatable: never change or reuse one."""

    INITIAL_VECTORS = 0
    WINDOWS = 1  # subsampling and window reach
    NEGATIVES = 2
    CONTEXTS = 3  # thinned after windows are laid
    HELD_OUT_TEXTS = 4
    WATCHED_WORDS = 5
    SAMPLED_TEXTS = 6  # of a search for settings
    TUNING_TESTS = 7  # which questions choose settings, and which sessions are asked
    ORDER = 8  # of centers that are shuffled
    TEXT_ORDER = 9


HELD_OUT_EPOCH = 2**32 - 1  # stands for an epoch in the draws of the held-out loss, which are always the same


@cache  # as each stretch asks
def stream(seed: int, purpose: Purpose, epoch: int = 0) -> np.uint64:
    """The 64-bit start of a counter-based stream; see kernels/cpu/windows.py.

    >>> int(stream(1, Purpose.WINDOWS, epoch=0)) == int(stream(1, Purpose.WINDOWS, epoch=1))
    False
    """
    return np.uint64(np.random.SeedSequence([seed, purpose, epoch]).generate_state(1, np.uint64)[0])


def generator(seed: int, purpose: Purpose) -> np.random.Generator:
    """A NumPy generator, for what is drawn outside of kernels."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, purpose])))
