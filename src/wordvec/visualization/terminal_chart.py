"""Terminal chart: losses and scores as lines of text, with round numbers on the axes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple

from rich.text import Text

from wordvec.text import printable
from wordvec.visualization.losses import (
    LOSS,
    SCORE,
    WORDS,
    LossCurve,
    Point,
    Series,
    loss_series,
    score_series,
    words_per_epoch,
)

__all__ = [
    "ChartSeries",
    "Range",
    "can_show",
    "counts_as_text",
    "draw_chart",
    "draw_loss_chart",
    "numbers_as_text",
    "range_of",
    "ticks",
]

ROUND = (1, 2, 5, 10, 20)  # times a power of ten: steps that people count in
SMALLEST_RANGE = 1e-8  # beside the size of the values: a smaller one shows rounding errors
SMALLEST = 1e-12  # beside zero
UNITS = ((1e9, 1e9, "B"), (1e6, 1e6, "M"), (1e4, 1e3, "k"))  # from this count on, the unit, its letter

BRAILLE = 0x2800  # a letter of 4 rows of 2 dots, whose bits are:
DOT_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
MIN_COLUMNS = 8  # columns right of the vertical axis
COLUMNS_A_TICK, ROWS_A_TICK = 12, 4
BETWEEN_NAMES = "   "
FAINT = "dim"

Place = tuple[int, int]  # column from the left, row from above
Cells = dict[Place, tuple[str, str]]  # to a letter and its style

LOSS_ROWS, SCORE_ROWS = 16, 8
STYLES = ("cyan", "magenta", "green", "yellow", "blue", "red")  # light and dark terminals show them
MARKS = "ox+*#@%&"  # of one run: the validation loss, or tests
LONE_MARK = "."  # for a train loss of one point, which cannot be a line
LETTERS = ascii_lowercase + ascii_uppercase
MAX_NAME_LETTERS = 1_000  # of a model


class Range(NamedTuple):
    """What an axis shows, from its low to its high end."""

    low: float
    high: float

    def share(self, value: float) -> float:
        """Where a value lies, from 0 at the low end to 1 at the high end."""
        return (value - self.low) / (self.high - self.low)


def range_of(values: Iterable[float]) -> Range:
    """The range that all values, one at least, are in; of one value alone, a little on both sides.

    >>> range_of([3.0, 1.0]), range_of([2.0])
    (Range(low=1.0, high=3.0), Range(low=1.9, high=2.1))
    """
    shown = list(values)
    low, high = min(shown), max(shown)
    size = max(abs(low), abs(high))
    if high - low > size * SMALLEST_RANGE and size > SMALLEST:
        return Range(low, high)
    room = size / 20 if size > SMALLEST else 1.0
    return Range(low - room, high + room)


def ticks(shown: Range, most: int) -> list[float]:
    """Choose round numbers in a range, at equal distances, `most` at most and as many as can be; none if none is in it.

    >>> ticks(Range(0.353, 0.487), 5)
    [0.4, 0.45]
    """
    power = math.floor(math.log10((shown.high - shown.low) / most))
    for factor in ROUND:
        step = factor * 10.0**power
        first, last = math.ceil(shown.low / step - 1e-9), math.floor(shown.high / step + 1e-9)
        if last - first < most:
            break
    return [float(f"{number * step:.12g}") for number in range(first, last + 1)]


def numbers_as_text(values: Iterable[float]) -> list[str]:
    """Write numbers with equally many digits after the point, as few as tell them apart.

    >>> numbers_as_text([0.5, 0.75, 1.0])
    ['0.50', '0.75', '1.00']
    """
    exact = [f"{value:.12g}" for value in values]
    if any("e" in text for text in exact):  # far too small or too large to be written out
        return exact
    digits = max((len(text.partition(".")[2]) for text in exact), default=0)
    return [f"{float(text):,.{digits}f}" for text in exact]


def counts_as_text(values: Iterable[float]) -> list[str]:
    """Write large counts in thousands (k), millions (M) or billions (B), all in the same.

    >>> counts_as_text([0, 500_000, 1_000_000]), counts_as_text([500, 1000])
    (['0', '0.5M', '1M'], ['500', '1,000'])
    """
    shown = list(values)
    most = max(shown, default=0.0)
    unit, letter = next(((unit, letter) for least, unit, letter in UNITS if most >= least), (1.0, ""))
    return [f"{value / unit:,.12g}{letter}" if value else "0" for value in shown]


class _Letters(NamedTuple):
    thin_line: str
    vertical: str
    y_tick: str
    corner: str
    horizontal: str
    x_tick: str


ALL_LETTERS = _Letters("⠤", "│", "┤", "└", "─", "┬")
ASCII_LETTERS = _Letters(".", "|", "+", "+", "-", "+")


class ChartSeries(NamedTuple):
    """Points of one kind."""

    name: str
    points: Sequence[Point]
    mark: str  # a letter that stands at each point; "" draws a thin line through them
    style: str  # of rich, such as "blue"


def can_show(encoding: str) -> bool:
    """Whether an encoding has all letters of a chart; if not, draw it in ASCII.

    >>> can_show("utf-8"), can_show("cp437")
    (True, False)
    """
    try:
        "".join(ALL_LETTERS).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def draw_chart(
    series: Sequence[ChartSeries],
    *,
    title: str,
    x_title: str,
    width: int = 80,
    height: int = 16,
    is_ascii: bool = False,
) -> Text:
    """Draw a chart and its legend, `width` columns wide, or wider where nothing could be seen otherwise.

    Args:
        series: what to draw, the last one on top, with a point in it at least. The horizontal axis begins at 0.
        title: what the vertical axis shows.
        x_title: what the horizontal axis counts.
        width: columns, for everything.
        height: rows, for what is between the axes.
        is_ascii: ASCII letters alone.

    >>> line = ChartSeries("train", [(100, 4.0), (500, 2.0), (1000, 2.0)], "", "blue")
    >>> print(draw_chart([line], title="loss", x_title="words seen", width=29, height=5, is_ascii=True))
    loss
    4 +  ..
      |    ..
      |      ...
      |         ..
    2 +           ...............
      ++-----------+------------+
       0          500       1,000
       words seen
    . train
    """
    letters = ASCII_LETTERS if is_ascii else ALL_LETTERS
    x_range = range_of([0.0, *(x for one in series for x, _ in one.points)])
    y_range = range_of(y for one in series for _, y in one.points)
    y_ticks = ticks(y_range, height // ROWS_A_TICK + 1)
    y_labels = numbers_as_text(y_ticks)
    left = max(map(len, y_labels), default=0) + 2  # columns, the axis among them
    plane = _Plane(x_range, y_range, max(width - left, MIN_COLUMNS), height)

    cells: Cells = {}
    for row in range(height):
        _write(cells, (-1, row), letters.vertical)
    for value, label in zip(y_ticks, y_labels, strict=True):
        _write(cells, (-left, plane.row(value)), f"{label:>{left - 2}} {letters.y_tick}")
    _write(cells, (-1, height), letters.corner + letters.horizontal * plane.columns)
    for column, begin, label in _x_labels(plane):
        _write(cells, (column, height), letters.x_tick)
        _write(cells, (begin, height + 1), label)
    for one in series:
        cells.update(_drawn(one, plane, is_ascii=is_ascii))

    lines = [Text(title, "bold"), *_rows(cells, left, height + 2), Text(" " * left + x_title, FAINT)]
    lines += _legend(series, letters.thin_line, left + plane.columns)
    for line in lines:
        line.truncate(left + plane.columns)
        line.rstrip()
    return Text("\n").join(lines)


class _Plane(NamedTuple):
    """The part between the axes: what it shows, and how many letters it has."""

    x_range: Range
    y_range: Range
    columns: int
    rows: int

    def column(self, x: float, dots: int = 1) -> int:
        """Counted in dots, `dots` of them side by side in a letter."""
        return round(self.x_range.share(x) * (self.columns * dots - 1))

    def row(self, y: float, dots: int = 1) -> int:
        """Counted in dots, `dots` of them one above the other in a letter."""
        return round((1 - self.y_range.share(y)) * (self.rows * dots - 1))


def _x_labels(plane: _Plane) -> Iterator[tuple[int, int, str]]:
    """The column of each tick, the column in which its label begins, and the label."""
    values = ticks(plane.x_range, plane.columns // COLUMNS_A_TICK + 1)
    for value, label in zip(values, counts_as_text(values), strict=True):
        column = plane.column(value)
        yield column, min(column - len(label) // 2, plane.columns - len(label)), label


def _drawn(series: ChartSeries, plane: _Plane, *, is_ascii: bool) -> Cells:
    is_fine = not (series.mark or is_ascii)
    across, down = (2, 4) if is_fine else (1, 1)
    places = [(plane.column(x, across), plane.row(y, down)) for x, y in series.points]
    if is_fine:
        letters = _braille(_joined(places))
    else:
        mark = series.mark or ASCII_LETTERS.thin_line
        letters = dict.fromkeys(places if series.mark else _joined(places), mark)
    return {place: (letter, series.style) for place, letter in letters.items()}


def _write(cells: Cells, place: Place, text: str) -> None:
    column, row = place
    cells.update({(column + offset, row): (letter, FAINT) for offset, letter in enumerate(text)})


def _joined(places: Sequence[Place]) -> Iterator[Place]:
    """All places on the straight lines from each one to the next."""
    yield from places[:1]
    for (column, row), (next_column, next_row) in pairwise(places):
        across, down = next_column - column, next_row - row
        steps = max(abs(across), abs(down))
        yield from (
            (column + round(across * step / steps), row + round(down * step / steps))
            for step in range(1, steps + 1)
        )


def _braille(dots: Iterable[Place]) -> dict[Place, str]:
    """From places of dots to places of letters that have them."""
    bits: dict[Place, int] = {}
    for column, row in dots:
        place = (column // 2, row // 4)
        bits[place] = bits.get(place, 0) | DOT_BITS[row % 4][column % 2]
    return {place: chr(BRAILLE | bits_of_place) for place, bits_of_place in bits.items()}


def _rows(cells: Cells, left: int, num_rows: int) -> Iterator[Text]:
    last = max(column for column, _ in cells)
    for row in range(num_rows):
        yield Text.assemble(*(cells.get((column, row), (" ", "")) for column in range(-left, last + 1)))


def _legend(series: Sequence[ChartSeries], thin_line: str, width: int) -> list[Text]:
    """The series' names, as many in a line as there is room for."""
    lines: list[Text] = []
    for one in series:
        name = Text.assemble((one.mark or thin_line, one.style), f" {one.name}")
        if lines and lines[-1].cell_len + len(BETWEEN_NAMES) + name.cell_len <= width:
            lines[-1].append(BETWEEN_NAMES).append_text(name)
        else:
            lines.append(name)
    return lines


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
    return ChartSeries(printable(series.name, MAX_NAME_LETTERS), series.points, mark, style)
