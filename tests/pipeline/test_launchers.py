"""Launchers: what each rank does that Ray or Spark has started."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from wordvec.formats.checkpoint import is_checkpoint
from wordvec.formats.load import load
from wordvec.pipeline.launchers import train_rank
from wordvec.pipeline.run_log import Progress
from wordvec.pipeline.train import train
from wordvec.training.progress import TrainingProgress

SETTINGS: dict[str, Any] = {"dim": 10, "threads": 1, "epochs": 3, "min_count": 1}


class LostError(Exception):
    """The process is gone."""


def lose_after_an_epoch(progress: Progress) -> None:
    if isinstance(progress, TrainingProgress) and progress.epoch > 1:
        raise LostError


@pytest.fixture
def job(tmp_path: Path) -> dict[str, Any]:
    text = tmp_path / "corpus.txt"
    text.write_text("the quick brown fox jumps over the lazy dog\n" * 400, encoding="utf-8")
    (tmp_path / "temporary").mkdir()
    return {
        "source": str(text),
        "output": str(tmp_path / "models" / "model.wv"),
        "arguments": {
            **SETTINGS,
            "temporary_folder": str(tmp_path / "temporary"),
            "checkpoint_every": "1epoch",
        },
    }


def lost(job: dict[str, Any]) -> Path:
    """The checkpoint of a run whose process was lost in the second epoch."""
    checkpoint = Path(job["output"] + ".checkpoint")
    checkpoint.parent.mkdir()
    with suppress(LostError):
        train(job["source"], checkpoint=checkpoint, on_progress=lose_after_an_epoch, **job["arguments"])
    assert is_checkpoint(checkpoint)
    return checkpoint


def test_a_rank_that_was_lost_goes_on_from_its_checkpoint_and_leaves_none(job: dict[str, Any]) -> None:
    checkpoint = lost(job)
    train_rank(job)
    assert not checkpoint.exists()
    undisturbed = train(job["source"], **job["arguments"])
    assert load(job["output"]).matrix.tobytes() == undisturbed.matrix.tobytes()


def test_a_rank_that_goes_on_keeps_its_text_where_it_was_told_to(
    job: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    lost(job)
    monkeypatch.setattr(tempfile, "tempdir", "/where/nothing/can/be/written")
    train_rank(job)
    assert load(job["output"]).words
    assert list(Path(job["arguments"]["temporary_folder"]).iterdir()) == []
