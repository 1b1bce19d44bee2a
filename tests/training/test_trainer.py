"""The trainer: every stretch once, the right learning rates, true losses, clean stops."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.training.small import corpus_of, small_numba_engine

from wordvec.corpus.encoded import TEXT_END, EncodedCorpus
from wordvec.engines.engine import LossSum, Pending
from wordvec.engines.stretches import even_stretches
from wordvec.errors import EngineError
from wordvec.training.progress import START, LossTally, RunPosition, TrainingProgress
from wordvec.training.trainer import LinearSchedule, Trainer


class RecordingEngine:
    """Remembers what it was asked to train on; one pair of loss 2 for each position."""

    def __init__(self, loss: float = 2.0):
        self.calls: list[tuple[int, int, int, tuple[float, float]]] = []
        self.measured: list[tuple[int, int]] = []
        self.loss = loss
        self.lock = threading.Lock()

    def compile(self) -> None: ...

    def num_workers(self, threads: int) -> int:
        return threads

    def worker(self) -> RecordingEngine:
        return self

    def stretches(self, corpus: EncodedCorpus, threads: int) -> Iterator[tuple[int, int]]:
        return even_stretches(corpus.num_positions, threads)

    def vectors(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        raise AssertionError

    def state(self) -> dict[str, NDArray[np.generic]]:
        raise AssertionError

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        raise AssertionError

    def into_vectors(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        raise AssertionError

    def measure_stretch(self, corpus: EncodedCorpus, start: int, stop: int) -> Pending:
        with self.lock:
            self.measured.append((start, stop))
        return lambda: LossSum(stop - start, stop - start, 3.0 * (stop - start))

    def train_stretch(
        self, corpus: EncodedCorpus, epoch: int, start: int, stop: int, learning_rates: tuple[float, float]
    ) -> Pending:
        with self.lock:
            self.calls.append((epoch, start, stop, learning_rates))
        return lambda: LossSum(stop - start, stop - start, self.loss * (stop - start))


class SlowEngine(RecordingEngine):
    """Slow enough to be met at work."""

    def __init__(self, loss: float = 2.0):
        super().__init__(loss)
        self.at_work = 0

    def stretches(self, corpus: EncodedCorpus, threads: int) -> Iterator[tuple[int, int]]:
        return even_stretches(corpus.num_positions, threads, max_positions=256)

    def train_stretch(
        self, corpus: EncodedCorpus, epoch: int, start: int, stop: int, learning_rates: tuple[float, float]
    ) -> Pending:
        with self.lock:
            self.at_work += 1
        time.sleep(0.01)
        result = super().train_stretch(corpus, epoch, start, stop, learning_rates)
        with self.lock:
            self.at_work -= 1
        return result


@pytest.fixture(autouse=True)
def reports_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wordvec.training.trainer.SECONDS_BETWEEN_REPORTS", 0.005)


def run(trainer: Trainer) -> list[TrainingProgress]:
    return list(trainer.run())


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("size", [1, 255, 256, 257, 100_000])
def test_every_position_is_trained_once_in_each_epoch(size: int, threads: int, tmp_path: Path) -> None:
    engine = RecordingEngine()
    corpus = corpus_of(np.zeros(size), tmp_path)
    run(Trainer(engine, corpus, epochs=3, threads=threads, schedule=LinearSchedule(0.1, 0.0)))
    seen = Counter((epoch, place) for epoch, start, stop, _ in engine.calls for place in range(start, stop))
    assert seen == Counter((epoch, place) for epoch in range(3) for place in range(size))
    assert [epoch for epoch, *_ in engine.calls] == sorted(epoch for epoch, *_ in engine.calls)


def test_the_learning_rate_falls_in_one_line_over_all_epochs(tmp_path: Path) -> None:
    engine = RecordingEngine()
    schedule = LinearSchedule(0.5, 0.1)
    run(Trainer(engine, corpus_of(np.zeros(900), tmp_path), epochs=4, threads=1, schedule=schedule))
    rates = sorted({(epoch, rates) for epoch, _, _, rates in engine.calls})
    assert [rate for _, pair in rates for rate in pair] == pytest.approx(
        [0.5, 0.4, 0.4, 0.3, 0.3, 0.2, 0.2, 0.1]
    )


def test_the_loss_is_a_mean_per_pair(tmp_path: Path) -> None:
    corpus = corpus_of(np.zeros(1000), tmp_path)
    trainer = Trainer(RecordingEngine(), corpus, epochs=2, threads=2, schedule=LinearSchedule(0.1, 0))
    reports = run(trainer)
    assert reports[-1].epoch_loss == pytest.approx(2.0)
    assert (reports[-1].epoch, reports[-1].words, reports[-1].total_words) == (2, 2000, 2000)
    assert reports[-1].share_done == 1
    assert all(
        a.words <= b.words and a.learning_rate >= b.learning_rate for a, b in itertools.pairwise(reports)
    )


def test_the_held_out_text_is_measured_once_after_each_epoch(tmp_path: Path) -> None:
    (tmp_path / "held").mkdir()
    engine = RecordingEngine()
    held_out = corpus_of(np.zeros(700), tmp_path / "held")
    reports = run(
        Trainer(
            engine,
            corpus_of(np.zeros(1000), tmp_path),
            epochs=2,
            threads=2,
            schedule=LinearSchedule(0.1, 0),
            held_out=held_out,
        )
    )
    measured = Counter(place for start, stop in engine.measured for place in range(start, stop))
    assert measured == Counter(dict.fromkeys(range(700), 2))
    ends = [(report.epoch, report.validation_loss) for report in reports if report.is_epoch_end]
    assert ends == [(1, 3.0), (2, 3.0)]
    assert all(report.validation_loss is None for report in reports if not report.is_epoch_end)
    assert reports[-1].words == 2000  # those held out are not counted


@pytest.mark.parametrize("position", [0, 256, 512])
def test_a_resumed_run_goes_on_where_the_first_one_stopped(position: int, tmp_path: Path) -> None:
    corpus, schedule = corpus_of(np.zeros(900), tmp_path), LinearSchedule(0.5, 0.1)
    calls, ends = [], []
    # Those before the place had a loss of 5, those after it have one of 2.
    for start in (START, RunPosition(2, position, position, position, 5.0 * position)):
        engine = RecordingEngine()
        reports = run(Trainer(engine, corpus, epochs=4, threads=1, schedule=schedule, start=start))
        calls.append(engine.calls)
        ends.append([report for report in reports if report.is_epoch_end])
    assert calls[1] == [call for call in calls[0] if call[:2] >= (2, position)]
    assert [end.epoch for end in ends[1]] == [3, 4]
    assert [end.epoch_loss for end in ends[1]] == [
        pytest.approx((5 * position + 2 * (900 - position)) / 900),
        2,
    ]
    assert (ends[1][-1].words, ends[1][-1].words_before) == (3600, 1800 + position)


def test_a_pause_waits_for_all_threads_and_the_run_goes_on_after_it(tmp_path: Path) -> None:
    engine = SlowEngine()
    corpus = corpus_of(np.zeros(5000), tmp_path)
    trainer = Trainer(engine, corpus, epochs=2, threads=3, schedule=LinearSchedule(0.1, 0.0))
    places = []
    for _ in trainer.run():
        place = trainer.pause()
        assert not engine.at_work
        done = {
            position
            for epoch, start, stop, _ in engine.calls
            for position in range(start, stop)
            if epoch == place.epochs_done
        }
        assert done == set(range(place.position))
        assert (place.words, place.pairs, place.loss) == (
            place.position,
            place.position,
            2.0 * place.position,
        )
        places.append(place)
    assert places == sorted(places)
    assert places[-1] == RunPosition(2, 0)
    assert len({place.position for place in places}) > 4  # it was met at work
    seen = Counter((epoch, place) for epoch, start, stop, _ in engine.calls for place in range(start, stop))
    assert seen == Counter((epoch, place) for epoch in range(2) for place in range(5000))


def test_training_cannot_go_on_from_an_error_in_a_worker(tmp_path: Path) -> None:
    corpus = corpus_of(np.zeros(5000), tmp_path)
    trainer = Trainer(SlowEngine(float("nan")), corpus, epochs=2, threads=1, schedule=LinearSchedule(7, 0))
    with pytest.raises(EngineError, match="diverged"):
        list(trainer.run())
    with pytest.raises(EngineError, match="diverged"):
        trainer.pause()


def test_losses_are_fetched_for_reports_and_not_after_each_stretch(tmp_path: Path) -> None:
    """On a device, fetching a number waits for all that was asked of the device before."""
    corpus, fetched = corpus_of(np.zeros(5000), tmp_path), []

    class Device(RecordingEngine):
        def train_stretch(self, *arguments: Any) -> Pending:
            pending = super().train_stretch(*arguments)
            taken = len(self.calls)

            def fetch() -> LossSum:
                fetched.append((taken, len(self.calls)))
                return pending()

            return fetch

    end = run(Trainer(Device(), corpus, epochs=1, threads=1, schedule=LinearSchedule(1, 0)))[-1]
    assert end.epoch_loss == 2.0
    assert len(fetched) == fetched[-1][0]  # each once
    assert any(taken < by_then for taken, by_then in fetched)


def test_the_tally_does_not_stop_at_2_to_the_24_or_27() -> None:
    tally = LossTally()
    for _ in range(40):
        tally.add(LossSum(1, 2**27, 2.0**27))
    tally.add(LossSum(1, 1, 1.0))
    assert tally.mean_loss == 1.0
    tally.add(LossSum(1, 1, 3.0))
    assert tally.mean_loss == pytest.approx((40 * 2**27 + 4) / (40 * 2**27 + 2), abs=1e-15)
    tally.begin_epoch()
    tally.add(LossSum(1, 1, 3.0))
    report = tally.report(1, 1, 43, 0.1)
    assert (report.epoch_loss, report.words) == (3.0, 43)
    assert report.recent_loss == pytest.approx((40 * 2**27 + 7) / (40 * 2**27 + 3), abs=1e-15)


def test_speed_and_loss_are_of_a_second_at_least(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.5, 1.0, 1.25, 2.0])
    monkeypatch.setattr("wordvec.training.progress.time.perf_counter", lambda: next(clock))
    tally = LossTally()
    shown = []
    for words, loss in ((100, 50.0), (100, 30.0), (1, 9.0), (99, 1.0)):
        tally.add(LossSum(words, words, loss))
        report = tally.report(1, 1, 300, 0.1)
        shown.append((report.words_per_second, report.recent_loss))
    assert shown == [(200, 0.5), (200, 0.4), (200, 0.4), (100, 0.1)]


def test_a_report_before_the_first_pair_has_no_loss() -> None:
    report = LossTally().report(1, 1, 10, 0.1)
    assert (report.recent_loss, report.epoch_loss, report.seconds_left) == (None, None, None)


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), 1.1e4])
def test_a_loss_that_is_not_a_number_stops_the_run_and_names_the_place(loss: float, tmp_path: Path) -> None:
    corpus = corpus_of(np.zeros(900), tmp_path)
    trainer = Trainer(RecordingEngine(loss), corpus, epochs=2, threads=2, schedule=LinearSchedule(7, 0))
    with pytest.raises(
        EngineError, match=r"diverged in epoch 1, positions .* lower learning_rate \(about 7 there\)"
    ):
        run(trainer)


def test_a_large_loss_is_not_yet_divergence(tmp_path: Path) -> None:
    corpus = corpus_of(np.zeros(900), tmp_path)
    trainer = Trainer(RecordingEngine(9e3), corpus, epochs=1, threads=1, schedule=LinearSchedule(7, 0))
    assert run(trainer)[-1].epoch == 1


def test_a_far_too_large_learning_rate_is_noticed(tmp_path: Path) -> None:
    ids = np.random.default_rng(0).integers(0, 20, 20_000)
    engine = small_numba_engine(ids)
    trainer = Trainer(
        engine, corpus_of(ids, tmp_path), epochs=5, threads=1, schedule=LinearSchedule(1e30, 1e30)
    )
    with pytest.raises(EngineError, match="diverged"):
        run(trainer)


def test_closing_a_run_ends_its_threads_between_stretches(tmp_path: Path) -> None:
    ids = np.random.default_rng(0).integers(0, 20, 50_000)
    engine = small_numba_engine(ids)
    trainer = Trainer(engine, corpus_of(ids, tmp_path), epochs=50, threads=2, schedule=LinearSchedule(0.1, 0))
    threads_before = threading.active_count()
    reports = trainer.run()
    next(reports)
    reports.close()
    assert threading.active_count() == threads_before
    assert np.isfinite(engine.vectors()[0]).all()


@pytest.mark.parametrize("stop", [1, 3, 10])
def test_a_run_that_was_paused_and_resumed_ends_with_the_same_bytes(
    stop: int, ids: NDArray[np.integer], tmp_path: Path
) -> None:
    whole = trained(ids, tmp_path)
    corpus, schedule = corpus_of(ids, tmp_path), LinearSchedule(0.05, 0.01)
    first, second = small_numba_engine(ids), small_numba_engine(ids, seed=1)
    place = RunPosition(0, [end for _, end in even_stretches(corpus.num_positions, 1)][stop])
    # A run that ends where that stretch does: the first epoch's, with the learning rates of both.
    worker = first.worker()
    for start, end in even_stretches(corpus.num_positions, 1):
        if end <= place.position:
            worker.train_stretch(corpus, 0, start, end, (0.05, 0.03))
    second.restore(first.state())
    run(Trainer(second, corpus, epochs=2, threads=1, schedule=schedule, start=place))
    assert b"".join(matrix.tobytes() for matrix in second.vectors()) == whole


def test_a_run_that_stopped_where_its_stretches_no_longer_end_trains_only_what_was_left(
    ids: NDArray[np.integer], tmp_path: Path
) -> None:
    """As stretches of another release, or for other threads, may end elsewhere."""
    corpus = corpus_of(ids, tmp_path)
    (_, first_end), *_ = even_stretches(corpus.num_positions, 1)
    place = RunPosition(0, first_end + 100)
    trainer = Trainer(
        small_numba_engine(ids), corpus, epochs=1, threads=1, schedule=LinearSchedule(0.05, 0.01), start=place
    )
    *_, last = trainer.run()
    assert last.words == np.count_nonzero(ids[place.position :] >= 0)


def trained(ids: NDArray[np.integer], folder: Path, seed: int = 1, threads: int = 1) -> bytes:
    engine = small_numba_engine(ids, seed)
    corpus = corpus_of(ids, folder)
    run(Trainer(engine, corpus, epochs=2, threads=threads, schedule=LinearSchedule(0.05, 0.01)))
    return b"".join(matrix.tobytes() for matrix in engine.vectors())


@pytest.fixture
def ids() -> NDArray[np.integer]:
    rng = np.random.default_rng(2)
    ids = np.minimum(rng.zipf(1.5, 5000), 40) - 1
    ids[rng.random(5000) < 0.02] = TEXT_END
    return ids


def test_one_thread_and_one_seed_give_the_same_bytes(ids: NDArray[np.integer], tmp_path: Path) -> None:
    assert trained(ids, tmp_path) == trained(ids, tmp_path)
    assert trained(ids, tmp_path) != trained(ids, tmp_path, seed=2)


def test_the_size_of_a_stretch_does_not_change_the_vectors(
    ids: NDArray[np.integer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = trained(ids, tmp_path)
    monkeypatch.setattr("wordvec.engines.stretches.MIN_POSITIONS", 37)
    monkeypatch.setattr("wordvec.engines.stretches.MIN_STRETCHES", 10**6)
    monkeypatch.setattr("wordvec.engines.stretches.FIRST_HALO", 0)
    assert trained(ids, tmp_path) == whole


def test_the_result_does_not_depend_on_the_vector_width(ids: NDArray[np.integer], tmp_path: Path) -> None:
    matrices = []
    for lanes in (16, 8, 4):
        engine = small_numba_engine(ids, lanes=lanes)
        run(
            Trainer(
                engine, corpus_of(ids, tmp_path), epochs=1, threads=1, schedule=LinearSchedule(0.05, 0.01)
            )
        )
        matrices.append(engine.vectors()[0])
    np.testing.assert_allclose(matrices[1], matrices[0], rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(matrices[2], matrices[0], rtol=1e-3, atol=1e-5)
