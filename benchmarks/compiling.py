"""Compiling: how long wordvec compiles its kernels the first time, and with them in the cache."""

from __future__ import annotations

import itertools
import shutil
from dataclasses import replace
from pathlib import Path

from benchmarks.measure import measure
from benchmarks.trainers import TRAINERS
from wordvec.config import Config

__all__ = ["compiling_seconds"]

LINES = 200


def compiling_seconds(
    corpus: Path, work: Path, config: Config, environment: dict[str, str]
) -> dict[str, float]:
    """Train twice on a few lines with a cache that is empty at first; runs after that start warm."""
    few_lines = work / "few_lines.txt"
    with corpus.open(encoding="utf-8") as lines, few_lines.open("w", encoding="utf-8") as output:
        output.writelines(itertools.islice(lines, LINES))
    trainer = TRAINERS["wordvec"]
    folder = work / "compiled"
    seconds = {}
    for occasion in ("first", "cached"):
        command = trainer.command(few_lines, folder, replace(config, epochs=1))
        measure(command, work / "compiling.log", environment)
        seconds[occasion] = trainer.report(folder).phases["compiling"]
        shutil.rmtree(folder)
    return seconds
