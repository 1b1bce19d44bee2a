import re
from itertools import pairwise

import pytest
from rich.cells import cell_len

from wordvec.visualization.terminal_chart import ChartSeries, can_show, draw_chart

LINE = ChartSeries("train", [(0, 4.0), (500, 2.0), (1000, 3.0)], "", "cyan")
MARKS = ChartSeries("validation", [(500, 4.0), (1000, 2.5)], "o", "magenta")


def lines_of(*series, width=40, height=9, is_ascii=False, title="loss", x_title="words seen"):
    chart = draw_chart(series, title=title, x_title=x_title, width=width, height=height, is_ascii=is_ascii)
    return chart.plain.split("\n")


def test_marks_stand_where_their_values_are():
    title, *rows = lines_of(MARKS, LINE._replace(mark="x"), is_ascii=True)
    assert title == "loss"
    plane = [row[3:].ljust(37) for row in rows[:9]]
    found = {(row, column): letter for row, line in enumerate(plane) for column, letter in enumerate(line)}
    marks = {place: letter for place, letter in found.items() if letter != " "}
    assert marks == {(0, 0): "x", (8, 18): "x", (4, 36): "x", (0, 18): "o", (6, 36): "o"}
    assert [row[:3] for row in rows[:9:2]] == ["4 +", "  |", "3 +", "  |", "2 +"]
    assert rows[9] == "  ++-----------------+-----------------+"
    assert rows[10].split() == ["0", "500", "1,000"]
    assert rows[10].index("500") + 1 == 3 + 18
    assert rows[11:] == ["   words seen", "o validation   x train"]


def test_a_thin_line_joins_its_points_without_a_gap():
    rows = lines_of(LINE, is_ascii=True)[1:10]
    columns = [
        {row for row, line in enumerate(rows) if line[column : column + 1] == "."} for column in range(3, 40)
    ]
    assert all(columns)
    for here, there in pairwise(columns):
        assert min(abs(row - other) for row in here for other in there) <= 1


def test_a_braille_line_has_four_heights_in_a_row():
    (row,) = lines_of(ChartSeries("", [(0, 0.0), (9, 9.0)], "", ""), width=14, height=1)[1:2]
    assert row == "0 ┤⣀⣀⠤⠤⠤⠔⠒⠒⠒⠉⠉"


def test_the_last_series_is_on_top():
    over = ChartSeries("over", [(500, 4.0)], "x", "red")
    assert lines_of(MARKS, over, is_ascii=True)[1].count("x") == 1
    assert "o" not in lines_of(MARKS, over, is_ascii=True)[1]


def test_colors_are_those_of_the_series():
    chart = draw_chart([LINE, MARKS], title="loss", x_title="words seen")
    colored = {chart.plain[span.start : span.end] for span in chart.spans if span.style == "magenta"}
    assert colored == {"o"}


@pytest.mark.parametrize("width", [1, 12, 20, 33, 80, 200])
@pytest.mark.parametrize("is_ascii", [True, False])
def test_no_line_is_wider_than_the_terminal_unless_nothing_would_be_left(width, is_ascii):
    long_name = MARKS._replace(name="a very long name of a model: 東京")
    rows = lines_of(LINE, long_name, width=width, is_ascii=is_ascii, title="a rather long title")
    assert max(map(cell_len, rows)) <= max(width, 11)
    assert all(row == row.rstrip() for row in rows)
    assert not is_ascii or re.sub("[東京]", "", "".join(rows)).isascii()


def test_names_share_a_line_where_there_is_room():
    assert lines_of(LINE, MARKS, width=40)[-1] == "⠤ train   o validation"
    assert lines_of(LINE, MARKS, width=21)[-2:] == ["⠤ train", "o validation"]


def test_one_point_is_a_chart():
    rows = lines_of(ChartSeries("train", [(7, 0.5)], "o", ""), is_ascii=True)
    assert "o" in "".join(rows[1:10])
    assert rows[5].startswith("0.50 +")


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("utf-8", True), ("utf-16", True), ("ascii", False), ("latin-1", False), ("no", False)],
)
def test_encodings_that_lack_a_letter_are_known(encoding, expected):
    assert can_show(encoding) is expected
