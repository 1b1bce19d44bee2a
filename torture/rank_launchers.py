"""Rank launchers: how a run of ranks is started under torchrun and under Ray, and which processes they are."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["LAUNCHERS", "RankLauncher", "Run", "lines_said"]

RAY_ENVIRONMENT = {"RAY_DEDUP_LOGS": "0", "RAY_COLOR_PREFIX": "0", "RAY_USAGE_STATS_ENABLED": "0"}
RAY_STARTS_WORKERS = "Attempting to start training worker group"
OF_A_WORKER = re.compile(r"^(?:\x1b\[\d+m)?\(RayTrainWorker pid=\d+\)(?:\x1b\[0m)? |^wordvec: ")


class Run(NamedTuple):
    """What is to be trained, and where."""

    corpus: Path
    output: Path
    temporary: Path
    ranks: int
    settings: dict[str, Any]
    checkpoint_every: str


class RankLauncher(NamedTuple):
    """One way to start ranks, which starts them again when one is lost."""

    name: str
    command: Callable[[Run], list[str]]
    environment: dict[str, str]
    workers: Callable[
        [int], dict[int, int]
    ]  # the processes of a launcher's ranks, by rank or in the order of their start
    clean_up: Callable[[], None]  # after a launcher that was killed


def lines_said(data: str) -> Iterator[str]:
    r"""The lines of ranks in what a launcher prints, without what it puts before them; when they start, "starting".

    >>> list(lines_said("wordvec: counting 3%: 8 words\n(RayTrainWorker pid=8850) training 3%: 148k words/s"))
    ['counting 3%: 8 words', 'training 3%: 148k words/s']
    """
    for line in data.splitlines():
        if OF_A_WORKER.match(line):
            yield OF_A_WORKER.sub("", line)
        elif RAY_STARTS_WORKERS in line:
            yield "starting"


def _torchrun(run: Run) -> list[str]:
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in run.settings.items()]
    return [
        *(sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={run.ranks}"),
        *("--max-restarts=1000", "-m", "wordvec", "train", str(run.corpus), "-o", str(run.output)),
        *("--temporary-folder", str(run.temporary), f"--checkpoint-every={run.checkpoint_every}", *flags),
    ]


def _workers_of_torchrun(launcher: int) -> dict[int, int]:
    """Its children that were told a rank."""
    found: dict[int, int] = {}
    for children in Path(f"/proc/{launcher}/task").glob("*/children"):
        with suppress(OSError):
            for process in map(int, children.read_text().split()):
                variables = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
                for name, _, value in (one.partition(b"=") for one in variables):
                    if name == b"RANK":
                        found[int(value)] = process
    return found


def _ray(run: Run) -> list[str]:
    job = {
        "source": str(run.corpus),
        "output": str(run.output),
        "workers": run.ranks,
        "resources_per_worker": {"CPU": 0.1},  # so that there may be more ranks than CPUs
        "max_failures": -1,
        "storage": str(run.temporary.parent / "ray"),
        "temporary_folder": str(run.temporary),
        "checkpoint_every": run.checkpoint_every,
        **run.settings,
    }
    return [sys.executable, "-m", "torture.rank_launchers", json.dumps(job)]


def _workers_of_ray(launcher: int) -> dict[int, int]:
    """All that Ray Train has on this machine: they are not the launcher's children, but younger."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        process = int(folder.name)
        with suppress(OSError):
            if process > launcher and (folder / "cmdline").read_bytes().startswith(b"ray::RayTrainWorker"):
                found.append(process)
    return dict(enumerate(sorted(found)))


def _stop_ray() -> None:
    subprocess.run([sys.executable, "-m", "ray.scripts.scripts", "stop", "--force"], check=False)


LAUNCHERS = {
    "torchrun": RankLauncher("torchrun", _torchrun, {}, _workers_of_torchrun, lambda: None),
    "ray": RankLauncher("Ray", _ray, RAY_ENVIRONMENT, _workers_of_ray, _stop_ray),
}


def _main() -> None:
    from wordvec import train_on_ray

    job = json.loads(sys.argv[1])
    train_on_ray(job.pop("source"), job.pop("output"), **job)
    os.write(1, b"done\n")


if __name__ == "__main__":
    _main()
