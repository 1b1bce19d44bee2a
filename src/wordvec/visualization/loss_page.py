"""Loss page: a picture of losses and the numbers of each epoch, in one HTML file that needs nothing else."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from html import escape
from typing import BinaryIO

from wordvec.visualization.glyphs import printable
from wordvec.visualization.loss_picture import draw_losses
from wordvec.visualization.losses import EpochEnd, LossCurve
from wordvec.visualization.plain_page import plain_page

__all__ = ["write_loss_page"]

LONGEST_NAME = 200  # letters
NOTE = """<p>Losses are means over pairs. In a table, the train loss is that of a whole epoch; in the picture, that of
one stretch of the text after the other, at the middle of each. The validation loss is that of text not trained on, at
the end of an epoch.</p>
"""


def write_loss_page(curves: Mapping[str, LossCurve], file: BinaryIO, *, title: str) -> None:
    """Write a page with the picture of `draw_losses` and a table for each run.

    Args:
        curves: by the name of the run, MOST_RUNS at most; there is a loss or a score in one of them.
        file: where the page is written to.
        title: of the page and of its picture.

    Raises:
        MissingPackageError: matplotlib is not installed.

    >>> file = io.BytesIO()
    >>> curve = LossCurve([(5, 0.51)], [EpochEnd(1, 10, 0.51, 0.625, {})])
    >>> write_loss_page({"model.wv": curve}, file, title="A run")
    >>> "<td>0.6250</td>" in file.getvalue().decode()
    True
    """
    picture = io.BytesIO()
    draw_losses(curves, picture, file_format="svg", title=title)
    svg = picture.getvalue().decode()
    svg = svg[svg.index("<svg") :]  # without what only a file of its own begins with
    tables = "".join(_table(name, curve) for name, curve in curves.items() if curve.epochs)
    file.write(plain_page(f"{svg}{NOTE}{tables}", title=printable(title, LONGEST_NAME)))


def _table(name: str, curve: LossCurve) -> str:
    rows = "".join(
        f"<tr>{''.join(f'<td>{cell}</td>' for cell in _cells(end, curve))}</tr>\n" for end in curve.epochs
    )
    heads = [
        "epoch",
        "words seen",
        "train loss",
        *(["validation loss"] if curve.validation else []),
        *curve.scores,
    ]
    shown = "".join(f'<th scope="col">{escape(printable(head, LONGEST_NAME))}</th>' for head in heads)
    caption = escape(printable(name, LONGEST_NAME))
    return f"<table>\n<caption>{caption}</caption>\n<tr>{shown}</tr>\n{rows}</table>\n"


def _cells(end: EpochEnd, curve: LossCurve) -> Iterator[str]:
    yield f"{end.epoch}"
    yield f"{end.words:,}"
    yield _shown(end.train)
    if curve.validation:
        yield _shown(end.validation)
    for test in curve.scores:
        yield _shown(end.scores.get(test))


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
