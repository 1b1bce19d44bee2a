"""Run log: what a run reports while it lasts, and what the model and its checkpoints remember of it."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import platform
import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, NamedTuple

from wordvec.config import Config
from wordvec.corpus.tokenizers import Tokenizer
from wordvec.distributed.ranks import Ranks
from wordvec.engines.engine import EngineSpec
from wordvec.formats.checkpoint import Checkpoint
from wordvec.phrases.phrases import Phrases
from wordvec.pipeline.checkpoints import check_same_corpus, digest_of, position_in, run_identity
from wordvec.planning.request import TrainingRequest
from wordvec.training.corpora import Corpora
from wordvec.training.progress import START, RankProgress, TrainingProgress
from wordvec.version import __version__
from wordvec.vocabulary.encoding import CountingProgress

__all__ = [
    "Compiling",
    "PhaseClock",
    "Progress",
    "Recorder",
    "RunLog",
    "Tuning",
    "as_recorded",
    "machine_facts",
]

REPORTS_PER_RUN = 100  # in the training record, beside one for each epoch

_CPU_INFO = Path("/proc/cpuinfo")
PACKAGES = ("numpy", "pyarrow")

Record = dict[str, Any]


class Compiling(NamedTuple):
    """The engine gets ready: numba's kernels are compiled, or loaded from a cache; or PyTorch is loaded."""

    engine: EngineSpec
    phase: Literal["compiling"] = "compiling"


class Tuning(NamedTuple):
    """A search for settings is under way."""

    share_done: float  # of its time, or of its trials, in [0, 1]
    trial: int  # under way; 0 are the defaults
    share_of_text: float  # that it trains on, in (0, 1]
    share_of_trial: float  # of this training, in [0, 1]
    best_score: float | None  # so far, on all of the text
    score_of_defaults: float | None
    phase: Literal["tuning"] = "tuning"


Progress = CountingProgress | Compiling | TrainingProgress | Tuning


class RunLog:
    """Everything that a run remembers of itself.

    Args:
        request: what was asked for.
        engine: the one that trains.
        resumed: the checkpoint that the run goes on from.
        ranks: that train, or are simulated, if there are several.
    """

    def __init__(
        self,
        request: TrainingRequest,
        engine: EngineSpec,
        resumed: Checkpoint | None = None,
        ranks: Ranks | None = None,
    ):
        self._request, self._engine, self._resumed = request, engine, resumed
        self._device = engine.device(request.config)
        self._clock = PhaseClock()
        self._recorder = Recorder([])
        self._num_words = 0  # of the training text
        self.settings: dict[str, Any] = as_recorded(
            request.config,
            request.tokenizer,
            engine=engine.name,
            device=self._device,
            extra={**_beside_the_settings(request, resumed), **_ranks_beside_the_settings(ranks)},
        )
        self.identity: dict[str, Any] = {}  # the text and the settings, as checkpoints name them
        self.position = position_in(resumed.run) if resumed else START

    @property
    def records(self) -> list[Record]:
        """One for the text, each report that is kept, and one for the end, as plain data."""
        return self._recorder.records

    @property
    def has_loss(self) -> bool:
        """Whether any pair was trained on."""
        return self._recorder.loss is not None

    def enter(self, phase: str) -> None:
        """From now on, the run is in this phase."""
        self._clock.enter(phase)

    def corpus_is_read(self, corpora: Corpora, num_dropped: int) -> None:
        """Record the text.

        Args:
            corpora: the text.
            num_dropped: words of the model to start from that are left out.

        Raises:
            CorpusError: the run is resumed, and the text is not the one that it began with.
        """
        digest = digest_of(corpora, corpora.training)
        self.identity = run_identity(self._request, corpora, digest, self.settings)
        if self._resumed is not None:
            check_same_corpus(self._resumed, corpora, self.identity)
            records = self._resumed.vectors.training
        else:
            records = [_corpus_record(corpora, digest, num_dropped)]
        self._num_words = corpora.training.num_words
        words_before = self.position.epochs_done * self._num_words + self.position.words
        self._recorder = Recorder(records, words_before)

    def report(self, progress: TrainingProgress) -> None:
        """Take one report of training."""
        self._recorder(progress)

    def end(self, *, is_done: bool, stopped_early: str | None) -> None:
        """Record how the run ended, how long it took, and on which machine.

        Args:
            is_done: it came to its end; False where it was interrupted.
            stopped_early: why it ended before its last epoch.
        """
        recorder, phases = self._recorder, self._clock.seconds()
        words_here = recorder.words - recorder.words_before
        resumed = {"words_before": recorder.words_before} if recorder.words_before else {}
        self.records.append(
            {
                "event": "done" if is_done else "interrupted",
                **({"stopped_early": stopped_early} if stopped_early else {}),
                "words": self._num_words,
                "words_trained": recorder.words,
                **resumed,  # the times and the speed below are those of the part after it
                "words_per_second": round(words_here / max(phases["training"], 1e-3)),
                "phases": phases,
                "wall_seconds": round(time.perf_counter() - self._clock.began, 3),
                "threads": self._request.config.num_threads,
                **_of_ranks(recorder.ranks),
                "machine": machine_facts(self._engine, self._device),
            }
        )


class PhaseClock:
    """How long each phase of the run took."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self._phase, self._since = "counting", self.began
        self._seconds: dict[str, float] = {}

    def enter(self, phase: str) -> None:
        """The time until now belongs to the phase before."""
        now = time.perf_counter()
        self._seconds[self._phase] = self._seconds.get(self._phase, 0.0) + now - self._since
        self._phase, self._since = phase, now

    def seconds(self) -> dict[str, float]:
        """Of each phase so far."""
        self.enter(self._phase)
        return {phase: round(seconds, 3) for phase, seconds in self._seconds.items()}


class Recorder:
    """Keeps one report in every hundredth of the run and one at each epoch's end.

    Args:
        records: those of an earlier part of the run, to go on with.
        words: seen in that part.
    """

    def __init__(self, records: list[Record], words: int = 0):
        self._kept_share = 0.0
        self.words = self.words_before = words
        self.loss: float | None = None
        self.ranks: RankProgress | None = None
        self.records = records

    def __call__(self, progress: TrainingProgress) -> None:
        """Take one report."""
        self.words = progress.words
        self.ranks = progress.ranks
        self.loss = progress.epoch_loss if progress.epoch_loss is not None else self.loss
        if progress.is_epoch_end or progress.share_done >= self._kept_share + 1 / REPORTS_PER_RUN:
            self._kept_share = progress.share_done
            self.records.append(_record(progress))


def _record(progress: TrainingProgress) -> Record:
    record: Record = {
        "event": "epoch" if progress.is_epoch_end else "report",
        "epoch": progress.epoch,
        "words": progress.words,
        "seconds": round(progress.seconds, 3),
        "words_per_second": round(progress.words_per_second),
        "learning_rate": progress.learning_rate,
        "loss": progress.recent_loss,
        "epoch_loss": progress.epoch_loss,
    }
    record.update(_of_ranks(progress.ranks))
    if progress.validation_loss is not None:
        record["validation_loss"] = progress.validation_loss
    if progress.scores is not None:
        record["scores"] = {score.name: score._asdict() for score in progress.scores}
    if progress.neighbors is not None:
        record["neighbors"] = {
            word: [[near, round(cosine, 4)] for near, cosine in neighbors]
            for word, neighbors in progress.neighbors.items()
        }
    return record


def _of_ranks(ranks: RankProgress | None) -> Record:
    if ranks is None:
        return {}
    rounded = {
        name: round(value, 4) if isinstance(value, float) else value
        for name, value in ranks._asdict().items()
    }
    return {"ranks": rounded}


def _corpus_record(corpora: Corpora, corpus_sha256: str, num_dropped: int) -> Record:
    """What was read, and what of it is trained on."""
    read, corpus, held_out = corpora.read, corpora.training, corpora.held_out
    record: Record = {
        "event": "corpus",
        "words_read": read.words,
        "distinct_words": read.distinct_words,
        "words": corpus.num_words,
        "vocabulary": len(corpora.vocabulary),
        "texts": corpus.num_texts,
    }
    if held_out is not None:
        record["held_out_words"] = held_out.num_words
    record["corpus_sha256"] = corpus_sha256
    if num_dropped:
        record["start_words_dropped"] = num_dropped
    return record


def as_recorded(
    config: Config,
    tokenizer: str | Tokenizer,
    *,
    engine: str,
    device: str,
    extra: Mapping[str, Any],
) -> dict[str, Any]:
    """The settings with what `auto` and `None` came to stand for."""
    recorded = dataclasses.asdict(config)
    recorded.update(
        learning_rate=config.first_learning_rate, threads=config.num_threads, engine=engine, device=device
    )
    recorded["tokenizer"] = tokenizer if isinstance(tokenizer, str) else "a Python function"
    return {**recorded, **extra}


def _beside_the_settings(request: TrainingRequest, resumed: Checkpoint | None) -> dict[str, Any]:
    """What a run was made from that is not a setting."""
    beside: dict[str, Any] = {}
    if request.phrases is not None:
        beside["phrases"] = _summary(request.phrases)
    if request.custom_objective is not None:
        objective = request.custom_objective
        beside["custom_objective"] = getattr(objective, "__qualname__", type(objective).__qualname__)
    if request.start_from is not None:
        beside["start_from"] = f"{len(request.start_from):,} words x {request.start_from.dim}"
    elif resumed is not None and "start_from" in (resumed.vectors.config or {}):
        beside["start_from"] = (resumed.vectors.config or {})["start_from"]
    return beside


def _ranks_beside_the_settings(ranks: Ranks | None) -> dict[str, Any]:
    """How many ranks train, under the name by which `resume` knows whether they are simulated."""
    if ranks is None:
        return {}
    return {"simulate_ranks" if ranks.is_simulated else "ranks": ranks.size}


def _summary(phrases: Phrases) -> str:
    """Which phrases were joined, in a line; no two sets of phrases have the same."""
    digest = hashlib.sha256(phrases.to_json().encode()).hexdigest()[:16]
    return f"{len(phrases):,} in {len(phrases.passes)} passes, sha256 {digest}"


def machine_facts(engine: EngineSpec, device: str) -> dict[str, Any]:
    """What a model's last record says about the machine, as plain data.

    Args:
        engine: that was used.
        device: that it used, as PyTorch names it.

    >>> from wordvec.engines.choose import choose_engine
    >>> sorted(machine_facts(choose_engine(Config()), "cpu"))
    ['cores', 'device', 'processor', 'system', 'versions']
    """
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "device": engine.device_name(device),
        "versions": {
            "wordvec": __version__,
            "python": platform.python_version(),
            **{name: _version(name) for name in (*PACKAGES, *engine.versions)},
        },
    }


def _processor() -> str:
    """The processor's name, where the system tells it; else its kind."""
    try:
        lines = _CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from its sources
        return "unknown"
