"""Queries are answered by both, and compared by the time of one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import queries


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_both_give_the_same_neighbors_and_the_page_has_the_ratio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "analogies.txt").write_text(": one\nathens greece oslo norway\nrome italy paris france\n" * 3)
    line = ["queries", "--analogies", str(tmp_path / "analogies.txt"), "--results", str(tmp_path)]
    line += [
        "--words",
        "300",
        "--dim",
        "8",
        "--queries",
        "40",
        "--gensim-queries",
        "20",
        "--gensim-questions",
        "4",
    ]
    monkeypatch.setattr("sys.argv", [*line, "--rounds", "2"])
    queries.main()
    found = json.loads((tmp_path / "queries.json").read_text())
    page = (tmp_path / "queries.md").read_text()
    assert capsys.readouterr().out == page + "\n"
    assert found["same_neighbors"] == 1.0
    assert found["scores"]["wordvec"] == found["scores"]["gensim"]
    assert found["questions"] == 6
    assert all(len(seconds) == 2 for seconds in found["seconds"].values())
    ratio = found["seconds"]["gensim"][0] / found["seconds"]["neighbors"][0]
    assert f"{min(ratio, found['seconds']['gensim'][1] / found['seconds']['neighbors'][1]):.0f}x" in page
