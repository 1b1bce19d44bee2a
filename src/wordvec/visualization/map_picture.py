"""Map picture: points with their words, laid out and drawn so that the words can be read."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.packages import imported
from wordvec.text import printable
from wordvec.visualization.output_kinds import PictureFormat
from wordvec.visualization.style import (
    DOTS_PER_INCH,
    FAINT,
    INK,
    MAX_TITLE_LETTERS,
    MAX_WORD_LETTERS,
    families_for,
    own_style,
    save,
)

__all__ = ["LABEL_SIZE", "Layout", "draw_map", "lay_out", "place_labels"]

# N words; lengths in typographic points, 72 an inch, from the lower left corner of the map or picture
Floats = NDArray[np.float64]

LABEL_SIZE = 9
MARGIN = 14.0
TITLE_SIZE, CAPTION_SIZE = 13.0, 7.5
TITLE_HEIGHT, CAPTION_HEIGHT = 34.0, 22.0
DOT, FAINT_DOT = 3.6, 2.2  # diameters, with a label and without
LINE_GAP = 2.0  # between a label and its line, which must not read as a dash
NAMED_LETTERS = 10  # in a warning
# Dark enough to read small letters on white, and different in lightness, too.
GROUP_COLORS = (
    "#1f5fa8", "#c2571a", "#2f7d3b", "#b3262a", "#6f4ba3", "#7a4a3a",
    "#c0408f", "#555555", "#7f7a12", "#12808f", "#2b2b86", "#9a6a00",
)  # fmt: skip

ROOMS = (
    7.0,
    10.0,
    14.0,
)  # area of the map, in areas of its labels: more where many labels would find no place
ENOUGH = 0.98  # of the labels; a map twice as large for the last of them is harder to read
MIN_SIDE = 360.0  # width and height
MAX_ASPECT = 1.6  # width / height, or height / width
# Where a label may lie, seen from its point, in the order that readers like: beside, above, below, diagonal.
SIDES = np.array([(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)], dtype=float)
# Heights of a label between it and its point; all but the first want a line between.
DISTANCES = (0.0, 0.8, 1.8, 3.0)


def draw_map(
    points: NDArray[np.floating[Any]],
    words: Sequence[str],
    file: BinaryIO,
    *,
    file_format: PictureFormat,
    title: str,
    caption: str = "",
    groups: NDArray[np.integer[Any]] | None = None,
    label_size: float = LABEL_SIZE,
) -> int:
    """Draw a map of words and write it to a file; its size grows with what there is to read.

    Earlier words get their labels first; where there is no room left, a faint dot stays.

    Args:
        points: (N, 2) one point a word; both axes are drawn to the same scale.
        words: N words, the most important ones first.
        file: where the picture is written to.
        file_format: "png", "svg", whose words stay text that can be searched, or "pdf".
        title: a line above the map.
        caption: a line below it.
        groups: (N,) words of one group share a color.
        label_size: height of the words' font in typographic points.

    Returns:
        How many words have a label.

    Raises:
        MissingPackageError: matplotlib is not installed.

    >>> import io
    >>> file = io.BytesIO()
    >>> draw_map(np.array([[0, 0], [3, 1]]), ["paris", "rome"], file, file_format="svg", title="Two cities")
    2
    >>> b"paris" in file.getvalue()
    True
    """
    shown, title = [printable(word, MAX_WORD_LETTERS) for word in words], printable(title, MAX_TITLE_LETTERS)
    families, missing = families_for([*shown, title, caption])
    if missing and file_format != "svg":  # an SVG's reader has the fonts
        some = missing if len(missing) <= NAMED_LETTERS else missing[:NAMED_LETTERS] + "…"
        warnings.warn(
            f"no installed font has {some}: shown as boxes; install one that does, such as Noto Sans",
            stacklevel=2,
        )
    with own_style(families):
        figure = imported("matplotlib.figure", "a map").Figure(dpi=DOTS_PER_INCH)
        axes = figure.add_axes((0, 0, 1, 1))
        labels = _labels(axes, shown, groups, label_size)
        heading = axes.text(0, 0, title, size=TITLE_SIZE, color=INK, parse_math=False, va="center")
        footing = axes.text(0, 0, caption, size=CAPTION_SIZE, color=FAINT, parse_math=False, va="center")
        sizes = _sizes(figure, labels)
        narrowest = _sizes(figure, [heading, footing])[:, 0].max()
        layout = lay_out(points, sizes, narrowest)
        _draw_words(axes, layout, sizes, labels)
        page = (layout.width + 2 * MARGIN, layout.height + TITLE_HEIGHT + CAPTION_HEIGHT)
        heading.set_position((MARGIN, page[1] - TITLE_HEIGHT / 2))
        footing.set_position((MARGIN, CAPTION_HEIGHT / 2))
        figure.set_size_inches(page[0] / 72, page[1] / 72)
        axes.set(xlim=(0, page[0]), ylim=(0, page[1]))
        axes.set_axis_off()
        save(figure, file, file_format)
    return int(np.isfinite(layout.corners[:, 0]).sum())


def _labels(
    axes: Any, shown: Sequence[str], groups: NDArray[np.integer[Any]] | None, label_size: float
) -> list[Any]:
    colors = (
        [INK] * len(shown)
        if groups is None
        else [GROUP_COLORS[group % len(GROUP_COLORS)] for group in groups]
    )
    return [
        axes.text(0, 0, word, size=label_size, color=color, parse_math=False, va="bottom")
        for word, color in zip(shown, colors, strict=True)
    ]


def _sizes(figure: Any, labels: Sequence[Any]) -> Floats:
    """Width and height of each label, (N, 2)."""
    renderer = imported("matplotlib.backends.backend_agg", "a map").FigureCanvasAgg(figure).get_renderer()
    extents = [label.get_window_extent(renderer) for label in labels]
    return np.array([(extent.width, extent.height) for extent in extents]) * 72 / DOTS_PER_INCH


def _draw_words(axes: Any, layout: Layout, sizes: Floats, labels: Sequence[Any]) -> None:
    """Dots, labels at their corners, and a thin line to each label that lies apart from its dot."""
    lift = np.array([MARGIN, CAPTION_HEIGHT])
    points, corners = layout.points + lift, layout.corners + lift
    colors = np.array([label.get_color() for label in labels])
    has_label = np.isfinite(corners[:, 0])
    for which, dot, color in ((has_label, DOT, colors[has_label]), (~has_label, FAINT_DOT, FAINT)):
        axes.scatter(*points[which].T, s=dot**2, c=color, linewidths=0, zorder=2)
    lines = []
    for word, label in enumerate(labels):
        if not has_label[word]:
            label.remove()
            continue
        label.set_position(corners[word])
        end = np.clip(points[word], corners[word] - LINE_GAP, corners[word] + sizes[word] + LINE_GAP)
        if np.linalg.norm(end - points[word]) > DOT:
            lines.append((points[word], end))
    collection = imported("matplotlib.collections", "a map").LineCollection
    axes.add_collection(collection(lines, colors=FAINT, linewidths=0.5, zorder=1))


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
    shape = float(np.clip(extent[0] / extent[1], 1 / MAX_ASPECT, MAX_ASPECT)) if extent.all() else 1.0
    return max((area * shape) ** 0.5, MIN_SIDE), max((area / shape) ** 0.5, MIN_SIDE)


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
    for heights in DISTANCES:
        gap = dot + heights * size[1]
        center = point + SIDES * (size / 2 + gap)
        is_diagonal = SIDES.all(axis=1)
        center[is_diagonal] = (point + SIDES * (size / 2 + gap / 2))[
            is_diagonal
        ]  # corners are nearer than sides
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
