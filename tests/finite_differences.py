"""Finite differences: the gradient of a function that knows nothing of gradients."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray


def slopes(loss: Callable[[], float], matrix: NDArray[np.float64], step: float = 1e-6) -> NDArray[np.float64]:
    """The gradient of a loss in the entries of a float64 matrix that it is computed from, by differences."""
    gradient = np.empty_like(matrix)
    for place in np.ndindex(matrix.shape):
        value = matrix[place]
        matrix[place] = value + step
        above = loss()
        matrix[place] = value - step
        gradient[place] = (above - loss()) / (2 * step)
        matrix[place] = value
    return gradient
