import io
import json
import os

import pytest

from wordvec.cli.output import flush_or_close, print_columns, print_json, print_rows, say


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


def test_json_has_nothing_that_a_terminal_would_obey(capsys):
    words = {
        "c1": "a\x9b31mb",
        "bidi": "abc\u202ecba\u2066",
        "del": "\x7f",
        "line": "\u2028",
        "half": "\ud83d",
    }
    print_json(words)
    out = capsys.readouterr().out
    assert out.rstrip("\n").isprintable()
    assert '"a\\u009b31mb"' in out
    assert json.loads(out) == words


def test_json_keeps_letters_and_emojis_as_they_are(capsys):
    print_json(["straße", "東京", "🐈"])
    assert capsys.readouterr().out == '["straße", "東京", "🐈"]\n'


@pytest.mark.parametrize("printing", [print_columns, print_rows])
@pytest.mark.parametrize("kind", [io.StringIO, Terminal])
def test_rows_have_nothing_that_a_terminal_would_obey(monkeypatch, kind, printing):
    monkeypatch.setattr("sys.stdout", stream := kind())
    printing([("a\x9b31mb", "abc\u202ecba"), ("\x1b]0;title\x07", "\u2066")])
    assert all(part.isprintable() for line in stream.getvalue().splitlines() for part in line.split("\t"))
    assert "\\x9b31m" in stream.getvalue()


def test_talk_that_cannot_be_printed_ends_nothing(monkeypatch):
    monkeypatch.setattr("sys.stderr", stream := io.StringIO())
    stream.close()
    say("to nobody")


def test_a_stream_that_cannot_be_written_is_pointed_to_nowhere(tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    stream = open(writing, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    stream.write("lost")
    flush_or_close(stream)
    stream.close()  # which would raise what the flush has
