"""Maps are made by the command itself, and told as medians with the size of the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import mapping

pytest.importorskip("openTSNE")


@pytest.mark.slow
def test_the_page_has_the_time_and_size_of_each_map(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(mapping, "WORK", tmp_path)
    monkeypatch.setattr(mapping, "CASES", [(300, "tsne"), (200, "pca")])
    monkeypatch.setattr("sys.argv", ["mapping", "--dim", "5", "--runs", "1", "--results", str(tmp_path)])
    mapping.main()
    result = json.loads((tmp_path / "mapping.json").read_text(encoding="utf-8"))
    assert [(run["words"], run["method"]) for run in result["runs"]] == [(300, "tsne"), (200, "pca")]
    large, small = (case["page_bytes"]["median"] for case in result["cases"])
    assert large > small > 1000
    assert capsys.readouterr().out == (tmp_path / "mapping.md").read_text(encoding="utf-8") + "\n"
