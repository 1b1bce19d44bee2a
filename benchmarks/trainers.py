"""Trainers: how each is started in a process of its own, and how what it leaves behind is read."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import CommandFailedError
from wordvec.config import Config

__all__ = [
    "TRAINERS",
    "Report",
    "Trainer",
    "Vectors",
    "ending_as_gensim",
    "gensim_settings",
    "wordvec_report",
]


class Report(NamedTuple):
    """What a trainer says of its own job."""

    phases: dict[str, float]
    """Seconds; "training" is training alone."""
    words: int
    """Words of the corpus that are in the vocabulary, before subsampling."""


class Vectors(NamedTuple):
    """Words by falling count, and their rows."""

    words: list[str]
    matrix: NDArray[np.float32]


class Trainer(NamedTuple):
    """One trainer as three functions of the folder it writes to."""

    command: Callable[[Path, Path, Config], list[str]]  # corpus, folder, settings
    report: Callable[[Path], Report]
    vectors: Callable[[Path], Vectors]


PASSED_ON = (
    "architecture",
    "objective",
    "cbow_gradient",
    "max_n",
    "dim",
    "window",
    "negatives",
    "noise_power",
    "subsample",
    "min_count",
    "epochs",
    "threads",
    "seed",
)


def wordvec_command(corpus: Path, folder: Path, config: Config) -> list[str]:
    """The command line of wordvec, every setting that matters in full."""
    settings = {name: getattr(config, name) for name in PASSED_ON}
    if config.objective == "hierarchical":  # has no noise
        del settings["negatives"], settings["noise_power"]
    if config.architecture == "skipgram":
        del settings["cbow_gradient"]
    settings["learning_rate"] = config.first_learning_rate
    settings["final_learning_rate"] = config.final_learning_rate
    flags = [part for name, value in settings.items() for part in (f"--{name.replace('_', '-')}", str(value))]
    flags += ["--position-weights"] if config.position_weights else []
    flags += ["--no-shuffle-texts"] if config.shuffle_texts is False else []
    return [sys.executable, "-m", "wordvec", "train", str(corpus), "--output", str(folder), *flags]


def torch_command(corpus: Path, folder: Path, config: Config) -> list[str]:
    """The same on the torch engine, on the CPU."""
    return [*wordvec_command(corpus, folder, config), "--engine", "torch", "--device", "cpu"]


def wordvec_report(folder: Path) -> Report:
    """Read the last record of training.jsonl."""
    *_, last = (folder / "training.jsonl").read_text(encoding="utf-8").splitlines()
    done = json.loads(last)
    if done["event"] != "done":
        raise CommandFailedError(f"wordvec did not finish: its last event is {done['event']!r}, not 'done'")
    return Report(done["phases"], done["words"])


def wordvec_vectors(folder: Path) -> Vectors:
    """Load a model folder."""
    import wordvec

    vectors = wordvec.load(folder)
    return Vectors(list(vectors.words), np.asarray(vectors.matrix))


def gensim_settings(config: Config) -> dict[str, Any]:
    """The same settings in gensim's words; n-grams ask for its FastText."""
    subwords = {"min_n": config.min_n, "max_n": config.max_n, "bucket": config.buckets}
    return {
        **(subwords if config.has_subwords else {}),
        "sg": int(config.architecture == "skipgram"),
        "hs": int(config.has_tree),
        "vector_size": config.dim,
        "window": config.window,
        "negative": config.negatives if config.draws_noise else 0,
        "ns_exponent": config.noise_power,
        "sample": config.subsample,
        "alpha": config.first_learning_rate,
        "min_alpha": config.final_learning_rate,
        "min_count": config.min_count,
        "epochs": config.epochs,
        "workers": config.threads,
        "seed": config.seed,
    }


def ending_as_gensim(config: Config) -> Config:
    """Settings for wordvec whose learning rate ends where gensim's does, given `config`.

    Given a file, each of gensim's W workers compares what it has read itself with the whole corpus. So in an epoch, the
    learning rate falls by a W-th of what it should, and with the next one it catches up; the last has no next one.
    """
    first, last = config.first_learning_rate, config.final_learning_rate
    fallen = (config.epochs - 1 + 1 / (config.threads or 1)) / config.epochs
    return replace(config, final_learning_rate=first - (first - last) * fallen)


def gensim_command(corpus: Path, folder: Path, config: Config) -> list[str]:
    """The command line of gensim_job.py."""
    job = {"corpus": str(corpus), "folder": str(folder), "settings": gensim_settings(config)}
    return [sys.executable, str(Path(__file__).parent / "gensim_job.py"), json.dumps(job)]


def gensim_report(folder: Path) -> Report:
    """Read what gensim_job.py wrote."""
    return Report(**json.loads((folder / "report.json").read_text(encoding="utf-8")))


def gensim_vectors(folder: Path) -> Vectors:
    """Load gensim's vectors in its own order, which is by falling count."""
    from gensim.models import KeyedVectors

    vectors = KeyedVectors.load(str(folder / "vectors.kv"))
    return Vectors(list(vectors.index_to_key), np.asarray(vectors.vectors))


def fasttext_command(corpus: Path, folder: Path, config: Config) -> list[str]:
    """The command line of fasttext_job.py."""
    settings = {
        "model": config.architecture,
        "loss": "hs" if config.has_tree else "ns",
        "dim": config.dim,
        "ws": config.window,
        "neg": config.negatives,
        "t": config.subsample,
        "lr": config.first_learning_rate,
        "minCount": config.min_count,
        "minn": config.min_n if config.has_subwords else 0,
        "maxn": config.max_n,
        "bucket": config.buckets,
        "epoch": config.epochs,
        "thread": config.threads,
    }
    job = {"corpus": str(corpus), "folder": str(folder), "settings": settings}
    return [sys.executable, str(Path(__file__).parent / "fasttext_job.py"), json.dumps(job)]


def spark_command(corpus: Path, folder: Path, config: Config) -> list[str]:
    """The command line of spark_job.py; Spark has skip-gram by hierarchical softmax, and thins out no word."""
    if config.architecture != "skipgram" or config.objective != "hierarchical" or config.subsample > 0:
        raise CommandFailedError(
            "Spark's Word2Vec has skip-gram by hierarchical softmax alone, without subsampling: --case spark"
        )
    settings = {
        "vectorSize": config.dim,
        "windowSize": config.window,
        "minCount": config.min_count,
        "stepSize": config.first_learning_rate,
        "maxIter": config.epochs,
        "seed": config.seed,
    }
    job = {"corpus": str(corpus), "folder": str(folder), "threads": config.threads, "settings": settings}
    return [sys.executable, str(Path(__file__).parent / "spark_job.py"), json.dumps(job)]


def plain_vectors(folder: Path) -> Vectors:
    """Load what fasttext_job.py or spark_job.py wrote, most frequent word first."""
    words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
    return Vectors(words, np.load(folder / "vectors.npy"))


TRAINERS = {
    "wordvec": Trainer(wordvec_command, wordvec_report, wordvec_vectors),
    "wordvec-torch": Trainer(torch_command, wordvec_report, wordvec_vectors),
    "gensim": Trainer(gensim_command, gensim_report, gensim_vectors),
    "fasttext": Trainer(fasttext_command, gensim_report, plain_vectors),
    "spark": Trainer(spark_command, gensim_report, plain_vectors),
}
