"""The benchmark of two checkouts' speed, on a small text."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks import same_speed

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_two_checkouts_are_measured_in_turn_and_written_as_a_page(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(
        same_speed, "TRAININGS", {"train: numba": {"engine": "numba", "dim": 4, "min_count": 1}}
    )
    line = ["same_speed", "--before", str(ROOT), "--results", str(tmp_path), "--rounds", "1"]
    monkeypatch.setattr(sys, "argv", [*line, "--words", "2000", "--vectors", "50"])
    same_speed.main()
    found = json.loads((tmp_path / "same-speed.json").read_text())
    page = (tmp_path / "same-speed.md").read_text()
    assert capsys.readouterr().out.strip() == page.strip()
    # Who goes first alternates: the present version in round 1.
    assert [(run["case"], run["version"]) for run in found["runs"][:2]] == [
        ("train: numba", "now"),
        ("train: numba", "before"),
    ]
    assert len(found["runs"]) == 2 * len(found["cases"]) == 2 * 8
    assert all(run["wall_seconds"] > 0 and run["cpu_seconds"] > 0 for run in found["runs"])


def test_a_ratio_above_one_says_that_the_present_version_is_faster():
    seconds = {"before": [4.0, 6.0, 8.0], "now": [2.0, 4.0, 3.0]}
    runs = [
        {"case": "x", "version": version, "wall_seconds": one, "cpu_seconds": one}
        for version, values in seconds.items()
        for one in values
    ]
    (entry,) = same_speed.summarize(runs)
    assert entry["wall_seconds"]["ratio_of_medians"] == 2.0
    assert (entry["cpu_seconds"]["ratios"]["least"], entry["cpu_seconds"]["ratios"]["most"]) == (1.5, 8 / 3)
