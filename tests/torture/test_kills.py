"""Kills: a short version of `make torture`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from torture.kills import AIMS, kill_runs

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
JOBS = {
    "numba": pytest.mark.slow,
    "torch": pytest.mark.slow,
    "subwords": pytest.mark.exhaustive,
    "cbow-positions": pytest.mark.exhaustive,
}


@pytest.mark.parametrize("job", [pytest.param(job, marks=mark) for job, mark in JOBS.items()])
def test_killed_runs_lose_nothing_and_end_with_the_same_vectors(job: str, tmp_path: Path) -> None:
    kills = len(AIMS)  # each once
    outcome = kill_runs(tmp_path, kills=kills, seed=3, job=job, megabytes=0.1 if job == "torch" else 1.0)
    assert outcome.problems == []
    assert outcome.kills == kills
    assert outcome.completed_runs >= 1
