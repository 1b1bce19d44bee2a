"""Synchronizers: one process and a group give the same bytes; delayed rows are those of the formula."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_info

from wordvec.distributed import synchronizer as room
from wordvec.distributed.group import Group, run_in_threads
from wordvec.distributed.rules import RULES, Block, Rule
from wordvec.distributed.synchronizer import (
    EXACT_ROWS,
    SAMPLED_ROWS,
    GroupSynchronizer,
    LocalSynchronizer,
    Rows,
    Synchronizer,
    _owned,
    _sampled,
)
from wordvec.errors import EngineError

Floats = NDArray[np.float32]

ROWS = {"input": 23, "output": 19, "positions": 4}
DIM, RANKS = 5, 3


class Step(NamedTuple):
    """What happens at a round's end."""

    rows: int  # that are combined, at most
    is_delayed: bool = False


STEPS = [Step(10), Step(7), Step(100, is_delayed=True), Step(5, is_delayed=True), Step(100), Step(100)]


def moves() -> dict[str, NDArray[np.float64]]:
    """Expected moves; the rows of one matrix are not in their order."""
    rng = np.random.default_rng(8)
    found = {name: np.sort(rng.random(rows))[::-1].copy() for name, rows in ROWS.items()}
    return {**found, "output": rng.random(ROWS["output"])}


def known() -> Rows:
    """What engines say of the rows."""
    targets, hidden = {"output": moves()["output"]}, {"input": moves()["input"]}
    return Rows(moves(), {"input": targets, "output": hidden, "positions": targets})


def first_rows() -> dict[str, Floats]:
    rng = np.random.default_rng(1)
    return {name: rng.normal(size=(rows, DIM)).astype(np.float32) for name, rows in ROWS.items()}


def train(matrices: dict[str, Floats], rank: int, step: int) -> None:
    """Move some rows, as a rank's training would."""
    rng = np.random.default_rng([rank, step])
    for rows in matrices.values():
        rows += rng.normal(size=rows.shape).astype(np.float32) * (rng.random((len(rows), 1)) < 0.7)


def end_round(synchronizer: Synchronizer, step: Step) -> None:
    synchronizer.settle()
    synchronizer.train_round(20.0)
    synchronizer.combine(lambda rows: min(rows, step.rows), 0.05, is_delayed=step.is_delayed)


def in_one_process(rule: str, threads: int = 1) -> tuple[list[dict[str, Floats]], dict[str, Floats], int]:
    replicas = [first_rows() for _ in range(RANKS)]
    synchronizer = LocalSynchronizer(replicas, known(), RULES[rule], threads=threads)
    for number, step in enumerate(STEPS):
        for rank, replica in enumerate(replicas):
            train(replica, rank, number)
        end_round(synchronizer, step)
    return replicas, synchronizer.memory(), synchronizer.bytes_sent


def in_a_group(rule: str) -> list[tuple[dict[str, Floats], dict[str, Floats], int]]:
    def work(group: Group) -> tuple[dict[str, Floats], dict[str, Floats], int]:
        own = first_rows()
        synchronizer = GroupSynchronizer(own, known(), RULES[rule], group)
        for number, step in enumerate(STEPS):
            train(own, group.rank, number)
            end_round(synchronizer, step)
        synchronizer.gather_memory()
        return own, synchronizer.memory(), synchronizer.bytes_sent

    return run_in_threads(RANKS, work)


@pytest.mark.parametrize("rows_at_a_time", [2, 512])
@pytest.mark.parametrize("rule", RULES)
def test_a_group_gives_the_bytes_of_one_process(
    rule: str, rows_at_a_time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "ROWS_AT_A_TIME", rows_at_a_time)
    monkeypatch.setattr(room, "BYTES_PER_MESSAGE", 100)
    replicas, memory, bytes_sent = in_one_process(rule, threads=2)
    for rank, (own, own_memory, own_bytes) in enumerate(in_a_group(rule)):
        assert own_bytes == bytes_sent
        for name, rows in own.items():
            np.testing.assert_array_equal(rows, replicas[rank][name], err_msg=f"{name} of rank {rank}")
            np.testing.assert_array_equal(rows, replicas[0][name])  # as all were combined at the end
        assert set(own_memory) == set(memory)
        for name, rows in own_memory.items():
            np.testing.assert_array_equal(rows, memory[name])


def test_only_the_rows_that_move_most_are_combined() -> None:
    replicas = [first_rows() for _ in range(RANKS)]
    synchronizer = LocalSynchronizer(replicas, known(), RULES["mean"])
    for rank, replica in enumerate(replicas):
        train(replica, rank, 0)
    before = replicas[1]["output"].copy()
    end_round(synchronizer, Step(6))
    most_moved = set(np.argsort(-moves()["output"])[:6].tolist())
    changed = set(np.flatnonzero((replicas[1]["output"] != before).any(axis=1)).tolist())
    assert changed == most_moved


def test_what_comes_out_of_a_delayed_combining_is_added_to_what_was_trained_meanwhile() -> None:
    replicas = [first_rows() for _ in range(RANKS)]
    synchronizer = LocalSynchronizer(replicas, known(), RULES["mean"])
    for rank, replica in enumerate(replicas):
        train(replica, rank, 0)
    sent = [replica["input"].copy() for replica in replicas]
    end_round(synchronizer, Step(100, is_delayed=True))
    for replica, rows in zip(replicas, sent, strict=True):
        np.testing.assert_array_equal(replica["input"], rows)  # nothing has arrived
    for rank, replica in enumerate(replicas):
        train(replica, rank, 1)
    trained = [replica["input"].copy() for replica in replicas]
    synchronizer.settle()
    for replica, rows, own in zip(replicas, trained, sent, strict=True):
        np.testing.assert_allclose(replica["input"], rows + np.mean(sent, axis=0) - own, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("is_in_a_group", [False, True])
def test_a_rank_goes_twice_as_far_without_the_others_where_their_rows_come_a_round_later(
    is_in_a_group: bool,
) -> None:
    """The rule must know, or it takes rows for less far than they are, and many ranks overshoot."""

    def seen(is_delayed: bool) -> NDArray[np.float64]:
        found: list[NDArray[np.float64]] = []

        def combine(block: Block) -> None:
            found.append(block.moves.copy())

        rule = RULES["mean"]._replace(combine=combine)

        def work(group: Group) -> None:
            end = GroupSynchronizer(first_rows(), known(), rule, group)
            end_round(end, Step(100, is_delayed))
            end.settle()

        if is_in_a_group:
            run_in_threads(1, work)
        else:
            end_round(LocalSynchronizer([first_rows()], known(), rule), Step(100, is_delayed))
        return np.concatenate(found)

    at_once, later = seen(False), seen(True)
    assert at_once.max() > 0
    np.testing.assert_array_equal(later, 2 * at_once)


def test_rows_that_were_not_trained_since_are_not_combined_again() -> None:
    replicas = [first_rows() for _ in range(RANKS)]
    synchronizer = LocalSynchronizer(replicas, known(), RULES["momentum"])
    for rank, replica in enumerate(replicas):
        train(replica, rank, 0)
    end_round(synchronizer, Step(100))
    once = replicas[0]["input"].copy()
    synchronizer.combine(lambda rows: rows, 0.05, is_delayed=False)
    np.testing.assert_array_equal(replicas[0]["input"], once)


def test_the_memory_of_another_rule_is_refused() -> None:
    synchronizer = LocalSynchronizer([first_rows()], known(), RULES["momentum"])
    with pytest.raises(EngineError, match="another rule of combining"):
        synchronizer.restore({})


@pytest.mark.parametrize(
    ("num_rows", "ranks"), [(1, 2), (1000, 3), (EXACT_ROWS + 5, 4), (100_000, 8), (300_001, 7)]
)
def test_the_rows_that_move_most_are_all_in_the_curvature_and_the_others_are_sampled(
    num_rows: int, ranks: int
) -> None:
    sampled = [
        (place, factor)
        for owner in range(ranks)
        for places, factor in _sampled(_owned(owner, 0, num_rows, ranks), ranks)
        for place in places
    ]
    places = [place for place, _ in sampled]
    assert len(places) == len(set(places)) <= EXACT_ROWS + SAMPLED_ROWS
    exact = {place for place, factor in sampled if factor == 1}
    assert exact >= set(range(min(num_rows, EXACT_ROWS)))
    assert sum(factor for _, factor in sampled) == pytest.approx(num_rows, rel=0.01)


def threads_of_blas() -> set[int]:
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


def watched_rule() -> tuple[Rule, list[set[int]]]:
    """A rule that notes how many threads BLAS has while rows are combined."""
    seen: list[set[int]] = []

    def combine(block: Block) -> None:
        seen.append(threads_of_blas())
        RULES["by-curvature"].combine(block)

    return RULES["by-curvature"]._replace(combine=combine), seen


@pytest.mark.parametrize("is_delayed", [False, True])
def test_processes_that_combine_at_once_leave_each_other_their_cores(is_delayed: bool) -> None:
    """BLAS would take all cores in each, and wait for its threads by spinning: on a busy machine, 70 times as long."""
    before = threads_of_blas()
    rule, seen = watched_rule()

    def work(group: Group) -> None:
        synchronizer = GroupSynchronizer(first_rows(), known(), rule, group, threads=1)
        end_round(synchronizer, Step(100, is_delayed))
        synchronizer.settle()

    run_in_threads(1, work)
    assert seen
    assert all(threads == {1} for threads in seen)
    assert threads_of_blas() == before


def test_blas_has_one_thread_in_each_thread_that_combines() -> None:
    before = threads_of_blas()
    rule, seen = watched_rule()
    synchronizer = LocalSynchronizer([first_rows(), first_rows()], known(), rule, threads=3)
    end_round(synchronizer, Step(100))
    assert seen
    assert all(threads == {1} for threads in seen)
    assert threads_of_blas() == before
