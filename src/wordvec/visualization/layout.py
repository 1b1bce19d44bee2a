"""Layout: how large a map is, where its points lie on it, and where their labels."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.visualization.labels import place_labels

__all__ = ["DOT", "Layout", "lay_out"]

# N words; lengths in typographic points, 72 an inch, from the lower left corner of the map
Floats = NDArray[np.float64]

ROOMS = (7.0, 10.0, 14.0)  # area of the map, in areas of its labels: more where many would find no place
ENOUGH = 0.98  # of the labels; a map twice as large for the last of them is harder to read
SMALLEST = 360.0  # width and height
WIDEST = 1.6  # width / height, or height / width
DOT = 3.6  # diameter


class Layout(NamedTuple):
    """What is where on a map."""

    width: float
    height: float
    points: Floats  # (N, 2)
    corners: Floats  # (N, 2)  lower left corner of each label; NaN for one without a place


def lay_out(points: NDArray[np.floating[Any]], sizes: Floats, narrowest: float = 0.0) -> Layout:
    """Find a size at which nearly all labels have places, and the places; both axes keep the same scale.

    Args:
        points: (N, 2) in any unit.
        sizes: (N, 2) width and height of each label.
        narrowest: the map is at least as wide.

    >>> lay_out(np.array([[0, 0], [2, 1]]), np.array([[30.0, 10.0], [20.0, 10.0]])).points.round().tolist()
    [[7.0, 94.0], [353.0, 266.0]]
    """
    for room in ROOMS:
        width, height = _size(points, room * float(sizes.prod(axis=1).sum()))
        width = max(width, narrowest)
        fitted = _fit(points, width, height)
        corners = place_labels(fitted, sizes, (width, height), DOT)
        if np.isfinite(corners[:, 0]).mean() >= ENOUGH:
            break
    return Layout(width, height, fitted, corners)


def _size(points: NDArray[np.floating[Any]], area: float) -> tuple[float, float]:
    """Width and height of a map of some area, in about the shape that the points have."""
    extent = np.ptp(points, axis=0).astype(np.float64)
    shape = float(np.clip(extent[0] / extent[1], 1 / WIDEST, WIDEST)) if extent.all() else 1.0
    return max((area * shape) ** 0.5, SMALLEST), max((area / shape) ** 0.5, SMALLEST)


def _fit(points: NDArray[np.floating[Any]], width: float, height: float) -> Floats:
    """Scale points, both axes alike, into the middle of the map."""
    low, high = points.min(axis=0).astype(np.float64), points.max(axis=0).astype(np.float64)
    map_size, extent = np.array([width, height]), high - low
    scales = (map_size - 4 * DOT)[extent > 0] / extent[extent > 0]
    fitted: Floats = map_size / 2 + (points - (low + high) / 2) * scales.min(initial=np.finfo(np.float64).max)
    return fitted
