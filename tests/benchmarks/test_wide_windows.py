"""Wide windows are measured beside gensim, and every kind of model is tried with them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import wide_windows


def test_groups_that_are_planted_are_found_by_who_looks_for_them() -> None:
    texts = wide_windows.planted_baskets(600, seed=1)
    assert {len(text) for text in texts} == {600}
    words = sorted({word for text in texts for word in text})
    groups = np.array([int(word.removeprefix("item")) // wide_windows.ITEMS_PER_GROUP for word in words])
    by_group = np.eye(wide_windows.GROUPS, dtype=np.float32)[groups]
    assert wide_windows.hits(words, by_group) == 100
    chance = np.random.default_rng(1).normal(size=(len(words), 9)).astype(np.float32)
    assert wide_windows.hits(words, chance) < 10


def test_the_page_has_baskets_a_text_and_the_grid(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = np.random.default_rng(1)
    corpus = tmp_path / "text.txt"
    corpus.write_text(" ".join(f"word{number}" for number in chance.integers(12, size=900)))
    (tmp_path / "pairs.tsv").write_text("".join(f"word{rank}\tword1\t{rank}\n" for rank in range(2, 9)))
    monkeypatch.setattr(wide_windows, "WORK", tmp_path)
    monkeypatch.setattr(wide_windows, "ITEMS_IN_ALL", 600)
    monkeypatch.setattr(wide_windows, "WINDOWS", (2,))
    monkeypatch.setattr(wide_windows, "NEGATIVES", (1, 2))
    monkeypatch.setattr(wide_windows, "MODELS", {"skip-gram": {}, "far too fast": {"learning_rate": 1e9}})
    line = ["wide_windows", "--corpus", str(corpus), "--similarity", str(tmp_path / "pairs.tsv")]
    line += [
        "--results",
        str(tmp_path),
        "--seeds",
        "2",
        "--windows",
        "3",
        "--epochs",
        "1",
        "--grid-baskets",
        "1",
    ]
    monkeypatch.setattr("sys.argv", line)
    wide_windows.main()
    result = json.loads((tmp_path / "wide-windows.json").read_text())
    page = (tmp_path / "wide-windows.md").read_text()
    assert capsys.readouterr().out == page + "\n"
    turns = [(run["window"], run["seed"], run["trainer"]) for run in result["baskets"]["runs"]]
    assert turns == [(3, seed, trainer) for seed in (1, 2) for trainer in ("wordvec", "gensim")]
    assert [run["similarity_pairs"] for run in result["text"]["runs"]] == [7] * 4
    longest = {run["model"]: run["longest"] for run in result["grid"]["runs"]}
    assert longest["skip-gram"] > 0
    assert longest["far too fast"] is None
    assert "| far too fast | 2 | diverged / diverged | diverged / diverged |" in page
