"""Lines keep every word, in order, and every boundary."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from benchmarks.lines import beginning, cut_lines, joined, prepare

TEXT = "a bb ccc\n\n dddd\te \nf g h i j k lll m\r\nn"
EXPECTED = [["a", "bb", "ccc"], ["dddd", "e"], ["f", "g", "h"], ["i", "j", "k"], ["lll", "m"], ["n"]]


@pytest.mark.parametrize("read_characters", [1, 2, 3, 7, 1000])
def test_no_word_is_lost_wherever_reading_pauses(monkeypatch: pytest.MonkeyPatch, read_characters: int):
    monkeypatch.setattr("benchmarks.lines.READ_CHARACTERS", read_characters)
    assert list(cut_lines(io.StringIO(TEXT, newline="\n"), words_per_line=3)) == EXPECTED


def test_a_compressed_corpus_is_written_as_plain_lines(tmp_path: Path):
    corpus = tmp_path / "text.az.txt.gz"
    corpus.write_bytes(gzip.compress(b"one line \xff of bytes\nand another"))
    prepared = prepare(corpus, tmp_path)
    assert (
        prepared.read_text(encoding="utf-8") == "one line \N{REPLACEMENT CHARACTER} of bytes\nand another\n"
    )
    assert prepared.name.startswith("text-")


def test_a_changed_corpus_is_prepared_anew(tmp_path: Path):
    corpus = tmp_path / "text.txt"
    corpus.write_text("before")
    before = prepare(corpus, tmp_path)
    corpus.write_text("and after")
    assert prepare(corpus, tmp_path) != before


def test_phrases_of_a_corpus_are_joined_line_by_line(tmp_path: Path):
    corpus = tmp_path / "corpus.txt"
    lines = [f"w{n} new york" for n in range(12)] + [f"x{n} y{n}" for n in range(150)]
    corpus.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    found = joined(corpus, tmp_path).read_text(encoding="utf-8").splitlines()
    assert found == [line.replace("new york", "new_york") for line in lines]


def test_the_beginning_of_a_corpus_has_whole_lines(tmp_path: Path):
    corpus = tmp_path / "text.txt"
    corpus.write_bytes(b"one line\nand another\nlast\n")
    assert beginning(corpus, 21e-6, tmp_path).read_bytes() == b"one line\nand another\n"
    assert beginning(corpus, 20e-6, tmp_path).read_bytes() == b"one line\n"
    assert beginning(corpus, None, tmp_path) == corpus
