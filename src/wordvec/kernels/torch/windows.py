"""Windows on tensors: thin a stretch, lay a window around each word that is left, and draw noise words, all at once.

On any device; the draws are, value for value, those of `kernels.cpu.windows`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from wordvec.corpus.encoded import TEXT_END

__all__ = [
    "GOLDEN_GAMMA",
    "LaidWindows",
    "NoiseRules",
    "Sharing",
    "WindowRules",
    "below",
    "draw_negatives",
    "hash64",
    "lay_windows",
    "shuffled_windows",
    "unit_interval",
]

Sharing = Literal["window", "pair", "batch"]
MAX_REDRAWS = 64

# V words; L positions of the stretch, N words of it that are kept, B centers; C = 2 * window;
# in a batch, B windows of P pairs with T targets; K noise words


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
    contexts: Tensor  # (B, C) int64  one of the others where there is none
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

    Draws depend on a word's position in the corpus alone and are those of `kernels.cpu.windows.lay_windows`, so
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

    # Wide windows of short texts have as many columns as there are words around any of them.
    longest = int(texts.bincount().max()) if len(texts) else 0
    farthest = max(1, min(rules.window, longest - 1))
    distances = torch.arange(-farthest, farthest + 1, device=ids.device)
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
        positions = first_position + sequence[places]
        is_context &= _kept_contexts(contexts, positions, rules.keep, context_stream, 2 * rules.window)

    is_window = is_context.any(1)
    if rules.is_full:
        is_window &= is_inside.all(1)
    # Padding repeats a context of the window, so that no optimizer takes it for a row that the window touches. (With
    # one word for all windows, threads that add nothing to its row would undo each other's steps.)
    one_of_window = contexts.gather(1, is_context.int().argmax(1, keepdim=True))
    contexts = torch.where(is_context, contexts, one_of_window)
    windows = (first_position + sequence[places], words[places], contexts, is_context)
    return LaidWindows(*(part[is_window] for part in windows))


def shuffled_windows(windows: LaidWindows, stream: np.uint64) -> LaidWindows:
    """The same windows in the order of random numbers, those of `kernels.cpu.batch_windows.shuffled_contexts`."""
    # With the sign turned, numbers that are negative here come last, as they do where they are unsigned.
    order = (hash64(stream, windows.positions) ^ SIGN_BIT).argsort()
    return LaidWindows(*(part[order] for part in windows))


def _suffices(has_place: Tensor, is_end: Tensor, window: int) -> bool:
    """Whether a halo reaches as far as any window can: over `window` places, or to the edge of a text."""
    return bool(has_place.sum() >= window) or bool(is_end.any())


def _kept_contexts(
    contexts: Tensor,  # (B, C)
    positions: Tensor,  # (B,)
    keep: Tensor,
    stream: np.uint64,
    num_slots: int,
) -> Tensor:  # (B, C) bool
    counters = _counters(positions, contexts.shape[1], num_slots)
    return unit_interval(hash64(stream, counters)) < keep[contexts.clamp(min=0)]


def _counters(positions: Tensor, num_columns: int, num_slots: int) -> Tensor:
    """A number for each of the places around each center, (B, C), of which the columns are those in the middle."""
    first_slot = (num_slots - num_columns) // 2
    columns = torch.arange(first_slot, first_slot + num_columns, device=positions.device)
    return positions[:, None] * num_slots + columns


class NoiseRules(NamedTuple):
    """Where noise words come from, how many, and for whom."""

    alias_keep: Tensor  # (V,) float32  noise distribution as an alias table
    alias: Tensor  # (V,) int64
    num_negatives: int  # K
    sharing: Sharing
    avoids_all_targets: bool  # of the window; else the pair's own one, where noise is drawn for each pair


def draw_negatives(
    positions: Tensor,  # (B,) int64  of the windows' centers in the corpus
    targets: Tensor,  # (B, T) int64  words to be predicted, one or one for each pair
    is_pair: Tensor,  # (B, P) bool
    rules: NoiseRules,
    stream: np.uint64,  # of this epoch
    num_slots: int | None = None,  # places around a center that pairs may have, of which P are in the middle
) -> Tensor:
    """Noise words: (B, P, K) for each pair, (B, K) shared by a window, or (K,) shared by the batch.

    A draw that hits a target is repeated (64 times at most; then the next word is taken). With noise shared by a window
    of T targets, any of these counts as a hit; with noise shared by a batch, hits are left to the
    objective, which leaves them out. Shared by a window with one target, the draws are those of
    `kernels.cpu.windows.draw_negatives`.
    """
    numbers = torch.arange(rules.num_negatives, device=positions.device)  # (K,)
    if rules.sharing == "batch":
        return _drawn(hash64(stream, positions[0] * rules.num_negatives + numbers), rules)
    if rules.sharing == "window":
        counters = positions[:, None] * rules.num_negatives + numbers  # (B, K)
        is_target = is_pair if targets.shape[1] > 1 else torch.ones_like(targets, dtype=torch.bool)
        forbidden = torch.where(is_target, targets, -1)[:, None]  # (B, 1, T)
    else:
        pairs = _counters(positions, is_pair.shape[1], num_slots or is_pair.shape[1])  # (B, P)
        counters = pairs[..., None] * rules.num_negatives + numbers  # (B, P, K)
        if rules.avoids_all_targets and targets.shape[1] > 1:
            forbidden = torch.where(is_pair, targets, -1)[:, None, None]  # (B, 1, 1, T)
        else:
            forbidden = targets[..., None, None]  # (B, T, 1, 1)
    return _redrawn(hash64(stream, counters), forbidden, rules)


def _redrawn(bits: Tensor, forbidden: Tensor, rules: NoiseRules) -> Tensor:
    """Words for random bits, none of them (as far as 64 tries reach) forbidden in its place.

    `bits` have the shape (..., K), `forbidden` (..., K or 1, T). Each try waits until the device has counted the hits,
    so it pays to draw for many batches at once.
    """
    words = _drawn(bits, rules)
    forbidden = forbidden.expand(*words.shape, -1)
    hits = (words[..., None] == forbidden).any(-1).nonzero(as_tuple=True)
    bits, forbidden = bits[hits], forbidden[hits]  # (H,), (H, T)  of the H words to draw again
    for _ in range(MAX_REDRAWS):
        if len(bits) == 0:
            return words
        bits = hash64(bits, torch.full_like(bits, GOLDEN_GAMMA))
        redrawn = _drawn(bits, rules)
        words[hits] = redrawn
        still_hits = (redrawn[:, None] == forbidden).any(1).nonzero().squeeze(1)
        hits = tuple(places[still_hits] for places in hits)
        bits, forbidden = bits[still_hits], forbidden[still_hits]
    words[hits] = (words[hits] + 1) % len(rules.alias)
    return words


def _drawn(bits: Tensor, rules: NoiseRules) -> Tensor:
    slots = below(bits, len(rules.alias))
    return torch.where(unit_interval(bits) < rules.alias_keep[slots], slots, rules.alias[slots])


def _signed(bits: int) -> int:
    """64 bits as the int64 that PyTorch computes with, which wraps around like unsigned numbers."""
    return int(np.uint64(bits).astype(np.int64))


SIGN_BIT = -(2**63)
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
