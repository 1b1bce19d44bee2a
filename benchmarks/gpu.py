"""The torch engine on a GPU: words/s by batch size beside the CPU of the same machine, and the loss of both.

    python -m benchmarks.gpu
    python -m benchmarks.gpu --words 5000000 --batch-size 512 32768 --optimizers sparse_adam

Skip-gram with negative sampling for one epoch of a generated text in which word frequencies follow Zipf's law. Both
devices draw the same windows and noise words and take the same steps in the same order, so that the mean loss of the
epoch must be the same; where it is not, the exit status is 1. That is why plain SGD has one thread of the CPU: more
would share the vectors without locks, each with batches of its own. Without a GPU, a line says so, nothing is written,
and the exit status is 0.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch

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
from benchmarks.summary import spread
from wordvec.config import Config
from wordvec.errors import EngineError
from wordvec.pipeline.train import train

__all__ = ["main", "measure_in_turn", "page", "settings_for", "summarize"]

SETTINGS = Config(engine="torch", dim=100, window=5, negatives=5, subsample=1e-3, min_count=1, epochs=1)
SEED = 1
VOCABULARY, WORDS_PER_LINE = 20_000, 200
WARM_UP_WORDS = 20_000  # trained on first, so that no clock runs while a GPU loads its kernels
LOSS_TOLERANCE = 0.005  # relative; floats are added up in another order
RATE = 0.01  # of optimizers that adapt their steps
SGD_BATCH = 512  # with larger ones, SGD's rate is lower in proportion: sums of so many steps would diverge

Entry = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure both devices in turn, save the results, print the page, and say by the status whether losses agree."""
    options = _parser().parse_args(arguments)
    if not _is_there(options.device):
        print(
            f"PyTorch {torch.__version__} finds no device {options.device!r} here: nothing is measured, nothing written"
        )
        return 0
    WORK.mkdir(parents=True, exist_ok=True)
    corpus, warm_up = WORK / "zipf.txt", WORK / "zipf-warm-up.txt"
    _write_text(corpus, options.words)
    _write_text(warm_up, min(options.words, WARM_UP_WORDS))
    config = replace(SETTINGS, threads=options.threads)
    conditions = conditions_of(
        {"generated text": corpus},
        gpu=_device_name(options.device),
        words=options.words,
        settings=settings_of(config),
        loss_tolerance=LOSS_TOLERANCE,
    )
    runs = measure_in_turn(corpus, warm_up, config, options)
    result: Entry = {"conditions": conditions, "runs": runs, "cases": summarize(runs)}
    save(options.results / "gpu", result, page(result))
    print(page(result))
    return int(not all(case["has_same_loss"] for case in result["cases"]))


def measure_in_turn(corpus: Path, warm_up: Path, config: Config, options: argparse.Namespace) -> list[Entry]:
    """Every optimizer with every batch size, first on the GPU, then on the CPU; round after round."""
    devices = {"gpu": options.device, "cpu": "cpu"}
    for optimizer, device in product(options.optimizers, devices.values()):
        _measured(warm_up, replace(config, optimizer=optimizer, device=device))
    runs: list[Entry] = []
    turns = product(range(1, options.rounds + 1), options.optimizers, options.batch_size, devices)
    for number, optimizer, size, name in turns:
        asked = settings_for(optimizer, size, replace(config, device=devices[name]))
        run = {"round": number, "optimizer": optimizer, "batch_size": size, "device": name, **moment()}
        run |= {"threads": asked.num_threads, "learning_rate": asked.first_learning_rate}
        runs.append({**run, **_measured(corpus, asked)})
        print(_one_line(runs[-1]), file=sys.stderr, flush=True)
    return runs


def settings_for(optimizer: str, batch_size: int, config: Config) -> Config:
    """Settings with which steps come in the same order on every device, and do not diverge with large batches."""
    asked = replace(config, optimizer=optimizer, batch_size=batch_size)
    if optimizer != "sgd":
        return replace(asked, learning_rate=RATE)
    rate = asked.first_learning_rate * min(1.0, SGD_BATCH / batch_size)
    return replace(asked, threads=1, learning_rate=rate)


def summarize(runs: Sequence[Entry]) -> list[Entry]:
    """Of each optimizer and batch size: both devices' figures, the GPU's speed by the CPU's, and how losses differ."""
    cases: list[Entry] = []
    for optimizer, size in dict.fromkeys((run["optimizer"], run["batch_size"]) for run in runs):
        on_gpu, on_cpu = (
            {
                run["round"]: run
                for run in runs
                if (run["optimizer"], run["batch_size"], run["device"]) == of_case
            }
            for of_case in ((optimizer, size, "gpu"), (optimizer, size, "cpu"))
        )
        pairs = [(on_gpu[number], on_cpu[number]) for number in on_gpu if number in on_cpu]
        done = [(one, other) for one, other in pairs if "failed" not in one and "failed" not in other]
        differences = [abs(one["loss"] / other["loss"] - 1) for one, other in done]
        fails_on_one = any(("failed" in one) != ("failed" in other) for one, other in pairs)
        cases.append(
            {
                "optimizer": optimizer,
                "batch_size": size,
                "gpu": _figures(on_gpu.values()),
                "cpu": _figures(on_cpu.values()),
                "gpu_by_cpu": spread(
                    [one["words_per_second"] / other["words_per_second"] for one, other in done]
                ),
                "loss_difference": max(differences, default=None),
                "has_same_loss": not fails_on_one and max(differences, default=0.0) <= LOSS_TOLERANCE,
            }
        )
    return cases


def _figures(runs: Iterable[Entry]) -> Entry:
    done = [run for run in runs if "failed" not in run]
    return {figure: spread([run[figure] for run in done]) for figure in ("words_per_second", "loss")}


def page(result: Entry) -> str:
    """The result as Markdown."""
    conditions = result["conditions"]
    settings = conditions["settings"]
    rows = [
        ["optimizer", "batch size", "GPU, words/s", "CPU, words/s", "GPU / CPU", "loss, GPU", "loss, CPU"]
    ]
    for case in result["cases"]:
        speeds = [
            spread_text(case[name]["words_per_second"], "median", "{:,.0f}".format) for name in ("gpu", "cpu")
        ]
        losses = [spread_text(case[name]["loss"], "median", "{:.4f}".format) for name in ("gpu", "cpu")]
        ratio = spread_text(case["gpu_by_cpu"], "median", "{:.1f}x".format)
        rows.append([case["optimizer"], f"{case['batch_size']:,}", *speeds, ratio, *losses])
    different = [
        f"{case['optimizer']}, {case['batch_size']:,}"
        for case in result["cases"]
        if not case["has_same_loss"]
    ]
    verdict = f"they do **not** for {'; '.join(different)}" if different else "they do for every one"
    num_rounds = max(run["round"] for run in result["runs"])
    return f"""{heading("The torch engine on a GPU", "benchmarks.gpu", conditions)}
- GPU: {conditions["gpu"]}
- skip-gram, dim {settings["dim"]}, window {settings["window"]}, negatives {settings["negatives"]}, \
subsample {settings["subsample"]:g}; {conditions["words"]:,} words, one epoch
- learning rate {RATE:g}; of sgd, {settings["learning_rate"]:g} x {SGD_BATCH} / batch size
- threads of the CPU: {settings["threads"]}; of sgd, 1

Median (range) of {num_rounds} rounds in turn. Words/s: words of the text, before subsampling, / wall seconds of
training alone, which end when the GPU is done. Loss: the mean over true pairs and pairs with noise words; for each
batch size, both devices must agree to {conditions["loss_tolerance"]:.1%}: {verdict}.
A dash: training diverged.

{table(rows)}
"""


def _measured(corpus: Path, config: Config) -> Entry:
    try:
        return training_speed(train(corpus, config=replace(config, seed=SEED)))
    except EngineError as problem:  # large steps of plain SGD may diverge; that is a result, too
        return {"failed": str(problem)}


def _is_there(device: str) -> bool:
    has: dict[str, Callable[[], bool]] = {
        "cuda": torch.cuda.is_available,
        "mps": torch.backends.mps.is_available,
    }
    return device not in has or has[device]()


def _device_name(device: str) -> str:
    return torch.cuda.get_device_name() if device == "cuda" else device


def _write_text(path: Path, num_words: int) -> None:
    shares = 1 / np.arange(1, VOCABULARY + 1)
    ids = np.random.default_rng(SEED).choice(VOCABULARY, num_words, p=shares / shares.sum())
    words = [f"w{number}" for number in ids.tolist()]
    lines = (" ".join(words[start : start + WORDS_PER_LINE]) for start in range(0, num_words, WORDS_PER_LINE))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _one_line(run: Entry) -> str:
    what = run.get("failed") or f"{run['words_per_second']:,.0f} words/s, loss {run['loss']:.4f}"
    return f"round {run['round']}, {run['optimizer']}, {run['batch_size']} centers a step, {run['device']}: {what}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.gpu", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--words", type=int, default=2_000_000, help="of the text to train on")
    parser.add_argument(
        "--batch-size", type=int, nargs="+", default=[512, 2048, 8192, 32768], help="centers a step"
    )
    parser.add_argument("--optimizers", nargs="+", default=["sgd", "sparse_adam"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=describe_machine()["cores"], help="on the CPU")
    parser.add_argument(
        "--device", choices=["cuda", "mps", "cpu"], default="cuda", help="to compare with the CPU"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder to write them to")
    return parser


if __name__ == "__main__":
    sys.exit(main())
