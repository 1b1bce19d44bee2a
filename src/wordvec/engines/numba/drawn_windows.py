"""Windows: the words of a stretch that are kept, how far their windows reach, and their noise, drawn by kernels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wordvec.engines.draws import Draws
from wordvec.engines.stretches import Span
from wordvec.kernels.cpu.centers import Centers, gather_centers
from wordvec.kernels.cpu.negatives import draw_negatives
from wordvec.sampling.seeds import Purpose, stream

__all__ = ["draw_windows"]


def draw_windows(
    draws: Draws,
    ids: NDArray[np.int32],  # (L,)  of the span
    span: Span,
    start: int,  # position of the first center
    stop: int,  # after the last one
    *,
    epoch: int,
    centers: Centers,  # overwritten; at least L places
    negatives: NDArray[np.int32],  # (L, K) or more, overwritten
) -> tuple[int, int] | None:
    """Draw the windows and negatives of the centers at positions [start, stop).

    Returns:
        The places [first center, end of centers); None if the ids do not reach far enough beyond them.
    """
    first_center, end_of_centers = gather_centers(
        ids,
        span.first,
        start - span.first,
        stop - span.first,
        span.is_whole[0],
        span.is_whole[1],
        draws.keep,
        draws.window,
        draws.is_fixed,
        stream(draws.seed, Purpose.WINDOWS, epoch),
        centers,
    )
    if first_center < 0:
        return None
    assert draws.noise is not None  # noqa: S101  (this engine has no objective without)
    draw_negatives(
        centers,
        first_center,
        end_of_centers,
        span.first,
        draws.noise.keep,
        draws.noise.alias,
        stream(draws.seed, Purpose.NEGATIVES, epoch),
        negatives,
    )
    return first_center, end_of_centers
