"""Results: one JSON file of everything measured under one set of conditions, on disk after every run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.trainers import TRAINERS

__all__ = ["ConditionsChangedError", "Results", "Run"]


class ConditionsChangedError(RuntimeError):
    """A file of results was measured under other conditions than those of now."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One training in one process."""

    case: str
    trainer: str
    seed: int
    started: str
    """Date and time, UTC."""
    load_average: float
    """Of the minute before; what else the machine was doing."""
    words_per_second: float
    """Words of the corpus that are in the vocabulary x epochs / wall seconds of training alone."""
    training_seconds: float
    job_seconds: float
    """Wall time from the start of the process to its end."""
    cpu_seconds: float
    """Of the whole job, all its threads; little beside the wall time where other work took the cores."""
    peak_memory_bytes: int
    peak_private_bytes: int | None
    phases: dict[str, float]
    """Seconds, as the trainer tells them."""
    words: int
    vocabulary: int
    scores: dict[str, float | None]


@dataclass(kw_only=True)
class Results:
    """Runs and the conditions that they share; saved after every run, so an interruption loses nothing."""

    path: Path
    conditions: dict[str, Any]
    cases: dict[str, Any] = field(default_factory=dict)
    """Of each case: its settings for each trainer, and the seconds that compiling took."""
    runs: list[Run] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, conditions: dict[str, Any], replace: bool) -> Results:
        """Continue the results in `path`, or begin them.

        Raises:
            ConditionsChangedError: they were measured under other conditions, and `replace` is false.
        """
        if replace or not path.exists():
            return cls(path=path, conditions=conditions)
        saved = json.loads(path.read_text(encoding="utf-8"))
        if changed := _differences(saved["conditions"], json.loads(json.dumps(conditions))):
            raise ConditionsChangedError(
                f"{path} holds results measured under other conditions ({'; '.join(changed)}); "
                "choose another --name to keep both, or --replace to measure anew"
            )
        runs = [Run(**run) for run in saved["runs"]]
        return cls(
            path=path, conditions=conditions, cases=saved["cases"], runs=runs, summary=saved["summary"]
        )

    def find(self, case: str, trainer: str, seed: int) -> Run | None:
        """The run that was measured already, if it was."""
        wanted = (case, trainer, seed)
        return next((run for run in self.runs if (run.case, run.trainer, run.seed) == wanted), None)

    def of(self, case: str, trainer: str) -> list[Run]:
        """Every run of one trainer on one case, by seed."""
        return sorted((r for r in self.runs if (r.case, r.trainer) == (case, trainer)), key=lambda r: r.seed)

    def trainers(self, case: str) -> list[str]:
        """Those that ran, the one first that the others are compared with."""
        return [name for name in TRAINERS if self.of(case, name)]

    def save(self) -> None:
        """Write the file whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.path.with_suffix(".unfinished")
        content = {name: value for name, value in asdict(self).items() if name != "path"}
        unfinished.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        unfinished.replace(self.path)


def _differences(saved: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What changed from one set of conditions to another, in words."""
    changed = []
    for name in sorted(saved.keys() | now.keys()):
        before, after = saved.get(name), now.get(name)
        if isinstance(before, dict) and isinstance(after, dict):
            changed += [f"{name} {change}" for change in _differences(before, after)]
        elif before != after:
            changed.append(f"{name}: {before} then, {after} now")
    return changed
