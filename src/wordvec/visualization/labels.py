"""Labels: a place for each word beside its point, where it covers no other word."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["place_labels"]

# N words; all lengths in one unit, such as typographic points
Floats = NDArray[np.float64]

# Where a label may lie, seen from its point, in the order in which readers like it: beside, above, below, aslant.
SIDES = np.array([(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)], dtype=float)
FARTHER = (
    0.0,
    0.8,
    1.8,
    3.0,
)  # heights of a label between it and its point; all but the first want a line between


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
