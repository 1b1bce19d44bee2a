"""Lists of words are read as people save them."""

import io
from types import SimpleNamespace

import pytest

from wordvec.cli.output import read_words
from wordvec.errors import FormatError


@pytest.mark.parametrize(
    "content",
    [b"king\nqueen bee\n", b"\xef\xbb\xbfking\r\n\r\n  queen bee  \r\n", b"\n\nking\n \nqueen bee"],
    ids=["plain", "from Windows", "untidy"],
)
def test_a_line_is_a_word(tmp_path, content):
    (tmp_path / "words.txt").write_bytes(content)
    assert read_words(tmp_path / "words.txt") == ["king", "queen bee"]


def test_only_line_ends_end_a_line(tmp_path):
    (tmp_path / "words.txt").write_text("a\u2028b\nc\x0bd\n", encoding="utf-8")
    assert read_words(tmp_path / "words.txt") == ["a\u2028b", "c\x0bd"]


def test_a_hyphen_is_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"king\n")))
    assert read_words("-") == ["king"]


def test_what_cannot_be_read_is_reported(tmp_path):
    with pytest.raises(FormatError, match=r"none\.txt does not exist"):
        read_words(tmp_path / "none.txt")
    (tmp_path / "words.txt").write_bytes(b"king\n\xff\n")
    with pytest.raises(FormatError, match=r"words\.txt is not UTF-8 text .* with a word in each line"):
        read_words(tmp_path / "words.txt")
