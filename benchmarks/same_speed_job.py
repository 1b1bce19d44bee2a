"""Same speed, the job: write vectors, or take the wall and CPU seconds of one training or one loading.

    PYTHONPATH=CHECKOUT/src:. python -m benchmarks.same_speed_job '{"checkout": ..., "kind": "load", "path": "v.bin"}'

The job uses only what stays the same between versions: `wordvec.train`, `wordvec.load`, and `WordVectors.save`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import wordvec

__all__ = ["main"]

SEED = 1


def main() -> None:
    """Do the job, and print what it took as the last line of the output."""
    job = json.loads(sys.argv[1])
    source = Path(job["checkout"], "src").resolve()
    assert Path(wordvec.__file__).resolve().is_relative_to(source), f"{wordvec.__file__} is not in {source}"
    taken = {"train": _train, "load": _load, "write": _write}[job["kind"]](job)
    print(json.dumps(taken))


def _train(job: dict[str, Any]) -> dict[str, float]:
    """Train once on a few words, which compiles and imports, and once on the text."""
    settings = {**job["settings"], "progress": False}
    wordvec.train(job["warm_up"], **settings)
    return _seconds_of(lambda: wordvec.train(job["text"], **settings))


def _load(job: dict[str, Any]) -> dict[str, float]:
    """Load a file after its first words, which imports what the format needs."""
    wordvec.load(job["path"], limit=10)
    return _seconds_of(lambda: wordvec.load(job["path"]))


def _write(job: dict[str, Any]) -> dict[str, float]:
    """Make up vectors, and save them in each of the files."""
    chance = np.random.default_rng(SEED)
    words = [f"word{number}" for number in range(job["words"])]
    matrix = chance.standard_normal((job["words"], job["dim"]), dtype=np.float32)
    counts = np.arange(job["words"], 0, -1)
    vectors = wordvec.WordVectors(words, matrix, counts=counts)

    def save_all() -> None:
        for path in job["paths"]:
            vectors.save(path)

    return _seconds_of(save_all)


def _seconds_of(action: Callable[[], object]) -> dict[str, float]:
    """Wall seconds of an action, and CPU seconds of all threads of this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return {"wall_seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}


if __name__ == "__main__":
    main()
