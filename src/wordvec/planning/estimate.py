"""Speed: how many words a second an engine trains on, timed on a part of the text."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import numpy as np

from wordvec.config import MAX_WINDOW, Config
from wordvec.corpus.encoded import EncodedCorpus, append_ids, create_id_file
from wordvec.engines.choose import choose_engine, divergence_risk
from wordvec.engines.engine import Engine, EngineSpec, Worker
from wordvec.errors import CorpusError, WordvecError
from wordvec.phrases.finding import join_text
from wordvec.phrases.phrases import Phrases
from wordvec.planning.available import free_disk, free_memory
from wordvec.planning.check import (
    check_disk,
    check_memory,
    check_room_for_text,
)
from wordvec.planning.counted_sample import CountedSample, Expected, count_sample, encode_sample, expect
from wordvec.planning.request import TrainingRequest
from wordvec.planning.required import checkpoint_bytes, model_bytes, process_memory, training_memory
from wordvec.storage.temporary import folder_for_corpora
from wordvec.training.corpora import check_contexts, max_text_window
from wordvec.vocabulary.encoding import UnrankedText
from wordvec.vocabulary.selection import advice_without_spaces, check_enough_words, check_has_words
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary

__all__ = ["Estimate", "estimate", "words_per_second"]

FIRST_POSITIONS = (
    1024  # of the first piece; each is twice as long as the one before, until all of a stretch is taken
)
WARM_UP_SHARE = 0.25  # of the time: memory is touched for the first time, and caches fill

SAMPLE_BYTES = 16 * 2**20  # of text
TIMED_SECONDS = 1.0
ID_BYTES = 4


class _Task(NamedTuple):
    corpus: EncodedCorpus
    rates: tuple[float, float]
    max_words: float
    began: float
    seconds: float


def words_per_second(
    engine: Engine,
    corpus: EncodedCorpus,
    *,
    threads: int,
    cuts_stretches: bool,
    learning_rate: float,
    max_words: int,
    seconds: float = 1.0,
) -> float:
    """Train for about that long, in all threads, and measure the speed; the engine is invalid afterwards.

    Args:
        engine: ready to train.
        corpus: some of the text, with two words side by side.
        threads: as the run will have.
        cuts_stretches: whether a stretch may be cut, so that slow ones do not take longer than the time; not where a
            stretch is one step.
        learning_rate: of all steps.
        max_words: what all of the run trains on, which ends the timing, too.
        seconds: how long.
    """
    num_workers = engine.num_workers(threads)
    stretches = list(engine.stretches(corpus, threads))
    task = _Task(
        corpus, (learning_rate, learning_rate), max_words / num_workers, time.perf_counter(), seconds
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
        found = worker.train_stretch(task.corpus, 0, start, stop, task.rates)()
        now = time.perf_counter()
        words += found.words
        words_since += found.words
        if now >= end or words >= task.max_words:
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


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a run would take."""

    is_exact: bool  # words and vocabulary were counted; what else there is, is always about right
    words: int
    distinct_words: int
    vocabulary: int
    words_in_vocabulary: int  # to train on, in each epoch
    memory_bytes: int
    memory_free_bytes: int | None
    temporary_bytes: int
    temporary_free_bytes: int | None
    model_bytes: int
    checkpoint_bytes: int
    output_free_bytes: int | None
    reading_seconds: float
    compiling_seconds: float | None = None  # no times of what would be refused
    training_seconds: float | None = None
    words_per_second: float | None = None
    refusal: str | None = None  # why the run would be refused, if it would
    risk: str | None = None  # why it may fail, if there is a reason

    @property
    def seconds(self) -> float | None:
        """In all."""
        if self.training_seconds is None or self.compiling_seconds is None:
            return None
        return self.reading_seconds + self.compiling_seconds + self.training_seconds


def estimate(request: TrainingRequest) -> Estimate | None:
    r"""Look at 16 MB of the text, and train on them for a second; None for text that can be read only once.

    How good the figures are: docs/decisions/0011-estimates.md. A text whose beginning is of another kind than its rest
    is judged by its beginning.

    Raises:
        CorpusError: the text cannot be read, or there is too little of it.
        ConfigError: settings do not go together.
        EngineError: the engine cannot honor a setting.
        MissingPackageError: the settings need the torch engine, and torch is not installed.

    >>> from tempfile import TemporaryDirectory
    >>> from wordvec.corpus.sources import FileSource
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "corpus.txt")
    ...     size = path.write_text("sun warm day\nmoon cold night\n" * 50)
    ...     found = estimate(TrainingRequest(source=FileSource(str(path)), config=Config(dim=10, epochs=1)))
    >>> found.is_exact, found.words, found.vocabulary, found.temporary_bytes
    (True, 300, 6, 3200)
    """
    config = request.config
    engine = choose_engine(config, has_ranks=request.has_ranks)
    sample = count_sample(
        request.text, request.tokenizer, sample_bytes=SAMPLE_BYTES, threads=config.num_threads
    )
    if sample is None:
        return None
    if request.phrases is not None:
        sample = _with_phrases(sample, request.phrases, request)
    check_has_words(sample.words, name=request.text.description, unknown_word=config.unknown_word)
    expected = expect(sample, config, request.words_to_keep)
    if sample.is_whole:
        check_enough_words(
            int((expected.counts > 0).sum()),
            sample.words,
            sample.counts,
            name=request.text.description,
            min_count=config.min_count,
            max_vocab=config.max_vocab,
            unknown_word=config.unknown_word,
            adds_words=config.start_vocabulary != "old",
        )
    with folder_for_corpora(request.temporary_folder) as folder:
        began = time.perf_counter()
        corpus = encode_sample(sample, expected.known, config, folder)
        try:
            max_text_length = max_text_window(corpus, config, name=request.text.description)
            refusal = None
        except CorpusError as problem:
            max_text_length, refusal = MAX_WINDOW, str(problem)
        config = config.for_texts(max_text_length)
        found = _needs(replace(request, config=config), engine, sample, expected)
        found = replace(
            found,
            refusal=refusal or found.refusal,
            reading_seconds=(sample.seconds + time.perf_counter() - began) * _times_read(request, sample),
        )
        if sample.is_whole:
            check_contexts(corpus, sample.words, sample.counts)
        return found if found.refusal else _timed(found, config, engine, corpus, expected)


def _with_phrases(sample: CountedSample, phrases: Phrases, request: TrainingRequest) -> CountedSample:
    """The sample with its phrases joined, as in a run."""
    with folder_for_corpora(request.temporary_folder) as folder:
        with create_id_file(folder) as file:
            append_ids(file, sample.ids)
        text = UnrankedText(Path(file.name), len(sample.ids), sample.words, sample.counts)
        joined = join_text(text, phrases, request.config.num_threads)
        ids = np.fromfile(joined.path, np.int32)
    return replace(sample, words=joined.words, counts=joined.counts, ids=ids)


def _needs(
    request: TrainingRequest, engine: EngineSpec, sample: CountedSample, expected: Expected
) -> Estimate:
    """All but the times."""
    config, num_words = request.config, expected.vocabulary
    writes_checkpoints = request.writes_checkpoints
    training = training_memory(
        config, engine, num_words, writes_checkpoints=writes_checkpoints, is_asked=request.evaluates_epochs
    )
    training = training._replace(matrices=training.matrices * request.replicas)
    of_shuffling = sample.times * (1 - config.validation) if request.shuffles_texts else 0
    text_ids = sample.num_positions * (
        _times_read(request, sample) + sample.times * config.validation + of_shuffling
    )
    return Estimate(
        is_exact=sample.is_whole,
        words=expected.words,
        distinct_words=expected.distinct_words,
        vocabulary=num_words,
        words_in_vocabulary=expected.words_in_vocabulary,
        memory_bytes=process_memory(config, engine, expected.distinct_words, num_words, training),
        memory_free_bytes=free_memory(),
        temporary_bytes=round(ID_BYTES * text_ids),
        temporary_free_bytes=free_disk(Path(request.temporary_folder or tempfile.gettempdir())),
        model_bytes=model_bytes(config, num_words, request.output),
        checkpoint_bytes=checkpoint_bytes(config, engine, num_words) if writes_checkpoints else 0,
        output_free_bytes=free_disk(request.output or Path()),
        reading_seconds=0.0,
        risk=divergence_risk(config, expected.counts) if num_words > 1 else None,
        refusal=_refusal(request, engine, num_words, advice_without_spaces(sample.words, sample.counts)),
    )


def _times_read(request: TrainingRequest, sample: CountedSample) -> float:
    """How often the sample all that is read is, with what is validated on."""
    validation_bytes = 0 if request.validation_source is None else request.validation_source.num_bytes or 0
    return sample.times * (1 + validation_bytes / sample.bytes_total)


def _refusal(request: TrainingRequest, engine: EngineSpec, num_words: int, advice: str | None) -> str | None:
    """What a run of this size would be refused for."""
    config = request.config
    checkpoint = request.checkpoint if request.writes_checkpoints else None
    if num_words < 2:
        remedy = advice or "lower it, or give more text"
        return f"hardly any word seems to occur min_count ({config.min_count}) times; {remedy}"
    try:
        check_room_for_text(request)
        check_memory(
            config,
            engine,
            num_words,
            writes_checkpoints=checkpoint is not None,
            is_asked=request.evaluates_epochs,
            replicas=request.replicas,
        )
        check_disk(config, engine, num_words, checkpoint=checkpoint, output=request.output)
    except WordvecError as problem:
        return str(problem)
    return None


def _timed(
    found: Estimate,
    config: Config,
    spec: EngineSpec,
    corpus: EncodedCorpus,
    expected: Expected,
) -> Estimate:
    """Train for a second, with matrices as large as the run's, so that the processor's caches hold no more of them."""
    began = time.perf_counter()
    num_rows = len(expected.counts)
    if spec.max_timed_numbers is not None:
        num_rows = min(num_rows, max(len(expected.known), spec.max_timed_numbers // config.dim))
    word_rows = None
    rules = SubwordRules.of(config)
    if rules is not None:
        to_come = (f" {number:x}" for number in range(num_rows - len(expected.known)))
        word_rows = SubwordVocabulary([*expected.known_words, *to_come], rules).word_rows
    engine = spec.build(config, expected.counts[:num_rows], word_rows=word_rows)
    engine.compile()
    compiling_seconds = time.perf_counter() - began
    all_words = expected.words_in_vocabulary * config.epochs
    speed = words_per_second(
        engine,
        corpus,
        threads=config.num_threads,
        cuts_stretches=config.batch_unit == "centers",
        learning_rate=config.first_learning_rate,
        max_words=all_words,
        seconds=TIMED_SECONDS,
    )
    return replace(
        found,
        compiling_seconds=compiling_seconds,
        training_seconds=all_words / max(speed, 1e-9),
        words_per_second=speed,
    )
