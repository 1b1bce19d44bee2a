"""Alignment: turn one model's space into another's, so that their vectors can be compared (orthogonal Procrustes)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["aligned"]

# S shared words, D dimensions
Floats = NDArray[np.float32]


def aligned(unit: Floats, target: Floats, num_anchors: int) -> Floats:
    """Rotate vectors, (S, D), so that their first `num_anchors` rows come as near to those of the target as can be.

    The rotation, which may be a reflection, too, is U V' of the singular value decomposition U S V' of the anchors'
    cross-products (Schönemann, 1966; Hamilton et al., 2016).

    >>> turned = np.array([[0, 1], [-1, 0], [0, -1]], np.float32)
    >>> aligned(turned, np.array([[1, 0], [0, 1], [-1, 0]], np.float32), 3).round().tolist()
    [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]
    """
    products = unit[:num_anchors].astype(np.float64).T @ target[:num_anchors]
    left, _, right = np.linalg.svd(products)
    turned: Floats = (unit.astype(np.float64) @ (left @ right)).astype(np.float32)
    return turned
