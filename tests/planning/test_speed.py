"""With a clock that only the engine moves, so that nothing depends on the machine."""

import threading
from types import SimpleNamespace

import numpy as np
import pytest

from wordvec.corpus.encoded import EncodedCorpus
from wordvec.engines.engine import LossSum
from wordvec.planning import estimate
from wordvec.planning.estimate import words_per_second

NUM_POSITIONS = 20_000

clock = threading.local()  # threads work at the same time


@pytest.fixture(autouse=True)
def _clock_of_ours(monkeypatch):
    clock.now = 0.0
    monkeypatch.setattr(estimate, "time", SimpleNamespace(perf_counter=lambda: clock.now))


class SteadyEngine:
    """Takes so long for each position, of which four in five are words; says nothing about vectors."""

    def __init__(self, seconds_per_position, first_seconds=0.0):
        self.seconds_per_position, self.first_seconds = seconds_per_position, first_seconds
        self.stretches_taken = []

    def num_workers(self, threads):
        return threads

    def worker(self):
        clock.now = 0.0
        return self

    def stretches(self, corpus, threads):
        half = corpus.num_positions // 2
        return iter([(0, half), (half, corpus.num_positions)])

    def train_stretch(self, corpus, epoch, start, stop, learning_rates):
        clock.now += (stop - start) * self.seconds_per_position + self.first_seconds
        self.first_seconds = 0.0
        self.stretches_taken.append((start, stop))
        return lambda: LossSum((stop - start) * 4 // 5, 1, 0.0)


@pytest.fixture
def corpus(tmp_path):
    np.zeros(NUM_POSITIONS, np.int32).tofile(tmp_path / "corpus.int32")
    return EncodedCorpus(tmp_path / "corpus.int32", NUM_POSITIONS, NUM_POSITIONS, 0)


def timed(engine, corpus, *, threads=1, cuts=True, max_words=10**9, seconds=0.4):
    return words_per_second(
        engine,
        corpus,
        threads=threads,
        cuts_stretches=cuts,
        learning_rate=0.1,
        max_words=max_words,
        seconds=seconds,
    )


def test_the_speed_is_that_of_the_engine(corpus):
    assert timed(SteadyEngine(1e-5), corpus) == pytest.approx(80_000, rel=1e-3)


def test_threads_add_up(corpus):
    assert timed(SteadyEngine(1e-5), corpus, threads=3) == pytest.approx(240_000, rel=1e-3)


def test_a_slow_start_is_left_out(corpus):
    assert timed(SteadyEngine(1e-5, first_seconds=0.15), corpus) == pytest.approx(80_000, rel=1e-3)


def test_an_engine_too_slow_for_the_time_is_timed_on_its_first_piece(corpus):
    engine = SteadyEngine(3e-4)
    assert timed(engine, corpus, seconds=0.1) == pytest.approx(0.8 / 3e-4, rel=1e-3)
    assert engine.stretches_taken == [(0, 1024)]


def test_stretches_that_are_one_step_are_not_cut(corpus):
    engine = SteadyEngine(1e-5)
    timed(engine, corpus, cuts=False, seconds=0.05)
    assert engine.stretches_taken == [(0, NUM_POSITIONS // 2)]


def test_a_run_shorter_than_the_time_is_timed_whole_and_no_longer(corpus):
    engine = SteadyEngine(1e-6)
    timed(engine, corpus, max_words=2000, seconds=60)
    assert engine.stretches_taken == [(0, 1024), (1024, 3072)]


def test_threads_share_a_short_run(corpus):
    engine = SteadyEngine(1e-6)
    timed(engine, corpus, threads=2, max_words=1600, seconds=60)
    assert sorted(engine.stretches_taken) == [(0, 1024), (10_000, 11_024)]
