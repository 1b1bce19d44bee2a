"""Measured: what is measured inside one process, with its conditions, on disk as JSON and as a page."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine, describe_source, describe_versions, file_digest
from benchmarks.page import circumstances
from wordvec.config import Config
from wordvec.vectors.word_vectors import WordVectors

__all__ = [
    "RESULTS",
    "WORK",
    "conditions_of",
    "heading",
    "listed",
    "moment",
    "save",
    "saved_runs",
    "settings_of",
    "training_speed",
]

WORK = Path(".cache/benchmarks")
RESULTS = Path(__file__).parent / "results"


def conditions_of(corpora: Mapping[str, Path], **more: Any) -> dict[str, Any]:
    """The machine, the versions, the source, and the exact texts, by a name for each."""
    return {
        "machine": describe_machine(),
        "versions": describe_versions("torch"),
        "source": describe_source(),
        "corpora": [
            {"name": name, "bytes": corpus.stat().st_size, "sha256": file_digest(corpus)}
            for name, corpus in corpora.items()
        ],
        **more,
    }


def heading(title: str, command: str, conditions: dict[str, Any]) -> str:
    """The top of a page: its title, what wrote it, and under which conditions."""
    by = f"Written by `python -m {command}`; do not edit."
    return "\n".join([f"# {title}", "", by, "", *listed(conditions)])


def listed(conditions: dict[str, Any]) -> list[str]:
    """Conditions as the items of a list."""
    texts = conditions["corpora"]
    return [
        *circumstances(conditions),
        *(f"- {text['name']}: {text['bytes']:,} bytes, sha256 {text['sha256'][:12]}" for text in texts),
    ]


def moment() -> dict[str, Any]:
    """When something is measured, and what else the machine was doing in the minute before."""
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    return {"started": now, "load_average": os.getloadavg()[0]}


def training_speed(vectors: WordVectors) -> dict[str, Any]:
    """Words/s of a finished training: in-vocabulary words before subsampling x epochs / seconds of training alone."""
    *_, last_epoch = (record for record in vectors.training if record["event"] == "epoch")
    done = vectors.training[-1]
    seconds = done["phases"]["training"]
    return {
        "words_per_second": done["words_trained"] / seconds,
        "training_seconds": seconds,
        "words": done["words"],
        "vocabulary": len(vectors),
        "loss": last_epoch["epoch_loss"],
    }


def settings_of(config: Config) -> dict[str, Any]:
    """All settings, with what was left open filled in."""
    return asdict(config) | {"learning_rate": config.first_learning_rate, "threads": config.num_threads}


def saved_runs(path: Path) -> dict[str, Any]:
    """What NAME.json has of runs and their texts; neither, where it is not there yet."""
    saved = path.with_suffix(".json")
    if not saved.exists():
        return {"runs": [], "texts": {}}
    found: dict[str, Any] = json.loads(saved.read_text(encoding="utf-8"))
    return found


def save(path: Path, content: dict[str, Any], page: str) -> None:
    """Write NAME.json and NAME.md, the former whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    unfinished.replace(path.with_suffix(".json"))
    path.with_suffix(".md").write_text(page, encoding="utf-8")
