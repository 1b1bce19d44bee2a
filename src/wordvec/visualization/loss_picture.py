"""Loss picture: losses and scores of runs, drawn by matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from wordvec.packages import imported
from wordvec.text import printable
from wordvec.visualization.losses import (
    LOSS,
    SCORE,
    WORDS,
    LossCurve,
    Series,
    loss_series,
    score_series,
    words_per_epoch,
)
from wordvec.visualization.output_kinds import PictureFormat
from wordvec.visualization.style import (
    DOTS_PER_INCH,
    INK,
    MAX_TITLE_LETTERS,
    families_for,
    own_style,
    save,
)
from wordvec.visualization.terminal_chart import counts_as_text

__all__ = ["draw_losses"]

WIDTH, LOSS_HEIGHT, SCORE_HEIGHT = 8.0, 4.2, 2.6  # inches
TITLE_SIZE, LEGEND_SIZE = 12.0, 9.0
# Of runs, or of the kinds of one: people with any color vision can distinguish them (Okabe and Ito, 2008).
RUN_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKERS = ("o", "s", "^", "D", "v", "P")
GRID = "#e4e4e4"
MARKER_SIZE = 4.5

Style = dict[str, Any]  # of a matplotlib line


def draw_losses(
    curves: Mapping[str, LossCurve], file: BinaryIO, *, file_format: PictureFormat, title: str
) -> None:
    """Draw losses over words seen and, where there are scores, these below; write the picture to a file.

    Train loss is a thin line, validation loss a marker at each epoch's end. Runs differ by color and marker.

    Args:
        curves: by the name of the run, MAX_RUNS at most; there is a loss or a score in one of them.
        file: where the picture is written to.
        file_format: "png", "svg", whose text stays text, or "pdf".
        title: a line above the picture.

    Raises:
        MissingPackageError: matplotlib is not installed.

    >>> import io
    >>> file = io.BytesIO()
    >>> draw_losses({"a.wv": LossCurve([(5, 0.5), (9, 0.4)], [])}, file, file_format="svg", title="A run")
    >>> b"mean loss of a pair" in file.getvalue()
    True
    """
    losses, scores = loss_series(curves), score_series(curves)
    heights = [*([LOSS_HEIGHT] if losses else []), *([SCORE_HEIGHT] if scores else [])]
    title = printable(title, MAX_TITLE_LETTERS)
    families, _ = families_for([title, *(series.name for series in losses + scores)])
    with own_style([*families, "sans-serif"]):
        figure = imported("matplotlib.figure", "a picture of losses").Figure(
            figsize=(WIDTH, sum(heights)), dpi=DOTS_PER_INCH, layout="constrained"
        )
        figure.suptitle(title, size=TITLE_SIZE, color=INK, parse_math=False)
        panels = list(
            figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
        )
        if losses:
            styles = [_loss_style(series, is_one=len(curves) == 1) for series in losses]
            _draw_panel(panels[0], losses, styles, LOSS)
        if scores:
            styles = [_score_style(series, is_one=len(curves) == 1) for series in scores]
            _draw_panel(panels[-1], scores, styles, SCORE.replace(": ", ":\n"))
        _label_words(panels[-1])
        epoch = words_per_epoch(curves)
        if epoch is not None:
            _label_epochs(panels[0], epoch)
        save(figure, file, file_format)


def _loss_style(series: Series, *, is_one: bool) -> Style:
    color = RUN_COLORS[(series.kind if is_one else series.run) % len(RUN_COLORS)]
    if series.kind == 0:
        return {"color": color, "linewidth": 1.2, "marker": "" if len(series.points) > 1 else "."}
    return {"color": color, "linewidth": 1.0, "linestyle": "--", "marker": MARKERS[series.run % len(MARKERS)]}


def _score_style(series: Series, *, is_one: bool) -> Style:
    color = RUN_COLORS[(series.kind if is_one else series.run) % len(RUN_COLORS)]
    return {"color": color, "linewidth": 1.0, "marker": MARKERS[series.kind % len(MARKERS)]}


def _draw_panel(axes: Any, series: Sequence[Series], styles: Sequence[Style], label: str) -> None:
    axes.set_ylabel(label)
    axes.grid(color=GRID)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    lines = [
        axes.plot(*zip(*one.points, strict=True), markersize=MARKER_SIZE, **style)[0]
        for one, style in zip(series, styles, strict=True)
    ]
    legend = axes.legend(
        lines, map(str, range(len(lines))), loc="upper left", bbox_to_anchor=(1, 1), frameon=False
    )
    # The names come later, as one may begin with _ or hold a $, which matplotlib would interpret.
    for text, one in zip(legend.get_texts(), series, strict=True):
        text.set(text=one.name, parse_math=False, size=LEGEND_SIZE)


def _label_words(axes: Any) -> None:
    axes.set_xlabel(WORDS)
    axes.set_xlim(left=0)
    formatter = imported("matplotlib.ticker", "a picture of losses").FuncFormatter
    axes.xaxis.set_major_formatter(formatter(lambda words, _: counts_as_text([words])[0]))


def _label_epochs(axes: Any, words_per_epoch: float) -> None:
    """A second scale above the picture."""
    scale = axes.secondary_xaxis(
        "top", functions=(lambda words: words / words_per_epoch, lambda epochs: epochs * words_per_epoch)
    )
    scale.set_xlabel("epochs")
    ticker = imported("matplotlib.ticker", "a picture of losses")
    scale.xaxis.set_major_locator(ticker.MaxNLocator(integer=True, min_n_ticks=1))
