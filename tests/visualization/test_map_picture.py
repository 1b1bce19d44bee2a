import io
import subprocess
import sys
import warnings
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from wordvec.errors import MissingPackageError
from wordvec.visualization.map_picture import GROUP_COLORS, draw_map

matplotlib = pytest.importorskip("matplotlib")
image = pytest.importorskip("matplotlib.image")

WORDS = ["king", "$x_1$", "two words", "a$b$c^d", "bell\x07", "", "--", "<b>&"]
POINTS = np.random.default_rng(4).uniform(size=(8, 2))


def drawn(words=WORDS, points=POINTS, file_format="svg", title="A map", **options):
    file = io.BytesIO()
    num_labels = draw_map(points, words, file, file_format=file_format, title=title, **options)
    return num_labels, file.getvalue()


def texts(svg):
    """Each text of an SVG, with its style."""
    return {
        "".join(element.itertext()): element.get("style", "")
        for element in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")  # noqa: S314
    }


@pytest.mark.parametrize(("file_format", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_the_same_map_is_the_same_file(file_format, start):
    num_labels, content = drawn(file_format=file_format)
    assert num_labels == 8
    assert content.startswith(start)
    assert drawn(file_format=file_format)[1] == content
    assert b"Date" not in content


def test_words_are_drawn_as_they_are_spelled():
    shown = texts(drawn(title="$T$ \n map", caption="a $c$")[1])
    assert shown.keys() >= {
        "king",
        "$x_1$",
        "two words",
        "a$b$c^d",
        "bell\\x07",
        "--",
        "<b>&",
        "$T$ \\n map",
        "a $c$",
    }


def test_words_of_a_group_share_a_color():
    groups = np.array([0, 1, 0, 1, 2, 2, 0, len(GROUP_COLORS)])
    shown = texts(drawn(groups=groups)[1])
    assert GROUP_COLORS[0] in shown["king"]
    assert GROUP_COLORS[0] in shown["two words"]
    assert GROUP_COLORS[1] in shown["$x_1$"]
    assert GROUP_COLORS[0] in shown["<b>&"]  # more groups than colors begin again


def test_a_png_has_ink_where_the_words_are_and_a_white_rim():
    pixels = image.imread(io.BytesIO(drawn(file_format="png")[1]))[:, :, :3]  # (height, width, 3)
    ink = pixels.min(axis=2) < 0.5
    assert ink.sum() > 500
    assert not ink[[0, -1]].any()
    assert not ink[:, [0, -1]].any()


def test_a_word_without_room_stays_as_a_dot():
    points = np.zeros((60, 2))
    num_labels, svg = drawn([f"w{number}" for number in range(60)], points, caption="a caption")
    assert 1 < num_labels < 60
    shown = texts(svg)
    assert "w0" in shown
    assert len(shown) == num_labels + 2  # title and caption


def test_larger_letters_make_a_larger_picture():
    words = [f"word{number}" for number in range(90)]
    points = np.random.default_rng(0).uniform(size=(90, 2))
    small, large = (
        image.imread(io.BytesIO(drawn(words, points, "png", label_size=s)[1])).shape for s in (6, 12)
    )
    assert large[0] > 1.4 * small[0]  # matplotlib 3.10 and 3.11 crop differently


def test_letters_that_no_font_has_are_one_warning(monkeypatch):
    letters = "東京大阪名古屋横浜神戸奈良"
    missing = "".join(sorted(letters))
    monkeypatch.setattr(
        "wordvec.visualization.map_picture.families_for", lambda _words: (["DejaVu Sans"], missing)
    )
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert drawn([letters, "rome"], POINTS[:2], "png")[0] == 2
    assert [str(warning.message) for warning in said] == [
        f"no installed font has {missing[:10]}…: shown as boxes; install one that does, such as Noto Sans"
    ]
    assert letters in texts(drawn([letters, "rome"], POINTS[:2])[1])  # readers of an SVG have their own fonts


def test_what_users_set_for_their_plots_neither_matters_nor_changes():
    content = drawn(file_format="png")[1]
    theirs = {"text.usetex": True, "savefig.bbox": "tight", "font.size": 30.0, "figure.facecolor": "red"}
    with matplotlib.rc_context(theirs):
        before = dict(matplotlib.rcParams)
        assert drawn(file_format="png")[1] == content
        assert dict(matplotlib.rcParams) == before


def test_neither_pyplot_nor_a_display_is_asked_for():
    script = """
import io, sys, numpy as np
from wordvec.visualization.map_picture import draw_map
draw_map(np.eye(2), ["a", "b"], io.BytesIO(), file_format="png", title="")
sys.exit("matplotlib.pyplot" in sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True)  # noqa: S603


def test_without_matplotlib_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.font_manager", None)
    with pytest.raises(MissingPackageError, match=r"needs matplotlib: pip install 'wordvec\[map\]'"):
        drawn()
