"""Kernel peak, one process: what a core does in a loop of fused multiply-adds, and what skip-gram does, drawing apart.

    python -m benchmarks.kernel_peak_job '{"ids": "ids.npy", "dims": [100, 300], "threads": [1, 2], "words": 1000000}'

`benchmarks.kernel_peak` runs it in this checkout and an earlier one; it prints one JSON object.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.engines.draws import Draws, draws_of
from wordvec.engines.numba.drawn_windows import draw_windows
from wordvec.engines.stretches import Span
from wordvec.kernels.cpu import window_update
from wordvec.kernels.cpu.matrices import Matrices
from wordvec.kernels.cpu.skipgram import skip_gram
from wordvec.kernels.cpu.window_update import LearningRate, Model, empty_scratch, train_windows
from wordvec.kernels.cpu.windows import empty_windows
from wordvec.kernels.simd.compile import kernel
from wordvec.kernels.simd.intrinsics import Floats, Int, emitted
from wordvec.kernels.simd.vectors import INT64, Simd, lanes_of_this_machine

__all__ = ["main", "measure_peak", "measure_training"]

HALO, POSITIONS_AT_A_TIME = 256, 32_768
UNCOUNTED = 2  # stretches that fill caches
SUMS = 12  # independent ones, enough to hide the latency of an addition on two units
STEPS = 2_000_000
FLOPS_OF_PAIR = 6  # for each dimension: a product and a sum for the score, and for either row's step

Entry = dict[str, Any]


def main() -> None:
    """Measure what is asked for, in one process."""
    job = json.loads(sys.argv[1])
    ids = np.load(job["ids"])[: job["words"]]
    cases = [
        {"dim": dim, "threads": threads, **measure_training(ids, dim=dim, threads=threads)}
        for dim in job["dims"]
        for threads in job["threads"]
    ]
    print(json.dumps({"peak_gflops": measure_peak(), "cases": cases}))


def measure_peak() -> float:
    """GFLOP/s of one core in a loop that does nothing but multiply and add in registers: the best of five."""
    multiply_add = _multiply_add()
    numbers, lanes = np.zeros(SUMS * 16, np.float32), lanes_of_this_machine()
    multiply_add(numbers, 10)
    seconds = []
    for _ in range(5):
        begin = time.thread_time()
        multiply_add(numbers, STEPS)
        seconds.append(time.thread_time() - begin)
    return STEPS * SUMS * 2 * lanes / min(seconds) / 1e9


@cache
def _multiply_add() -> Any:
    lanes = lanes_of_this_machine()

    @emitted
    def sum_up(builder: Any, numbers: Floats, steps: Int) -> None:
        simd = Simd(builder, lanes)
        factors = [simd.load(numbers, INT64(number * lanes)) for number in range(2)]
        sums = [simd.variable(simd.load(numbers, INT64(number * lanes))) for number in range(SUMS)]
        with simd.loop(steps, 1):
            for so_far in sums:
                so_far.value = simd.fma(factors[0], factors[1], so_far.value)
        for number, so_far in enumerate(sums):
            simd.store(so_far.value, numbers, INT64(number * lanes))

    @kernel
    def run(numbers, steps):  # type: ignore[no-untyped-def]
        sum_up(numbers, steps)

    return run


def measure_training(ids: NDArray[np.int32], *, dim: int, threads: int) -> Entry:
    """CPU time of drawing and of training, of all threads, which share two matrices; each takes a part of the words."""
    counts = np.bincount(ids)
    draws = draws_of(Config(dim=dim), counts.astype(np.int64))
    matrices = Matrices.initial(len(counts), dim, np.random.default_rng(1))
    model = skip_gram(draws.negatives)
    parts = np.array_split(ids, threads)
    _train(draws, matrices, model, parts[0][: 2 * HALO + 1000], uncounted=0)  # compiles
    found: list[Entry] = []
    workers = [
        threading.Thread(
            target=lambda part=part: found.append(_train(draws, matrices, model, part, UNCOUNTED))
        )
        for part in parts
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    total = {name: sum(one[name] for one in found) for name in found[0]}
    return {
        "draw_ns_per_word": total["draw_seconds"] / total["words"] * 1e9,
        "train_ns_per_word": total["train_seconds"] / total["words"] * 1e9,
        "pairs_per_word": total["pairs"] / total["words"],
        "gflops_of_core": FLOPS_OF_PAIR * dim * total["pairs"] / total["train_seconds"] / 1e9,
    }


def _train(draws: Draws, matrices: Matrices, model: Model, ids: NDArray[np.int32], uncounted: int) -> Entry:
    """One thread's part; CPU seconds, words and pairs of all but the first stretches."""
    scratch, data = _scratch(model, draws, matrices.row_length)
    windows = empty_windows(POSITIONS_AT_A_TIME + 2 * HALO, draws.negatives)
    found = {"draw_seconds": 0.0, "train_seconds": 0.0, "words": 0, "pairs": 0}
    for number, start in enumerate(range(HALO, len(ids) - HALO, POSITIONS_AT_A_TIME)):
        stop = min(start + POSITIONS_AT_A_TIME, len(ids) - HALO)
        span = Span(start - HALO, stop + HALO, (False, False))
        begin = time.thread_time()
        centers = draw_windows(draws, ids[span.first : span.end], span, start, stop, epoch=0, windows=windows)
        drawn = time.thread_time()
        _, pairs = train_windows(model, matrices, *data, windows, centers, LearningRate(0.025, 0.0), scratch)
        if number >= uncounted:
            found["draw_seconds"] += drawn - begin
            found["train_seconds"] += time.thread_time() - drawn
            found["words"] += stop - start
            found["pairs"] += pairs
    return found


def _scratch(model: Model, draws: Draws, row_length: int) -> tuple[Any, tuple[Any, ...]]:
    """Working memory, and what else kernels take, in this version and in earlier ones."""
    if hasattr(window_update, "plain_data"):
        sizes = {"num_hidden": 2 * draws.window, "num_targets": 1 + draws.negatives, "row_length": row_length}
        data: Any = window_update.plain_data()
        if hasattr(data, "reach"):
            data = data._replace(reach=draws.window)
        return empty_scratch(model.tile, **sizes), (data,)
    make: Any = empty_scratch
    return make(model.tile, 2 * draws.window, draws.negatives, row_length), ()


if __name__ == "__main__":
    main()
