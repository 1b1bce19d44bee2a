"""A measured command is measured itself, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from benchmarks.measure import CommandFailedError, measure

MEGABYTE = 1_000_000


def test_memory_of_the_one_who_measures_is_not_counted(tmp_path: Path):
    ballast = b"x" * (300 * MEGABYTE)
    measured = measure([sys.executable, "-c", "pass"], tmp_path / "log")
    assert measured.peak_memory_bytes < 100 * MEGABYTE < len(ballast)


def test_wall_time_and_peak_memory_are_those_of_the_command(tmp_path: Path):
    program = "import time; block = b'x' * 200_000_000; time.sleep(0.3)"
    measured = measure([sys.executable, "-c", program], tmp_path / "log")
    assert measured.job_seconds > 0.3
    assert measured.peak_memory_bytes > 200 * MEGABYTE


def test_a_command_that_fails_is_reported_with_its_last_words(tmp_path: Path):
    with pytest.raises(CommandFailedError, match="no such corpus"):
        measure([sys.executable, "-c", "raise SystemExit('no such corpus')"], tmp_path / "log")


def test_the_environment_given_reaches_the_command(tmp_path: Path):
    program = "import os; print(os.environ['PLANTED'])"
    measure([sys.executable, "-c", program], tmp_path / "log", {"PLANTED": "seen"})
    assert (tmp_path / "log").read_text() == "seen\n"
