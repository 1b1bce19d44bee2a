"""The torch engine is measured in turn with the others, and compared within rounds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import torch_engine


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    chance = np.random.default_rng(1)
    words = [f"word{rank}" for rank in range(40) for _ in range(60 - rank)]
    path = tmp_path / "text.txt"
    path.write_text("\n".join(" ".join(chance.choice(words, 80)) for _ in range(60)))
    return path


def measured(monkeypatch: pytest.MonkeyPatch, corpus: Path, *arguments: str) -> tuple[dict, str]:
    folder = corpus.parent
    monkeypatch.setattr(torch_engine, "WORK", folder)
    line = ["torch_engine", "--corpus", str(corpus), "--results", str(folder), "--threads", "1", *arguments]
    monkeypatch.setattr("sys.argv", line)
    torch_engine.main()
    result = json.loads((folder / "torch-engine.json").read_text())
    return result, (folder / "torch-engine.md").read_text()


def test_trainers_take_turns_and_the_page_has_a_row_for_each(
    monkeypatch: pytest.MonkeyPatch, corpus: Path, capsys: pytest.CaptureFixture[str]
):
    arguments = ["--rounds", "2", "--seconds", "0", "--published-texts", "1", "--loader-processes", "0"]
    result, page = measured(
        monkeypatch, corpus, *arguments, "--batch-size", "16", "64", "--trainers", "published", "torch"
    )
    names = ["published, texts a step: 1", "torch, sgd, centers a step: 16", "torch, sgd, centers a step: 64"]
    assert [(run["round"], run["trainer"]) for run in result["runs"]] == [
        (number, name) for number in (1, 2) for name in names
    ]
    assert all(run["words_per_second"] > 0 for run in result["runs"])
    assert all(f"| {name} |" in page for name in names)
    assert "rounds: 2" in page
    assert result["runs"][1]["words"] == 60 * 80
    assert "words/s" in capsys.readouterr().out


def test_training_that_diverges_is_a_result(monkeypatch: pytest.MonkeyPatch, corpus: Path):
    monkeypatch.setattr(
        torch_engine, "SETTINGS", torch_engine.SETTINGS.__class__(learning_rate=1e30, epochs=1)
    )
    result, page = measured(monkeypatch, corpus, "--rounds", "1", "--trainers", "torch")
    assert "diverged" in result["runs"][0]["failed"]
    assert "| torch, sgd | - | - | - |" in page


def test_ratios_are_taken_within_rounds_against_the_fastest_published():
    def entry(number: int, trainer: str, speed: float) -> dict:
        return {"round": number, "trainer": trainer, "words_per_second": speed, "loss": 0.5}

    summary = torch_engine.summarize(
        [
            entry(1, "published, texts a step: 1", 10),
            entry(1, "published, texts a step: 20", 20),
            entry(1, "torch, sgd", 200),
            entry(2, "published, texts a step: 1", 50),
            entry(2, "published, texts a step: 20", 40),
            entry(2, "torch, sgd", 300),
        ]
    )
    assert summary["torch, sgd"]["beside_published"] == {"median": 8, "mean": 8, "least": 6, "most": 10}
    assert summary["published, texts a step: 1"]["beside_published"]["least"] == 0.5


def test_without_the_published_approach_there_is_no_ratio():
    summary = torch_engine.summarize(
        [{"round": 1, "trainer": "torch, sgd", "words_per_second": 1.0, "loss": 0.5}]
    )
    assert summary["torch, sgd"]["beside_published"] is None
