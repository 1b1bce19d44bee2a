"""The update of one window in plain NumPy: what every kernel must compute, to float32 rounding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["update_window"]


def update_window(
    input_vectors: NDArray[np.floating],  # (V, D)  updated in place
    output_vectors: NDArray[np.floating],  # (V, D)  updated in place
    context_words: NDArray[np.integer],  # (C,)  word ids; a word may stand more than once
    center_word: int,
    negative_words: NDArray[np.integer],  # (K,)  word ids, none equal to center_word; may repeat
    learning_rate: float,
) -> float:
    """Skip-gram with negative sampling: one step of stochastic gradient descent on one window.

    Each context word c is an input that should tell the center word o from K noise words n:

        loss = Σ_c ( -ln σ(u_o · v_c) - Σ_n ln σ(-u_n · v_c) )      (Mikolov et al., 2013, equation 4)

    The window's pairs share their negative samples (Ji et al., 2016) and all gradients are taken from the vectors
    as they are before the step.

    Returns:
        The loss summed over the C·(1 + K) pairs, before the step.

    >>> v, u = np.full((3, 2), 0.5), np.zeros((3, 2))
    >>> round(update_window(v, u, np.array([1]), 0, np.array([2]), learning_rate=1.0), 4)
    1.3863
    >>> u.tolist()
    [[0.25, 0.25], [0.0, 0.0], [-0.25, -0.25]]
    """
    target_words = np.array([center_word, *negative_words])
    labels = np.array([1.0] + [0.0] * len(negative_words))
    contexts, targets = input_vectors[context_words], output_vectors[target_words]
    scores = contexts @ targets.T  # (C, 1 + K)
    gradients = learning_rate * (labels - 1 / (1 + np.exp(-scores)))
    np.add.at(input_vectors, context_words, gradients @ targets)
    np.add.at(output_vectors, target_words, gradients.T @ contexts)
    return float(np.logaddexp(0, np.where(labels == 1, -scores, scores)).sum())
