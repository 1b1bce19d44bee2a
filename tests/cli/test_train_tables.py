"""`wordvec train` on tables: the column, the format, what a dry run says, and how a run is resumed."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest
from tests.corpus.tables import json_lines, parquet, separated, written

import wordvec

TEXTS = ["red green blue", None, "blue\ngreen", "red red green blue"] * 10
SMALL = ["--dim", "4", "--epochs", "2", "--threads", "1", "--window", "2"]


@pytest.fixture
def expected(tmp_path):
    return wordvec.train(
        [text.split() for text in TEXTS if text], dim=4, epochs=2, threads=1, window=2
    ).matrix.tobytes()


@pytest.mark.parametrize(
    ("name", "make"),
    [("a.parquet", parquet), ("a.csv", separated), ("a.jsonl", json_lines)],
    ids=["parquet", "csv", "jsonl"],
)
def test_a_column_of_a_file_is_learned_from(shell, tmp_path, expected, name: str, make: Any):
    path = written(tmp_path, name, make(TEXTS))
    arguments = [path, "--column", "text", "--output", tmp_path / "m.wv", *SMALL]
    assert shell("train", *arguments)[0] == 0
    assert wordvec.load(tmp_path / "m.wv").matrix.tobytes() == expected


def test_the_columns_are_named_where_none_is_given(shell, tmp_path):
    path = written(tmp_path, "a.csv", separated(TEXTS))
    status, _, err = shell("train", path, "--output", tmp_path / "m.wv", *SMALL)
    assert status == 1
    assert "a.csv is a table, so say which column is the text: column='NAME' (--column NAME)" in err
    assert "its columns are id, text, stars" in err
    assert not (tmp_path / "m.wv").exists()


def test_standard_input_may_be_a_table(shell, tmp_path, expected, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json_lines(TEXTS))))
    arguments = ["-", "--input-format", "jsonl", "--column", "text", "-o", tmp_path / "m.wv", *SMALL]
    assert shell("train", *arguments)[0] == 0
    assert wordvec.load(tmp_path / "m.wv").matrix.tobytes() == expected


def test_the_encoding_and_the_way_with_errors_are_flags(shell, tmp_path, expected):
    text = "\n".join(" ".join(text.split()) for text in TEXTS if text)
    path = written(tmp_path, "a.txt", text.encode("utf-16"))
    said = ["--encoding", "utf-16", "-o", tmp_path / "m.wv", *SMALL]
    assert shell("train", path, *said, "--validation-file", path)[0] == 0
    assert wordvec.load(tmp_path / "m.wv").matrix.tobytes() == expected
    status, out, _ = shell("train", path, *said, "--dry-run", "--json")
    assert (status, json.loads(out)["estimate"]["words"]) == (0, 90)
    damaged = written(tmp_path, "b.txt", text.encode().replace(b" ", b"\xff "))
    assert shell("train", damaged, "-o", tmp_path / "n.wv", *SMALL)[0] == 1
    assert shell("train", damaged, "-o", tmp_path / "n.wv", "--errors", "ignore", *SMALL)[0] == 0
    assert wordvec.load(tmp_path / "n.wv").matrix.tobytes() == expected


def test_an_unknown_encoding_is_a_misuse(shell, tmp_path):
    status, _, err = shell("train", "a.txt", "--encoding", "klingon", "-o", tmp_path / "m.wv")
    assert (status, "encoding must name one of Python's text encodings" in err) == (2, True)


def test_a_dry_run_counts_the_words_of_the_column(shell, tmp_path):
    for name, make in (("a.parquet", parquet), ("a.csv", separated), ("a.jsonl", json_lines)):
        path = written(tmp_path, name, make(TEXTS))
        status, out, _ = shell("train", path, "--column", "text", "--dry-run", "--json", *SMALL)
        assert status == 0
        plan = json.loads(out)
        assert plan["text"] == str(path)
        assert (plan["estimate"]["is_exact"], plan["estimate"]["words"]) == (True, 90)


def test_what_is_said_of_files_needs_files(shell, tmp_path):
    status, _, err = shell("train", "--recipe", "text8-sgns", "--column", "text", "-o", tmp_path / "m.wv")
    assert status == 2
    assert "--encoding and --errors describe files; name the files, or leave these flags out" in err


def test_an_unfinished_run_on_a_table_is_resumed_by_its_name(shell, tmp_path, expected):
    path = written(tmp_path, "a.parquet", parquet(TEXTS))

    def stop(progress):
        if getattr(progress, "is_epoch_end", False):
            raise KeyboardInterrupt

    wordvec.train(
        path,
        column="text",
        dim=4,
        epochs=2,
        threads=1,
        window=2,
        checkpoint=tmp_path / "m.wv.checkpoint",
        on_progress=stop,
    )
    assert shell("resume", tmp_path / "m.wv")[0] == 0
    assert wordvec.load(tmp_path / "m.wv").matrix.tobytes() == expected


def test_a_column_says_how_often_each_text_counts(shell, tmp_path):
    rows = [{"text": text, "n": 1 + number % 3} for number, text in enumerate(TEXTS) if text]
    path = written(tmp_path, "a.jsonl", "\n".join(map(json.dumps, rows)).encode())
    said = [*SMALL, "--subsample", "0"]
    arguments = [path, "--column", "text", "--weight", "n", "--output", tmp_path / "m.wv", *said]
    assert shell("train", *arguments)[0] == 0
    repeated = [row["text"].split() for row in rows for _ in range(row["n"])]
    expected = wordvec.train(repeated, dim=4, epochs=2, threads=1, window=2, subsample=0)
    assert wordvec.load(tmp_path / "m.wv").matrix.tobytes() == expected.matrix.tobytes()
    status, _, err = shell("train", path, "--column", "text", "--weight", "m", *arguments[5:])
    assert status != 0
    assert "has no field 'm'" in err
    assert "fields are 'text', 'n'" in err
