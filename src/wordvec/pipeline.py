"""Pipeline: read → count → encode → train → WordVectors. Start reading here."""

from __future__ import annotations

import dataclasses
import difflib
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from wordvec.config import Config
from wordvec.corpus.encoded import EncodedCorpus
from wordvec.corpus.sources import TextSource, TokenLists
from wordvec.corpus.tokenizers import Tokenizer
from wordvec.errors import ConfigError, CorpusError, EngineError
from wordvec.training.engine import Engine
from wordvec.training.progress import TrainingProgress
from wordvec.training.schedule import LinearSchedule
from wordvec.training.trainer import Trainer
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.encoding import CountingProgress, encode_corpus
from wordvec.vocabulary.vocabulary import Vocabulary

__all__ = ["Compiling", "Progress", "train"]

REPORTS_PER_RUN = 100  # in the training record, beside one for each epoch


class Compiling(NamedTuple):
    """The kernels are being compiled, or loaded from the cache of an earlier run."""

    phase: Literal["compiling"] = "compiling"


Progress = CountingProgress | Compiling | TrainingProgress


def train(
    source: TextSource | TokenLists,
    *,
    config: Config | None = None,
    tokenizer: str | Tokenizer = "whitespace",
    temporary_folder: str | Path | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    **settings: Any,
) -> WordVectors:
    """Learn word vectors from text.

    Args:
        source: a path, several paths, a folder, a glob pattern, "-" for standard input; or an iterable of texts, each
            a list of words. Files hold one text a line and may be compressed (gz, zst, bz2, xz).
        config: all settings; or give single ones by name, as in `train(source, dim=300, window=8)`.
        tokenizer: "whitespace", "words" (lower-cased Unicode words), or a function from a text to its words.
        temporary_folder: where the encoded corpus is kept during training, 4 bytes a word (default: the system's).
        on_progress: called with a record several times a second.
        settings: settings of `Config`, by name.

    Returns:
        The vectors, most frequent word first; `training` holds the run's reports, the last of them
        with event "done", or "interrupted" if Ctrl-C ended training early.

    Raises:
        ConfigError: a setting is unknown or out of range.
        CorpusError: the text cannot be read, or there is too little of it.
        EngineError: the engine cannot honour a setting, or training diverged.

    >>> from wordvec import train
    >>> texts = [["sun", "warm", "day"], ["moon", "cold", "night"]] * 50
    >>> vectors = train(texts, dim=10, epochs=30, threads=1, subsample=0)
    >>> vectors.most_similar("sun", k=2)[0].word in {"warm", "day"}
    True
    """
    began = time.perf_counter()
    config = _config(config, settings)
    _refuse_what_the_engine_cannot_do(config)
    report = on_progress or (lambda _: None)
    clock = _PhaseClock()
    with _folder_for_corpus(temporary_folder) as folder:
        read: list[CountingProgress] = []

        def on_counting(progress: CountingProgress) -> None:
            clock.enter(progress.phase)
            read[:] = [progress]
            report(progress)

        vocabulary, corpus = encode_corpus(
            source,
            folder=folder,
            tokenizer=tokenizer,
            min_count=config.min_count,
            max_vocab=config.max_vocab,
            threads=config.num_threads,
            on_progress=on_counting,
        )
        if corpus.num_words == corpus.num_texts:
            raise CorpusError(
                f"each of the {corpus.num_texts:,} texts has one word (of those in the vocabulary), so no word has a "
                "context to learn from; wordvec reads one text a line: put the words of a sentence on one line"
            )
        clock.enter("compiling")
        report(Compiling())
        engine = _numba_engine(config, vocabulary)
        engine.compile()
        clock.enter("training")
        recorder = _Recorder(report)
        trainer = Trainer(
            engine,
            corpus,
            epochs=config.epochs,
            threads=config.num_threads,
            schedule=LinearSchedule(config.first_learning_rate, config.final_learning_rate),
        )
        is_done = trainer.run(recorder)
    phases = clock.seconds()
    if is_done and recorder.loss is None:
        raise CorpusError(
            f"no two words stood side by side after subsampling; raise subsample (now {config.subsample:g}), or set "
            "it to 0"
        )
    matrix, output_matrix = engine.hand_over()
    if not (np.isfinite(matrix).all() and np.isfinite(output_matrix).all()):
        raise EngineError(
            f"training diverged: vectors are no longer finite; lower learning_rate (now {config.first_learning_rate:g})"
        )
    return WordVectors(
        vocabulary.words,
        matrix,
        counts=vocabulary.counts,
        output_matrix=output_matrix,
        config=_as_recorded(config, tokenizer),
        training=[
            _corpus_facts(read[0], vocabulary, corpus),
            *recorder.records,
            {
                "event": "done" if is_done else "interrupted",
                "words": corpus.num_words,
                "words_trained": recorder.words,
                "words_per_second": round(recorder.words / max(phases["training"], 1e-3)),
                "phases": phases,
                "wall_seconds": round(time.perf_counter() - began, 3),
                "threads": config.num_threads,
                "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
            },
        ],
    )


def _config(config: Config | None, settings: dict[str, Any]) -> Config:
    names = [one.name for one in dataclasses.fields(Config)]
    for name in settings:
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(names)}"
            raise ConfigError(f"{name} is not a setting; {hint}")
    return dataclasses.replace(config or Config(), **settings)


def _refuse_what_the_engine_cannot_do(config: Config) -> None:
    if config.architecture != "skipgram":
        raise EngineError(
            f"the numba engine cannot train architecture={config.architecture!r} yet; it trains 'skipgram'"
        )
    if config.objective != "negative":
        raise EngineError(
            f"the numba engine cannot train objective={config.objective!r} yet; it trains 'negative'"
        )


def _numba_engine(config: Config, vocabulary: Vocabulary) -> Engine:
    from wordvec.training.numba_engine import NumbaEngine  # numba takes half a second to import

    return NumbaEngine(
        vocabulary.counts,
        dim=config.dim,
        window=config.window,
        negatives=config.negatives,
        noise_power=config.noise_power,
        subsample=config.subsample,
        seed=config.seed,
    )


@contextmanager
def _folder_for_corpus(chosen: str | Path | None) -> Iterator[Path]:
    try:
        folder = tempfile.TemporaryDirectory(prefix="wordvec-", dir=chosen, ignore_cleanup_errors=True)
    except OSError as problem:
        raise CorpusError(
            f"no temporary folder can be made in {chosen or 'the place for temporary files'}: {problem.strerror}; "
            "choose another one (temporary_folder, --temporary-folder)"
        ) from problem
    with folder as path:
        yield Path(path)


class _PhaseClock:
    """How long each phase of the run took."""

    def __init__(self) -> None:
        self._phase, self._since = "counting", time.perf_counter()
        self._seconds: dict[str, float] = {}

    def enter(self, phase: str) -> None:
        now = time.perf_counter()
        self._seconds[self._phase] = self._seconds.get(self._phase, 0.0) + now - self._since
        self._phase, self._since = phase, now

    def seconds(self) -> dict[str, float]:
        self.enter(self._phase)
        return {phase: round(seconds, 3) for phase, seconds in self._seconds.items()}


class _Recorder:
    """Passes reports on, and keeps one in every hundredth of the run and one at each epoch's end."""

    def __init__(self, report: Callable[[Progress], None]):
        self._report = report
        self._kept_share = 0.0
        self.words = 0
        self.loss: float | None = None
        self.records: list[dict[str, Any]] = []

    def __call__(self, progress: TrainingProgress) -> None:
        self.words = progress.words
        self.loss = progress.epoch_loss if progress.epoch_loss is not None else self.loss
        self._report(progress)
        if progress.is_epoch_end or progress.share_done >= self._kept_share + 1 / REPORTS_PER_RUN:
            self._kept_share = progress.share_done
            self.records.append(
                {
                    "event": "epoch" if progress.is_epoch_end else "report",
                    "epoch": progress.epoch,
                    "words": progress.words,
                    "seconds": round(progress.seconds, 3),
                    "words_per_second": round(progress.words_per_second),
                    "learning_rate": progress.learning_rate,
                    "loss": progress.recent_loss,
                    "epoch_loss": progress.epoch_loss,
                }
            )


def _corpus_facts(read: CountingProgress, vocabulary: Vocabulary, corpus: EncodedCorpus) -> dict[str, Any]:
    return {
        "event": "corpus",
        "words_read": read.words,
        "distinct_words": read.distinct_words,
        "words": corpus.num_words,
        "vocabulary": len(vocabulary),
        "texts": corpus.num_texts,
    }


def _as_recorded(config: Config, tokenizer: str | Tokenizer) -> dict[str, Any]:
    """The settings with what `auto` and `None` came to stand for."""
    recorded = dataclasses.asdict(config)
    recorded.update(
        learning_rate=config.first_learning_rate, threads=config.num_threads, engine="numba", device="cpu"
    )
    recorded["tokenizer"] = tokenizer if isinstance(tokenizer, str) else "a Python function"
    return recorded
