"""Kernel peak: the share of a core's arithmetic that skip-gram does, and its speed beside that of an earlier checkout.

    python -m benchmarks.kernel_peak --before ../wordvec-before --corpus enwiki.txt

Each measurement is a process of its own, in both checkouts in turn: before, now, now, before, ... Kernels are compiled
before the clock starts. Times are CPU seconds of the threads, as other work may take the cores meanwhile. Whole
trainings, by `wordvec train` on all of the corpus, are timed by the wall clock, as their users do.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import measure
from benchmarks.measured import RESULTS, conditions_of, heading, moment, save
from benchmarks.page import spread_text, table
from benchmarks.summary import spread
from benchmarks.trainers import wordvec_report

__all__ = ["main", "page", "summarize"]

ROOT = Path(__file__).resolve().parent.parent
MIN_COUNT = 5
VERSIONS = ("before", "now")
FIGURES = ("draw_ns_per_word", "train_ns_per_word", "gflops_of_core")

Entry = dict[str, Any]


def main() -> None:
    """Measure both checkouts `--rounds` times in turn, save the results, and print the page."""
    options = _parser().parse_args()
    checkouts = dict(zip(VERSIONS, (options.before.resolve(), ROOT), strict=True))
    conditions = conditions_of(
        {options.corpus.name: options.corpus},
        before=_commit_of(checkouts["before"]),
        words=options.words,
        rounds=options.rounds,
        epochs=options.epochs,
        threads=max(options.threads),
        **moment(),
    )
    with tempfile.TemporaryDirectory(prefix="kernel-peak-") as folder:
        _write_ids(options.corpus, Path(folder, "ids.npy"))
        job = {
            "ids": str(Path(folder, "ids.npy")),
            "dims": options.dims,
            "threads": options.threads,
            "words": options.words,
        }
        runs = []
        for number in range(options.rounds):
            # Whichever comes second finds the processor warmer, or slower.
            for version in VERSIONS[:: -1 if number % 2 else 1]:
                found = _run(checkouts[version], job, Path(folder))
                found["whole"] = [
                    {"dim": dim, "words_per_second": _train(checkouts[version], options, dim, Path(folder))}
                    for dim in options.dims
                ]
                print(f"{number}: {version}: {found}", file=sys.stderr)
                runs.append({"round": number, "version": version, **found})
    result = {"conditions": conditions, "runs": runs, **summarize(runs)}
    save(options.results / "kernel-peak", result, page(result))
    print(page(result))


def summarize(runs: list[Entry]) -> Entry:
    """The peak, and of each case the figures of both versions; before / now: above 1 is faster now."""
    peaks = [run["peak_gflops"] for run in runs]
    cases = []
    for number, case in enumerate(runs[0]["cases"]):
        by_version = {
            version: [run["cases"][number] for run in runs if run["version"] == version]
            for version in VERSIONS
        }
        entry: Entry = {
            "dim": case["dim"],
            "threads": case["threads"],
            "pairs_per_word": case["pairs_per_word"],
        }
        for figure in FIGURES:
            entry[figure] = {
                version: spread([one[figure] for one in found]) for version, found in by_version.items()
            }
        both = [
            statistics.median(
                one["draw_ns_per_word"] + one["train_ns_per_word"] for one in by_version[version]
            )
            for version in VERSIONS
        ]
        entry["before_over_now"] = both[0] / both[1]
        entry["share_of_peak"] = entry["gflops_of_core"]["now"]["median"] / statistics.median(peaks)
        cases.append(entry)
    return {"peak_gflops": spread(peaks), "cases": cases, "whole": _summarize_whole(runs)}


def _summarize_whole(runs: list[Entry]) -> list[Entry]:
    """Words/s of whole trainings; now / before, round by round: above 1 is faster now."""
    summaries = []
    for number, case in enumerate(runs[0]["whole"]):
        speeds = {
            version: [
                run["whole"][number]["words_per_second"]
                for run in sorted(runs, key=lambda run: run["round"])
                if run["version"] == version
            ]
            for version in VERSIONS
        }
        ratios = [now / before for before, now in zip(*speeds.values(), strict=True)]
        summaries.append(
            {
                "dim": case["dim"],
                "words_per_second": {version: spread(found) for version, found in speeds.items()},
                "now_over_before": spread(ratios),
            }
        )
    return summaries


def page(result: Entry) -> str:
    """The result as Markdown."""
    conditions = result["conditions"]
    rows = [["dim", "threads", "", "drawing, ns", "training, ns", "GFLOP/s of a core", "share of the peak"]]
    for entry in result["cases"]:
        for version in VERSIONS:
            figures = [spread_text(entry[figure][version], "median", "{:.1f}".format) for figure in FIGURES]
            share = entry["gflops_of_core"][version]["median"] / result["peak_gflops"]["median"]
            rows.append([str(entry["dim"]), str(entry["threads"]), version, *figures, f"{share:.0%}"])
    ratios = [["dim", "threads", "before / now"]]
    ratios += [
        [str(entry["dim"]), str(entry["threads"]), f"{entry['before_over_now']:.2f}"]
        for entry in result["cases"]
    ]
    whole = [["dim", *(f"{version}, million words/s" for version in VERSIONS), "now / before"]]
    for entry in result["whole"]:
        speeds = [
            spread_text(entry["words_per_second"][version], "median", lambda speed: f"{speed / 1e6:.2f}")
            for version in VERSIONS
        ]
        ratio = spread_text(entry["now_over_before"], "median", "{:.2f}".format)
        whole.append([str(entry["dim"]), *speeds, ratio])
    peak = spread_text(result["peak_gflops"], "median", "{:.0f}".format)
    return f"""{heading("Skip-gram and the peak of a core", "benchmarks.kernel_peak", conditions)}
- before: commit {conditions["before"]}; load average of the minute before: {conditions["load_average"]:.1f}

A loop of multiply-adds in registers does {peak} GFLOP/s on one core. Skip-gram with negative sampling at the default
settings, the first {conditions["words"]:,} in-vocabulary words: CPU time for each word, before thinning; useful
arithmetic, 6 · dim operations a pair, without padding. Median (range) of {conditions["rounds"]} rounds in turn.

{table(rows)}

Drawing and training together, medians:

{table(ratios)}

`wordvec train` at the default settings on all of that text, {conditions["epochs"]} epochs, {conditions["threads"]}
threads; training alone, by the wall clock:

{table(whole)}
"""


def _write_ids(corpus: Path, target: Path) -> None:
    """Word ids by frequency, of the words that occur five times."""
    words = corpus.read_text(encoding="utf-8").split()
    frequent = [word for word, count in Counter(words).most_common() if count >= MIN_COUNT]
    ids = {word: number for number, word in enumerate(frequent)}
    np.save(target, np.array([ids[word] for word in words if word in ids], np.int32))


def _run(checkout: Path, job: Entry, folder: Path) -> Entry:
    log = folder / "log"
    environment = {"PYTHONPATH": f"{checkout / 'src'}{os.pathsep}{ROOT}"}
    measure([sys.executable, "-m", "benchmarks.kernel_peak_job", json.dumps(job)], log, environment)
    found: Entry = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
    return found


def _train(checkout: Path, options: argparse.Namespace, dim: int, folder: Path) -> float:
    """Words/s of a whole training."""
    model = folder / "model"
    shutil.rmtree(model, ignore_errors=True)
    command = [sys.executable, "-m", "wordvec", "train", str(options.corpus), "--output", str(model)]
    command += ["--dim", str(dim), "--epochs", str(options.epochs), "--threads", str(max(options.threads))]
    measure(command, folder / "log", {"PYTHONPATH": str(checkout / "src")})
    report = wordvec_report(model)
    words_trained: int = report.words * options.epochs
    return words_trained / report.phases["training"]


def _commit_of(checkout: Path) -> str:
    answer = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=checkout, capture_output=True, text=True, check=True
    )
    return answer.stdout.strip()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks.kernel_peak", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--before", type=Path, required=True, help="a checkout of the earlier version")
    parser.add_argument("--corpus", type=Path, required=True, help="a plain text")
    parser.add_argument("--words", type=int, default=1_500_000, help="of the corpus to train on")
    parser.add_argument("--dims", type=int, nargs="+", default=[100, 300])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--epochs", type=int, default=5, help="of whole trainings")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder to write them to")
    return parser


if __name__ == "__main__":
    main()
