"""Layout: how large a map is, where its points lie on it, and where their labels."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["DOT", "Layout", "lay_out", "place_labels"]

# N words; lengths in typographic points, 72 an inch, from the lower left corner of the map
Floats = NDArray[np.float64]

ROOMS = (7.0, 10.0, 14.0)  # area of the map, in areas of its labels: more where many would find no place
ENOUGH = 0.98  # of the labels; a map twice as large for the last of them is harder to read
SMALLEST = 360.0  # width and height
WIDEST = 1.6  # width / height, or height / width
DOT = 3.6  # diameter

# N words; all lengths in one unit, such as typographic points

# Where a label may lie, seen from its point, in the order in which readers like it: beside, above, below, aslant.
SIDES = np.array([(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)], dtype=float)
FARTHER = (
    0.0,
    0.8,
    1.8,
    3.0,
)  # heights of a label between it and its point; all but the first want a line between


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


def place_labels(
    points: Floats,  # (N, 2)
    sizes: Floats,  # (N, 2)  width and height of each label
    canvas: tuple[float, float],  # width and height
    dot: float,  # diameter of the mark at each point
) -> Floats:
    """Find the lower left corner of each label, (N, 2); NaN for one that has no place.

    Earlier words choose first. A label lies inside the canvas and covers neither a label nor a dot.

    >>> place_labels(np.array([[5.0, 5.0]]), np.array([[9.0, 2.0]]), canvas=(20, 10), dot=2).tolist()
    [[7.0, 4.0]]
    """
    num_words = len(points)
    taken = np.empty((2 * num_words, 4))  # left, bottom, right, top: dots, then labels
    taken[:num_words] = np.hstack([points - dot / 2, points + dot / 2])
    num_taken = num_words
    corners = np.full((num_words, 2), np.nan)
    for word in range(num_words):
        candidates = _candidates(points[word], sizes[word], dot)
        boxes = np.hstack([candidates, candidates + sizes[word]])
        free = _inside(boxes, canvas) & ~_overlap(boxes, taken[:num_taken])
        if free.any():
            best = int(free.argmax())
            corners[word] = candidates[best]
            taken[num_taken] = boxes[best] + (-dot, 0, dot, 0)  # two words in a row must not read as one
            num_taken += 1
    return corners


def _candidates(point: Floats, size: Floats, dot: float) -> Floats:
    """Lower left corners around a point, (C, 2), the best ones first."""
    rings = []
    for heights in FARTHER:
        gap = dot + heights * size[1]
        center = point + SIDES * (size / 2 + gap)
        aslant = SIDES.all(axis=1)
        center[aslant] = (point + SIDES * (size / 2 + gap / 2))[aslant]  # corners are nearer than sides
        rings.append(center - size / 2)
    return np.vstack(rings)


def _inside(boxes: Floats, canvas: tuple[float, float]) -> NDArray[np.bool_]:
    """Which of the boxes, (C, 4), lie inside the canvas."""
    low, high = boxes[:, :2], boxes[:, 2:]
    inside: NDArray[np.bool_] = np.all(np.hstack([low >= 0, high <= canvas]), axis=1)
    return inside


def _overlap(boxes: Floats, others: Floats) -> NDArray[np.bool_]:
    """Which of the boxes, (C, 4), share some area with any other one, (M, 4)."""
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    near = np.all(np.hstack([others[:, 2:] > low, others[:, :2] < high]), axis=1)  # (M,)  a few of thousands
    left, right = others[None, near, :2], others[None, near, 2:]
    meet: NDArray[np.bool_] = np.all(
        np.concatenate([boxes[:, None, :2] < right, boxes[:, None, 2:] > left], axis=2), axis=2
    )  # (C, M)  on both axes
    overlap: NDArray[np.bool_] = np.any(meet, axis=1)
    return overlap
