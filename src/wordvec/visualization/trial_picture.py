"""Trial picture: the scores of settings that a search has tried, in order and over each setting, by matplotlib."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, BinaryIO, NamedTuple

from wordvec.packages import imported
from wordvec.text import printable
from wordvec.visualization.output_kinds import PictureFormat
from wordvec.visualization.style import (
    DOTS_PER_INCH,
    FAINT,
    INK,
    MAX_TITLE_LETTERS,
    families_for,
    own_style,
    save,
)

__all__ = ["TriedPoint", "draw_trials"]

NEEDED_FOR = "a picture of trials"
COLUMNS = 3
PANEL_WIDTH, PANEL_HEIGHT = 3.4, 2.5  # inches
TITLE_SIZE, LABEL_SIZE = 12.0, 9.0
ON_ALL, DEFAULTS, BEST = "#0072B2", "#D55E00", "#009E73"  # Okabe and Ito (2008)
GRID = "#e4e4e4"
LOG_FROM = 8.0  # the largest value by the smallest, from which a scale is logarithmic


class TriedPoint(NamedTuple):
    """A trial as a picture shows it."""

    number: int  # 0 for the defaults
    score: float
    share: float  # of the text, in (0, 1]
    settings: dict[str, Any]  # by name: numbers, or one of some words
    is_best: bool


def draw_trials(
    points: Sequence[TriedPoint], file: BinaryIO, *, file_format: PictureFormat, title: str
) -> None:
    """Draw the score of each trial, in order and over each setting; write the picture to a file.

    Trials on all of the text are filled, those on a sample are faint and small; scores on samples are lower.

    Args:
        points: at least one; all have the same settings.
        file: where the picture is written to.
        file_format: "png", "svg", whose text stays text, or "pdf".
        title: a line above the picture.

    Raises:
        MissingPackageError: matplotlib is not installed.

    >>> import io
    >>> file = io.BytesIO()
    >>> points = [TriedPoint(0, 0.2, 1.0, {"dim": 100}, False), TriedPoint(1, 0.3, 1.0, {"dim": 300}, True)]
    >>> draw_trials(points, file, file_format="svg", title="Tried")
    >>> b"score" in file.getvalue() and b"dim" in file.getvalue()
    True
    """
    names = list(points[0].settings)
    rows = math.ceil((len(names) + 1) / COLUMNS)
    columns = min(COLUMNS, len(names) + 1)
    title = printable(title, MAX_TITLE_LETTERS)
    families, _ = families_for([title])
    with own_style([*families, "sans-serif"]):
        figure = imported("matplotlib.figure", NEEDED_FOR).Figure(
            figsize=(columns * PANEL_WIDTH, rows * PANEL_HEIGHT), dpi=DOTS_PER_INCH, layout="constrained"
        )
        figure.suptitle(title, size=TITLE_SIZE, color=INK, parse_math=False)
        panels = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
        _draw_panel(panels[0], points, [point.number for point in points], "trial")
        for panel, name in zip(panels[1:], names, strict=False):
            _draw_panel(panel, points, [point.settings[name] for point in points], name)
        for panel in panels[len(names) + 1 :]:
            panel.set_visible(False)
        _add_legend(panels[0])
        save(figure, file, file_format)


def _draw_panel(axes: Any, points: Sequence[TriedPoint], values: Sequence[Any], name: str) -> None:
    are_numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    places = list(values)
    if not are_numbers:
        words = sorted(set(map(str, values)))
        places = [words.index(str(value)) for value in values]
        axes.set_xticks(range(len(words)), words)
        axes.margins(x=0.3)
    elif min(values) > 0 and max(values) >= LOG_FROM * min(values):
        axes.set_xscale("log")
    for point, place in zip(points, places, strict=True):
        axes.plot(
            [place], [point.score], zorder=3 if point.is_best or point.number == 0 else 2, **_marker(point)
        )
    axes.set_xlabel(name, size=LABEL_SIZE, parse_math=False)
    axes.set_ylabel("score", size=LABEL_SIZE)
    axes.tick_params(labelsize=LABEL_SIZE - 1)
    axes.grid(color=GRID)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _marker(point: TriedPoint) -> dict[str, Any]:
    if point.is_best:
        return {"marker": "*", "markersize": 11, "color": BEST, "linestyle": ""}
    if point.number == 0:
        return {"marker": "D", "markersize": 6, "color": DEFAULTS, "linestyle": ""}
    if point.share == 1:
        return {"marker": "o", "markersize": 5, "color": ON_ALL, "linestyle": ""}
    return {"marker": "o", "markersize": 3, "color": FAINT, "fillstyle": "none", "linestyle": ""}


def _add_legend(axes: Any) -> None:
    kinds = {
        "best": TriedPoint(1, 0, 1, {}, is_best=True),
        "defaults": TriedPoint(0, 0, 1, {}, is_best=False),
        "all of the text": TriedPoint(1, 0, 1, {}, is_best=False),
        "a sample": TriedPoint(1, 0, 0.5, {}, is_best=False),
    }
    line = imported("matplotlib.lines", NEEDED_FOR).Line2D
    axes.legend(
        [line([], [], **_marker(kind)) for kind in kinds.values()], list(kinds), fontsize=7, frameon=False
    )
