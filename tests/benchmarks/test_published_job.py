"""The published job is run in the article's settings, and its time follows from the speed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import published_job
from wordvec.engines.choose import choose_engine


@pytest.mark.parametrize("case", published_job.CASES)
def test_the_numba_engine_can_do_the_articles_settings(case: str):
    assert choose_engine(published_job.CASES[case]).name == "numba"


def test_the_articles_own_speed_gives_its_own_time():
    assert published_job.minutes_for_article(77_500_000 / (42.5 * 60)) == pytest.approx(5 * 42.5)


def test_both_cases_stand_beside_the_articles_figure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    chance = np.random.default_rng(1)
    words = [f"word{rank}" for rank in range(40) for _ in range(60 - rank)]
    corpus = tmp_path / "text.txt"
    corpus.write_text("\n".join(" ".join(chance.choice(words, 50)) for _ in range(40)))
    monkeypatch.setattr(published_job, "WORK", tmp_path)
    arguments = ["--epochs", "2", "--rounds", "1", "--threads", "1", "--min-count", "5"]
    monkeypatch.setattr("sys.argv", ["job", "--corpus", str(corpus), "--results", str(tmp_path), *arguments])
    published_job.main()
    result = json.loads((tmp_path / "published-job.json").read_text())
    assert [run["case"] for run in result["runs"]] == [*published_job.CASES]
    for run in result["runs"]:
        assert run["words"] == 2000
        assert run["words_per_second"] == pytest.approx(2 * 2000 / run["training_seconds"])
    page = (tmp_path / "published-job.md").read_text()
    assert "210 to 215 (under 4 hours)" in page
    assert capsys.readouterr().out == page + "\n"
