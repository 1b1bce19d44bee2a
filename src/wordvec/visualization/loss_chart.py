"""Loss chart: losses and scores of runs, drawn with letters for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from string import ascii_lowercase, ascii_uppercase

from rich.text import Text

from wordvec.visualization.glyphs import printable
from wordvec.visualization.loss_series import (
    LOSS,
    SCORE,
    WORDS,
    Series,
    loss_series,
    score_series,
    words_per_epoch,
)
from wordvec.visualization.losses import LossCurve
from wordvec.visualization.terminal_chart import ChartSeries, draw_chart

__all__ = ["draw_loss_chart"]

LOSS_ROWS, SCORE_ROWS = 16, 8
STYLES = ("cyan", "magenta", "green", "yellow", "blue", "red")  # light and dark terminals show them
MARKS = "ox+*#@%&"  # of one run: the validation loss, or tests
LONE_MARK = "."  # for a train loss of one point, which is no line
LETTERS = ascii_lowercase + ascii_uppercase
LONGEST_NAME = 1_000  # letters, of a model


def draw_loss_chart(curves: Mapping[str, LossCurve], *, width: int = 80, is_ascii: bool = False) -> Text:
    """Draw losses over words seen and, where there are scores, a second chart of these.

    The train loss of one run is a thin line, and its other values are marks; of several runs, all points are letters:
    of losses, "a" and "A" for the first run's train and validation loss, "b" and "B" for the second's.

    Args:
        curves: by the name of the run; there is a loss or a score in one of them.
        width: columns.
        is_ascii: ASCII letters alone.

    >>> curve = LossCurve([(100, 0.6), (300, 0.5), (500, 0.44)], [])
    >>> print(draw_loss_chart({"model.wv": curve}, width=30, is_ascii=True).plain.splitlines()[-1])
    . train
    """
    is_one = len(curves) == 1
    epoch = words_per_epoch(curves)
    x_title = WORDS if epoch is None else f"{WORDS}, {epoch:,.0f} in an epoch"
    losses, scores = loss_series(curves), score_series(curves)
    marked_losses = [_marked_loss(series, is_one=is_one) for series in losses]
    marked_scores = [
        _marked(
            series,
            MARKS[series.kind % len(MARKS)] if is_one else LETTERS[place % len(LETTERS)],
            is_one=is_one,
        )
        for place, series in enumerate(scores)
    ]
    charts = [
        draw_chart(marked, title=title, x_title=x_title, width=width, height=height, is_ascii=is_ascii)
        for marked, title, height in ((marked_losses, LOSS, LOSS_ROWS), (marked_scores, SCORE, SCORE_ROWS))
        if marked
    ]
    return Text("\n\n").join(charts)


def _marked_loss(series: Series, *, is_one: bool) -> ChartSeries:
    is_validation = series.kind == 1
    if not is_one:
        mark = (ascii_uppercase if is_validation else ascii_lowercase)[series.run]
    elif is_validation:
        mark = MARKS[0]
    else:
        mark = "" if len(series.points) > 1 else LONE_MARK
    return _marked(series, mark, is_one=is_one)


def _marked(series: Series, mark: str, *, is_one: bool) -> ChartSeries:
    style = STYLES[(series.kind if is_one else series.run) % len(STYLES)]
    return ChartSeries(printable(series.name, LONGEST_NAME), series.points, mark, style)
