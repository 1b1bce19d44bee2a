"""Windows: the words of a stretch that are kept, how far their windows reach, and their noise, drawn by kernels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wordvec.engines.draws import Draws
from wordvec.engines.stretches import Span
from wordvec.kernels.cpu.windows import LaidWindows, WindowRules, draw_negatives, lay_windows
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
    windows: LaidWindows,  # overwritten; at least L places
) -> tuple[int, int] | None:
    """Draw the windows and negatives of the centers at positions [start, stop).

    Returns:
        The places [first center, end of centers); None if the ids do not reach far enough beyond them.
    """
    part = (start - span.first, stop - span.first)
    rules = WindowRules(draws.keep, draws.window, draws.is_fixed)
    window_stream = stream(draws.seed, Purpose.WINDOWS, epoch)
    centers: tuple[int, int] = lay_windows(
        ids, span.first, part, span.is_whole, rules, window_stream, windows
    )
    if centers[0] < 0:
        return None
    assert draws.noise is not None  # noqa: S101  (this engine has no objective without)
    draw_negatives(windows, centers, draws.noise, stream(draws.seed, Purpose.NEGATIVES, epoch))
    return centers
