"""Deterministic mode: what it costs in speed, whether it costs quality, and whether it keeps its promise.

    python -m benchmarks.deterministic --corpus enwiki100m.txt.gz --analogies questions-words.txt \
        --similarity wordsim353.tsv

Skip-gram with negative sampling for one epoch, with the numba engine as it is and in deterministic mode, in one process
and in turn. Two parts, each saved when it is done: `speed`, on some numbers of threads; `quality`, for some seeds.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

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
from benchmarks.scores import analogies_in, analogy_scores, judgments_in, similarity_scores
from benchmarks.summary import difference_of_means, spread
from wordvec.config import Config
from wordvec.pipeline.train import train
from wordvec.vectors.word_vectors import WordVectors

SETTINGS = Config(dim=100, window=5, negatives=5, epochs=1, engine="numba")
MODES = {"plain": False, "deterministic": True}
SCORES = {"analogies": "Google analogies, %", "similarity": "WordSim-353, Spearman x 100"}

Entry = dict[str, Any]
Judge = Callable[[WordVectors], dict[str, float | None]]


def main() -> None:
    """Measure the parts that are asked for, and print the page."""
    options = _parser().parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    corpus = beginning(prepare(options.corpus, WORK), options.megabytes, WORK)
    config = replace(SETTINGS, dim=options.dim)
    path = options.results / "deterministic"
    saved = path.with_suffix(".json")
    entries: Entry = json.loads(saved.read_text(encoding="utf-8")) if saved.exists() else {}
    parts = {
        "speed": lambda: speed(corpus, config, options.rounds, options.threads),
        "quality": lambda: quality(corpus, config, options.seeds, max(options.threads), _judge(options)),
    }
    for part in options.parts:
        entries[part] = {
            "conditions": conditions_of(
                {named(options.corpus, options.megabytes): corpus}, settings=settings_of(config)
            ),
            **moment(),
            **parts[part](),
        }
        entries = {name: entries[name] for name in parts if name in entries}
        save(path, entries, page(entries))
    print(page(entries))


def speed(corpus: Path, config: Config, rounds: int, threads: list[int]) -> Entry:
    """Words/s of both modes, in turn; and a digest of the vectors that each run gave."""
    runs = []
    for number in range(1, rounds + 1):
        for num_threads in threads:
            for mode, is_deterministic in MODES.items():
                before = moment()
                vectors = train(
                    corpus, config=replace(config, threads=num_threads, deterministic=is_deterministic)
                )
                found = {"mode": mode, "threads": num_threads, "round": number, "vectors": digest_of(vectors)}
                runs.append({**found, **before, **training_speed(vectors)})
                print(runs[-1], file=sys.stderr, flush=True)
    return {"runs": runs, **summarize_speed(runs)}


def digest_of(vectors: WordVectors) -> str:
    """SHA-256 of the bytes of both matrices."""
    digest = hashlib.sha256(vectors.matrix.tobytes())
    if vectors.output_matrix is not None:
        digest.update(vectors.output_matrix.tobytes())
    return digest.hexdigest()


def summarize_speed(runs: list[Entry]) -> Entry:
    """On each number of threads, the speeds, and the times beside the plain ones of the same round."""
    summary: Entry = {}
    for threads in dict.fromkeys(run["threads"] for run in runs):
        here = {
            mode: [run for run in runs if (run["mode"], run["threads"]) == (mode, threads)] for mode in MODES
        }
        pairs = zip(here["deterministic"], here["plain"], strict=True)
        summary[str(threads)] = {
            **{mode: spread([run["words_per_second"] for run in its]) for mode, its in here.items()},
            "times_as_long": spread(
                [one["training_seconds"] / two["training_seconds"] for one, two in pairs]
            ),
        }
    digests = {mode: len({run["vectors"] for run in runs if run["mode"] == mode}) for mode in MODES}
    return {"summary": summary, "distinct_vectors": digests}


def quality(corpus: Path, config: Config, seeds: int, threads: int, judge: Judge) -> Entry:
    """Scores of both modes, for each seed in turn."""
    runs = []
    for seed in range(1, seeds + 1):
        for mode, is_deterministic in MODES.items():
            asked = replace(config, seed=seed, threads=threads, deterministic=is_deterministic)
            vectors = train(corpus, config=asked)
            loss = training_speed(vectors)["loss"]
            runs.append({"mode": mode, "seed": seed, "loss": loss, **judge(vectors)})
            print(runs[-1], file=sys.stderr, flush=True)
    return {"runs": runs, "threads": threads, "summary": summarize_quality(runs)}


def summarize_quality(runs: list[Entry]) -> Entry:
    """Of each score: that of either mode over the seeds, and the difference of their means."""
    summary: Entry = {}
    for score in (*SCORES, "loss"):
        values = {
            mode: [run[score] for run in runs if run["mode"] == mode and run.get(score) is not None]
            for mode in MODES
        }
        summary[score] = {
            **{mode: spread(found) for mode, found in values.items()},
            "difference": difference_of_means(values["deterministic"], values["plain"]),
        }
    return summary


def page(entries: Entry) -> str:
    """The results as Markdown."""
    conditions = next(iter(entries.values()))["conditions"]
    settings = conditions["settings"]
    parts = [heading("What deterministic mode costs", "benchmarks.deterministic", conditions)]
    parts.append(
        f"- skip-gram, dim {settings['dim']}, window {settings['window']}, {settings['negatives']} negatives, "
        f"{settings['epochs']} epoch; numba engine"
    )
    if "speed" in entries:
        parts += ["", "## Speed", "", *_speed_page(entries["speed"])]
    if "quality" in entries:
        parts += ["", "## Quality", "", *_quality_page(entries["quality"])]
    return "\n".join(parts) + "\n"


def _speed_page(entry: Entry) -> list[str]:
    rows = [["median (range)", "plain, words/s", "deterministic, words/s", "times as long"]]
    rows += [
        [
            f"threads: {threads}",
            *(spread_text(figures[mode], "median", "{:,.0f}".format) for mode in MODES),
            spread_text(figures["times_as_long"], "median", "{:.2f}".format),
        ]
        for threads, figures in entry["summary"].items()
    ]
    num_runs = sum(run["mode"] == "deterministic" for run in entry["runs"])
    num_rounds = max(run["round"] for run in entry["runs"])
    kinds = entry["distinct_vectors"]["deterministic"]
    text = (
        "Words/s: words of the corpus that are in the vocabulary, before subsampling, / wall seconds of training "
        f"alone. Rounds: {num_rounds}; times as long: of one round. The {num_runs} deterministic runs gave "
        f"{'the same bytes' if kinds == 1 else f'{kinds} different results'}, in both matrices."
    )
    return [table(rows), "", text]


def _quality_page(entry: Entry) -> list[str]:
    rows = [["mean (range)", *MODES, "difference of the means (95 %)"]]
    for score, name in (SCORES | {"loss": "train loss per pair"}).items():
        figures = entry["summary"][score]
        form = "{:.4f}".format if score == "loss" else "{:.1f}".format
        row = [name, *(spread_text(figures[mode], "mean", form) for mode in MODES)]
        rows.append([*row, _interval(figures["difference"], form)])
    num_seeds = len({run["seed"] for run in entry["runs"]})
    return [table(rows), "", f"{num_seeds} seeds, {entry['threads']} threads."]


def _interval(difference: dict[str, float | None] | None, form: Callable[[float | None], str]) -> str:
    if difference is None:
        return "-"
    mean = form(difference["mean"])
    if difference["low"] is None:
        return mean
    return f"{mean} ({form(difference['low'])} to {form(difference['high'])})"


def _judge(options: argparse.Namespace) -> Judge:
    analogies = options.analogies and analogies_in(options.analogies)
    judgments = options.similarity and judgments_in(options.similarity)

    def judge(vectors: WordVectors) -> dict[str, float | None]:
        scores: dict[str, float | None] = {}
        if analogies:
            scores |= analogy_scores(vectors.words, vectors.matrix, analogies)
        if judgments:
            scores |= similarity_scores(vectors.words, vectors.matrix, judgments)
        return scores

    return judge


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks.deterministic", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--corpus", type=Path, required=True, help="plain, gz, bz2 or xz text")
    parser.add_argument("--megabytes", type=float, help="use so much of it (default: all)")
    parser.add_argument("--analogies", type=Path, help="in the format of questions-words.txt")
    parser.add_argument("--similarity", type=Path, help="pairs of words with human scores")
    parser.add_argument("--parts", nargs="+", choices=["speed", "quality"], default=["speed", "quality"])
    parser.add_argument("--dim", type=int, default=SETTINGS.dim)
    parser.add_argument("--rounds", type=int, default=5, help="of the speed")
    parser.add_argument("--seeds", type=int, default=3, help="of the quality")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, describe_machine()["cores"]])
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder to write them to")
    return parser


if __name__ == "__main__":
    main()
