"""Draws: which words of the text are kept, how far windows reach, and where noise words come from."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.sampling.noise import AliasTable, alias_table, noise_distribution
from wordvec.sampling.subsampling import keep_probabilities, share_at_quantile

__all__ = ["Draws", "draws_of", "keep_of", "noise_of"]

# V words


class Draws(NamedTuple):
    """What is drawn for each position of the text, and from which distributions; the same for all engines."""

    keep: NDArray[np.float32]  # (V,)  probability of keeping each occurrence
    noise: AliasTable | None  # None for objectives without noise
    window: int  # words on each side, at most
    is_fixed: bool  # every window reaches `window` words; else 1..window, uniformly
    negatives: int  # noise words of a target
    seed: int
    is_full: bool = False  # no center without `window` words on both sides
    thins_text: bool = True  # words are thinned before windows are laid; else afterwards, center and contexts
    sharing: Literal["window", "pair", "batch"] = "window"  # who shares noise words
    avoids_all_targets: bool = False  # a noise word that is any target of its window is drawn again
    shuffles: bool = False  # centers are taken in random order, out of one stretch after the other


def draws_of(config: Config, counts: NDArray[np.int64]) -> Draws:
    """The draws of a run with these settings, on a text with these counts (V,)."""
    noise = noise_of(config, counts)
    return Draws(
        keep=keep_of(config, counts),
        noise=None if noise is None else alias_table(noise),
        window=config.window_words,
        is_fixed=config.window_reach == "fixed",
        negatives=0 if noise is None else config.negatives,
        seed=config.seed,
        is_full=config.window_edges == "skip",
        thins_text=config.subsample_scope == "text",
        sharing=config.negative_sharing,
        avoids_all_targets=config.negatives_avoid == "targets",
        shuffles=config.shuffle,
    )


def keep_of(config: Config, counts: NDArray[np.int64]) -> NDArray[np.float32]:
    """Probability of keeping each occurrence of each word, (V,)."""
    threshold = config.subsample
    if config.subsample_quantile is not None:
        threshold = share_at_quantile(counts, config.subsample_quantile)
    return keep_probabilities(counts, threshold, config.subsample_formula)


def noise_of(config: Config, counts: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """Probability of each word as a noise word, (V,); None for objectives without noise."""
    if not config.draws_noise:
        return None
    return noise_distribution(counts, config.noise_power, config.noise_table)
