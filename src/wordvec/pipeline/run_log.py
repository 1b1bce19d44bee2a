"""Machine: what a run is made on and with: system, processor, cores, and the versions of what did the work."""

from __future__ import annotations

import dataclasses
import os
import platform
import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, NamedTuple

from wordvec import __version__
from wordvec.config import Config
from wordvec.corpus.encoded import EncodedCorpus
from wordvec.corpus.tokenizers import Tokenizer
from wordvec.training.progress import TrainingProgress
from wordvec.vocabulary.encoding import CountingProgress
from wordvec.vocabulary.vocabulary import Vocabulary

__all__ = [
    "Compiling",
    "PhaseClock",
    "Progress",
    "Recorder",
    "as_recorded",
    "corpus_facts",
    "end_facts",
    "machine_facts",
]

_CPU_INFO = Path("/proc/cpuinfo")
PACKAGES = ("numpy", "pyarrow")
PACKAGES_OF_ENGINES = {"numba": ("numba", "llvmlite"), "torch": ("torch",)}

REPORTS_PER_RUN = 100  # in the training record, beside one for each epoch

Record = dict[str, Any]


def machine_facts(engine: str, device: str) -> dict[str, Any]:
    """What a model's last record says about the machine, as plain data.

    Args:
        engine: that was used; its packages are among the versions.
        device: that it used, as PyTorch names it.

    >>> sorted(machine_facts("numba", "cpu"))
    ['cores', 'device', 'processor', 'system', 'versions']
    """
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "device": _device_name(device),
        "versions": {
            "wordvec": __version__,
            "python": platform.python_version(),
            **{name: _version(name) for name in (*PACKAGES, *PACKAGES_OF_ENGINES[engine])},
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


def _device_name(device: str) -> str:
    """The name of a GPU beside what PyTorch calls it."""
    if not device.startswith("cuda"):
        return device
    import torch

    return f"{device} ({torch.cuda.get_device_name(device)})"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from its sources
        return "unknown"


class Compiling(NamedTuple):
    """The engine gets ready: numba's kernels are compiled, or loaded from a cache; or PyTorch is loaded."""

    engine: Literal["numba", "torch"]
    phase: Literal["compiling"] = "compiling"


Progress = CountingProgress | Compiling | TrainingProgress


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
        self.records = records

    def __call__(self, progress: TrainingProgress) -> None:
        """Take one report."""
        self.words = progress.words
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


def corpus_facts(
    read: CountingProgress,
    vocabulary: Vocabulary,
    corpus: EncodedCorpus,
    held_out: EncodedCorpus | None,
    corpus_sha256: str,
) -> Record:
    """What was read, and what of it is trained on."""
    facts: Record = {
        "event": "corpus",
        "words_read": read.words,
        "distinct_words": read.distinct_words,
        "words": corpus.num_words,
        "vocabulary": len(vocabulary),
        "texts": corpus.num_texts,
    }
    if held_out is not None:
        facts["held_out_words"] = held_out.num_words
    facts["corpus_sha256"] = corpus_sha256
    return facts


def end_facts(
    recorder: Recorder,
    clock: PhaseClock,
    corpus: EncodedCorpus,
    config: Config,
    *,
    is_done: bool,
    stopped_early: str | None,
    machine: Record,
) -> Record:
    """How the run ended, how long it took, and on what machine."""
    phases = clock.seconds()
    words_here = recorder.words - recorder.words_before
    resumed = {"words_before": recorder.words_before} if recorder.words_before else {}
    return {
        "event": "done" if is_done else "interrupted",
        **({"stopped_early": stopped_early} if stopped_early else {}),
        "words": corpus.num_words,
        "words_trained": recorder.words,
        **resumed,  # the times and the speed below are those of the part after it
        "words_per_second": round(words_here / max(phases["training"], 1e-3)),
        "phases": phases,
        "wall_seconds": round(time.perf_counter() - clock.began, 3),
        "threads": config.num_threads,
        "machine": machine,
    }


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
