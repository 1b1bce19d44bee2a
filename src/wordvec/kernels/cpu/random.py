"""Random numbers by place: each draw is a hash of (stream, counter), so no state is kept and none is shared.

The draw for a word depends on the seed, the epoch and the word's position in the corpus, not on which
thread asks or how the corpus is cut into blocks.
"""

from __future__ import annotations

import numpy as np

from wordvec.kernels.simd.compile import kernel_part

__all__ = ["GOLDEN_GAMMA", "below", "hash64", "unit_interval"]

GOLDEN_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FIRST_MULTIPLIER = np.uint64(0xBF58476D1CE4E5B9)
_SECOND_MULTIPLIER = np.uint64(0x94D049BB133111EB)


@kernel_part
def hash64(stream, counter):  # type: ignore[no-untyped-def]
    """64 random bits: value number `counter` of SplitMix64 started at `stream` (Steele, Lea and Flood, 2014)."""
    bits = np.uint64(stream) + (np.uint64(counter) + np.uint64(1)) * GOLDEN_GAMMA
    bits = (bits ^ (bits >> np.uint64(30))) * _FIRST_MULTIPLIER
    bits = (bits ^ (bits >> np.uint64(27))) * _SECOND_MULTIPLIER
    return bits ^ (bits >> np.uint64(31))


@kernel_part
def unit_interval(bits):  # type: ignore[no-untyped-def]
    """A float32 in [0, 1) from the upper 24 of 64 random bits."""
    return np.float32(bits >> np.uint64(40)) * np.float32(2.0**-24)


@kernel_part
def below(bits, limit):  # type: ignore[no-untyped-def]
    """An integer in [0, limit) from the lower 32 of 64 random bits (Lemire, 2019); limit <= 2³¹."""
    return np.int64(((bits & np.uint64(0xFFFFFFFF)) * np.uint64(limit)) >> np.uint64(32))
