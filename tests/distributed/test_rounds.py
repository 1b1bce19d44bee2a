"""Rounds: every position once in each epoch, whatever the number of ranks, and whenever it changes."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from wordvec.distributed.rounds import EpochPlan, rows_combined
from wordvec.errors import FormatError

POSITIONS = 1003


def positions_of(plan: EpochPlan, first: int = 0, end: int | None = None) -> list[int]:
    """What all ranks train on in these rounds, in order."""
    return sorted(
        position
        for number in range(first, plan.rounds if end is None else end)
        for rank in range(plan.ranks)
        for piece in plan.pieces(rank, number)
        for position in range(piece.start, piece.stop)
    )


@pytest.mark.parametrize("ranks", [1, 2, 7, 50])
def test_an_epoch_has_every_position_once(ranks: int) -> None:
    plan = EpochPlan.of_whole(POSITIONS, ranks=ranks, positions_per_round=37.5)
    assert positions_of(plan) == list(range(POSITIONS))
    assert plan.rounds - 1 < -(-POSITIONS // ranks) / 37.5 <= plan.rounds


def test_more_ranks_than_positions_leave_some_without_work() -> None:
    assert positions_of(EpochPlan.of_whole(3, ranks=5, positions_per_round=10)) == [0, 1, 2]


@pytest.mark.parametrize(("first", "second"), [((2, 3), (5, 1)), ((7, 9), (3, 4)), ((1, 2), (4, 0))])
def test_an_epoch_that_changes_its_ranks_twice_still_has_every_position_once(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    plan = EpochPlan.of_whole(POSITIONS, ranks=first[0], positions_per_round=10)
    seen = positions_of(plan, end=first[1])
    again = plan.recut(first[1], ranks=second[0], positions_per_round=30)
    seen += positions_of(again, end=second[1])
    last = again.recut(second[1], ranks=2, positions_per_round=50)
    seen += positions_of(last)
    assert sorted(seen) == list(range(POSITIONS))
    assert last.share_before == pytest.approx(
        first[1] / plan.rounds + (1 - first[1] / plan.rounds) * second[1] / again.rounds
    )


def test_what_is_left_of_an_epoch_goes_to_the_ranks_that_have_it() -> None:
    plan = EpochPlan.of_shares([403, 600], positions_per_round=100)
    seen = positions_of(plan, end=2)
    rest = plan.recut(2, ranks=3, positions_per_round=100, sizes=[100, 500, 403])
    assert sorted(seen + positions_of(rest)) == list(range(POSITIONS))
    for ranges, (first, end) in zip(rest.ranges, [(0, 100), (100, 600), (600, POSITIONS)], strict=True):
        assert all(first <= start < stop <= end for start, stop in ranges)


def test_the_ranks_of_a_round_are_as_far_as_each_other() -> None:
    plan = EpochPlan.of_whole(POSITIONS, ranks=4, positions_per_round=33)
    for number in range(plan.rounds):
        sizes = [sum(piece.stop - piece.start for piece in plan.pieces(rank, number)) for rank in range(4)]
        assert max(sizes) - min(sizes) <= 2


def test_the_first_rounds_of_a_run_are_short_and_grow_up_to_the_usual_length() -> None:
    plan = EpochPlan.of_whole(100_000, ranks=4, positions_per_round=2000, grows=True)
    lengths = [plan.mean_length(number) for number in range(plan.rounds)]
    assert lengths[0] == pytest.approx(200, abs=1)
    growing = [length for length in lengths if length < 1500]
    assert len(growing) == 22
    assert all(1.09 < second / first < 1.11 for first, second in itertools.pairwise(growing))
    assert max(lengths) <= 2001
    assert positions_of(plan) == list(range(100_000))


def test_a_plan_comes_back_from_its_facts() -> None:
    plan = EpochPlan.of_whole(POSITIONS, ranks=3, positions_per_round=50).recut(
        2, ranks=2, positions_per_round=40
    )
    assert EpochPlan.from_facts(plan.facts(), POSITIONS) == plan


@pytest.mark.parametrize(
    "damage",
    [
        {"ranges": [[[0, POSITIONS + 1]]]},
        {"ranges": [[[5, 3]]]},
        {"ranges": []},
        {"ranges": "all"},
        {"positions_per_round": 0},
        {"grows": None, "share_before": 2.0},
        {"share_before": 1.0},
        {"share_before": None},
    ],
)
def test_damaged_facts_are_refused(damage: dict[str, Any]) -> None:
    facts = EpochPlan.of_whole(POSITIONS, ranks=3, positions_per_round=50).facts()
    with pytest.raises(FormatError, match="plan of rounds"):
        EpochPlan.from_facts({**facts, **damage}, POSITIONS)


def test_each_row_is_combined_as_often_as_its_frequency_asks() -> None:
    rounds = [rows_combined("frequent", number, 10_000) for number in range(1, 65)]
    times = np.array([sum(rows > row for rows in rounds) for row in (0, 1024, 2048, 9000)])
    assert times.tolist() == [64, 32, 16, 4]
    assert [rows_combined("all", number, 10_000) for number in (1, 2)] == [10_000, 10_000]
