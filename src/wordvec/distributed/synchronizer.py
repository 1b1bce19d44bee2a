"""Synchronizer: after a round, combine the rows of all ranks; in one process that has them all, or over a group.

Each row has an owner among the ranks. All ranks send it their row, it combines them by the rule, and sends what comes
out to all: as many bytes as an all-reduce, 2·(N - 1)/N rows a rank, for rules of any kind. Sums are always in the order
of the ranks, so that N processes get the bytes that one process gets that simulates them. BLAS, which would take all
cores in each of them, gets as many threads as train.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from wordvec.distributed.group import Group
from wordvec.distributed.rules import Block, Curvature, Rule
from wordvec.errors import EngineError

__all__ = [
    "EXACT_ROWS",
    "SAMPLED_ROWS",
    "GroupSynchronizer",
    "LocalSynchronizer",
    "Rows",
    "Synchronizer",
]

Floats = NDArray[np.float32]
Selection = slice | NDArray[np.int64]  # of rows
Unsent = tuple[
    "_Matrix", Selection, Floats, Floats
]  # rows of a matrix, what was sent of them, and what came back

# N ranks, R rows of a matrix, D dimensions; rows stand in places [0, R), the most frequently moved ones first

EXACT_ROWS, SAMPLED_ROWS = 16_384, 16_384  # of a matrix, in its second moment: all ranks together
ROWS_AT_A_TIME = 512  # of one owner: they stay in the cache while they are combined
BYTES_PER_MESSAGE = 2**25


class Rows(NamedTuple):
    """What is known of the rows of an engine's matrices; see `RankEngine`."""

    moves: Mapping[str, NDArray[np.float64]]  # (R,) each
    curvature_weights: Mapping[str, Mapping[str, NDArray[np.float64]]]  # (R,) each


class Synchronizer(Protocol):
    """Combines the rows of all ranks."""

    bytes_sent: int  # by one rank; in one process, what it would send
    seconds: float  # that training has waited for it

    def train_round(self, positions: float) -> None:
        """Count a round in which each rank has trained on that many positions, on average."""

    def combine(self, rows: Callable[[int], int], learning_rate: float, *, is_delayed: bool) -> None:
        """Combine the first rows of each matrix, as many as `rows` gives for its number of rows.

        With `is_delayed`, only sending begins: training goes on meanwhile, and `settle` adds what comes out.
        """

    def settle(self) -> None:
        """Wait for a delayed combining, and add what came out of it."""

    def gather_memory(self) -> None:
        """Gather what the rule remembers from the ranks, all of which call this; `memory` gives it from then on."""

    def memory(self) -> dict[str, NDArray[Any]]:
        """What the rule remembers of all rows, by matrix, as it was gathered last."""

    def restore(self, memory: Mapping[str, NDArray[Any]]) -> None:
        """Go on from the matrices as they are now, and from what `memory` gave."""


class _Matrix:
    """One matrix: the order of its rows, how much each was trained on since it was combined last, and its owner.

    Args:
        moves: (R,) expected moves of each row, for each position that a rank trains on.
    """

    def __init__(self, name: str, moves: NDArray[np.float64]):
        self.name, self.num_rows = name, len(moves)
        is_sorted = bool((np.diff(moves) <= 0).all())
        self._order = None if is_sorted else np.argsort(-moves, kind="stable")
        self.moves = moves if self._order is None else moves[self._order]  # by place
        self.positions = np.zeros(len(moves))  # by place; trained on since the row was combined last

    def rows(self, start: int, stop: int, step: int = 1) -> Selection:
        """The rows at the places start, start + step, ... before stop."""
        places = slice(start, stop, step)
        return places if self._order is None else self._order[places]

    def expected_moves(self, places: range, *, is_delayed: bool) -> NDArray[np.float64]:
        """The moves that are expected of the rows at these places until they get what the other ranks have learned.

        Those since they were combined last; and as many again where that comes a round later: a rank goes twice as far
        without the others. Where this is not counted, 16 ranks overshoot, and have 13 % of analogies right for 37.
        """
        selection = slice(places.start, places.stop, places.step)
        moves: NDArray[np.float64] = self.moves[selection] * self.positions[selection]
        return 2 * moves if is_delayed else moves

    def places_to_combine(self, wanted: int) -> tuple[int, int]:
        """The places [start, stop) of the first `wanted` rows, without those not trained since the last time."""
        trained = np.flatnonzero(self.positions[:wanted] > 0)
        return (int(trained[0]), int(trained[-1]) + 1) if len(trained) else (0, 0)


def _matrices(moves: Mapping[str, NDArray[np.float64]]) -> list[_Matrix]:
    return [_Matrix(name, of_rows) for name, of_rows in moves.items() if len(of_rows)]


def _sent_by_each(num_rows: int, dim: int, ranks: int) -> int:
    """Bytes that each rank sends to combine that many rows: its rows to their owners, and its own rows to all."""
    return 2 * (ranks - 1) * -(-num_rows // ranks) * dim * np.dtype(np.float32).itemsize


def _owned(owner: int, start: int, stop: int, ranks: int) -> range:
    """Those of the places [start, stop) whose rows a rank owns."""
    return range(start + (owner - start) % ranks, stop, ranks)


class _Curvatures:
    """The curvatures of all matrices, where a rule looks at them.

    Args:
        matrices: whose rows are combined.
        rows: what is known of them.
        rule: which says whether it looks at curvatures.
    """

    def __init__(self, matrices: Sequence[_Matrix], rows: Rows, rule: Rule):
        self._weights = rows.curvature_weights if rule.needs_curvature else {}
        self._by_name = {one.name: one for one in matrices}
        self._found: dict[str, Curvature] = {}
        # Found anew before each combining: with those of three combinings ago, 16 ranks overshoot.
        self.are_wanted = bool(self._weights)

    def parts(
        self, rows_of: Callable[[_Matrix, Selection], Floats], owner: int, ranks: int
    ) -> NDArray[np.float64]:
        """(matrices, D, D)  what the rows that a rank owns add to the second moments."""
        moments = []
        for name in self._by_name:
            total: NDArray[np.float64] | None = None
            for other, weights in self._weights[name].items():
                matrix = self._by_name[other]
                for places, factor in _sampled(_owned(owner, 0, matrix.num_rows, ranks), ranks):
                    selection = matrix.rows(places.start, places.stop, places.step)
                    rows = np.ascontiguousarray(rows_of(matrix, selection))
                    weighted = rows * (factor * weights[selection]).astype(np.float32)[:, None]
                    part = (rows.T @ weighted).astype(np.float64)
                    total = part if total is None else total + part
            dim = rows_of(self._by_name[name], slice(0, 0)).shape[1]
            moments.append(np.zeros((dim, dim)) if total is None else total)
        return np.stack(moments)

    def take(self, moments: NDArray[np.float64]) -> None:
        """Take the second moments, (matrices, D, D), which are the sums of all owners' parts."""
        self._found = {
            name: Curvature.of(moment) for name, moment in zip(self._by_name, moments, strict=True)
        }

    def of(self, name: str) -> Curvature | None:
        """The curvature for the rows of a matrix; None where no rule looks at it."""
        return self._found.get(name)


def _sampled(places: range, ranks: int) -> Iterator[tuple[range, int]]:
    """Places of an owner's rows that stand for all, and for how many each one does.

    The second moment of all of a million rows would take longer than a round: rows that move rarely are sampled.
    """
    num_exact = len(range(places.start, min(places.stop, EXACT_ROWS), places.step))
    rare = places[num_exact:]
    factor = max(1, -(-len(rare) * ranks // SAMPLED_ROWS))
    for some in _at_a_time(places[:num_exact]):
        yield some, 1
    for some in _at_a_time(rare[::factor]):
        yield some, factor


def _at_a_time(places: range) -> Iterator[range]:
    """The places of an owner's rows, some at a time."""
    for first in range(0, len(places), ROWS_AT_A_TIME):
        yield places[first : first + ROWS_AT_A_TIME]


def _sum_in_order(parts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum over the first axis, in its order, so that it has the same bytes wherever it is made."""
    total: NDArray[np.float64] = parts[0].copy()
    for part in parts[1:]:
        total += part
    return total


def _sent_to_add_up(numbers: int, ranks: int) -> int:
    """Bytes that each rank sends so that all have the sums of these numbers: those of others, and its own to all."""
    return 2 * (ranks - 1) * -(-numbers // ranks) * np.dtype(np.float64).itemsize


class LocalSynchronizer:
    """All ranks are in this process.

    Args:
        replicas: the matrices of each rank, (R, D), by name: views, which are written to; all have the same rows.
        rows: what is known of these.
        rule: how they are combined.
        threads: that combine.
    """

    def __init__(self, replicas: Sequence[Mapping[str, Floats]], rows: Rows, rule: Rule, *, threads: int = 1):
        self._replicas, self._rule, self._threads = replicas, rule, threads
        self._libraries = ThreadpoolController()
        self._matrices = _matrices(rows.moves)
        self._curvatures = _Curvatures(self._matrices, rows, rule)
        self._base = {one.name: replicas[0][one.name].copy() for one in self._matrices}
        self._memory = {name: np.zeros_like(base) for name, base in self._base.items() if rule.has_memory}
        self._delayed: list[tuple[_Matrix, Selection, Floats]] = []  # what is to be added to each rank's rows
        self.bytes_sent, self.seconds = 0, 0.0

    def train_round(self, positions: float) -> None:
        """See `Synchronizer`."""
        for matrix in self._matrices:
            matrix.positions += positions

    def combine(self, rows: Callable[[int], int], learning_rate: float, *, is_delayed: bool) -> None:
        """See `Synchronizer`."""
        began = time.perf_counter()
        ranks = len(self._replicas)
        with self._libraries.limit(limits=1, user_api="blas"), ThreadPoolExecutor(self._threads) as pool:
            if self._curvatures.are_wanted:
                parts = np.stack(list(pool.map(self._parts_of, range(ranks))))
                self._curvatures.take(_sum_in_order(parts))
                self.bytes_sent += _sent_to_add_up(parts[0].size, ranks)
            for matrix in self._matrices:
                first, end = matrix.places_to_combine(rows(matrix.num_rows))
                self.bytes_sent += _sent_by_each(end - first, self._base[matrix.name].shape[1], ranks)
                blocks = [
                    places
                    for owner in range(ranks)
                    for places in _at_a_time(_owned(owner, first, end, ranks))
                ]
                combine = partial(self._combine, matrix, learning_rate=learning_rate, is_delayed=is_delayed)
                list(pool.map(combine, blocks))
                matrix.positions[first:end] = 0
        self.seconds += time.perf_counter() - began

    def _parts_of(self, owner: int) -> NDArray[np.float64]:
        own = self._replicas[owner]
        return self._curvatures.parts(lambda matrix, rows: own[matrix.name][rows], owner, len(self._replicas))

    def _combine(self, matrix: _Matrix, places: range, *, learning_rate: float, is_delayed: bool) -> None:
        name, rows = matrix.name, matrix.rows(places.start, places.stop, places.step)
        stack = np.stack([replica[name][rows] for replica in self._replicas])
        sent = stack.copy() if is_delayed else None
        base = np.ascontiguousarray(self._base[name][rows])
        memory = np.ascontiguousarray(self._memory[name][rows]) if self._memory else None
        moves = matrix.expected_moves(places, is_delayed=is_delayed)
        self._rule.combine(Block(stack, base, memory, moves, learning_rate, self._curvatures.of(name)))
        self._base[name][rows] = base
        if memory is not None:
            self._memory[name][rows] = memory
        if sent is None:
            for replica in self._replicas:
                replica[name][rows] = base
        else:
            self._delayed.append((matrix, rows, np.subtract(base, sent, out=sent)))

    def settle(self) -> None:
        """See `Synchronizer`."""
        began = time.perf_counter()
        for matrix, rows, changes in self._delayed:
            for replica, change in zip(self._replicas, changes, strict=True):
                replica[matrix.name][rows] += change
        self._delayed = []
        self.seconds += time.perf_counter() - began

    def gather_memory(self) -> None:
        """All of it is here."""

    def memory(self) -> dict[str, NDArray[Any]]:
        """See `Synchronizer`."""
        return {name: rows.copy() for name, rows in self._memory.items()}

    def restore(self, memory: Mapping[str, NDArray[Any]]) -> None:
        """See `Synchronizer`."""
        for name, base in self._base.items():
            base[:] = self._replicas[0][name]
        _fill(self._memory, memory)


class _Job(NamedTuple):
    """Rows at successive places that are combined in one go."""

    matrix: _Matrix
    start: int  # place
    stop: int
    sent: Floats  # (N, M, D)  this rank's rows for each owner
    moves: NDArray[np.float64]  # (M,)  of those that this rank owns


class GroupSynchronizer:
    """Each rank is a process of its own; this is one of them, and owns the rows at the places rank, rank + N, ...

    Args:
        matrices: of this rank, (R, D), by name: views, which are written to.
        rows: what is known of these.
        rule: how they are combined.
        group: of the ranks.
        threads: that combine.
    """

    def __init__(
        self, matrices: Mapping[str, Floats], rows: Rows, rule: Rule, group: Group, *, threads: int = 1
    ):
        self._views, self._rule, self._group, self._threads = matrices, rule, group, threads
        self._libraries = ThreadpoolController()
        self._matrices = _matrices(rows.moves)
        self._curvatures = _Curvatures(self._matrices, rows, rule)
        # Of the rows that this rank owns.
        self._base = {one.name: self._own(one, matrices[one.name]) for one in self._matrices}
        self._memory = {name: np.zeros_like(base) for name, base in self._base.items() if rule.has_memory}
        self._gathered: dict[str, Floats] = {}
        self._background = ThreadPoolExecutor(1, thread_name_prefix="wordvec-combining")
        self._delayed: Future[list[Unsent]] | None = None
        self.bytes_sent, self.seconds = 0, 0.0

    def train_round(self, positions: float) -> None:
        """See `Synchronizer`."""
        for matrix in self._matrices:
            matrix.positions += positions

    def combine(self, rows: Callable[[int], int], learning_rate: float, *, is_delayed: bool) -> None:
        """See `Synchronizer`."""
        began = time.perf_counter()
        with self._libraries.limit(limits=self._threads, user_api="blas"):
            jobs = self._combined(rows, learning_rate, is_delayed=is_delayed)
        if is_delayed:
            self._delayed = self._background.submit(self._combine_later, jobs, learning_rate)
        self.seconds += time.perf_counter() - began

    def _combined(self, rows: Callable[[int], int], learning_rate: float, *, is_delayed: bool) -> list[_Job]:
        """Combine, or give what is to be combined later."""
        if self._curvatures.are_wanted:
            group = self._group
            parts = self._curvatures.parts(
                lambda matrix, rows: self._views[matrix.name][rows], group.rank, group.size
            )
            self._curvatures.take(self._added_up(parts))
        jobs = []
        for matrix in self._matrices:
            first, end = matrix.places_to_combine(rows(matrix.num_rows))
            dim = self._views[matrix.name].shape[1]
            self.bytes_sent += _sent_by_each(end - first, dim, self._group.size)
            for start, stop in self._messages(first, end, dim):
                sent = self._packed(matrix, start, stop)
                job = _Job(
                    matrix,
                    start,
                    stop,
                    sent,
                    matrix.expected_moves(self._places(self._group.rank, start, stop), is_delayed=is_delayed),
                )
                if is_delayed:
                    jobs.append(job)
                else:
                    self._write(job, self._through_owners(job, learning_rate))
            matrix.positions[first:end] = 0
        return jobs

    def _combine_later(self, jobs: Sequence[_Job], learning_rate: float) -> list[Unsent]:
        done: list[Unsent] = []
        with self._libraries.limit(limits=1, user_api="blas"):  # all threads train meanwhile
            for job in jobs:
                received = self._through_owners(job, learning_rate)
                for owner, (rows, number) in enumerate(self._rows_of_owners(job.matrix, job.start, job.stop)):
                    done.append((job.matrix, rows, job.sent[owner, :number], received[owner, :number]))
        return done

    def settle(self) -> None:
        """See `Synchronizer`."""
        began = time.perf_counter()
        delayed, self._delayed = self._delayed, None
        for matrix, rows, sent, received in delayed.result() if delayed is not None else ():
            self._views[matrix.name][rows] += received - sent
        self.seconds += time.perf_counter() - began

    def gather_memory(self) -> None:
        """See `Synchronizer`."""
        for matrix in self._matrices:
            if self._memory:
                own = self._memory[matrix.name]
                padded = np.zeros((-(-matrix.num_rows // self._group.size), own.shape[1]), np.float32)
                padded[: len(own)] = own
                whole = self._group.collect(padded)
                filled = np.empty((matrix.num_rows, whole.shape[2]), np.float32)
                for owner, (rows, number) in enumerate(self._rows_of_owners(matrix, 0, matrix.num_rows)):
                    filled[rows] = whole[owner, :number]
                self._gathered[matrix.name] = filled

    def memory(self) -> dict[str, NDArray[Any]]:
        """See `Synchronizer`."""
        return self._gathered

    def restore(self, memory: Mapping[str, NDArray[Any]]) -> None:
        """See `Synchronizer`."""
        for matrix in self._matrices:
            self._base[matrix.name][:] = self._own(matrix, self._views[matrix.name])
        by_name = {one.name: one for one in self._matrices}
        _fill(
            self._memory,
            {name: self._own(by_name[name], rows) for name, rows in memory.items() if name in by_name},
        )

    def _own(self, matrix: _Matrix, rows: Floats) -> Floats:
        """A copy of the rows that this rank owns."""
        return rows[matrix.rows(self._group.rank, matrix.num_rows, self._group.size)].copy()

    def _messages(self, first: int, end: int, dim: int) -> Iterator[tuple[int, int]]:
        """Places [start, stop) at a time."""
        size = self._group.size
        of_each = max(1, BYTES_PER_MESSAGE // (size * dim * 4 * ROWS_AT_A_TIME)) * ROWS_AT_A_TIME
        for start in range(first, end, size * of_each):
            yield start, min(start + size * of_each, end)

    def _places(self, owner: int, start: int, stop: int) -> range:
        return _owned(owner, start, stop, self._group.size)

    def _rows_of_owners(self, matrix: _Matrix, start: int, stop: int) -> Iterator[tuple[Selection, int]]:
        """For each rank, which of the rows at these places it owns, and how many those are."""
        for owner in range(self._group.size):
            places = self._places(owner, start, stop)
            yield matrix.rows(places.start, stop, self._group.size), len(places)

    def _packed(self, matrix: _Matrix, start: int, stop: int) -> Floats:
        """(N, M, D)  this rank's rows for each owner, with zeros behind them where another owns one more."""
        view, size = self._views[matrix.name], self._group.size
        sent = np.zeros((size, -(-(stop - start) // size), view.shape[1]), np.float32)
        for owner, (rows, number) in enumerate(self._rows_of_owners(matrix, start, stop)):
            sent[owner, :number] = view[rows]
        return sent

    def _through_owners(self, job: _Job, learning_rate: float) -> Floats:
        """Send rows to their owners, combine those that this rank owns, and get what the owners made: (N, M, D)."""
        group, name = self._group, job.matrix.name
        received = group.exchange(job.sent)
        combined = np.zeros(job.sent.shape[1:], np.float32)
        first = self._places(group.rank, job.start, job.stop).start // group.size
        for start in range(0, len(job.moves), ROWS_AT_A_TIME):
            stop = min(start + ROWS_AT_A_TIME, len(job.moves))
            own = slice(first + start, first + stop)
            base = self._base[name][own]
            memory = self._memory[name][own] if self._memory else None
            rows = np.ascontiguousarray(received[:, start:stop])
            moves, curvature = job.moves[start:stop], self._curvatures.of(name)
            self._rule.combine(Block(rows, base, memory, moves, learning_rate, curvature))
            combined[start:stop] = base
        return group.collect(combined)

    def _added_up(self, parts: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sums of all ranks' numbers: each rank adds up some of them, in order, and sends these to all."""
        size = self._group.size
        padded = np.zeros((size, -(-parts.size // size)))
        padded.ravel()[: parts.size] = parts.ravel()
        self.bytes_sent += _sent_to_add_up(parts.size, size)
        own = _sum_in_order(self._group.exchange(padded))
        return self._group.collect(own).ravel()[: parts.size].reshape(parts.shape)

    def _write(self, job: _Job, received: Floats) -> None:
        for owner, (rows, number) in enumerate(self._rows_of_owners(job.matrix, job.start, job.stop)):
            self._views[job.matrix.name][rows] = received[owner, :number]


def _fill(memory: Mapping[str, Floats], found: Mapping[str, Floats]) -> None:
    """Overwrite what a rule remembers.

    Raises:
        EngineError: it is that of another rule or model.
    """
    expected = {name: rows.shape for name, rows in memory.items()}
    shapes = {name: rows.shape for name, rows in found.items()}
    if expected != shapes:
        raise EngineError(
            f"the checkpoint is that of another rule of combining: it remembers {shapes}, this rule {expected}"
        )
    for name, rows in memory.items():
        rows[:] = found[name]
