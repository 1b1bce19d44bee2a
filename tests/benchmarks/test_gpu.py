"""A GPU is measured beside the CPU where there is one; here the CPU stands in for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from benchmarks import gpu


@pytest.fixture(autouse=True)
def small_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(gpu, "WORK", tmp_path / "work")
    monkeypatch.setattr(gpu, "VOCABULARY", 50)


def measured(tmp_path: Path, *arguments: str) -> int:
    line = ["--device", "cpu", "--threads", "1", "--words", "2000", "--results", str(tmp_path), *arguments]
    return gpu.main(line)


def test_devices_take_turns_and_the_page_has_a_row_for_each_batch_size(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = ["--batch-size", "16", "64", "--optimizers", "sgd", "sparse_adam", "--rounds", "2"]
    assert measured(tmp_path, *sizes) == 0
    result = json.loads((tmp_path / "gpu.json").read_text())
    page = (tmp_path / "gpu.md").read_text()
    assert capsys.readouterr().out == page + "\n"
    turns = [(run["round"], run["optimizer"], run["batch_size"], run["device"]) for run in result["runs"]]
    assert turns == [
        (number, optimizer, size, device)
        for number in (1, 2)
        for optimizer in ("sgd", "sparse_adam")
        for size in (16, 64)
        for device in ("gpu", "cpu")
    ]
    for case in result["cases"]:
        assert case["has_same_loss"]
        assert case["gpu"]["loss"] == case["cpu"]["loss"]
        assert case["gpu"]["words_per_second"]["median"] > 0
        assert f"| {case['optimizer']} | {case['batch_size']} |" in page
    assert "they do for every one" in page


def test_without_a_gpu_nothing_is_measured_or_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(gpu, "train", lambda *_, **__: pytest.fail("it trains"))
    assert gpu.main(["--results", str(tmp_path)]) == 0
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert "finds no device 'cuda'" in line
    assert list(tmp_path.iterdir()) == []


def run_of(number: int, device: str, speed: float, loss: float) -> gpu.Entry:
    run = {"round": number, "optimizer": "sgd", "batch_size": 512, "device": device}
    return {**run, "words_per_second": speed, "loss": loss}


def test_a_loss_that_differs_is_found_and_ratios_are_taken_within_rounds() -> None:
    runs = [
        run_of(1, "gpu", 40.0, 0.5),
        run_of(1, "cpu", 10.0, 0.5),
        run_of(2, "gpu", 90.0, 0.5),
        run_of(2, "cpu", 15.0, 0.495),
    ]
    (case,) = gpu.summarize(runs)
    assert (case["gpu_by_cpu"]["least"], case["gpu_by_cpu"]["most"]) == (4.0, 6.0)
    assert case["loss_difference"] == pytest.approx(0.0101, abs=1e-4)
    assert case["has_same_loss"] is False


def test_training_that_diverges_is_a_result() -> None:
    failed = {"round": 1, "optimizer": "sgd", "batch_size": 512, "failed": "diverged"}
    both = [{**failed, "device": device} for device in ("gpu", "cpu")]
    (case,) = gpu.summarize(both)
    assert case["gpu"] == case["cpu"] == {"words_per_second": None, "loss": None}
    assert case["has_same_loss"]
    (case,) = gpu.summarize([both[0], run_of(1, "cpu", 10.0, 0.5)])
    assert case["cpu"]["loss"]["median"] == 0.5
    assert not case["has_same_loss"]
