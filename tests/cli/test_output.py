import io
import json

import pytest

from wordvec.cli.output import print_columns, print_json, say


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_columns_are_aligned_for_a_reader(monkeypatch):
    monkeypatch.setattr("sys.stdout", terminal := Terminal())
    print_columns([("a", "1"), ("long", "2")])
    assert terminal.getvalue() == "a     1\nlong  2\n"


def test_columns_have_a_tab_for_a_program(capsys):
    print_columns([("a", "1"), ("lo\tng\n", "2")])
    assert capsys.readouterr().out == "a\t1\nlo\\tng\\n\t2\n"


def test_no_rows_print_nothing(monkeypatch):
    monkeypatch.setattr("sys.stdout", terminal := Terminal())
    print_columns([])
    assert terminal.getvalue() == ""


def test_talk_is_one_line_on_stderr(capsys):
    say("two\nlines  and\tmore")
    assert capsys.readouterr() == ("", "wordvec: two lines and more\n")


def test_json_is_strict(capsys):
    print_json({"word": "東京"})
    assert json.loads(capsys.readouterr().out) == {"word": "東京"}
    with pytest.raises(ValueError, match="not JSON compliant"):
        print_json(float("nan"))


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_json_can_be_parsed_in_any_encoding(monkeypatch, encoding):
    raw = io.BytesIO()
    monkeypatch.setattr(
        "sys.stdout", stream := io.TextIOWrapper(raw, encoding=encoding, errors="backslashreplace")
    )
    print_json({"word": "caf\x81 東京 🐈"})
    stream.flush()
    assert json.loads(raw.getvalue().decode(encoding)) == {"word": "caf\x81 東京 🐈"}
