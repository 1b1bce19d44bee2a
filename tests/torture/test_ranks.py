"""Ranks: a short version of `python -m torture.ranks`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from torture.ranks import Fault, Outcome, disturb_runs, page

CONDITIONS = {
    "machine": {"cpu": "a CPU", "cores": 2, "memory_bytes": 2**34, "simd": [], "os": "Linux"},
    "versions": {"python": "3.11"},
    "source": {"commit": "0", "dirty": False},
    "corpora": [],
}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="ranks are found in /proc")
def test_runs_whose_ranks_are_killed_end_with_a_model_as_good_as_others(tmp_path: Path) -> None:
    # A rank that hangs is noticed after a minute: such faults are those of the whole torture alone.
    outcome = disturb_runs(tmp_path, faults=2, seed=2, share_of_stops=0.0)
    assert outcome.problems == []
    assert len(outcome.faults) == 2
    assert sum(map(len, outcome.losses.values())) >= 1


def test_the_page_says_what_each_kind_of_fault_costs() -> None:
    faults = [Fault(2, 1, False, "training", 2.0, 9.0, 0.5), Fault(2, 0, True, "starting", 61.0, 70.0)]
    outcome = Outcome(faults, {2: [0.5]}, {2: [0.49, 0.51]})
    written = page(CONDITIONS, outcome, {"seed": 1, "seconds": 120, "megabytes": 0.6, "launcher": "torchrun"})
    assert "| killed (SIGKILL) | 1 | 2.0 (2.0 to 2.0) | 9.0 (9.0 to 9.0) | 0.5 (0.5 to 0.5) |" in written
    assert "| stopped (SIGSTOP) | 1 | 61.0 (61.0 to 61.0) | 70.0 (70.0 to 70.0) | - |" in written
    assert "| 2 | 0.4900, 0.5100 | 0.5000 |" in written
