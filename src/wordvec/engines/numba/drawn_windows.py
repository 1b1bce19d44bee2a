"""Windows: the words of a stretch that are kept, how far their windows reach, and their noise, drawn by kernels."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from wordvec.engines.draws import Draws
from wordvec.engines.stretches import Halo, Span
from wordvec.kernels.cpu.batch_windows import (
    HALO_TOO_SHORT,
    NO_ROOM,
    ContextRules,
    Contexts,
    empty_contexts,
    list_contexts,
    shuffled_contexts,
)
from wordvec.kernels.cpu.windows import LaidWindows, WindowRules, draw_negatives, lay_windows
from wordvec.sampling.seeds import HELD_OUT_EPOCH, Purpose, stream

__all__ = ["ContextLister", "Ids", "draw_windows"]


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
    if draws.noise is not None:
        draw_negatives(windows, centers, draws.noise, stream(draws.seed, Purpose.NEGATIVES, epoch))
    return centers


class Ids(Protocol):
    """What windows are laid on: an `EncodedCorpus`."""

    @property
    def num_positions(self) -> int:
        """How many ids there are."""

    def read(self, start: int, stop: int) -> NDArray[np.int32]:
        """The ids at [start, stop), read-only."""


class ContextLister:
    """Lists the windows of one stretch after the other, by every rule that there is, in memory that grows with them."""

    def __init__(self, draws: Draws):
        self._draws = draws
        self._rules = ContextRules(draws.keep, draws.window, draws.is_fixed, draws.is_full, draws.thins_text)
        self._halo = Halo(draws.window)
        self._room = empty_contexts(0, 0)

    def list(self, ids: Ids, start: int, stop: int, *, epoch: int) -> tuple[int, Contexts]:
        """The windows of centers at [start, stop), shuffled if asked: how many; and until the next call, which."""
        streams = [stream(self._draws.seed, one, epoch) for one in (Purpose.WINDOWS, Purpose.CONTEXTS)]

        def attempt() -> int | None:
            span = self._halo.around(start, stop, ids.num_positions)
            read = ids.read(span.first, span.end)
            part = (start - span.first, stop - span.first)
            self._make_room(len(read), 0)
            while True:
                found: int = list_contexts(
                    read, span.first, part, span.is_whole, self._rules, *streams, self._room
                )
                if found != NO_ROOM:
                    return None if found == HALO_TOO_SHORT else found
                self._make_room(len(read), 2 * len(self._room.words) + 4 * self._draws.window + len(read))

        num_windows = self._halo.widened_until(attempt)
        if not self._draws.shuffles or epoch == HELD_OUT_EPOCH or num_windows == 0:
            return num_windows, self._room
        return num_windows, shuffled_contexts(
            self._room, num_windows, stream(self._draws.seed, Purpose.ORDER, epoch)
        )

    def _make_room(self, num_positions: int, num_contexts: int) -> None:
        has = len(self._room.centers), len(self._room.words)
        if has[0] < num_positions or has[1] < num_contexts:
            self._room = empty_contexts(max(has[0], num_positions), max(has[1], num_contexts))
