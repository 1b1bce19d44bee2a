"""Negative samples: draw the noise words of a stretch of centers ahead, so that their rows can be fetched early."""

from __future__ import annotations

import numpy as np

from wordvec.kernels.cpu.random import GOLDEN_GAMMA, below, hash64, unit_interval
from wordvec.kernels.simd.compile import kernel, kernel_part

__all__ = ["draw_negatives"]

MOST_REDRAWS = 64


@kernel
def draw_negatives(  # type: ignore[no-untyped-def]
    centers,  # Centers
    first_center,
    end_of_centers,
    first_position,  # position in the corpus that the centers' offsets count from
    alias_keep,  # (V,) float32  noise distribution as an alias table
    alias,  # (V,) int32
    stream,  # uint64
    negatives,  # (N, K) int32, overwritten from first_center to end_of_centers
):
    """Draw K noise words for each center, none of them the center itself.

    A draw that hits the center is repeated: a negative equal to the target would undo the positive update. (After 64
    hits in a row, which needs a noise distribution that is nearly all one word, the next word is taken.)
    """
    vocabulary_size = len(alias)
    num_negatives = negatives.shape[1]
    for center in range(first_center, end_of_centers):
        counter = (first_position + centers.offset[center]) * num_negatives
        for number in range(num_negatives):
            bits = hash64(stream, counter + number)
            negative = _draw(bits, alias_keep, alias)
            redraws = 0
            while negative == centers.words[center]:
                if redraws == MOST_REDRAWS:
                    negative = (negative + 1) % vocabulary_size
                    break
                redraws += 1
                bits = hash64(bits, GOLDEN_GAMMA)
                negative = _draw(bits, alias_keep, alias)
            negatives[center, number] = negative


@kernel_part
def _draw(bits, alias_keep, alias):  # type: ignore[no-untyped-def]
    slot = below(bits, len(alias))
    if unit_interval(bits) < alias_keep[slot]:
        return np.int64(slot)
    return np.int64(alias[slot])
