"""The benchmark of single queries, on a small model."""

import json
import sys

import pytest

from benchmarks import single_queries

pytest.importorskip("gensim")


def test_single_queries_are_measured_beside_gensim_and_written_as_a_page(monkeypatch, tmp_path, capsys):
    line = ["single_queries", "--results", str(tmp_path), "--sizes", "300x20", "120x7"]
    monkeypatch.setattr(sys, "argv", [*line, "--queries", "3", "--warm-up", "2", "--busy", "1"])
    single_queries.main()
    found = json.loads((tmp_path / "single-queries.json").read_text())
    page = (tmp_path / "single-queries.md").read_text()
    assert capsys.readouterr().out.strip() == page.strip()
    for model in found["models"]:
        assert {name: len(part["gensim"]) for name, part in model["seconds"].items()} == {
            "idle": 3,
            "busy": 3,
            "many": 10,
            "at once": 3,
        }
    assert "| 120 x 7, k = 10, beside 1 busy loops |" in page
    assert page.count("x |\n") == 8
