"""Plain pages: HTML tables without scripts or requests, of the losses of runs and of words that changed."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import BinaryIO

from wordvec.text import printable
from wordvec.visualization.loss_picture import draw_losses
from wordvec.visualization.losses import EpochEnd, LossCurve
from wordvec.visualization.output_kinds import PAGE_BEGINNING

__all__ = ["plain_page", "write_change_page", "write_loss_page"]

# The policy keeps a browser from loading anything, even if a name looks like markup.
HEAD = """<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ margin: 2em auto; max-width: 60em; padding: 0 1em; background: #fff; color: #222; font: 1em/1.4 sans-serif; }}
svg {{ max-width: 100%; height: auto; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
caption {{ padding: 0.4em 0; text-align: left; font-weight: bold; }}
th, td {{ border-bottom: 1px solid #ddd; padding: 0.2em 1em; text-align: right; }}
.words {{ text-align: left; }}
</style>
</head>
<body>
"""

MAX_NAME_LETTERS = 200
NOTE = """<p>Losses are means over pairs. In a table, the train loss is that of a whole epoch; in the picture, that of
one stretch of the text after the other, at the middle of each. The validation loss is that of text not trained on, at
the end of an epoch.</p>
"""

MAX_WORD_LETTERS = 80
WORD_COLUMNS = {0, 3, 4}


def plain_page(body: str, *, title: str) -> bytes:
    """Put a page together from a body of HTML that is escaped already.

    >>> b"<title>Losses &amp; more</title>" in plain_page("<p>nothing</p>", title="Losses & more")
    True
    """
    head = HEAD.format(title=escape(title))
    return f"{PAGE_BEGINNING}{head}{body}</body>\n</html>\n".encode()


def write_loss_page(curves: Mapping[str, LossCurve], file: BinaryIO, *, title: str) -> None:
    """Write a page with the picture of `draw_losses` and a table for each run.

    Args:
        curves: by the name of the run, MAX_RUNS at most; there is a loss or a score in one of them.
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
    file.write(plain_page(f"{svg}{NOTE}{tables}", title=printable(title, MAX_NAME_LETTERS)))


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
    shown = "".join(f'<th scope="col">{escape(printable(head, MAX_NAME_LETTERS))}</th>' for head in heads)
    caption = escape(printable(name, MAX_NAME_LETTERS))
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


def write_change_page(
    heads: Sequence[str], rows: Iterable[Sequence[str]], file: BinaryIO, *, title: str, note: str
) -> None:
    """Write a page with a heading, what was compared, and a table.

    Args:
        heads: titles of the columns: word, change, chance, and its neighbors in the two models.
        rows: the words, those that changed most first.
        file: where the page is written to.
        title: of the page.
        note: what the table says, in some sentences.

    >>> import io
    >>> file = io.BytesIO()
    >>> row = ["<cell>", "0.9", "0.2", "jail", "phone"]
    >>> write_change_page(["word"] * 5, [row], file, title="Then and now", note="")
    >>> '<td class="words">&lt;cell&gt;</td>' in file.getvalue().decode()
    True
    """
    name = printable(title, MAX_NAME_LETTERS)
    shown = [
        "".join(_cell("td", text, column in WORD_COLUMNS) for column, text in enumerate(row)) for row in rows
    ]
    head = "".join(_cell("th", text, column in WORD_COLUMNS) for column, text in enumerate(heads))
    table = "".join(f"<tr>{row}</tr>\n" for row in [head, *shown])
    body = f"<h1>{escape(name)}</h1>\n<p>{escape(printable(note, 2000))}</p>\n<table>\n{table}</table>\n"
    file.write(plain_page(body, title=name))


def _cell(kind: str, text: str, is_of_words: bool) -> str:
    style = ' class="words"' if is_of_words else ""
    return f"<{kind}{style}>{escape(printable(text, 5 * MAX_WORD_LETTERS))}</{kind}>"
