"""Runs: what a run's honesty costs (losses, held-out loss, checkpoints), and how far held-out losses can be compared.

    python -m benchmarks.runs --corpus enwiki100m.txt.gz

Three parts, each saved when it is done: `curves`, the held-out loss over ten epochs, of two runs that are the same and
of other seeds; `losses`, the time of training with and without losses; `checkpoints`, that of writing them.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.lines import beginning, named, prepare
from benchmarks.machine import describe_machine
from benchmarks.measured import RESULTS, WORK, conditions_of, heading, moment, save
from benchmarks.page import spread_text, table
from benchmarks.summary import spread
from wordvec.pipeline.train import train

HELD_OUT_SHARE = 0.01  # of the lines, those at the end
SOURCE = Path(__file__).parent.parent / "src"
# What the kernel does for the loss, and nothing else.
LINES_OF_THE_LOSS = (
    "                linear = simd.add(linear, wrongness.positive_part)\n",
    "                product = simd.fma(product, simd.multiply(wrongness.decay, simd.absolute(sign)), product)\n",
)
JOB = """
import json, sys, wordvec
vectors = wordvec.train(sys.argv[1], threads=int(sys.argv[2]), epochs=int(sys.argv[3]))
print(json.dumps(vectors.training[-1]["phases"]["training"]))
"""

Entry = dict[str, Any]


def main() -> None:
    """Measure the parts that are asked for, and print the page."""
    options = _parser().parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    text = beginning(prepare(options.corpus, WORK), options.megabytes, WORK)
    path = options.results / "runs"
    saved = path.with_suffix(".json")
    entries: Entry = json.loads(saved.read_text(encoding="utf-8")) if saved.exists() else {}
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        training, held_out = split(text, Path(folder))
        parts = {
            "curves": lambda: curves(training, held_out, options),
            "losses": lambda: losses(training, held_out, Path(folder), options),
            "checkpoints": lambda: checkpoints(training, Path(folder), options),
        }
        for part in options.parts:
            entries[part] = {
                "conditions": conditions_of(
                    {named(options.corpus, options.megabytes): text}, threads=options.threads
                ),
                **moment(),
                **parts[part](),
            }
            entries = {name: entries[name] for name in parts if name in entries}
            save(path, entries, page(entries))
    print(page(entries))


def split(text: Path, folder: Path) -> tuple[Path, Path]:
    """Put the last hundredth of the lines apart."""
    lines = text.read_bytes().splitlines(keepends=True)
    cut = len(lines) - max(1, round(HELD_OUT_SHARE * len(lines)))
    training, held_out = folder / "training.txt", folder / "held-out.txt"
    training.write_bytes(b"".join(lines[:cut]))
    held_out.write_bytes(b"".join(lines[cut:]))
    return training, held_out


def curves(training: Path, held_out: Path, options: argparse.Namespace) -> Entry:
    """The losses of each epoch, of the first seed twice and of others."""
    runs = []
    for seed in (1, *range(1, options.seeds + 1)):
        vectors = train(
            training,
            validation_source=held_out,
            epochs=options.epochs,
            threads=options.threads,
            seed=seed,
        )
        ends = [record for record in vectors.training if record["event"] == "epoch"]
        found = {
            "seed": seed,
            "train": [end["epoch_loss"] for end in ends],
            "held_out": [end["validation_loss"] for end in ends],
        }
        print(found, file=sys.stderr)
        runs.append(found)
    same = [abs(one - other) for one, other in zip(runs[0]["held_out"], runs[1]["held_out"], strict=True)]
    of_seeds = [
        statistics.stdev(values) for values in zip(*(run["held_out"] for run in runs[1:]), strict=True)
    ]
    return {
        "runs": runs,
        "largest_difference": max(same),
        "mean_deviation_of_seeds": statistics.mean(of_seeds),
    }


def losses(training: Path, held_out: Path, folder: Path, options: argparse.Namespace) -> Entry:
    """Seconds of training in turn: as it is, without losses, and with a held-out loss after each epoch."""
    without = folder / "without-losses"
    shutil.copytree(SOURCE, without, ignore=shutil.ignore_patterns("__pycache__"))
    tile = without / "wordvec" / "kernels" / "cpu" / "tile.py"
    code = tile.read_text(encoding="utf-8")
    for line in LINES_OF_THE_LOSS:
        if code.count(line) != 1:
            raise SystemExit(f"the kernel's loss is not computed as before: there is no line {line!r}")
        code = code.replace(line, "")
    tile.write_text(code, encoding="utf-8")
    epochs = str(options.cost_epochs)
    seconds: dict[str, list[float]] = {"with losses": [], "without losses": [], "with held-out loss": []}
    for source in (SOURCE, without):
        _job(source, held_out, options, "1")  # compiles
    for _ in range(options.rounds):
        seconds["with losses"].append(_job(SOURCE, training, options, epochs))
        seconds["without losses"].append(_job(without, training, options, epochs))
        vectors = train(
            training, validation_source=held_out, epochs=options.cost_epochs, threads=options.threads
        )
        seconds["with held-out loss"].append(vectors.training[-1]["phases"]["training"])
        print({name: values[-1] for name, values in seconds.items()}, file=sys.stderr)
    pairs = zip(seconds["with losses"], seconds["without losses"], seconds["with held-out loss"], strict=True)
    costs = [(a / b - 1, c / a - 1) for a, b, c in pairs]
    return {
        "seconds": seconds,
        "epochs": options.cost_epochs,
        "cost_of_losses": spread([loss for loss, _ in costs]),
        "cost_of_held_out_loss": spread([loss for _, loss in costs]),
    }


def _job(source: Path, text: Path, options: argparse.Namespace, epochs: str) -> float:
    command = [sys.executable, "-c", JOB, str(text), str(options.threads), epochs]
    found = subprocess.run(command, env={"PYTHONPATH": str(source)}, capture_output=True, check=True)
    return float(found.stdout)


def checkpoints(training: Path, folder: Path, options: argparse.Namespace) -> Entry:
    """Seconds of training at dim 300 in turn, without and with frequent checkpoints; of one, from both."""
    settings: Entry = {"dim": 300, "epochs": options.cost_epochs, "threads": options.threads}
    runs = []
    for _ in range(options.rounds):
        without = train(training, **settings).training[-1]["phases"]["training"]
        written: list[int] = []
        vectors = train(
            training,
            checkpoint=folder / "run.wv",
            checkpoint_every=options.checkpoint_every,
            on_progress=_collector(written, folder / "run.wv"),
            **settings,
        )
        with_them = vectors.training[-1]["phases"]["training"]
        num_written = len(set(written) - {0})
        each = (with_them - without) / max(num_written, 1)
        runs.append(
            {"without": without, "with": with_them, "checkpoints": num_written, "seconds_of_each": each}
        )
        print(runs[-1], file=sys.stderr)
    if not (folder / "run.wv").exists():
        raise SystemExit(
            f"no run took as long as {options.checkpoint_every}; use more text, or --checkpoint-every"
        )
    size = sum(file.stat().st_size for file in (folder / "run.wv").iterdir())
    costs = [run["seconds_of_each"] / 60 for run in runs]
    return {
        "runs": runs,
        "bytes": size,
        "cost_of_one_a_minute": spread(costs),
        "every": options.checkpoint_every,
    }


def _collector(times: list[int], path: Path) -> Callable[[object], None]:
    """Remembers when the checkpoint was written, at each report."""
    return lambda _: times.append(_checkpoint_time(path))


def _checkpoint_time(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


def page(entries: Entry) -> str:
    """The results as Markdown."""
    conditions = next(iter(entries.values()))["conditions"]
    parts = [heading("What a run's honesty costs", "benchmarks.runs", conditions), ""]
    parts.append(
        f"- skip-gram, dim 100, window 5, 5 negatives; {conditions['threads']} threads; numba engine"
    )
    if "curves" in entries:
        parts += ["", "## Held-out loss", "", *_curves_page(entries["curves"])]
    if "losses" in entries:
        parts += ["", "## Cost of losses", "", *_losses_page(entries["losses"])]
    if "checkpoints" in entries:
        parts += ["", "## Cost of checkpoints", "", *_checkpoints_page(entries["checkpoints"])]
    return "\n".join(parts) + "\n"


def _curves_page(entry: Entry) -> list[str]:
    names = [f"seed {run['seed']}" for run in entry["runs"]]
    names[0] += ", again"
    rows = [["epoch", *names, "train, seed 1"]]
    for number, values in enumerate(zip(*(run["held_out"] for run in entry["runs"]), strict=True), start=1):
        train_loss = entry["runs"][1]["train"][number - 1]
        rows.append([str(number), *(f"{value:.4f}" for value in values), f"{train_loss:.4f}"])
    text = (
        f"Two runs of one seed differ by at most {entry['largest_difference']:.5f} in an epoch, as threads overlap; "
        f"runs of several seeds have a standard deviation of {entry['mean_deviation_of_seeds']:.5f} (mean over "
        "the epochs). Mean loss of a pair; held out: the last hundredth of the lines."
    )
    return [table(rows), "", text]


def _losses_page(entry: Entry) -> list[str]:
    rows = [["median (range)", f"seconds of training, {entry['epochs']} epochs"]]
    rows += [
        [name, spread_text(spread(values), "median", "{:.2f}".format)]
        for name, values in entry["seconds"].items()
    ]
    text = (
        f"Cost of the losses: {_percent(entry['cost_of_losses'])} of training; of the held-out loss of a hundredth of "
        f"the text after each epoch: {_percent(entry['cost_of_held_out_loss'])}. Without losses: the kernel's two "
        "lines that add a pair's loss up are taken out."
    )
    return [table(rows), "", text]


def _checkpoints_page(entry: Entry) -> list[str]:
    rows = [["dim 300", "seconds without", "seconds with", "checkpoints", "seconds of each"]]
    rows += [
        [
            f"run {number}",
            f"{run['without']:.2f}",
            f"{run['with']:.2f}",
            str(run["checkpoints"]),
            f"{run['seconds_of_each']:.2f}",
        ]
        for number, run in enumerate(entry["runs"], start=1)
    ]
    cost = _percent(entry["cost_of_one_a_minute"])
    text = f"One checkpoint ({entry['bytes'] / 1e6:,.0f} MB) a minute would cost {cost} of training."
    return [table(rows), "", text]


def _percent(figures: dict[str, float] | None) -> str:
    return spread_text(figures, "median", lambda share: f"{100 * share:.1f} %")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.runs", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="plain, gz, bz2 or xz text")
    parser.add_argument("--megabytes", type=float, help="use so much of it (default: all)")
    parser.add_argument("--parts", nargs="+", default=["curves", "losses", "checkpoints"])
    parser.add_argument("--epochs", type=int, default=10, help="of the curves")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--cost-epochs", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--checkpoint-every", default="3s")
    parser.add_argument("--threads", type=int, default=describe_machine()["cores"])
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder to write them to")
    return parser


if __name__ == "__main__":
    main()
