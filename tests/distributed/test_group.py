"""Groups: what is sent arrives, as plain data; a rank that fails ends the others; a damaged launch is an error."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from wordvec.distributed.group import (
    LAUNCHER_VARIABLES,
    ThreadGroup,
    joined_group,
    rank_timeout,
    run_in_threads,
)
from wordvec.distributed.ranks import check_same_run
from wordvec.errors import ConfigError, EngineError, FormatError


def test_each_rank_gets_what_the_others_have_sent_to_it() -> None:
    def work(group: ThreadGroup) -> tuple[list[int], list[int]]:
        sent = np.array([[10 * group.rank + to] for to in range(group.size)], np.int64)
        return group.exchange(sent)[:, 0].tolist(), group.collect(sent[0])[:, 0].tolist()

    assert run_in_threads(3, work) == [([r, 10 + r, 20 + r], [0, 10, 20]) for r in range(3)]


def test_objects_arrive_as_plain_data() -> None:
    def work(group: ThreadGroup) -> object:
        group.barrier()
        return group.gather({"rank": group.rank}), group.broadcast(["ä", group.rank])

    assert run_in_threads(2, work) == [([{"rank": 0}, {"rank": 1}], ["ä", 0])] * 2


def test_what_is_not_plain_data_is_not_sent() -> None:
    with pytest.raises(FormatError, match="plain data"):
        run_in_threads(2, lambda group: group.gather(threading.Lock()))


def test_a_rank_that_fails_ends_the_others_with_its_own_error() -> None:
    heard: list[str] = []

    def work(group: ThreadGroup) -> None:
        if group.rank == 1:
            raise ValueError("out of paper")
        try:
            group.barrier()
        except EngineError as problem:
            heard.append(str(problem))
            raise

    with pytest.raises(ValueError, match="out of paper"):
        run_in_threads(3, work)
    assert heard == ["another rank has stopped with an error, so this one stops, too"] * 2


@pytest.mark.parametrize(
    ("name", "values"), [("version", ["0.1", "0.2"]), ("dim", [100, 300]), ("corpus_sha256", ["a", None])]
)
def test_a_rank_that_runs_something_else_is_refused_by_name(name: str, values: list[object]) -> None:
    def work(group: ThreadGroup) -> str:
        with pytest.raises(ConfigError) as problem:
            check_same_run(group, {"seed": 1, name: values[group.rank]})
        return str(problem.value)

    first, second = run_in_threads(2, work)
    assert first == second
    assert first.startswith(f"rank 1 has {name}=")


def test_without_a_launcher_there_is_no_group(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LAUNCHER_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with joined_group() as group:
        assert group is None


def test_a_damaged_launch_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in zip(LAUNCHER_VARIABLES, ["0", "two", "localhost", "29500"], strict=True):
        monkeypatch.setenv(name, value)
    with (
        pytest.raises(ConfigError, match="WORLD_SIZE='two' in the environment is not a number"),
        joined_group(),
    ):
        pass


@pytest.mark.parametrize("written", ["soon", "0", "-1", "nan", "inf", ""])
def test_a_timeout_that_is_not_a_number_of_seconds_is_refused(written: str) -> None:
    with pytest.raises(ConfigError, match="WORDVEC_RANK_TIMEOUT must be a number of seconds"):
        rank_timeout({"WORDVEC_RANK_TIMEOUT": written})
