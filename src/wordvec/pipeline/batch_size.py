"""Batch size: how many centers one step may learn from, where the settings do not say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config

__all__ = ["default_batch_size"]

LARGEST = 512  # beyond this, larger batches gain little speed on a CPU
LARGEST_BY_WORD = (
    128  # centers, for steps that add up: larger batches learn measurably less from the same text
)
MOST_MOVES_OF_A_WORD = 64  # expected, in one such step


def default_batch_size(
    config: Config,
    keep: NDArray[np.float32],  # (V,)  probability of keeping each occurrence
    counts: NDArray[np.int64],  # (V,)
    noise: NDArray[np.float64] | None,  # (V,)  probability of each word as a negative sample
) -> int:
    """The default, in centers: few enough that no word is moved too often in one step.

    With reduction "sum", a word that a batch names n times makes n steps at once, all from where it stands: for a large
    n, which the frequent words of a small vocabulary reach soon, that is too far, and training diverges. Means, and
    optimizers that adapt the size of their steps, do not know this problem.
    """
    if config.optimizer.lower() != "sgd" or config.reduction != "sum":
        return LARGEST
    pairs = float(
        2 * config.window if config.window_reach == "fixed" else config.window + 1
    )  # of a window, on average
    shares = keep * counts / (keep * counts).sum()  # of each word among what is left after thinning
    predictions = 1.0 if config.architecture == "cbow" else pairs
    if noise is None:
        output_moves = predictions * (0.5 if config.objective == "hierarchical" else float(shares.max()))
    elif config.negative_sharing == "batch":
        output_moves = predictions
    else:
        output_moves = predictions * float((shares + config.negatives * noise).max())
    moves = max(output_moves, pairs * float(shares.max()))  # of the word moved most, for each center
    return int(np.clip(MOST_MOVES_OF_A_WORD / moves, 1, LARGEST_BY_WORD))
