import io
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from wordvec.errors import MissingPackageError
from wordvec.visualization.loss_picture import RUN_COLORS, draw_losses
from wordvec.visualization.losses import EpochEnd, LossCurve

mpl = pytest.importorskip("matplotlib")

RUN = LossCurve(
    [(50, 0.6), (150, 0.5), (250, 0.45)],
    [EpochEnd(1, 150, 0.55, 0.62, {"q.txt": 0.1}), EpochEnd(2, 300, 0.5, 0.58, {"q.txt": 0.3})],
)
SVG = "{http://www.w3.org/2000/svg}"


def drawn(*, file_format="svg", title="Training", **curves):
    file = io.BytesIO()
    draw_losses(curves, file, file_format=file_format, title=title)
    return file.getvalue()


def texts(svg):
    return ["".join(element.itertext()) for element in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314


@pytest.mark.parametrize(("file_format", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_the_same_losses_are_the_same_file(file_format, start):
    content = drawn(file_format=file_format, run=RUN)
    assert content.startswith(start)
    assert drawn(file_format=file_format, run=RUN) == content


def test_axes_and_lines_say_what_they_are():
    shown = texts(drawn(run=RUN))
    assert {"Training", "mean loss of a pair", "words seen", "epochs", "train", "validation", "q.txt"} <= set(
        shown
    )
    assert {"score:", "share right, or Spearman's rho"} <= set("\n".join(shown).splitlines()) | set(shown)


def test_runs_differ_by_color_and_are_named():
    losses = RUN._replace(epochs=[end._replace(scores={}) for end in RUN.epochs])
    runs = ("first", "second", "third")
    content = drawn(**dict.fromkeys(runs, losses)).decode()
    assert {f"{run}: {kind}" for run in runs for kind in ("train", "validation")} <= set(texts(content))
    assert [color.lower() in content for color in RUN_COLORS[:4]] == [True, True, True, False]


def test_epochs_of_different_lengths_have_no_scale():
    other = RUN._replace(epochs=[EpochEnd(1, 200, 0.5, None, {})])
    assert "epochs" not in texts(drawn(first=RUN, second=other))


def test_names_are_shown_as_they_are_spelled():
    shown = texts(drawn(**{"_a$b$": RUN, "two\nlines": RUN}, title="$x_1$ <&>"))
    assert {"_a$b$: train", "two\\nlines: validation", "$x_1$ <&>"} <= set(shown)


def test_a_lone_point_is_drawn():
    lone = LossCurve([(50, 0.6)], [])
    marks = [element for element in ET.fromstring(drawn(run=lone)).iter(f"{SVG}use")]  # noqa: S314, C416
    in_blue = [mark for mark in marks if RUN_COLORS[0].lower() in mark.get("style", "").lower()]
    assert len(in_blue) == 2  # in the picture, and in the legend


def test_scores_alone_are_a_picture():
    scores = LossCurve([], [EpochEnd(1, 9, None, None, {"q.txt": 0.5})])
    shown = texts(drawn(run=scores))
    assert "q.txt" in shown
    assert "mean loss of a pair" not in shown


def test_settings_of_the_user_do_not_reach_it():
    expected = drawn(run=RUN)
    with mpl.rc_context({"axes.facecolor": "red", "lines.linewidth": 9, "font.size": 30}):
        assert drawn(run=RUN) == expected


def test_nothing_is_drawn_on_a_screen():
    code = (
        "import io, sys\n"
        "from wordvec.visualization.loss_picture import draw_losses\n"
        "from wordvec.visualization.losses import LossCurve\n"
        "draw_losses({'a': LossCurve([(1, 2.0)], [])}, io.BytesIO(), file_format='png', title='')\n"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603


def test_a_missing_matplotlib_is_reported(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.font_manager", None)
    with pytest.raises(MissingPackageError, match=r"needs matplotlib: pip install 'wordvec\[map\]'"):
        drawn(run=RUN)
