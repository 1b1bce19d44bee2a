"""Deterministic mode is measured in turn with the plain one, and whether its vectors are the same is looked at."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import deterministic


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    chance = np.random.default_rng(1)
    words = [f"word{rank}" for rank in range(40) for _ in range(60 - rank)]
    path = tmp_path / "text.txt"
    path.write_text("\n".join(" ".join(chance.choice(words, 80)) for _ in range(60)))
    (tmp_path / "pairs.tsv").write_text("".join(f"word{rank}\tword1\t{rank}\n" for rank in range(2, 9)))
    return path


def test_the_page_has_speed_and_scores_of_both_modes(
    monkeypatch: pytest.MonkeyPatch, corpus: Path, capsys: pytest.CaptureFixture[str]
):
    folder = corpus.parent
    monkeypatch.setattr(deterministic, "WORK", folder)
    line = ["deterministic", "--corpus", str(corpus), "--results", str(folder), "--threads", "1", "2"]
    line += ["--rounds", "2", "--seeds", "2", "--dim", "8", "--similarity", str(folder / "pairs.tsv")]
    monkeypatch.setattr("sys.argv", line)
    deterministic.main()
    result = json.loads((folder / "deterministic.json").read_text())
    page = (folder / "deterministic.md").read_text()
    assert capsys.readouterr().out == page + "\n"
    turns = [(run["round"], run["threads"], run["mode"]) for run in result["speed"]["runs"]]
    modes = ("plain", "deterministic")
    assert turns == [(number, threads, mode) for number in (1, 2) for threads in (1, 2) for mode in modes]
    assert result["speed"]["distinct_vectors"]["deterministic"] == 1
    assert "The 4 deterministic runs gave the same bytes" in page
    scored = [(run["seed"], run["mode"], run["similarity_pairs"]) for run in result["quality"]["runs"]]
    assert scored == [(seed, mode, 7) for seed in (1, 2) for mode in modes]
    assert "| Google analogies, % | - | - | - |" in page
    assert "| WordSim-353, Spearman x 100 |" in page


def test_times_are_compared_within_a_round_and_on_as_many_threads():
    def run(mode: str, number: int, seconds: float, vectors: str) -> dict:
        speed = {"training_seconds": seconds, "words_per_second": 60 / seconds}
        return {"mode": mode, "threads": 1, "round": number, "vectors": vectors, **speed}

    runs = [run("plain", 1, 10, "a"), run("deterministic", 1, 15, "b"), run("plain", 2, 20, "a")]
    found = deterministic.summarize_speed([*runs, run("deterministic", 2, 50, "c")])
    assert found["summary"]["1"]["times_as_long"] == {"median": 2, "mean": 2, "least": 1.5, "most": 2.5}
    assert found["distinct_vectors"] == {"plain": 1, "deterministic": 2}
