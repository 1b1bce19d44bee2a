"""Fuzz: a short version of `make fuzz`, and the fuzzer notices what it is there to notice."""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the fuzzer forks its processes")

if hasattr(os, "fork"):
    from torture.mutations import mutated
    from torture.reading import outcome_of, put
    from torture.samples import READERS, sample

    from torture import fuzz as fuzzer
    from torture import reading


@pytest.mark.slow
def test_damaged_files_are_read_rightly_or_refused_clearly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    counts, findings = fuzzer.fuzz(list(READERS), cases=1200, seed=7)
    assert findings == []
    assert sum(counts.values()) == pytest.approx(1200, abs=5)
    assert all(counts[reader, "refused"] for reader in READERS)
    assert sum(counts[reader, "accepted"] for reader in READERS) > 50


@pytest.mark.parametrize("reader", READERS if hasattr(os, "fork") else ())
def test_samples_are_accepted_before_they_are_damaged(reader: str, tmp_path: Path) -> None:
    found = []
    for number in range(8):
        put(sample(reader, random.Random(number)), tmp_path / "case")
        found.append(outcome_of(reader, tmp_path / "case", tmp_path))
    assert "accepted" in found
    assert set(found) <= {"accepted", "refused"}


def test_there_may_be_an_end_to_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    counts, _ = fuzzer.fuzz(["glove", "config"], cases=2**40, seed=1, seconds=0.5, cases_of_a_process=20)
    assert {reader for reader, _ in counts} == {"glove", "config"}
    assert sum(counts.values()) < 2**14


def test_the_number_of_processes_does_not_change_the_cases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    one, two = (
        fuzzer.fuzz(["similarity", "config", "analogies"], cases=300, seed=3, processes=processes)
        for processes in (1, 2)
    )
    assert one == two
    assert one[0]["similarity", "accepted"] > 0


def dies(_path: Any) -> Any:
    os._exit(3)


def raises(_path: Any) -> Any:
    raise IndexError("list index out of range")


def waits(_path: Any) -> Any:
    time.sleep(100)


def works_on(_path: Any) -> Any:
    while True:
        pass


def eats(_path: Any) -> Any:
    return np.ones(60_000_000).sum()


@pytest.mark.parametrize(
    ("reader", "what"),
    [
        (dies, "the process died with exit code 3"),
        (raises, "IndexError: list index out of range"),
        (works_on, "takes more than 0.1 s of work"),
        (waits, "or 0.2 s of waiting"),
        (eats, "MB"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
@pytest.mark.skipif(sys.platform != "linux", reason="limits are those of Linux")
def test_what_no_reader_may_do_is_found_and_its_file_kept(
    reader: Any, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reading, "load", reader)
    if reader in (works_on, waits):
        monkeypatch.setattr(reading, "SECONDS_OF_A_CASE", 0.1)
        monkeypatch.setattr(reading, "MAX_SECONDS", 0.2 if reader is waits else 30)
    _, findings = fuzzer.fuzz(["glove"], cases=1, seed=1)
    assert [finding.reader for finding in findings] == ["glove"]
    assert what in findings[0].what
    assert (tmp_path / findings[0].case).exists()


def test_a_mutation_of_one_seed_is_always_the_same() -> None:
    content = b"3 2\na 1.5 2\nb 3 4\n"
    made = [mutated(content, random.Random(seed), [b"other"]) for seed in (*range(300), *range(300))]
    assert made[:300] == made[300:]
    assert len(set(made)) > 150
