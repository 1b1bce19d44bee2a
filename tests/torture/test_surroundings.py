"""Surroundings: the harness notices what it is there to notice, with commands that break each promise."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what the machine does is done as on Linux")

if sys.platform == "linux":
    from torture.surroundings import GROUPS, Case, Ended, Shell, cases_of, problems_of, wrong_with

NEW_MODEL = """
from wordvec import WordVectors
output = sys.argv[sys.argv.index("-o") + 1]
WordVectors(["new"], [[1.0]]).save(output)
"""
PROMISES_KEPT = "import sys\nif 'train' in sys.argv:\n" + NEW_MODEL.replace("\n", "\n    ")


def command(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.mark.parametrize(
    ("ended", "what"),
    [
        (Ended(0, ""), None),
        (Ended(1, "wordvec: error: no room\n"), None),
        (Ended(1, ""), None),  # where stderr was closed
        (Ended(-11, "wordvec: training\n"), "exit status -11: wordvec: training"),
        (Ended(1, "Traceback (most recent call last):\nKeyError: 3\n"), "a traceback: KeyError: 3"),
        (Ended(1, "wordvec: error: no\nwordvec: error: room\n"), "2 lines of error"),
        (Ended(1, "no room\n"), "0 lines of error"),
        (Ended(2, "wordvec: error: no room\n"), "exit status 2"),
    ],
    ids=["success", "failure", "silence", "signal", "traceback", "two lines", "no line", "status"],
)
def test_a_command_may_end_in_success_or_with_one_line(ended: Ended, what: str | None) -> None:
    found = wrong_with(ended, 0, 1)
    assert (found is None) == (what is None)
    assert (what or "") in (found or "")


@pytest.mark.parametrize(
    ("code", "what"),
    [
        (PROMISES_KEPT, None),
        ("pass", "the new model was not saved"),
        ("import sys; sys.exit(1)", "exit status 1"),
        ("import os; os.remove('model.wv/config.json')", "the output cannot be loaded"),
        ("import os; os.kill(os.getpid(), 11)", "exit status -11"),
    ],
    ids=["kept", "not saved", "failed", "lost", "killed"],
)
def test_what_no_run_may_do_is_found(code: str, what: str | None, tmp_path: Path) -> None:
    (case,) = (case for case in cases_of(["streams"]) if case.name == "train, stderr closed")
    problems = list(problems_of([case], tmp_path, command(code)))
    assert [problem.case for problem in problems] == ([] if what is None else [case.name])
    assert all((what or "") in problem.what for problem in problems)


def test_what_a_refused_run_leaves_behind_is_found(tmp_path: Path) -> None:
    (case,) = (case for case in cases_of(["paths"]) if case.name == "output: a FIFO")
    refuses = "import sys; sys.exit('wordvec: error: it is a FIFO')"
    assert list(problems_of([case], tmp_path, command(refuses))) == []
    litters = "open('litter.tmp', 'w').close(); " + refuses
    (problem,) = problems_of([case], tmp_path, command(litters))
    assert "litter.tmp" in problem.what


def test_a_command_has_the_streams_and_the_settings_that_it_is_given(tmp_path: Path) -> None:
    def fill() -> None:
        os.dup2(os.open("/dev/full", os.O_WRONLY), 1)

    shell = Shell(tmp_path, command("import os; print(os.environ['WHERE'], flush=True)"), {"WHERE": "here"})
    with (tmp_path / "out.txt").open("wb") as out:
        assert shell.run("train", stdout=out) == Ended(0, "")
    assert (tmp_path / "out.txt").read_text() == "here\n"
    assert shell.run("train", preexec_fn=fill).status == 1


def test_each_case_has_a_name_of_its_own() -> None:
    names = [case.name for case in cases_of(list(GROUPS))]
    assert len(names) == len(set(names)) > 50


def one_in_three(group: str, *, is_chosen: bool) -> list[Case]:
    """Of the many ways to damage a cache, of which each takes seconds; all of the other groups."""
    cases = cases_of([group])
    return [case for place, case in enumerate(cases) if (place % 3 == 0 or group != "caches") == is_chosen]


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS if sys.platform == "linux" else ())
def test_nothing_is_lost_when_the_machine_misbehaves(group: str, tmp_path: Path) -> None:
    assert list(problems_of(one_in_three(group, is_chosen=True), tmp_path)) == []


@pytest.mark.exhaustive
@pytest.mark.skipif(sys.platform != "linux", reason="the machine that misbehaves is one of Linux")
def test_nothing_is_lost_by_any_other_damage_to_caches(tmp_path: Path) -> None:
    assert list(problems_of(one_in_three("caches", is_chosen=False), tmp_path)) == []
