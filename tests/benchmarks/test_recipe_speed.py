"""The speed of recipes: what is measured, and what is made of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.recipe_speed import summarize, words_per_second

from benchmarks import recipe_speed


def test_ratios_are_those_of_a_round() -> None:
    speeds = [("numba", 90), ("torch", 10), ("torch", 5), ("numba", 100), ("numba", 80), ("torch", 8)]
    runs = [{"recipe": "d2l-ptb", "engine": engine, "words_per_second": speed} for engine, speed in speeds]
    (found,) = summarize(runs)
    assert found == {"recipe": "d2l-ptb", "numba": 90, "torch": 8, "ratio": 10, "ratios": [9, 10, 20]}


@pytest.mark.parametrize("engine", recipe_speed.ENGINES)
def test_a_run_is_measured_and_ended(engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wordvec.training.trainer.SECONDS_BETWEEN_REPORTS", 1e-4)
    text = tmp_path / "text.txt"
    text.write_text("\n".join(" ".join("abcdefgh"[i % 5 :]) for i in range(9_000)), encoding="utf-8")
    assert words_per_second("tiny-softmax", text, engine, seconds=1.0) > 0
