"""The round trainer: each position once on one rank, the rates of one machine, and ends that all ranks agree on."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.training.small import corpus_of, small_ids

from wordvec.corpus.encoded import EncodedCorpus
from wordvec.distributed.group import Group, run_in_threads
from wordvec.distributed.round_trainer import Replica, RoundSettings, RoundTrainer
from wordvec.engines.engine import LossSum, Pending
from wordvec.engines.stretches import even_stretches
from wordvec.errors import EngineError
from wordvec.training.progress import TrainingProgress
from wordvec.training.trainer import LinearSchedule

EPOCHS = 3
SETTINGS = RoundSettings(words_per_round=100, rows="all", overlaps=False)


class RecordingEngine:
    """Remembers what it trains on; one pair for each position."""

    def __init__(self, loss: float = 2.0):
        self.calls: list[tuple[int, int, int, tuple[float, float]]] = []
        self.measured: list[tuple[int, int]] = []
        self._loss, self._lock = loss, threading.Lock()

    def num_workers(self, threads: int) -> int:
        return threads

    def worker(self) -> RecordingEngine:
        return self

    def pieces(self, start: int, stop: int, threads: int) -> Iterator[tuple[int, int]]:
        for first, end in even_stretches(stop - start, threads):
            yield start + first, start + end

    def stretches(self, corpus: EncodedCorpus, threads: int) -> Iterator[tuple[int, int]]:
        return even_stretches(corpus.num_positions, threads)

    def train_stretch(
        self, corpus: EncodedCorpus, epoch: int, start: int, stop: int, learning_rates: tuple[float, float]
    ) -> Pending:
        words = int((corpus.read(start, stop) >= 0).sum())
        with self._lock:
            self.calls.append((epoch, start, stop, learning_rates))
        return lambda: LossSum(words, stop - start, self._loss * (stop - start))

    def measure_stretch(self, _: EncodedCorpus, start: int, stop: int) -> Pending:
        with self._lock:
            self.measured.append((start, stop))
        return lambda: LossSum(stop - start, stop - start, 3.0 * (stop - start))


class NoSynchronizer:
    """Remembers how it was called."""

    def __init__(self) -> None:
        self.bytes_sent, self.seconds = 0, 0.0
        self.calls: list[tuple[str, Any]] = []

    def train_round(self, positions: float) -> None:
        self.calls.append(("train", positions))

    def combine(self, rows: Callable[[int], int], learning_rate: float, *, is_delayed: bool) -> None:
        self.calls.append(("combine", (rows(10_000), learning_rate, is_delayed)))

    def settle(self) -> None:
        self.calls.append(("settle", None))

    def gather_memory(self) -> None: ...

    def memory(self) -> dict[str, NDArray[np.float32]]:
        return {}

    def restore(self, memory: Mapping[str, NDArray[np.float32]]) -> None: ...


@pytest.fixture
def corpus(tmp_path: Path) -> EncodedCorpus:
    return corpus_of(small_ids(3001), tmp_path)


def trainer(
    corpus: EncodedCorpus,
    engines: list[RecordingEngine],
    group: Group | None = None,
    settings: RoundSettings = SETTINGS,
    synchronizer: NoSynchronizer | None = None,
    **more: Any,
) -> RoundTrainer:
    first = group.rank if group else 0
    replicas: Any = [Replica(first + index, engine) for index, engine in enumerate(engines)]
    given = {"epochs": EPOCHS, "threads": 2, "schedule": LinearSchedule(0.3, 0.0), **more}
    return RoundTrainer(replicas, synchronizer or NoSynchronizer(), group, corpus, settings, **given)


def test_each_position_is_trained_once_in_an_epoch_on_one_rank_so_no_two_ranks_draw_alike(
    corpus: EncodedCorpus,
) -> None:
    engines = [RecordingEngine() for _ in range(4)]
    list(trainer(corpus, engines).run())
    seen = Counter(
        (epoch, position)
        for engine in engines
        for epoch, start, stop, _ in engine.calls
        for position in range(start, stop)
    )
    # Draws are hashes of epoch and position.
    assert seen == Counter((epoch, position) for epoch in range(EPOCHS) for position in range(3001))
    assert all(engine.calls for engine in engines)


def test_a_rank_trains_its_share_at_the_rates_that_one_machine_trains_the_text_at(
    corpus: EncodedCorpus,
) -> None:
    engines = [RecordingEngine() for _ in range(3)]
    list(trainer(corpus, engines).run())
    for rank, engine in enumerate(engines):
        for epoch, start, stop, (first, end) in engine.calls:
            for position in (start, stop):
                rate = first + (end - first) * position / corpus.num_positions  # as engines have it
                share = (position - rank * 3001 / 3) / (3001 / 3)
                assert rate == pytest.approx(0.3 * (1 - (epoch + share) / EPOCHS), abs=2e-4)


def test_a_group_trains_what_a_simulation_trains(corpus: EncodedCorpus) -> None:
    simulated = [RecordingEngine() for _ in range(3)]
    ends = [report for report in trainer(corpus, simulated).run() if report.is_epoch_end]

    def work(group: Group) -> tuple[set[tuple[int, int]], list[TrainingProgress], int]:
        engine = RecordingEngine()
        reports = list(trainer(corpus, [engine], group, held_out=corpus).run())
        positions = {(epoch, one) for epoch, start, stop, _ in engine.calls for one in range(start, stop)}
        return positions, [report for report in reports if report.is_epoch_end], len(engine.measured)

    for rank, (positions, own_ends, num_measured) in enumerate(run_in_threads(3, work)):
        assert positions == {
            (epoch, one) for epoch, start, stop, _ in simulated[rank].calls for one in range(start, stop)
        }
        assert [(end.words, end.epoch_loss) for end in own_ends] == [
            (end.words, end.epoch_loss) for end in ends
        ]
        assert [end.validation_loss for end in own_ends] == [3.0] * EPOCHS
        assert 0 < num_measured < 12 * EPOCHS + 1


def test_rows_are_combined_by_the_schedule_and_all_at_the_end_of_an_epoch(corpus: EncodedCorpus) -> None:
    synchronizer = NoSynchronizer()
    settings = RoundSettings(words_per_round=100, rows="frequent", overlaps=True)
    run = trainer(corpus, [RecordingEngine() for _ in range(3)], None, settings, synchronizer, epochs=1)
    list(run.run())
    combined = [call for name, call in synchronizer.calls if name == "combine"]
    assert [rows for rows, _, _ in combined] == [1024, 2048, 1024, 4096, 1024, 2048, 1024, 8192, 1024, 10_000]
    assert [is_delayed for _, _, is_delayed in combined] == [True] * 9 + [False]
    assert [name for name, _ in synchronizer.calls] == ["settle", "train", "combine"] * 10


def test_one_rank_that_wants_to_stop_stops_all_at_the_same_round(corpus: EncodedCorpus) -> None:
    def stops_in_a_report(group: Group) -> Any:
        run = trainer(corpus, [RecordingEngine()], group)
        if group.rank == 1:
            assert run.pause(for_good=True) is None  # the others do not know yet
        positions = [run.pause(for_good=True) for _ in run.run() if run.must_stop]
        return positions, run.facts()["plan"]["next_round"]

    first, *others = run_in_threads(3, stops_in_a_report)
    assert all(found == first for found in others)
    assert first[0][0].epochs_done == 0
    assert first[1] == 1


def test_a_checkpoint_is_taken_where_all_rows_are_combined(corpus: EncodedCorpus) -> None:
    synchronizer = NoSynchronizer()
    settings = RoundSettings(words_per_round=100, rows="frequent", overlaps=True)
    run = trainer(corpus, [RecordingEngine() for _ in range(3)], None, settings, synchronizer)
    assert run.pause() is None
    reports = run.run()
    position = next(found for _ in reports if (found := run.pause()) is not None)
    reports.close()
    assert 0 < position.position < corpus.num_positions
    assert synchronizer.calls[-1][1][0] == 10_000
    assert not synchronizer.calls[-1][1][2]


def test_a_loss_that_is_no_longer_a_number_ends_all_ranks_and_names_the_one(corpus: EncodedCorpus) -> None:
    def work(group: Group) -> str:
        engine = RecordingEngine(float("nan") if group.rank == 1 else 2.0)
        with pytest.raises(EngineError) as problem:
            list(trainer(corpus, [engine], group).run())
        return str(problem.value)

    first, second, third = run_in_threads(3, work)
    assert first == third == "training diverged on rank 1; its own message says where, and what to do"
    assert second.startswith("training diverged in epoch 1")
