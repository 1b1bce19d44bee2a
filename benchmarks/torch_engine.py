"""Speed of the torch engine, beside the published approach and the numba engine, in one process and in turn.

    python -m benchmarks.torch_engine --corpus enwiki100m.txt.gz --megabytes 20 --rounds 5
    python -m benchmarks.torch_engine --corpus text.txt --trainers torch --batch-size 512 4096 32768 --device cuda

Skip-gram with negative sampling for one epoch; the published approach, for some seconds of one. Results are on disk
after each run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.lines import beginning, named, prepare
from benchmarks.machine import describe_machine
from benchmarks.measured import (
    RESULTS,
    WORK,
    conditions_of,
    heading,
    moment,
    save,
    settings_of,
    training_speed,
)
from benchmarks.page import spread_text, table
from benchmarks.published_approach import Budget, measure_published
from benchmarks.summary import spread
from wordvec.config import Config
from wordvec.corpus.encoded import TEXT_END
from wordvec.corpus.sources import FileSource
from wordvec.errors import EngineError
from wordvec.pipeline.train import train
from wordvec.vocabulary.encoding import encode_corpus
from wordvec.vocabulary.vocabulary import CountedVocabulary

SETTINGS = Config(dim=100, window=5, negatives=5, subsample=1e-3, min_count=5, epochs=1)
WARM_UP_STEPS = 3

FOOTNOTES = (
    "Words/s: words of the corpus that are in the vocabulary, before subsampling, / wall seconds of training alone. "
    "Published: benchmarks/published_approach.py (Python loops over pairs, dense Adam), so many texts of at most 1000 "
    "words a step, for some seconds of an epoch; its pairs are made by a process of their own, beside the training. "
    "torch, numba: wordvec's engines, one whole epoch. Trainers took turns; ratios are of one round. A dash: "
    "training diverged. Loss: the mean over true pairs and pairs with noise words. The published approach's is that of "
    "an epoch's beginning, so not comparable."
)

Entry = dict[str, Any]  # what one run of one trainer measured
Trainers = dict[str, Callable[[int], Entry]]  # by name, from a seed


def main() -> None:
    """Measure in turn, and print the page."""
    options = _parser().parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    corpus = beginning(prepare(options.corpus, WORK), options.megabytes, WORK)
    config = replace(SETTINGS, threads=options.threads)
    conditions = conditions_of(
        {named(options.corpus, options.megabytes): corpus},
        threads=options.threads,
        device=_device_name(options.device),
        settings=settings_of(config),
    )
    trainers = _trainers(corpus, config, options)
    name = options.name or ("torch-engine" if options.device == "cpu" else f"torch-engine-{options.device}")
    entries: list[Entry] = []
    for number in range(1, options.rounds + 1):
        for trainer, measure in trainers.items():
            entries.append({"trainer": trainer, "round": number, **moment(), **measure(number)})
            print(_one_line(entries[-1]), file=sys.stderr, flush=True)
            summary = summarize(entries)
            content = {"conditions": conditions, "runs": entries, "summary": summary}
            save(options.results / name, content, page(conditions, summary, len(entries) // len(trainers)))
    print(page(conditions, summary, options.rounds))


def summarize(entries: list[Entry]) -> dict[str, Any]:
    """Of each trainer, its figures; and its speed beside the fastest published one's in the same round."""
    done = [entry for entry in entries if "failed" not in entry]
    published: dict[int, float] = {}
    for entry in done:
        if entry["trainer"].startswith("published"):
            number = entry["round"]
            published[number] = max(published.get(number, 0.0), entry["words_per_second"])
    summary: dict[str, Any] = {}
    for trainer in dict.fromkeys(entry["trainer"] for entry in entries):
        runs = [entry for entry in done if entry["trainer"] == trainer]
        summary[trainer] = {
            "words_per_second": spread([run["words_per_second"] for run in runs]),
            "loss": spread([run["loss"] for run in runs]),
            "beside_published": spread(
                [
                    run["words_per_second"] / published[run["round"]]
                    for run in runs
                    if run["round"] in published
                ]
            ),
        }
    return summary


def page(conditions: dict[str, Any], summary: dict[str, Any], num_rounds: int) -> str:
    """The results as Markdown."""
    settings = conditions["settings"]
    rows = [["median (range)", "words/s", "beside the fastest published", "loss per pair"]]
    rows += [
        [
            trainer,
            spread_text(figures["words_per_second"], "median", "{:,.0f}".format),
            spread_text(figures["beside_published"], "median", "{:.1f}x".format),
            spread_text(figures["loss"], "median", "{:.4g}".format),
        ]
        for trainer, figures in summary.items()
    ]
    return f"""{heading("The torch engine's speed", "benchmarks.torch_engine", conditions)}
- skip-gram, dim {settings["dim"]}, window {settings["window"]}, negatives {settings["negatives"]}, \
subsample {settings["subsample"]:g}, min_count {settings["min_count"]}; {conditions["threads"]} threads; \
torch on {conditions["device"]}; rounds: {num_rounds}

{table(rows)}

{FOOTNOTES}
"""


def _trainers(corpus: Path, config: Config, options: argparse.Namespace) -> Trainers:
    trainers: Trainers = {}
    if "published" in options.trainers:
        vocabulary, texts = _texts(corpus, config)
        budget = Budget(WARM_UP_STEPS, options.seconds)
        for number in options.published_texts:

            def published(seed: int, texts_per_step: int = number) -> Entry:
                speed = measure_published(
                    texts,
                    vocabulary.counts,
                    replace(config, seed=seed),
                    texts_per_step=texts_per_step,
                    budget=budget,
                    loader_processes=options.loader_processes,
                    device=options.device,
                )
                return {
                    "words_per_second": speed.words / speed.seconds,
                    "pairs_per_step": speed.pairs / speed.steps,
                    **speed._asdict(),
                }

            trainers[f"published, texts a step: {number}"] = published
    if "torch" in options.trainers:
        for size in options.batch_size:
            torch_config = replace(
                config,
                engine="torch",
                device=options.device,
                batch_size=size,
                optimizer=options.optimizer,
            )
            steps = "" if size is None else f", centers a step: {size}"
            trainers[f"torch, {options.optimizer}{steps}"] = _wordvec(corpus, torch_config)
    if "numba" in options.trainers:
        trainers["numba"] = _wordvec(corpus, replace(config, engine="numba"))
    return trainers


def _wordvec(corpus: Path, config: Config) -> Callable[[int], Entry]:
    def measure(seed: int) -> Entry:
        try:
            return training_speed(train(corpus, config=replace(config, seed=seed)))
        except EngineError as problem:  # large steps may diverge; that is a result, too
            return {"failed": str(problem)}

    return measure


def _texts(corpus: Path, config: Config) -> tuple[CountedVocabulary, list[list[int]]]:
    """The corpus as lists of word ids."""
    with tempfile.TemporaryDirectory() as folder:
        vocabulary, encoded = encode_corpus(
            FileSource(str(corpus)), folder=Path(folder), min_count=config.min_count
        )
        ids = encoded.read(0, encoded.num_positions)
        pieces = np.split(ids, np.flatnonzero(ids == TEXT_END) + 1)[:-1]
        return vocabulary, [piece[:-1].tolist() for piece in pieces]


def _device_name(device: str) -> str:
    return torch.cuda.get_device_name() if device == "cuda" else device


def _one_line(entry: Entry) -> str:
    what = entry.get("failed") or f"{entry['words_per_second']:,.0f} words/s, loss {entry['loss']:.4g}"
    return f"round {entry['round']}, {entry['trainer']}, load {entry['load_average']:.1f}: {what}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks.torch_engine", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--corpus", type=Path, required=True, help="plain, gz, bz2 or xz text")
    parser.add_argument("--megabytes", type=float, help="use so much of it (default: all)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--trainers",
        nargs="+",
        choices=["published", "torch", "numba"],
        default=["published", "torch", "numba"],
    )
    parser.add_argument(
        "--batch-size",
        type=int,
        nargs="+",
        default=[None],
        help="centers a step (default: the engine's choice)",
    )
    parser.add_argument("--optimizer", default="sgd", help="of the torch engine")
    parser.add_argument("--device", choices=["cpu", "cuda", "mps"], default="cpu")
    parser.add_argument("--threads", type=int, default=describe_machine()["cores"])
    parser.add_argument("--seconds", type=float, default=30.0, help="of the published approach's training")
    parser.add_argument(
        "--published-texts", type=int, nargs="+", default=[1, 20], help="texts a step of the same"
    )
    parser.add_argument("--loader-processes", type=int, default=1, help="that make its pairs ahead")
    parser.add_argument("--name", help="name of the results (default: torch-engine)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder to write them to")
    return parser


if __name__ == "__main__":
    main()
