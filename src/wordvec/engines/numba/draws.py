"""Draws: which words of a stretch are kept, how far their windows reach, and the noise that they get, for kernels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.centers import Centers, gather_centers
from wordvec.kernels.cpu.negatives import draw_negatives
from wordvec.sampling.noise import AliasTable
from wordvec.sampling.seeds import Purpose, stream

__all__ = ["Draws", "draw_windows"]


class Draws(NamedTuple):
    """What is drawn for each word, and from which distributions."""

    keep: NDArray[np.float32]  # (V,)  probability of keeping each occurrence
    noise: AliasTable
    window: int
    is_fixed: bool  # every window reaches `window` words; else 1..window, uniformly
    negatives: int
    seed: int


def draw_windows(
    draws: Draws,
    ids: NDArray[np.int32],  # (L,)  a stretch of the corpus, from `first_position` on
    first_position: int,
    start: int,  # position of the first center
    stop: int,  # after the last one
    *,
    is_whole: tuple[bool, bool],
    epoch: int,
    centers: Centers,  # overwritten; at least L places
    negatives: NDArray[np.int32],  # (L, K) or more, overwritten
) -> tuple[int, int] | None:
    """Draw the windows and negatives of the centers at positions [start, stop).

    `is_whole` says whether ids begin and end with the corpus.

    Returns:
        The places [first center, end of centers); None if the ids do not reach far enough beyond them.
    """
    first_center, end_of_centers = gather_centers(
        ids,
        first_position,
        start - first_position,
        stop - first_position,
        is_whole[0],
        is_whole[1],
        draws.keep,
        draws.window,
        draws.is_fixed,
        stream(draws.seed, Purpose.WINDOWS, epoch),
        centers,
    )
    if first_center < 0:
        return None
    draw_negatives(
        centers,
        first_center,
        end_of_centers,
        first_position,
        draws.noise.keep,
        draws.noise.alias,
        stream(draws.seed, Purpose.NEGATIVES, epoch),
        negatives,
    )
    return first_center, end_of_centers
