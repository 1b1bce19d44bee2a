"""Random numbers by place, on tensors: value for value those of kernels/cpu/random.py."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

__all__ = ["GOLDEN_GAMMA", "below", "hash64", "unit_interval"]


def _signed(bits: int) -> int:
    """64 bits as the int64 that PyTorch computes with, which wraps around like unsigned numbers."""
    return int(np.uint64(bits).astype(np.int64))


GOLDEN_GAMMA = _signed(0x9E3779B97F4A7C15)
_FIRST_MULTIPLIER = _signed(0xBF58476D1CE4E5B9)
_SECOND_MULTIPLIER = _signed(0x94D049BB133111EB)


def hash64(stream: np.uint64 | Tensor, counters: Tensor) -> Tensor:
    """64 random bits for each counter: SplitMix64 started at `stream` (Steele, Lea and Flood, 2014).

    >>> [int(bits) for bits in hash64(np.uint64(1), torch.tensor([0, 1]))]
    [-7995527694508729151, -4689498862643123097]
    """
    start = stream if isinstance(stream, Tensor) else _signed(int(stream))
    bits = (counters + 1) * GOLDEN_GAMMA + start
    bits = (bits ^ _shifted(bits, 30)) * _FIRST_MULTIPLIER
    bits = (bits ^ _shifted(bits, 27)) * _SECOND_MULTIPLIER
    return bits ^ _shifted(bits, 31)


def unit_interval(bits: Tensor) -> Tensor:
    """float32 in [0, 1) from the upper 24 of 64 random bits."""
    return _shifted(bits, 40).to(torch.float32) * 2.0**-24


def below(bits: Tensor, limit: int) -> Tensor:
    """Integers in [0, limit) from the lower 32 of 64 random bits (Lemire, 2019); limit <= 2³¹."""
    return ((bits & 0xFFFFFFFF) * limit) >> 32


def _shifted(bits: Tensor, places: int) -> Tensor:
    """Shift to the right, filling with zeros (`>>` fills with the sign)."""
    return (bits >> places) & ((1 << (64 - places)) - 1)
