"""Terminal chart: points and lines between two axes, drawn with letters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from rich.text import Text

from wordvec.visualization.losses import Point
from wordvec.visualization.ticks import Range, counts_as_text, numbers_as_text, range_of, ticks

__all__ = ["ChartSeries", "can_show", "draw_chart"]

BRAILLE = 0x2800  # a letter of 4 rows of 2 dots, whose bits are:
DOT_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
NARROWEST = 8  # columns right of the vertical axis
COLUMNS_A_TICK, ROWS_A_TICK = 12, 4
BETWEEN_NAMES = "   "
FAINT = "dim"

Place = tuple[int, int]  # column from the left, row from above
Cells = dict[Place, tuple[str, str]]  # to a letter and its style


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
    """Tell whether an encoding has all letters of a chart; if not, a chart must be drawn in ASCII.

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
    """Draw a chart and its legend, as wide as is said, unless nothing could be seen at that width.

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
    plane = _Plane(x_range, y_range, max(width - left, NARROWEST), height)

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
        """Counted in dots, of which a letter has so many side by side."""
        return round(self.x_range.share(x) * (self.columns * dots - 1))

    def row(self, y: float, dots: int = 1) -> int:
        """Counted in dots, of which a letter has so many one above the other."""
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
