"""Windows: thin a stretch of the corpus, and lay a window around each word that is left, all at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from wordvec.corpus.encoded import TEXT_END
from wordvec.kernels.torch.random import below, hash64, unit_interval

__all__ = ["LaidWindows", "WindowRules", "lay_windows"]

# V words; L positions of the stretch, N words of it that are kept, B centers; C = 2 * window


class WindowRules(NamedTuple):
    """Which words are near each other."""

    keep: Tensor  # (V,) float32  probability of keeping each occurrence
    window: int
    is_fixed: bool  # every window reaches `window` words; else 1..window, uniformly
    is_full: bool  # no center without `window` words on both sides
    thins_text: bool  # words are thinned before windows are laid; else afterwards, center and contexts


class LaidWindows(NamedTuple):
    """The windows of a stretch, and where their centers stand in the corpus."""

    positions: Tensor  # (B,) int64
    centers: Tensor  # (B,) int64
    contexts: Tensor  # (B, C) int64  the center's own word where there is none
    is_context: Tensor  # (B, C) bool  at least one in each row


def lay_windows(
    ids: Tensor,  # (L,) int64  a stretch of the corpus: halo, centers' part, halo
    first_position: int,  # of ids[0] in the corpus
    start: int,  # the centers' part is ids[start:stop]
    stop: int,
    is_whole: tuple[bool, bool],  # ids begin, end with the corpus
    rules: WindowRules,
    stream: np.uint64,  # of this epoch, for what is kept and how far windows reach
    context_stream: np.uint64,  # of this epoch, for thinning contexts after windows are laid
) -> LaidWindows | None:
    """Windows of the centers in [start, stop) of a stretch; None if its halo is too short for them.

    Draws depend on a word's position in the corpus alone and are those of `kernels.cpu.centers.gather_centers`, so
    it does not matter how the corpus is cut into stretches, nor which engine draws.
    """
    is_end = ids == TEXT_END
    bits = hash64(stream, first_position + torch.arange(len(ids), device=ids.device))
    is_kept = (ids >= 0) & (unit_interval(bits) < rules.keep[ids.clamp(min=0)])
    # Gaps keep their place in a window, but are never a center or a context.
    has_place = is_kept | (ids < TEXT_END) if rules.thins_text else ~is_end
    if not (
        (is_whole[0] or _suffices(has_place[:start], is_end[:start], rules.window))
        and (is_whole[1] or _suffices(has_place[stop:], is_end[stop:], rules.window))
    ):
        return None

    sequence = has_place.nonzero().squeeze(1)  # (N,)  offsets of what windows count
    words, texts = ids[sequence], is_end.cumsum(0)[sequence]
    is_center = is_kept[sequence] & (sequence >= start) & (sequence < stop)
    places = is_center.nonzero().squeeze(1)  # (B,)  in the sequence

    distances = torch.arange(-rules.window, rules.window + 1, device=ids.device)
    distances = distances[distances != 0]  # (C,)
    neighbors = places[:, None] + distances  # (B, C)
    is_inside = (neighbors >= 0) & (neighbors < len(sequence))
    neighbors = neighbors.clamp(0, max(len(sequence) - 1, 0))
    is_inside &= texts[neighbors] == texts[places][:, None]
    contexts = words[neighbors]
    is_context = is_inside & (contexts >= 0)
    if not rules.is_fixed:
        reach = 1 + below(bits[sequence[places]], rules.window)  # (B,)
        is_context &= distances.abs() <= reach[:, None]
    if not rules.thins_text:
        is_context &= _kept_contexts(contexts, first_position + sequence[places], rules.keep, context_stream)

    is_window = is_context.any(1)
    if rules.is_full:
        is_window &= is_inside.all(1)
    # Padding with one word for all would make threads that add nothing to its row undo each other's steps.
    contexts = torch.where(is_context, contexts, words[places][:, None])
    windows = (first_position + sequence[places], words[places], contexts, is_context)
    return LaidWindows(*(part[is_window] for part in windows))


def _suffices(has_place: Tensor, is_end: Tensor, window: int) -> bool:
    """Whether a halo reaches as far as any window can: over `window` places, or to the edge of a text."""
    return bool(has_place.sum() >= window) or bool(is_end.any())


def _kept_contexts(
    contexts: Tensor,  # (B, C)
    positions: Tensor,  # (B,)
    keep: Tensor,
    stream: np.uint64,
) -> Tensor:  # (B, C) bool
    num_contexts = contexts.shape[1]
    counters = positions[:, None] * num_contexts + torch.arange(num_contexts, device=contexts.device)
    return unit_interval(hash64(stream, counters)) < keep[contexts.clamp(min=0)]
