from types import SimpleNamespace

import pytest

from wordvec.text import printable
from wordvec.visualization.style import MAX_WORD_LETTERS, families_for

font_manager = pytest.importorskip("matplotlib.font_manager")
ft2font = pytest.importorskip("matplotlib.ft2font")

DEJAVU = font_manager.findfont("DejaVu Sans")
SYMBOLS = DEJAVU.replace("DejaVuSans.ttf", "STIXGeneral.ttf")  # comes with matplotlib, too


def letters_of(file):
    return {chr(code) for code in ft2font.FT2Font(file).get_charmap()}


@pytest.fixture
def installed(monkeypatch):
    """Pretend that these fonts are installed, given as (name, file)."""

    def pretend(*fonts):
        entries = [SimpleNamespace(name=name, fname=file, style="normal") for name, file in fonts]
        monkeypatch.setattr(font_manager.fontManager, "ttflist", entries)

    monkeypatch.setattr(font_manager, "findfont", lambda _properties: DEJAVU)
    return pretend


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("straße", "straße"),
        ("two words", "two words"),
        ("", ""),
        ("line\nend", "line\\nend"),
        ("\ud800", "\\ud800"),
        ("x" * 40, "x" * 40),
        ("x" * 41, "x" * 39 + "…"),
    ],
)
def test_a_label_is_one_line_that_can_be_drawn(word, shown):
    assert printable(word, MAX_WORD_LETTERS) == shown


def test_letters_that_no_font_has_are_reported(installed):
    installed()
    assert families_for(["東京", "kyōto", "京都"]) == (["DejaVu Sans"], "京東都")


def test_a_font_that_has_the_letters_is_found(installed):
    letter = min(letters_of(SYMBOLS) - letters_of(DEJAVU))
    installed(("DejaVu Sans", DEJAVU), ("Other", DEJAVU), ("Symbols", SYMBOLS), ("Late", SYMBOLS))
    assert families_for(["a" + letter, "東"]) == (["DejaVu Sans", "Symbols"], "東")


def test_boxes_for_every_letter_are_no_font(installed):
    letter = min(letters_of(SYMBOLS) - letters_of(DEJAVU))
    installed(("Last Resort High-Efficiency", SYMBOLS))
    assert families_for([letter]) == (["DejaVu Sans"], letter)


def test_a_font_that_is_gone_or_broken_is_passed_over(installed, tmp_path):
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    installed(
        ("Gone", str(tmp_path / "gone.ttf")), ("Broken", str(tmp_path / "broken.ttf")), ("Symbols", SYMBOLS)
    )
    letter = min(letters_of(SYMBOLS) - letters_of(DEJAVU))
    assert families_for([letter]) == (["DejaVu Sans", "Symbols"], "")
