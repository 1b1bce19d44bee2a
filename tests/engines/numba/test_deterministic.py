"""Blocks: the same bytes on any number of threads, however late they are; and those of the reference."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.training.small import corpus_of, counts_in, small_ids

from wordvec.corpus.encoded import TEXT_END
from wordvec.engines.draws import Draws
from wordvec.engines.engine import LossSum
from wordvec.engines.numba import deterministic
from wordvec.engines.numba.deterministic import Blocks, BlockWorker, rounds
from wordvec.engines.numba.drawn_windows import draw_windows
from wordvec.engines.numba.engine import NumbaEngine
from wordvec.engines.numba.window_model import Family
from wordvec.engines.stretches import Span
from wordvec.kernels.cpu.block_schedule import MOVE_COUNTERS, cut_blocks
from wordvec.kernels.cpu.block_training import train_blocks
from wordvec.kernels.cpu.windows import LaidWindows, empty_windows
from wordvec.kernels.reference import Window, update_block
from wordvec.sampling.noise import alias_table, noise_distribution
from wordvec.sampling.subsampling import keep_probabilities
from wordvec.training.progress import RunPosition
from wordvec.training.trainer import LinearSchedule, Trainer

WHOLE = 99  # contexts of a part: more than any window has
SIZE, PART, PARTS = 1500, 150, 4  # two rounds of 600 positions, and one of 300
RATES, MAX_MOVES = (0.1, 0.05), 60
MANY = [2, 3, 5, 16]
SECONDS_BETWEEN_THREADS = 0.002
MAX_ATTEMPTS = 50  # to see threads wait for each other

Trained = tuple[bytes, bytes, list[LossSum]]


@pytest.fixture(autouse=True)
def rounds_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deterministic, "POSITIONS_PER_PART", PART)
    monkeypatch.setattr(deterministic, "PARTS_PER_ROUND", PARTS)


@pytest.fixture
def ids() -> NDArray[np.int32]:
    """Few words, so that a window has some twice; and parts without any."""
    found = small_ids(SIZE)
    found[2 * PART : 3 * PART] = TEXT_END
    found.flags.writeable = False
    return found


def draws_for(ids: NDArray[np.int32], negatives: int = 3, subsample: float = 0.02) -> Draws:
    counts = counts_in(ids)
    noise = alias_table(noise_distribution(counts, power=0.75))
    return Draws(keep_probabilities(counts, subsample), noise, 4, False, negatives, seed=1)


def engine_for(
    ids: NDArray[np.int32],
    threads: int,
    *,
    dim: int = 21,
    negatives: int = 3,
    lanes: int | None = None,
    subsample: float = 0.02,
    contexts_per_part: int = WHOLE,
    family: Family = Family(),  # noqa: B008  (it cannot be changed)
) -> NumbaEngine:
    engine = NumbaEngine(
        draws_for(ids, negatives, subsample),
        family,
        counts_in(ids),
        dim=dim,
        contexts_per_part=contexts_per_part,
        lanes=lanes,
        blocks=Blocks(MAX_MOVES, threads),
    )
    engine.compile()
    return engine


def worker_of(engine: NumbaEngine) -> BlockWorker:
    worker = engine.worker()
    assert isinstance(worker, BlockWorker)
    return worker


def train(engine: NumbaEngine, ids: NDArray[np.int32], worker: BlockWorker | None = None) -> Trained:
    """Two epochs; both matrices, and what was found on each stretch."""
    worker = worker or worker_of(engine)
    found = [
        worker.train_positions(lambda start, stop: ids[start:stop], len(ids), epoch, start, stop, RATES)
        for epoch in range(2)
        for start, stop in rounds(len(ids))
    ]
    inputs, outputs = engine.vectors()
    return inputs.tobytes(), outputs.tobytes(), found


@pytest.mark.parametrize("dim", [1, 21, 100, 300])
def test_any_number_of_threads_gives_the_same_bytes(ids: NDArray[np.int32], dim: int) -> None:
    alone = train(engine_for(ids, 1, dim=dim), ids)
    for threads in MANY:
        assert train(engine_for(ids, threads, dim=dim), ids) == alone


@pytest.mark.parametrize("dim", [21, 300])
@pytest.mark.parametrize("threads", MANY)
def test_threads_that_come_late_or_when_all_is_done_change_nothing(
    ids: NDArray[np.int32], threads: int, dim: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = train(engine_for(ids, 1, dim=dim), ids)
    train_in_time = BlockWorker._train
    rng = np.random.default_rng(threads)
    diligent = 2 * int(rng.integers((threads + 1) // 2))
    absent = range(1, threads, 2)
    done = threading.Semaphore(0)

    def train_late(worker: BlockWorker, schedule: Any, thread: int, rate: Any) -> None:
        if thread in absent:
            assert done.acquire(timeout=5)
        elif thread != diligent:
            time.sleep(float(rng.random()) * SECONDS_BETWEEN_THREADS)
        train_in_time(worker, schedule, thread, rate)
        if thread == diligent:
            done.release(len(absent))

    monkeypatch.setattr(BlockWorker, "_train", train_late)
    assert train(engine_for(ids, threads, dim=dim), ids) == alone


def test_threads_that_dawdle_between_two_steps_change_nothing(
    ids: NDArray[np.int32], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = train(engine_for(ids, 1, dim=300), ids)
    train_at_will, together = BlockWorker._train, threading.Barrier(5)
    rng, naps = np.random.default_rng(2), []

    def train_together(*arguments: Any) -> None:
        together.wait(5)
        train_at_will(*arguments)

    def nap() -> int:
        naps.append(threading.get_ident())
        time.sleep(float(rng.random()) ** 4 * SECONDS_BETWEEN_THREADS)
        return 0

    callback = ctypes.CFUNCTYPE(ctypes.c_int)(nap)
    engines = [engine_for(ids, 5, dim=300) for _ in range(MAX_ATTEMPTS)]
    monkeypatch.setattr(BlockWorker, "_train", train_together)
    for engine in engines:
        worker = worker_of(engine)
        worker._team.yield_address = ctypes.cast(callback, ctypes.c_void_p).value or 0
        assert train(engine, ids, worker) == alone
        if len(naps) > 3:
            break
    assert len(naps) > 3


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(
    ("dim", "negatives", "lanes", "contexts_per_part"),
    [(21, 3, None, WHOLE), (37, 13, 8, WHOLE), (21, 3, None, 3), (37, 13, 8, 1)],
    ids=["one pass", "two passes of two tiles", "windows in parts of three", "in parts of one"],
)
def test_blocks_train_as_the_reference_does(
    ids: NDArray[np.int32],
    dim: int,
    negatives: int,
    lanes: int | None,
    contexts_per_part: int,
    threads: int,
) -> None:
    engine = engine_for(
        ids, threads, dim=dim, negatives=negatives, lanes=lanes, contexts_per_part=contexts_per_part
    )
    inputs, outputs = (matrix.astype(np.float64) for matrix in engine.vectors())
    expected, pairs = [], []
    for epoch in range(2):
        for start, stop in rounds(len(ids)):
            blocks = list(blocks_of(ids, draws_for(ids, negatives), contexts_per_part, epoch, start, stop))
            expected.append(sum(update_block(inputs, outputs, block, contexts_per_part) for block in blocks))
            windows = [window for block in blocks for window in block]
            pairs.append(sum(len(window.context_words) * (1 + negatives) for window in windows))
            words = [window.context_words.tolist() for window in windows]
            assert any(len(set(contexts)) < len(contexts) for contexts in words)
    found = train(engine, ids)[2]
    assert [result.loss for result in found] == pytest.approx(expected, rel=1e-5)
    assert [result.pairs for result in found] == pairs
    one_epoch = [np.count_nonzero(ids[start:stop] >= 0) for start, stop in rounds(len(ids))]
    assert [result.words for result in found] == one_epoch * 2
    for matrix, wanted in zip(engine.vectors(), (inputs, outputs), strict=True):
        np.testing.assert_allclose(matrix, wanted, rtol=1e-4, atol=1e-5)


def blocks_of(
    ids: NDArray[np.int32], draws: Draws, contexts_per_part: int, epoch: int, start: int, stop: int
) -> Iterator[list[Window]]:
    """The blocks of a round, part by part."""
    for first in range(start, stop, PART):
        windows, end = empty_windows(len(ids), draws.negatives), min(first + PART, stop)
        span = Span(0, len(ids), (True, True))
        centers = draw_windows(draws, ids, span, first, end, epoch=epoch, windows=windows)
        assert centers is not None
        order, ends = np.empty(len(ids), np.int32), np.empty(len(ids), np.int32)
        moves = np.empty((2, MOVE_COUNTERS), np.int64)
        number = cut_blocks(windows, centers, MAX_MOVES, contexts_per_part, moves, order, ends)
        for block in np.split(order[: centers[1] - centers[0]], ends[:number])[:-1]:
            of_block = [window_at(int(place), windows, len(ids)) for place in block]
            yield [window for window in of_block if len(window.context_words)]


def window_at(place: int, windows: LaidWindows, num_positions: int) -> Window:
    words = windows.words[windows.first[place] : windows.last[place] + 1]
    rate = RATES[0] + (RATES[1] - RATES[0]) * windows.positions[place] / num_positions
    contexts = np.delete(words, place - windows.first[place])
    return Window(contexts, int(windows.words[place]), windows.negatives[place], rate)


@pytest.mark.parametrize("size", [30, PART, PART * PARTS, PART * PARTS + 1])
def test_a_corpus_of_any_size_is_trained_on_whole(ids: NDArray[np.int32], size: int) -> None:
    short = small_ids(size)
    alone = train(engine_for(short, 1), short)
    assert train(engine_for(short, 3), short) == alone
    assert sum(result.words for result in alone[2]) == 2 * np.count_nonzero(short >= 0)
    assert all(result.pairs > 0 for result in alone[2][:1])


def test_how_far_is_read_beyond_a_part_changes_nothing(
    ids: NDArray[np.int32], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With hardly a word kept, windows reach far."""
    far = train(engine_for(ids, 2, subsample=1e-6), ids)
    monkeypatch.setattr("wordvec.engines.stretches.FIRST_HALO", 1)
    engine = engine_for(ids, 2, subsample=1e-6)
    worker = worker_of(engine)
    halo = worker._halo.size
    assert train(engine, ids, worker) == far
    assert worker._halo.size > halo


def test_measuring_changes_nothing_and_finds_the_same_on_any_number_of_threads(
    ids: NDArray[np.int32], tmp_path: Path
) -> None:
    corpus, found = corpus_of(ids, tmp_path), []
    for threads in (1, 3):
        engine = engine_for(ids, threads)
        before = train(engine, ids)[:2]
        worker = worker_of(engine)
        losses = [
            [
                worker.measure_stretch(corpus, start, stop)()
                for start, stop in engine.stretches(corpus, threads)
            ]
            for _ in range(2)
        ]
        assert losses[0] == losses[1]
        assert losses[0][0].loss > 0
        found.append(losses)
        inputs, outputs = engine.vectors()
        assert (inputs.tobytes(), outputs.tobytes()) == before
    assert found[0] == found[1]


def test_an_error_in_a_thread_is_raised(ids: NDArray[np.int32]) -> None:
    def read(start: int, stop: int) -> NDArray[np.int32]:
        if start > 0:
            raise OSError("the disk is gone")
        return ids[start:stop]

    worker = worker_of(engine_for(ids, 2))
    with pytest.raises(OSError, match="the disk is gone"):
        worker.train_positions(read, len(ids), 0, 0, PART * PARTS, RATES)


def test_a_thread_that_fails_leaves_its_work_to_the_others(
    ids: NDArray[np.int32], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = train(engine_for(ids, 1), ids)
    train_all = BlockWorker._train

    def train_or_fail(worker: BlockWorker, schedule: Any, thread: int, rate: Any) -> None:
        if thread == 1:
            raise MemoryError("no room for a stack")
        train_all(worker, schedule, thread, rate)

    monkeypatch.setattr(BlockWorker, "_train", train_or_fail)
    engine = engine_for(ids, 3)
    worker = worker_of(engine)
    for epoch in range(2):
        for start, stop in rounds(len(ids)):
            with pytest.raises(MemoryError, match="no room for a stack"):
                worker.train_positions(lambda *ends: ids[slice(*ends)], len(ids), epoch, start, stop, RATES)
    inputs, outputs = engine.vectors()
    assert (inputs.tobytes(), outputs.tobytes()) == alone[:2]


def test_a_run_starts_one_worker_and_nothing_is_compiled_in_it(
    ids: NDArray[np.int32], tmp_path: Path
) -> None:
    engine = engine_for(ids, 3)
    compiled = len(train_blocks.signatures)
    assert engine.num_workers(3) == 1
    schedule, corpus = LinearSchedule(*RATES), corpus_of(ids, tmp_path)
    trainer = Trainer(engine, corpus, epochs=2, threads=1, schedule=schedule, start=RunPosition(0, 0))
    ends = [progress for progress in trainer.run() if progress.is_epoch_end]
    assert [end.words for end in ends] == [corpus.num_words, 2 * corpus.num_words]
    assert len(train_blocks.signatures) == compiled
