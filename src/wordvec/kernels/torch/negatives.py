"""Negative samples: draw the noise words of many windows at once, from an alias table."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from wordvec.kernels.torch.random import GOLDEN_GAMMA, below, hash64, unit_interval

__all__ = ["NoiseRules", "Sharing", "draw_negatives"]

Sharing = Literal["window", "pair", "batch"]
MAX_REDRAWS = 64

# V words; B windows of P pairs with T targets; K noise words


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
) -> Tensor:
    """Noise words: (B, P, K) for each pair, (B, K) shared by a window, or (K,) shared by the batch.

    A draw that hits a target is repeated (64 times at most; then the next word is taken). With noise shared by a window
    of T targets, any of these counts as a hit; with noise shared by a batch, hits are left to the
    objective, which leaves them out. Shared by a window with one target, the draws are those of
    `kernels.cpu.negatives.draw_negatives`.
    """
    numbers = torch.arange(rules.num_negatives, device=positions.device)  # (K,)
    if rules.sharing == "batch":
        return _drawn(hash64(stream, positions[0] * rules.num_negatives + numbers), rules)
    if rules.sharing == "window":
        counters = positions[:, None] * rules.num_negatives + numbers  # (B, K)
        is_target = is_pair if targets.shape[1] > 1 else torch.ones_like(targets, dtype=torch.bool)
        forbidden = torch.where(is_target, targets, -1)[:, None]  # (B, 1, T)
    else:
        num_pairs = is_pair.shape[1]
        pairs = positions[:, None] * num_pairs + torch.arange(num_pairs, device=positions.device)  # (B, P)
        counters = pairs[..., None] * rules.num_negatives + numbers  # (B, P, K)
        if rules.avoids_all_targets and targets.shape[1] > 1:
            forbidden = torch.where(is_pair, targets, -1)[:, None, None]  # (B, 1, 1, T)
        else:
            forbidden = targets[..., None, None]  # (B, T, 1, 1)
    return _redrawn(hash64(stream, counters), forbidden, rules)


def _redrawn(bits: Tensor, forbidden: Tensor, rules: NoiseRules) -> Tensor:
    """Words for random bits, none of them (as far as 64 tries reach) forbidden in its place.

    `bits` have the shape (..., K), `forbidden` (..., 1, T) or (..., T).
    """
    words = _drawn(bits, rules)
    for redraw in range(MAX_REDRAWS + 1):
        is_hit = (words[..., None] == forbidden).any(-1)
        if not is_hit.any():
            break
        if redraw == MAX_REDRAWS:
            return torch.where(is_hit, (words + 1) % len(rules.alias), words)
        bits = torch.where(is_hit, hash64(bits, torch.full_like(bits, GOLDEN_GAMMA)), bits)
        words = torch.where(is_hit, _drawn(bits, rules), words)
    return words


def _drawn(bits: Tensor, rules: NoiseRules) -> Tensor:
    slots = below(bits, len(rules.alias))
    return torch.where(unit_interval(bits) < rules.alias_keep[slots], slots, rules.alias[slots])
