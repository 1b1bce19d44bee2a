"""Picture: points with their words, drawn so that the words can be read."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from wordvec.visualization.glyphs import families_for, printable
from wordvec.visualization.labels import place_labels
from wordvec.visualization.packages import imported
from wordvec.visualization.picture_files import PictureFormat

__all__ = ["LABEL_SIZE", "draw_map"]

# N words; lengths in typographic points, 72 an inch, from the lower left corner of the picture
Floats = NDArray[np.float64]

LABEL_SIZE = 9
DOTS_PER_INCH = 150
ROOM = 7.0  # area of the map, in areas of its labels: less, and labels find no place; more, and they get lost
SMALLEST = 360.0  # width and height of the map
WIDEST = 1.6  # width / height, or height / width
MARGIN = 14.0
TITLE_SIZE, CAPTION_SIZE = 13.0, 7.5
LONGEST_TITLE = 80  # letters
TITLE_HEIGHT, CAPTION_HEIGHT = 34.0, 22.0
DOT, FAINT_DOT = 3.6, 2.2  # diameters, with and without a label
INK, FAINT = "#222222", "#8a8a8a"
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
    with _own_style(families):
        figure = imported("matplotlib.figure").Figure(dpi=DOTS_PER_INCH)
        axes = figure.add_axes((0, 0, 1, 1))
        labels = _labels(axes, shown, groups, label_size)
        heading = axes.text(0, 0, title, size=TITLE_SIZE, color=INK, parse_math=False, va="center")
        footing = axes.text(0, 0, caption, size=CAPTION_SIZE, color=FAINT, parse_math=False, va="center")
        sizes = _sizes(figure, labels)
        width, height = _map_size(points, sizes)
        width = max(width, _sizes(figure, [heading, footing])[:, 0].max())
        place = _fit(points, width, height)
        corners = place_labels(place, sizes, (width, height), DOT)
        lift = np.array([MARGIN, CAPTION_HEIGHT])
        _draw(axes, place + lift, corners + lift, sizes, labels)
        page = (width + 2 * MARGIN, height + TITLE_HEIGHT + CAPTION_HEIGHT)
        heading.set_position((MARGIN, page[1] - TITLE_HEIGHT / 2))
        footing.set_position((MARGIN, CAPTION_HEIGHT / 2))
        figure.set_size_inches(page[0] / 72, page[1] / 72)
        axes.set(xlim=(0, page[0]), ylim=(0, page[1]))
        axes.set_axis_off()
        # Without a date, so that the same map is the same bytes.
        metadata = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[file_format]
        figure.savefig(file, format=file_format, metadata=metadata)
    return int(np.isfinite(corners[:, 0]).sum())


@contextmanager
def _own_style(families: list[str]) -> Iterator[None]:
    """Set matplotlib's defaults for a while: what users have set for their plots would move our letters."""
    own = {"font.family": families, "svg.fonttype": "none", "svg.hashsalt": "wordvec"}
    with imported("matplotlib.style").context(["default", own]), warnings.catch_warnings():
        for said in ("Glyph .* missing", "Matplotlib currently does not support"):  # once for each letter
            warnings.filterwarnings("ignore", said, UserWarning)
        yield


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
    renderer = imported("matplotlib.backends.backend_agg").FigureCanvasAgg(figure).get_renderer()
    extents = [label.get_window_extent(renderer) for label in labels]
    return np.array([(extent.width, extent.height) for extent in extents]) * 72 / DOTS_PER_INCH


def _map_size(points: NDArray[np.floating[Any]], sizes: Floats) -> tuple[float, float]:
    """Width and height that give the labels room, in about the shape that the points have."""
    extent = np.ptp(points, axis=0).astype(np.float64)
    shape = np.clip(extent[0] / extent[1], 1 / WIDEST, WIDEST) if extent.all() else 1.0
    area = ROOM * sizes.prod(axis=1).sum()
    width, height = float((area * shape) ** 0.5), float((area / shape) ** 0.5)
    return max(width, SMALLEST), max(height, SMALLEST)


def _fit(points: NDArray[np.floating[Any]], width: float, height: float) -> Floats:
    """Scale points, both axes alike, into the middle of the map."""
    low, high = points.min(axis=0).astype(np.float64), points.max(axis=0).astype(np.float64)
    room = np.array([width, height]) - 4 * DOT
    extent = high - low
    scale = (room[extent > 0] / extent[extent > 0]).min(initial=np.inf)
    middle = np.array([width, height]) / 2
    return middle + (points - (low + high) / 2) * (scale if np.isfinite(scale) else 1.0)


def _draw(axes: Any, place: Floats, corners: Floats, sizes: Floats, labels: Sequence[Any]) -> None:
    """Dots, labels at their corners, and a thin line to each label that lies apart from its dot."""
    colors = np.array([label.get_color() for label in labels])
    has_label = np.isfinite(corners[:, 0])
    for which, dot, color in ((has_label, DOT, colors[has_label]), (~has_label, FAINT_DOT, FAINT)):
        axes.scatter(*place[which].T, s=dot**2, c=color, linewidths=0, zorder=2)
    lines = []
    for word, label in enumerate(labels):
        if not has_label[word]:
            label.remove()
            continue
        label.set_position(corners[word])
        nearest = np.clip(place[word], corners[word], corners[word] + sizes[word])
        if np.linalg.norm(nearest - place[word]) > 2 * DOT:
            lines.append((place[word], nearest))
    collection = imported("matplotlib.collections").LineCollection
    axes.add_collection(collection(lines, colors=FAINT, linewidths=0.5, zorder=1))
