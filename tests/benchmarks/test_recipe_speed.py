"""The speed of recipes: what is measured, and what is made of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.recipe_speed import EnoughError, Stopwatch, summarize, words_per_second

from benchmarks import recipe_speed
from wordvec.training.progress import TrainingProgress


def test_ratios_are_those_of_a_round() -> None:
    speeds = [("numba", 90), ("torch", 10), ("torch", 5), ("numba", 100), ("numba", 80), ("torch", 8)]
    runs = [{"recipe": "d2l-ptb", "engine": engine, "words_per_second": speed} for engine, speed in speeds]
    (found,) = summarize(runs)
    assert found == {"recipe": "d2l-ptb", "numba": 90, "torch": 8, "ratio": 10, "ratios": [9, 10, 20]}


def report(seconds: float, words: int) -> TrainingProgress:
    return TrainingProgress(1, 1, words, 1_000, seconds, 0.0, 0.025, None, None)


def test_speed_is_from_the_end_of_a_stretch_to_the_end_of_another() -> None:
    watch = Stopwatch(seconds=3.0)
    for seconds, words in [(0.2, 0), (1.0, 0), (1.2, 100), (2.2, 100), (3.2, 300), (4.1, 300)]:
        watch(report(seconds, words))
    with pytest.raises(EnoughError):
        watch(report(5.2, 500))
    assert watch.words_per_second == (500 - 100) / (5.2 - 1.2)


def test_one_stretch_is_too_little_to_measure() -> None:
    watch = Stopwatch(seconds=3.0)
    watch(report(1.0, 100))
    watch(report(2.0, 100))
    with pytest.raises(ValueError, match="two stretches"):
        _ = watch.words_per_second


@pytest.mark.parametrize("engine", recipe_speed.ENGINES)
def test_a_run_is_measured_and_ended(engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wordvec.training.trainer.SECONDS_BETWEEN_REPORTS", 1e-4)
    text = tmp_path / "text.txt"
    text.write_text("\n".join(" ".join("abcdefgh"[i % 5 :]) for i in range(9_000)), encoding="utf-8")
    assert words_per_second("tiny-softmax", text, engine, seconds=1.0) > 0
