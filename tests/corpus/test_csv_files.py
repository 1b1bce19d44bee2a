"""CSV files: what is wrong in them is told with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.corpus.tables import separated, texts_in, written

from wordvec.corpus import text_blocks
from wordvec.errors import CorpusError


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_a_row_with_a_cell_too_many_is_reported_with_its_line(name: str, tmp_path: Path) -> None:
    mark = "," if name == "a.csv" else "\t"
    data = separated(["one", "two\nlines", "three"], mark) + f"4{mark}four{mark}or{mark}five\r\n".encode()
    with pytest.raises(
        CorpusError, match=r"line 6 of .*a\.\wsv has 4 cells, but the first row names 3 \(id, text, stars\)"
    ):
        texts_in(written(tmp_path, name, data))


def test_the_line_is_right_far_into_the_file(tmp_path: Path) -> None:
    data = separated(["to be\nor not"] * 20_000) + b"short\n"
    path = written(tmp_path, "a.csv", data)
    with pytest.raises(CorpusError, match=r"line 40,002 of .* has 1 cells, but"):
        texts_in(path, block_bytes=100_000, threads=2)


def test_a_row_after_a_very_long_one_is_reported_by_what_pyarrow_reports(tmp_path: Path) -> None:
    data = separated(["to be " * 50_000]) + b"short\n"
    with pytest.raises(
        CorpusError, match=r"cannot be parsed as CSV after line 2: .*got 1: short; write it again"
    ):
        texts_in(written(tmp_path, "a.csv", data))


def test_a_wrong_delimiter_shows_the_names_as_they_are_then(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", separated(["one"], ";"))
    with pytest.raises(
        CorpusError, match=r"\(with '\\t' between cells\) has no column 'text'; .*are id;text;stars"
    ):
        texts_in(path, input_format="tsv")


def test_a_mark_that_is_never_closed_is_reported_with_its_line(tmp_path: Path) -> None:
    data = separated(["one", "two"]) + b'3,"three,5\n4,four,5\n'
    with pytest.raises(CorpusError, match=r"ends inside quotation marks that open in line 4; close them"):
        texts_in(written(tmp_path, "a.csv", data))


def test_a_mark_that_is_closed_nowhere_takes_no_more_memory_than_a_word_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_blocks, "MAX_WORD_BYTES", 100_000)
    data = b'text\n"open' + b"to be\n" * 100_000
    with pytest.raises(
        CorpusError, match=r"without the end of a row, from byte 5 on: is a quotation mark not closed"
    ):
        texts_in(written(tmp_path, "a.csv", data))


def test_what_is_not_utf8_is_reported_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"not valid UTF-8 in line 3, at byte 16 \(0xe9\); .*replace"):
        texts_in(written(tmp_path, "a.csv", b"text\nto be\ncaf\xc3\xa9\xe9\n"))
    with pytest.raises(CorpusError, match="byte order mark of UTF-16"):
        texts_in(written(tmp_path, "a.csv", "text\nto be\n".encode("utf-16")))


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="has 2 columns named 'text'; rename all but one"):
        texts_in(written(tmp_path, "a.csv", b"text,text\na,b\n"))


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"id,text\n", b"id,text"], ids=["empty", "blank", "names", "no end"]
)
def test_a_file_without_rows_has_no_texts(data: bytes, tmp_path: Path) -> None:
    assert texts_in(written(tmp_path, "a.csv", data)) == []


def test_a_first_row_that_is_not_closed_is_reported_on_one_line(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", b'id,"text,stars\n' + b"1,to be,5\n" * 100)
    with pytest.raises(CorpusError, match=r"no column 'text'; its columns are id, 'text,stars\\n1.*\.\.\.$"):
        texts_in(path)


@pytest.mark.parametrize("place", [0, 5000], ids=["first", "last"])
def test_names_of_too_many_bytes_are_refused(place: int, tmp_path: Path) -> None:
    names = [f"column number {number}" for number in range(5000)]
    names.insert(place, "text")
    path = written(tmp_path, "a.csv", f"{','.join(names)}\n{','.join(names)}\n".encode())
    with pytest.raises(
        CorpusError, match=r"first row of .*a\.csv must name the columns, in 65,536 bytes at most"
    ):
        texts_in(path)


def test_names_of_as_many_bytes_as_there_may_be_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", b"text," + b"x" * (2**16 - 6) + b"\nto be,5\n")
    assert texts_in(path) == [["to", "be"]]


def test_white_space_around_a_name_is_shown(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", b",id, text\n0,1,to be\n")
    with pytest.raises(CorpusError, match=r"no column 'text'; its columns are '', id, ' text'$"):
        texts_in(path)


def test_what_pyarrow_says_of_a_row_with_line_ends_is_one_line(tmp_path: Path) -> None:
    data = separated(["to be " * 50_000]) + b'"two\nlines","three\ncells","here",1,2,3\n'
    with pytest.raises(CorpusError, match="cannot be parsed as CSV after line 2: ") as problem:
        texts_in(written(tmp_path, "a.csv", data))
    assert "\n" not in str(problem.value)
    assert len(str(problem.value)) < 400 + len(str(tmp_path))
