"""Speed: how many words a second an engine trains on, timed on a part of the text."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import NamedTuple

from wordvec.corpus.encoded import EncodedCorpus
from wordvec.training.engine import Engine, Worker

__all__ = ["words_per_second"]

FIRST_POSITIONS = (
    1024  # of the first piece; each is twice as long as the one before, until all of a stretch is taken
)
WARM_UP_SHARE = 0.25  # of the time: memory is touched for the first time, and caches fill


class _Task(NamedTuple):
    corpus: EncodedCorpus
    rates: tuple[float, float]
    most_words: float
    began: float
    seconds: float


def words_per_second(
    engine: Engine,
    corpus: EncodedCorpus,
    *,
    threads: int,
    cuts_stretches: bool,
    learning_rate: float,
    most_words: int,
    seconds: float = 1.0,
) -> float:
    """Train for about so long, in all threads, and say how fast that went; the engine is of no more use after.

    Args:
        engine: ready to train.
        corpus: some of the text, with two words side by side.
        threads: as the run will have.
        cuts_stretches: whether a stretch may be cut, so that slow ones do not take longer than the time; not where a
            stretch is one step.
        learning_rate: of all steps.
        most_words: what all of the run trains on, which ends the timing, too.
        seconds: for so long.
    """
    num_workers = engine.num_workers(threads)
    stretches = list(engine.stretches(corpus, threads))
    task = _Task(
        corpus, (learning_rate, learning_rate), most_words / num_workers, time.perf_counter(), seconds
    )

    def train(number: int) -> float:
        own = stretches[number::num_workers] or stretches
        return _speed_of(engine.worker(), _pieces(own, cuts=cuts_stretches), task)

    with ThreadPoolExecutor(num_workers, thread_name_prefix="wordvec-timing") as pool:
        return sum(pool.map(train, range(num_workers)))


def _speed_of(worker: Worker, pieces: Iterator[tuple[int, int]], task: _Task) -> float:
    warm_from = task.began + WARM_UP_SHARE * task.seconds
    end = task.began + task.seconds
    now = since = time.perf_counter()
    words = words_since = 0
    for start, stop in pieces:
        found = worker.train_stretch(task.corpus, 0, start, stop, task.rates)
        now = time.perf_counter()
        words += found.words
        words_since += found.words
        if now >= end or words >= task.most_words:
            break
        if since < warm_from <= now:
            since, words_since = now, 0
    return words_since / max(now - since, 1e-9)


def _pieces(stretches: Sequence[tuple[int, int]], *, cuts: bool) -> Iterator[tuple[int, int]]:
    """All stretches again and again, each in pieces that grow.

    >>> from itertools import islice
    >>> list(islice(_pieces([(0, 5000), (5000, 9000)], cuts=True), 5))
    [(0, 1024), (1024, 3072), (3072, 5000), (5000, 9000), (0, 5000)]
    """
    most = FIRST_POSITIONS
    for start, stop in cycle(stretches):
        while start < stop:
            end = min(start + most, stop) if cuts else stop
            yield start, end
            start = end
            most *= 2
