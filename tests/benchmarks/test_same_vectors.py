"""The comparison of two checkouts, on one case."""

from pathlib import Path

import pytest
from benchmarks.same_vectors import CASES, Case, Checkout, compare, found, write_texts

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkouts(tmp_path):
    write_texts(tmp_path / "texts")
    return [Checkout(ROOT, tmp_path / "texts", tmp_path / name) for name in ("before", "now")]


@pytest.mark.slow
def test_a_checkout_gives_the_same_vectors_as_itself(checkouts):
    findings = compare(*checkouts, [CASES[0]], formats={"converted.txt": True})
    assert [finding.problem for finding in findings] == [""] * 5
    assert findings[0].before == findings[0].now != "-"


def test_a_command_that_fails_is_reported_and_does_not_end_the_comparison(checkouts):
    findings = compare(*checkouts, [Case("impossible", "--dim 0")], formats={})
    assert [finding.problem.startswith("FAILED: wordvec: error: ") for finding in findings] == [True, True]
    assert "dim" in findings[0].problem


def test_a_difference_names_the_parts_that_differ():
    one = {"input": "1a", "output": "2b", "words": "3c"}
    assert found("x", one, one | {"output": "9f"}).problem == "DIFFERS: output"
    assert found("x", one, one | {"output": "9f"}, ("input", "words")).problem == ""


def test_cases_have_names_of_their_own_and_twins_that_run_before_them():
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
    for number, case in enumerate(CASES):
        assert case.same_vectors_as is None or case.same_vectors_as in names[:number]
