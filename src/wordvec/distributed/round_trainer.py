"""Round trainer: ranks train their shares of the text round by round, and combine their rows after each.

One trainer runs one rank of a group, or all ranks of a simulated one.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.corpus.encoded import EncodedCorpus
from wordvec.distributed.group import Group
from wordvec.distributed.rounds import EpochPlan, Piece, rows_combined
from wordvec.distributed.synchronizer import Synchronizer
from wordvec.engines.engine import LossSum, Pending, RankEngine, Worker
from wordvec.errors import EngineError
from wordvec.training.progress import START, LossTally, RankProgress, RunPosition, TrainingProgress
from wordvec.training.trainer import LearnedQueue, Schedule, WorkerPool, measure

__all__ = ["Replica", "RoundSettings", "RoundTrainer"]


class Replica(NamedTuple):
    """A rank that trains in this process."""

    rank: int
    engine: RankEngine


class RoundSettings(NamedTuple):
    """When ranks combine what."""

    words_per_round: int  # of each rank
    rows: Literal["all", "frequent"]  # see `rounds.rows_combined`
    overlaps: bool  # training goes on while rows are sent


class _Task(NamedTuple):
    """What one thread does in a round: some stretches of one rank, one after the other."""

    replica: int
    stretches: tuple[Piece, ...]


class _Ending(NamedTuple):
    """What the ranks agree on at the end of a round."""

    learned: LossSum  # by those that this process does not count itself
    seconds: NDArray[np.float64]  # (N,)  that each rank has trained
    pauses: bool  # a rank wants all rows combined, for a checkpoint
    stops: bool  # a rank wants to stop
    diverged: int | None  # a rank whose loss is not a number any more


class RoundTrainer:
    """Runs `epochs` over a corpus, on several ranks.

    With one thread for each rank, the result depends on the seed, the number of ranks and the settings alone.

    Args:
        replicas: the ranks that train in this process: one of the group's, or all of them.
        synchronizer: combines their rows with those of all other ranks.
        group: of this rank; None where all ranks are in this process.
        corpus: all of it; each rank reads its share.
        settings: when ranks combine what.
        epochs: over the corpus, all in all.
        threads: of this process.
        schedule: of the learning rate.
        held_out: what its loss is computed on after each epoch.
        shares: how many positions each rank has, where it has no others, (N,); by default, all have all.
        start: where an earlier part of the run has stopped.
        plan: the rounds of the epoch that is under way there, and the number of the next one; by default, all of it.
        remedies: settings to lower if training diverges, other than the learning rate, for the message.
    """

    def __init__(
        self,
        replicas: Sequence[Replica],
        synchronizer: Synchronizer,
        group: Group | None,
        corpus: EncodedCorpus,
        settings: RoundSettings,
        *,
        epochs: int,
        threads: int,
        schedule: Schedule,
        held_out: EncodedCorpus | None = None,
        shares: Sequence[int] | None = None,
        start: RunPosition = START,
        plan: tuple[EpochPlan, int] | None = None,
        remedies: Sequence[str] = (),
    ):
        self._replicas, self._synchronizer, self._group = replicas, synchronizer, group
        self._corpus, self._held_out, self._settings, self._shares = corpus, held_out, settings, shares
        self._epochs, self._schedule, self._start = epochs, schedule, start
        self.ranks = group.size if group else len(replicas)
        positions_per_word = corpus.num_positions / corpus.num_words
        self._positions_per_round = settings.words_per_round * positions_per_word
        self._plan, self._next_round = (
            self._resumed(*plan) if plan else (self._whole_epoch(start.epochs_done), 0)
        )
        self._threads = threads
        # A replica of a simulation has one worker, as the order of its steps must not depend on threads.
        self._workers: list[list[Worker]] = []
        self._learned = LearnedQueue(remedies)
        self._own = LossSum()  # of the round under way
        self._own_seconds = np.zeros(self.ranks)  # of each rank that is here, in the round under way
        self._tally = LossTally(start, corpus.num_words)
        self._position = start
        self._wants_pause = self._wants_stop = self._is_whole = False
        self.must_stop = False
        self._rounds_done, self._training_seconds = 0, np.zeros(self.ranks)
        self._began = 0.0

    def run(self) -> Generator[TrainingProgress]:
        """Train; yield a report four times a second, after a round that all rows were combined after, and each epoch.

        Raises:
            EngineError: the loss is no longer a number, or another rank is lost.
        """
        self._tally = LossTally(self._start, self._corpus.num_words)
        self._began = time.perf_counter()
        per_replica = 1 if self._group is None else self._threads
        self._workers = [
            [replica.engine.worker() for _ in range(replica.engine.num_workers(per_replica))]
            for replica in self._replicas
        ]
        for epoch in range(self._start.epochs_done, self._epochs):
            yield from self._run_epoch(epoch)
            if self.must_stop:
                return

    def pause(self, *, for_good: bool = False) -> RunPosition | None:
        """Say how far the run has come, where all rows are combined; else ask the ranks for that, and return None.

        They do it at the end of this round, and `run` yields then.

        Args:
            for_good: stop there.
        """
        if for_good and not self.must_stop:
            self._wants_stop = True
            return None
        self._wants_pause = not self._is_whole
        return self._position if self._is_whole else None

    def facts(self) -> dict[str, Any]:
        """What a checkpoint needs besides the position."""
        is_under_way = self._position.position > 0
        return {
            "ranks": self.ranks,
            "plan": {**self._plan.facts(), "next_round": self._next_round} if is_under_way else None,
        }

    def _whole_epoch(self, epoch: int) -> EpochPlan:
        if self._shares is not None:
            return EpochPlan.of_shares(
                self._shares, positions_per_round=self._positions_per_round, grows=epoch == 0
            )
        return EpochPlan.of_whole(
            self._corpus.num_positions,
            ranks=self.ranks,
            positions_per_round=self._positions_per_round,
            grows=epoch == 0,
        )

    def _resumed(self, plan: EpochPlan, next_round: int) -> tuple[EpochPlan, int]:
        """The same plan for as many ranks as it was made for; else a new one for what is left."""
        if plan.ranks == self.ranks:
            return plan, next_round
        left = plan.recut(
            next_round, ranks=self.ranks, positions_per_round=self._positions_per_round, sizes=self._shares
        )
        return left, 0

    def _run_epoch(self, epoch: int) -> Iterator[TrainingProgress]:
        if epoch != self._start.epochs_done:
            self._tally.begin_epoch()
            self._plan, self._next_round = self._whole_epoch(epoch), 0
        while self._next_round < self._plan.rounds:
            yield from self._run_round(epoch)
            if self.must_stop and self._next_round < self._plan.rounds:
                return
        validation_loss = self._held_out_loss()
        self._synchronizer.gather_memory()
        self._position, self._is_whole = RunPosition(epoch + 1, 0), True
        yield self._report(epoch, is_epoch_end=True, validation_loss=validation_loss)
        self._is_whole = False

    def _run_round(self, epoch: int) -> Iterator[TrainingProgress]:
        number, plan = self._next_round, self._plan
        pool = WorkerPool(
            iter(self._tasks(number)),
            self._thread_workers(),
            lambda worker, task: self._train(worker, epoch, task),
        )
        diverged: EngineError | None = None
        try:
            for _ in pool.work():
                self._learned.settle(self._count)
                yield self._report(epoch)
            self._learned.settle(self._count)
        except EngineError as problem:
            if self._group is None:
                raise
            diverged = problem
        self._synchronizer.settle()
        ending = self._agree(has_diverged=diverged is not None)
        if diverged is not None:
            raise diverged
        if ending.diverged is not None:
            raise EngineError(
                f"training diverged on rank {ending.diverged}; its own message says where, and what to do"
            )
        self._tally.add(ending.learned)
        self._own = LossSum()
        self._training_seconds += ending.seconds
        self._rounds_done += 1
        self._next_round = number + 1
        is_last = self._next_round == plan.rounds
        is_whole = is_last or ending.pauses or ending.stops
        self._combine(epoch, is_whole=is_whole)
        share = plan.share_done(self._next_round)
        position = min(int(share * self._corpus.num_positions), self._corpus.num_positions - 1)
        self._position = RunPosition(epoch, position, *self._tally.of_epoch)
        self.must_stop = self.must_stop or ending.stops
        if is_whole and not is_last:
            self._synchronizer.gather_memory()
            self._is_whole, self._wants_pause = True, False
            yield self._report(epoch)
            self._is_whole = False

    def _tasks(self, number: int) -> list[_Task]:
        """What the threads of this process do in a round."""
        tasks: list[_Task] = []
        for index, replica in enumerate(self._replicas):
            stretches = [
                Piece(start, stop, piece.done_before + start - piece.start)
                for piece in self._plan.pieces(replica.rank, number)
                for start, stop in replica.engine.pieces(piece.start, piece.stop, self._threads_of_a_replica)
            ]
            if self._group is None:
                tasks.append(_Task(index, tuple(stretches)))
            else:
                tasks += [_Task(index, (stretch,)) for stretch in stretches]
        return tasks

    @property
    def _threads_of_a_replica(self) -> int:
        return len(self._workers[0])

    def _thread_workers(self) -> list[Worker]:
        """A worker for each thread; in a simulation a thread takes the worker of the replica that it trains."""
        if self._group is not None:
            return self._workers[0]
        return [of_replica[0] for of_replica in self._workers[: self._threads]]

    def _train(self, worker: Worker, epoch: int, task: _Task) -> None:
        replica = self._replicas[task.replica]
        if self._group is None:
            worker = self._workers[task.replica][0]
        began = time.perf_counter()
        for stretch in task.stretches:
            rates = self._rates(epoch, replica.rank, stretch)
            learned: Pending = worker.train_stretch(self._corpus, epoch, stretch.start, stretch.stop, rates)
            rate = self._learning_rate(epoch, self._plan.share_done(self._next_round))
            self._learned.add(epoch, stretch.start, stretch.stop, rate, learned)
        seconds = time.perf_counter() - began
        self._own_seconds[replica.rank] += seconds / (
            1 if self._group is None else self._threads_of_a_replica
        )

    def _rates(self, epoch: int, rank: int, stretch: Piece) -> tuple[float, float]:
        """The learning rates at both ends of the whole corpus, on the line that this rank's positions lie on.

        An epoch begins and ends at the same rates for all ranks, wherever in the corpus their shares lie.
        """
        plan = self._plan
        at_start, at_end = self._learning_rate(epoch, plan.share_before), self._learning_rate(epoch, 1.0)
        slope = (at_end - at_start) / max(plan.length(rank), 1)  # for each position
        first = at_start + slope * (stretch.done_before - stretch.start)
        return first, first + slope * self._corpus.num_positions

    def _learning_rate(self, epoch: int, share: float) -> float:
        return self._schedule.at((epoch + share) / self._epochs)

    def _count(self, learned: LossSum) -> None:
        if self._group is None:
            self._tally.add(learned)
        else:
            self._own = self._own.plus(learned)

    def _agree(self, *, has_diverged: bool) -> _Ending:
        """Tell the other ranks what this one has done and wants, and hear what they have and want."""
        if self._group is None:
            seconds, self._own_seconds = self._own_seconds, np.zeros(self.ranks)
            return _Ending(LossSum(), seconds, self._wants_pause, self._wants_stop, None)
        own = [
            *self._own,
            self._own_seconds[self._group.rank],
            self._wants_pause,
            self._wants_stop,
            has_diverged,
        ]
        self._own_seconds = np.zeros(self.ranks)
        found = self._group.collect(np.array(own, np.float64))  # (N, 7)
        words, pairs, losses, seconds, pauses, stops, diverged = found.T
        first_diverged = int(np.argmax(diverged)) if diverged.any() else None
        learned = LossSum(int(words.sum()), int(pairs.sum()), float(losses.sum()))
        return _Ending(learned, seconds, bool(pauses.any()), bool(stops.any()), first_diverged)

    def _combine(self, epoch: int, *, is_whole: bool) -> None:
        """Combine rows at the end of a round, which is counted already."""
        plan, number = self._plan, self._next_round
        self._synchronizer.train_round(plan.mean_length(number - 1))
        rate = self._learning_rate(epoch, plan.share_done(number - 1))
        self._synchronizer.combine(
            lambda num_rows: num_rows if is_whole else rows_combined(self._settings.rows, number, num_rows),
            rate,
            is_delayed=self._settings.overlaps and not is_whole,
        )

    def _held_out_loss(self) -> float | None:
        """The mean loss of a pair of the held-out text, of which each rank of a group takes a part."""
        held_out, group = self._held_out, self._group
        if held_out is None:
            return None
        first, end = held_out.own
        stretches = list(self._replicas[0].engine.pieces(first, end, self._threads))
        if group is not None and held_out.share is None:
            stretches = stretches[group.rank :: group.size]
        found = measure(held_out, iter(stretches), self._thread_workers())
        if group is not None:
            words, pairs, losses = group.collect(np.array(found, np.float64)).sum(axis=0).tolist()
            found = LossSum(int(words), int(pairs), losses)
        return found.mean

    def _report(
        self, epoch: int, *, is_epoch_end: bool = False, validation_loss: float | None = None
    ) -> TrainingProgress:
        share = 1.0 if is_epoch_end else self._plan.share_done(self._next_round)
        return self._tally.report(
            epoch + 1,
            self._epochs,
            self._epochs * self._corpus.num_words,
            self._learning_rate(epoch, share),
            is_epoch_end=is_epoch_end,
            validation_loss=validation_loss,
            ranks=self._rank_progress(),
        )

    def _rank_progress(self) -> RankProgress:
        seconds = self._training_seconds
        slowest = int(np.argmax(seconds))
        elapsed = max(time.perf_counter() - self._began, 1e-9)
        return RankProgress(
            ranks=self.ranks,
            rounds=self._rounds_done,
            bytes_sent=self._synchronizer.bytes_sent,
            share_combining=min(self._synchronizer.seconds / elapsed, 1.0),
            slowest_rank=slowest,
            slowest_lag=float(seconds[slowest] / max(float(seconds.mean()), 1e-9)),
        )
