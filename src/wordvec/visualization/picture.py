"""Picture: points with their words, drawn so that the words can be read."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from wordvec.packages import imported
from wordvec.visualization.labels import DOT, Layout, lay_out
from wordvec.visualization.picture_files import PictureFormat
from wordvec.visualization.style import DOTS_PER_INCH, FAINT, INK, families_for, own_style, printable, save

__all__ = ["LABEL_SIZE", "draw_map"]

# N words; lengths in typographic points, 72 an inch, from the lower left corner of the picture
Floats = NDArray[np.float64]

LABEL_SIZE = 9
MARGIN = 14.0
TITLE_SIZE, CAPTION_SIZE = 13.0, 7.5
LONGEST_TITLE = 80  # letters
TITLE_HEIGHT, CAPTION_HEIGHT = 34.0, 22.0
FAINT_DOT = 2.2  # diameter of a dot without a label
LINE_GAP = 2.0  # between a label and its line, which must not read as a dash
SOME = 10  # letters to name in a warning
# Dark enough to read small letters on white, told apart by lightness, too.
COLORS = (
    "#1f5fa8", "#c2571a", "#2f7d3b", "#b3262a", "#6f4ba3", "#7a4a3a",
    "#c0408f", "#555555", "#7f7a12", "#12808f", "#2b2b86", "#9a6a00",
)  # fmt: skip


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
        groups: (N,) words of one group share a colour.
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
    shown, title = [printable(word) for word in words], printable(title, LONGEST_TITLE)
    families, missing = families_for([*shown, title, caption])
    if missing and file_format != "svg":  # whoever shows that chooses the fonts
        some = missing if len(missing) <= SOME else missing[:SOME] + "…"
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
        _draw(axes, layout, sizes, labels)
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
    colors = [INK] * len(shown) if groups is None else [COLORS[group % len(COLORS)] for group in groups]
    return [
        axes.text(0, 0, word, size=label_size, color=color, parse_math=False, va="bottom")
        for word, color in zip(shown, colors, strict=True)
    ]


def _sizes(figure: Any, labels: Sequence[Any]) -> Floats:
    """Width and height of each label, (N, 2)."""
    renderer = imported("matplotlib.backends.backend_agg", "a map").FigureCanvasAgg(figure).get_renderer()
    extents = [label.get_window_extent(renderer) for label in labels]
    return np.array([(extent.width, extent.height) for extent in extents]) * 72 / DOTS_PER_INCH


def _draw(axes: Any, layout: Layout, sizes: Floats, labels: Sequence[Any]) -> None:
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
