"""Skip-gram with negative sampling in plain NumPy: the mathematics that kernels must compute, to float32 rounding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Window", "update_block", "update_window"]

# V words, D dimensions; C contexts and K negatives of a window
Floats = NDArray[np.floating]


class Window(NamedTuple):
    """A center among its contexts, and its noise."""

    context_words: NDArray[np.integer]  # (C,)  word ids; a word may stand more than once
    center_word: int
    negative_words: NDArray[np.integer]  # (K,)  word ids, none equal to center_word; may repeat
    learning_rate: float


def update_window(
    input_vectors: Floats,  # (V, D)  v in the paper; updated in place
    output_vectors: Floats,  # (V, D)  v' in the paper, u here; updated in place
    context_words: NDArray[np.integer],  # (C,)  word ids; a word may stand more than once
    center_word: int,
    negative_words: NDArray[np.integer],  # (K,)  word ids, none equal to center_word; may repeat
    learning_rate: float,
    contexts_per_part: int | None = None,  # contexts that are moved at once, at most; by default all
    scored_with: tuple[Floats, Floats]
    | None = None,  # matrices to score with; by default those that are updated
) -> float:
    """One step of stochastic gradient descent on one window.

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
    scoring_input, scoring_output = scored_with or (input_vectors, output_vectors)
    target_words = np.array([center_word, *negative_words])  # (1 + K,)
    labels = np.array([1.0] + [0.0] * len(negative_words))  # 1 for the true word, 0 for noise
    size = contexts_per_part or max(len(context_words), 1)
    loss = 0.0
    for first in range(0, len(context_words), size):
        part = context_words[first : first + size]

        scores = scoring_input[part] @ scoring_output[target_words].T  # (C, 1 + K)  u_t · v_c
        loss += float(np.logaddexp(0, np.where(labels == 1, -scores, scores)).sum())
        gradients = labels - 1 / (1 + np.exp(-scores))  # (C, 1 + K)  -∂loss/∂score

        hidden, targets = input_vectors[part], output_vectors[target_words]  # copies: (C, D), (1 + K, D)
        np.add.at(output_vectors, target_words, learning_rate * gradients.T @ hidden)
        np.add.at(input_vectors, part, learning_rate * gradients @ targets)
    return loss


def update_block(
    input_vectors: Floats,  # (V, D)  updated in place
    output_vectors: Floats,  # (V, D)  updated in place
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
    size = contexts_per_part or max(widest, 1)
    loss = 0.0
    for first in range(0, widest, size):
        as_they_are = input_vectors.copy(), output_vectors.copy()
        for window in windows:
            part = window._replace(context_words=window.context_words[first : first + size])
            loss += update_window(input_vectors, output_vectors, *part, scored_with=as_they_are)
    return loss
