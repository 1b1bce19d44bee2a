"""Loading is measured in turn with gensim, in each format, and told as medians with ranges."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import loading


@pytest.mark.slow
def test_the_page_has_each_case_with_its_ratio(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(loading, "WORK", tmp_path)
    cases = [case for case in loading.CASES if case[0] == "word2vec binary"]
    monkeypatch.setattr(loading, "CASES", cases)
    line = ["loading", "--words", "200", "--dim", "3", "--runs", "1", "--results", str(tmp_path)]
    monkeypatch.setattr("sys.argv", line)
    loading.main()
    result = json.loads((tmp_path / "loading.json").read_text(encoding="utf-8"))
    assert [run["reader"] for run in result["runs"]] == [reader for _, reader, _ in cases]
    assert [run["words"] for run in result["runs"]] == [200, 200, 20, 20]
    page = (tmp_path / "loading.md").read_text(encoding="utf-8")
    assert capsys.readouterr().out == page + "\n"
    ours, theirs = (case for case in result["cases"] if case["words"] == 200)
    assert ours["gensim_over_wordvec"]["median"] == pytest.approx(
        theirs["seconds"]["median"] / ours["seconds"]["median"]
    )
    assert theirs["gensim_over_wordvec"] is None


def test_made_up_words_are_distinct():
    assert len(set(loading.made_up(5000, 1).words)) == 5000
