"""Rounds: which positions each rank trains on in each round of an epoch, and which rows are combined after it.

Rounds are cut by positions and not by time, so the result of a run follows from its seed and the number of ranks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any, Literal, NamedTuple

from wordvec.errors import FormatError

__all__ = ["EpochPlan", "Piece", "round_ends", "rows_combined", "shares_of", "words_per_round"]

ROUNDS_OF_RUN = 500
MIN_WORDS, MAX_WORDS = 1000, 10**6  # of a round; the network keeps up with 1,000,000, some 0.1 s of 16 cores
ROWS_OF_EVERY_ROUND = 1024  # pWord2Vec's
FIRST_POSITIONS, GROWTH = 200.0, 1.1  # of the first rounds of a run; at 16 ranks, nothing is lost by them

Range = tuple[int, int]  # positions [start, stop) of the whole corpus


class Piece(NamedTuple):
    """Positions that a rank trains on in one go."""

    start: int  # of the whole corpus
    stop: int
    done_before: int  # positions of the rank's part of the epoch that come before `start`


def shares_of(ranges: Sequence[Range], ranks: int) -> list[list[Range]]:
    """Cut ranges of positions, one after the other, into a share for each rank; shares differ by one position at most.

    >>> shares_of([(0, 10)], ranks=3)
    [[(0, 3)], [(3, 6)], [(6, 10)]]
    >>> shares_of([(2, 5), (7, 10)], ranks=2)
    [[(2, 5)], [(7, 10)]]
    """
    total = sum(stop - start for start, stop in ranges)
    return [
        [
            (piece.start, piece.stop)
            for piece in _within(ranges, total * rank // ranks, total * (rank + 1) // ranks)
        ]
        for rank in range(ranks)
    ]


def words_per_round(words_of_run: float) -> int:
    """How many words a rank trains on in a round, where nobody says: a 500th of the run, within bounds.

    With 130 rounds, 32 ranks overshoot at the beginning; with 50, 8 ranks lose two points of analogies.

    Args:
        words_of_run: that a rank trains on in all epochs together.

    >>> words_per_round(10_000_000), words_per_round(1000), words_per_round(1e12)
    (20000, 1000, 1000000)
    """
    return min(max(round(words_of_run / ROUNDS_OF_RUN), MIN_WORDS), MAX_WORDS)


def round_ends(max_share: int, positions_per_round: float, *, grows: bool = False) -> tuple[float, ...]:
    """Where the rounds of an epoch end, as shares of it in (0, 1]; all rounds but the growing ones are of one length.

    Output vectors start at zero, so the curvature of the loss grows fast in the first positions of a run: many ranks
    that combine as if it were that at the end would overshoot. So the first round has 200 positions, and each one
    after it a tenth more, up to the usual length.

    Args:
        max_share: positions of the longest share.
        positions_per_round: at most.
        grows: whether the first rounds are shorter.

    >>> round_ends(100_001, 50_000), round_ends(0, 20_000)
    ((0.3333333333333333, 0.6666666666666666, 1.0), (1.0,))
    >>> [round(end, 3) for end in round_ends(1000, 300, grows=True)]
    [0.2, 0.42, 0.662, 0.928, 1.0]
    """
    done, length, ends = 0.0, FIRST_POSITIONS, []
    while grows and length < positions_per_round and done + length < max_share:
        done += length
        length *= GROWTH
        ends.append(done / max_share)
    left = max(1, -int(-(max_share - done) // positions_per_round))
    share = done / max_share if done else 0.0
    ends += [share + (1 - share) * number / left for number in range(1, left)]
    return (*ends, 1.0)


@dataclass(frozen=True)
class EpochPlan:
    """An epoch, or what was left of it when the number of ranks changed, cut into rounds that all ranks agree on.

    >>> plan = EpochPlan.of_whole(100, ranks=2, positions_per_round=25)
    >>> plan.rounds, list(plan.pieces(rank=1, number=0))
    (2, [Piece(start=50, stop=75, done_before=0)])
    """

    ranges: tuple[tuple[Range, ...], ...]  # of each rank
    positions_per_round: float
    share_before: float = 0.0  # of the epoch, in [0, 1): what was done before this plan was made
    grows: bool = False  # the first rounds are shorter

    @classmethod
    def of_whole(
        cls, num_positions: int, *, ranks: int, positions_per_round: float, grows: bool = False
    ) -> EpochPlan:
        """The plan of an epoch from its beginning."""
        shares = shares_of([(0, num_positions)], ranks)
        return cls(tuple(map(tuple, shares)), positions_per_round, grows=grows)

    @classmethod
    def of_shares(cls, sizes: Sequence[int], *, positions_per_round: float, grows: bool = False) -> EpochPlan:
        """The plan of an epoch in which each rank has that many positions, one rank's after the other's.

        >>> EpochPlan.of_shares([30, 70], positions_per_round=25).ranges
        (((0, 30),), ((30, 100),))
        """
        ends = list(accumulate(sizes))
        shares = tuple(((end - size, end),) for size, end in zip(sizes, ends, strict=True))
        return cls(shares, positions_per_round, grows=grows)

    @cached_property
    def ends(self) -> tuple[float, ...]:
        """Where the rounds end, as shares of the plan in (0, 1]."""
        max_share = max(_length(share) for share in self.ranges)
        return round_ends(max_share, self.positions_per_round, grows=self.grows)

    @property
    def rounds(self) -> int:
        """How many there are."""
        return len(self.ends)

    @property
    def ranks(self) -> int:
        """How many ranks it is for."""
        return len(self.ranges)

    def length(self, rank: int) -> int:
        """Positions of a rank's part of the epoch."""
        return _length(self.ranges[rank])

    def border(self, rank: int, number: int) -> int:
        """How many positions of its part a rank has trained on before a round, which is numbered from 0."""
        return int(self.length(rank) * (self.ends[number - 1] if number else 0.0))

    def pieces(self, rank: int, number: int) -> Iterator[Piece]:
        """What a rank trains on in a round, which is numbered from 0."""
        return _within(self.ranges[rank], self.border(rank, number), self.border(rank, number + 1))

    def mean_length(self, number: int) -> float:
        """Positions that a rank trains on in a round, on average."""
        borders = [(self.border(rank, number), self.border(rank, number + 1)) for rank in range(self.ranks)]
        return sum(end - first for first, end in borders) / self.ranks

    def share_done(self, number: int) -> float:
        """The share of the epoch that is done before a round, in [0, 1]."""
        return self.share_before + (1 - self.share_before) * (self.ends[number - 1] if number else 0.0)

    def recut(
        self, number: int, *, ranks: int, positions_per_round: float, sizes: Sequence[int] | None = None
    ) -> EpochPlan:
        """The plan for what is left before a round, for another number of ranks.

        Args:
            number: of the round.
            ranks: how many there are now.
            positions_per_round: at most.
            sizes: positions of each rank, where it has no others, (ranks,); what is left of these is its part.

        >>> EpochPlan.of_whole(100, ranks=2, positions_per_round=25).recut(1, ranks=1, positions_per_round=30)
        EpochPlan(ranges=(((25, 50), (75, 100)),), positions_per_round=30, share_before=0.5, grows=False)
        """
        left: list[Range] = []
        for rank, ranges in enumerate(self.ranges):
            rest = _within(ranges, self.border(rank, number), self.length(rank))
            left += [(piece.start, piece.stop) for piece in rest]
        if sizes is None:
            shares = tuple(map(tuple, shares_of(left, ranks)))
        else:
            borders = [0, *accumulate(sizes)]
            shares = tuple(_overlap(left, first, end) for first, end in pairwise(borders))
        return EpochPlan(shares, positions_per_round, self.share_done(number))

    def facts(self) -> dict[str, Any]:
        """The plan as plain data, for a checkpoint."""
        return {
            "ranges": [[list(one) for one in ranges] for ranges in self.ranges],
            "positions_per_round": self.positions_per_round,
            "share_before": self.share_before,
            "grows": self.grows,
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any], num_positions: int) -> EpochPlan:
        """The plan that `facts` gave, of a corpus with that many positions.

        Raises:
            FormatError: the facts are damaged.
        """
        try:
            ranges = tuple(tuple((int(a), int(b)) for a, b in of_rank) for of_rank in facts["ranges"])
            numbers = float(facts["positions_per_round"]), float(facts["share_before"])
            plan = cls(ranges, *numbers, bool(facts["grows"]))
        except (KeyError, TypeError, ValueError) as problem:
            raise FormatError(
                f"the checkpoint's plan of rounds is damaged: {problem}; train again"
            ) from problem
        is_right = (
            plan.ranges
            and plan.positions_per_round >= 1
            and 0 <= plan.share_before < 1
            and all(0 <= a <= b <= num_positions for of_rank in ranges for a, b in of_rank)
        )
        if not is_right:
            raise FormatError("the checkpoint's plan of rounds is of another text, or damaged; train again")
        return plan


def _overlap(ranges: Sequence[Range], first: int, end: int) -> tuple[Range, ...]:
    """What of the ranges lies at the positions [first, end)."""
    cut = [(max(start, first), min(stop, end)) for start, stop in ranges]
    return tuple((start, stop) for start, stop in cut if start < stop)


def _length(ranges: Sequence[Range]) -> int:
    return sum(stop - start for start, stop in ranges)


def _within(ranges: Sequence[Range], first: int, end: int) -> Iterator[Piece]:
    """What lies at [first, end) where the ranges stand one after the other."""
    before = 0
    for start, stop in ranges:
        begin, close = max(first - before, 0), min(end - before, stop - start)
        if begin < close:
            yield Piece(start + begin, start + close, before + begin)
        before += stop - start


def rows_combined(schedule: Literal["all", "frequent"], number: int, num_rows: int) -> int:
    """How many rows are combined after a round, the most frequent ones first.

    Args:
        schedule: "all", each row after each round; "frequent", after round n the first 2^b · 1024 rows, with 2^b the
            largest power of two that divides n, as in pWord2Vec (Ji et al., 2016).
        number: n, of the rounds of the epoch, from 1.
        num_rows: of the matrix.

    >>> [rows_combined("frequent", number, 5000) for number in range(1, 9)]
    [1024, 2048, 1024, 4096, 1024, 2048, 1024, 5000]
    """
    if schedule == "all":
        return num_rows
    return min(num_rows, ROWS_OF_EVERY_ROUND * (number & -number))
