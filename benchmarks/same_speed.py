"""Same speed: training, loading, importing and starting, in this checkout and an earlier one, in turn.

    python -m benchmarks.same_speed --before ../wordvec-before

Each measurement is a process of its own: before, now, before, now, ... Kernels are compiled, packages imported, and
files read before the clock starts, except where the start of a process is what is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import measure
from benchmarks.measured import RESULTS, conditions_of, heading, moment, save
from benchmarks.page import spread_text, table
from benchmarks.summary import spread

__all__ = ["cases_of", "main", "page", "summarize"]

ROOT = Path(__file__).resolve().parent.parent
SEED = 1
VOCABULARY, WORDS_PER_LINE, WARM_UP_WORDS = 20_000, 200, 400
TORCH_SHARE = 20  # the torch engine trains on this part of the words, or it would take minutes

Entry = dict[str, Any]

SMALL = {"dim": 100, "epochs": 1, "min_count": 1, "seed": 1}
TRAININGS: dict[str, Entry] = {
    "train: numba, 1 thread": {**SMALL, "engine": "numba", "threads": 1},
    "train: numba, 2 threads": {**SMALL, "engine": "numba", "threads": 2},
    "train: numba, deterministic, 2 threads": {
        **SMALL,
        "engine": "numba",
        "threads": 2,
        "deterministic": True,
    },
    "train: torch, CBOW": {**SMALL, "dim": 50, "engine": "torch", "architecture": "cbow", "threads": 1},
}
FILES = {
    "load: word2vec binary": "v.bin",
    "load: word2vec text": "v.txt",
    "load: model folder": "v.wv",
}


def main() -> None:
    """Measure every case `--rounds` times in turn, save the results, and print the page."""
    options = _parser().parse_args()
    checkouts = {"before": options.before.resolve(), "now": ROOT}
    conditions = conditions_of(
        {}, before=_commit_of(checkouts["before"]), words=options.words, vectors=options.vectors, **moment()
    )
    with tempfile.TemporaryDirectory(prefix="same-speed-") as folder:
        cases = cases_of(Path(folder), options.vectors)
        _write_texts(Path(folder), options.words)
        paths = [str(Path(folder, name)) for name in FILES.values()]
        job = {"kind": "write", "words": options.vectors, "dim": SMALL["dim"], "paths": paths}
        _job_seconds(checkouts["before"], job, Path(folder))
        runs = []
        for number in range(options.rounds + 1):  # the first round fills caches, and is not counted
            for name, case in cases.items():
                # Whichever comes second finds the processor warmer, or slower.
                for version, checkout in list(checkouts.items())[:: -1 if number % 2 else 1]:
                    taken = _taken(checkout, case, Path(folder))
                    print(f"{number}: {name}, {version}: {taken['wall_seconds']:.3f} s", file=sys.stderr)
                    runs.append({"round": number, "case": name, "version": version, **taken})
    counted = [run for run in runs if run["round"]]
    result = {"conditions": conditions, "runs": counted, "cases": summarize(counted)}
    save(options.results / "same-speed", result, page(result))
    print(page(result))


def cases_of(folder: Path, num_vectors: int) -> dict[str, Entry]:
    """What is measured: jobs inside a process, and whole commands."""
    trainings = {
        name: {
            "job": {
                "kind": "train",
                "settings": settings,
                "text": str(folder / ("few.txt" if settings["engine"] == "torch" else "all.txt")),
                "warm_up": str(folder / "warm-up.txt"),
            }
        }
        for name, settings in TRAININGS.items()
    }
    loadings = {name: {"job": {"kind": "load", "path": str(folder / file)}} for name, file in FILES.items()}
    model = str(folder / FILES["load: model folder"])
    commands = {
        "start: import wordvec": ["-c", "import wordvec"],
        "start: from wordvec import train, load": ["-c", "from wordvec import train, load"],
        "start: wordvec --help": ["-m", "wordvec", "--help"],
        "start: wordvec similar": ["-m", "wordvec", "similar", model, f"word{num_vectors // 2}"],
    }
    return trainings | loadings | {name: {"command": command} for name, command in commands.items()}


def summarize(runs: list[Entry]) -> list[Entry]:
    """Of each case: seconds of both versions, and before / now, round by round: above 1 is faster now."""
    summary = []
    for case in dict.fromkeys(run["case"] for run in runs):
        entry: Entry = {"case": case}
        for figure in ("wall_seconds", "cpu_seconds"):
            by_version = {
                version: [run[figure] for run in runs if (run["case"], run["version"]) == (case, version)]
                for version in ("before", "now")
            }
            ratios = [one / other for one, other in zip(by_version["before"], by_version["now"], strict=True)]
            medians = {version: statistics.median(values) for version, values in by_version.items()}
            entry[figure] = {
                **{version: spread(values) for version, values in by_version.items()},
                "ratio_of_medians": medians["before"] / medians["now"],
                "ratios": spread(ratios),
            }
        summary.append(entry)
    return summary


def page(result: Entry) -> str:
    """The result as Markdown."""
    conditions = result["conditions"]
    rows = [["", "before, s", "now, s", "before / now", "before, CPU s", "now, CPU s", "before / now, CPU"]]
    for entry in result["cases"]:
        row = [entry["case"]]
        for figure in ("wall_seconds", "cpu_seconds"):
            values = entry[figure]
            row += [spread_text(values[version], "median", "{:.3f}".format) for version in ("before", "now")]
            low, high = values["ratios"]["least"], values["ratios"]["most"]
            row.append(f"{values['ratio_of_medians']:.3f} ({low:.3f} to {high:.3f})")
        rows.append(row)
    num_rounds = max(run["round"] for run in result["runs"])
    return f"""{heading("The same speed as before", "benchmarks.same_speed", conditions)}
- before: commit {conditions["before"]}; load average of the minute before: {conditions["load_average"]:.1f}

{conditions["words"]:,} words of text, of which the torch engine trains on one in {TORCH_SHARE};
{conditions["vectors"]:,} vectors to load. Median (range) of {num_rounds} rounds in turn, each measurement a process of
its own; before / now: of the medians (range of the rounds' ratios), above 1 where the present version is faster. CPU
seconds are those of all threads; where other work has taken the cores, they say more than wall seconds.

{table(rows)}
"""


def _taken(checkout: Path, case: Entry, folder: Path) -> dict[str, float]:
    """Wall and CPU seconds of one case in one checkout."""
    if "job" in case:
        return _job_seconds(checkout, case["job"], folder)
    found = measure([sys.executable, *case["command"]], folder / "log", _environment(checkout))
    return {"wall_seconds": found.job_seconds, "cpu_seconds": found.cpu_seconds}


def _job_seconds(checkout: Path, job: Entry, folder: Path) -> dict[str, float]:
    """What a job says that it took."""
    log = folder / "log"
    text = json.dumps({"checkout": str(checkout), **job})
    measure([sys.executable, "-m", "benchmarks.same_speed_job", text], log, _environment(checkout))
    taken: dict[str, float] = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
    return taken


def _environment(checkout: Path) -> dict[str, str]:
    return {"PYTHONPATH": f"{checkout / 'src'}{os.pathsep}{ROOT}"}


def _commit_of(checkout: Path) -> str:
    answer = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=checkout, capture_output=True, text=True, check=True
    )
    return answer.stdout.strip()


def _write_texts(folder: Path, num_words: int) -> None:
    """Make texts in which word frequencies follow Zipf's law."""
    shares = 1 / np.arange(1, VOCABULARY + 1)
    ids = np.random.default_rng(SEED).choice(VOCABULARY, num_words, p=shares / shares.sum()).tolist()
    words = [f"w{number}" for number in ids]
    lines = [" ".join(words[start : start + WORDS_PER_LINE]) for start in range(0, num_words, WORDS_PER_LINE)]
    sizes = {"all.txt": num_words, "few.txt": num_words // TORCH_SHARE, "warm-up.txt": WARM_UP_WORDS}
    for name, size in sizes.items():
        text = "\n".join(lines[: max(1, size // WORDS_PER_LINE)]) + "\n"
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.same_speed", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--before", type=Path, required=True, help="a checkout of the earlier version")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--words", type=int, default=1_000_000, help="of the text to train on")
    parser.add_argument("--vectors", type=int, default=100_000, help="to load")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder to write them to")
    return parser


if __name__ == "__main__":
    main()
