"""The updates of a window and of a block in plain NumPy: what kernels must compute, to float32 rounding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Window", "update_block", "update_window"]


class Window(NamedTuple):
    """A center among its contexts, and its noise."""

    context_words: NDArray[np.integer]  # (C,)  word ids; a word may stand more than once
    center_word: int
    negative_words: NDArray[np.integer]  # (K,)  word ids, none equal to center_word; may repeat
    learning_rate: float


def update_window(
    input_vectors: NDArray[np.floating],  # (V, D)  updated in place
    output_vectors: NDArray[np.floating],  # (V, D)  updated in place
    context_words: NDArray[np.integer],  # (C,)  word ids; a word may stand more than once
    center_word: int,
    negative_words: NDArray[np.integer],  # (K,)  word ids, none equal to center_word; may repeat
    learning_rate: float,
    contexts_per_part: int | None = None,  # contexts that are moved at once, at most; by default all
) -> float:
    """Skip-gram with negative sampling: one step of stochastic gradient descent on one window.

    Each context word c is an input that should tell the center word o from K noise words n:

        loss = Σ_c ( -ln σ(u_o · v_c) - Σ_n ln σ(-u_n · v_c) )      (Mikolov et al., 2013, equation 4)

    The window's pairs share their negative samples (Ji et al., 2016) and all gradients are taken from the vectors
    as they are before the step.

    A step adds up one gradient for each context in the center's row; with very many of them it would go too far, and
    training diverge. So a wide window is moved in parts: a step for its first contexts, then one for the next,
    from the vectors as they are by then.

    Returns:
        The loss summed over the C·(1 + K) pairs, each before its step.

    >>> v, u = np.full((3, 2), 0.5), np.zeros((3, 2))
    >>> round(update_window(v, u, np.array([1]), 0, np.array([2]), learning_rate=1.0), 4)
    1.3863
    >>> u.tolist()
    [[0.25, 0.25], [0.0, 0.0], [-0.25, -0.25]]
    """
    window = Window(context_words, center_word, negative_words, learning_rate)
    return update_block(input_vectors, output_vectors, [window], contexts_per_part)


def update_block(
    input_vectors: NDArray[np.floating],  # (V, D)  updated in place
    output_vectors: NDArray[np.floating],  # (V, D)  updated in place
    windows: Sequence[Window],
    contexts_per_part: int
    | None = None,  # contexts of a window that are moved at once, at most; by default all
) -> float:
    """Many windows: all are scored before the first moves a vector; then each moves them as they are by then.

    Wide windows go in parts: first the first part of every window, then the second of those that have one, and so on.

    Returns:
        The loss summed over all pairs, before their parts are moved.

    >>> v, u = np.full((3, 2), 0.5), np.zeros((3, 2))
    >>> window = Window(np.array([1]), 0, np.array([2]), learning_rate=1.0)
    >>> round(update_block(v, u, [window, window]), 4)
    2.7726
    >>> u.tolist()  # twice the first step, as the second window's scores are of the beginning, too
    [[0.5, 0.5], [0.0, 0.0], [-0.5, -0.5]]
    """
    widest = max((len(window.context_words) for window in windows), default=0)
    size = contexts_per_part or widest
    total = 0.0
    for first in range(0, widest, size):
        parts = [
            window._replace(context_words=window.context_words[first : first + size]) for window in windows
        ]
        scored = [_score(input_vectors, output_vectors, part) for part in parts]
        for part, (gradients, _) in zip(parts, scored, strict=True):
            target_words = np.array([part.center_word, *part.negative_words])
            contexts, targets = input_vectors[part.context_words], output_vectors[target_words]
            np.add.at(input_vectors, part.context_words, gradients @ targets)
            np.add.at(output_vectors, target_words, gradients.T @ contexts)
        total += sum(loss for _, loss in scored)
    return total


def _score(
    input_vectors: NDArray[np.floating], output_vectors: NDArray[np.floating], window: Window
) -> tuple[NDArray[np.floating], float]:
    """Gradients (C, 1 + K), times the learning rate, and the loss."""
    targets = output_vectors[np.array([window.center_word, *window.negative_words])]
    labels = np.array([1.0] + [0.0] * len(window.negative_words))
    scores = input_vectors[window.context_words] @ targets.T  # (C, 1 + K)
    gradients = window.learning_rate * (labels - 1 / (1 + np.exp(-scores)))
    return gradients, float(np.logaddexp(0, np.where(labels == 1, -scores, scores)).sum())
