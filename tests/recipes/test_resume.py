"""Resuming a recipe: the published data is loaded again, as the run needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.pipeline.texts import SMALL, epochs_of, ring_texts

import wordvec
from wordvec.pipeline.run_log import Progress
from wordvec.training.progress import TrainingProgress

SPLITS = {"train": ring_texts(), "validation": ring_texts(40, seed=8)}


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The splits that are loaded."""
    import datasets

    splits: list[str] = []

    def load_dataset(*_: object, split: str, **__: object) -> datasets.Dataset:
        splits.append(split)
        texts = [" ".join(text) for text in SPLITS[split.split("+")[0]]]
        return datasets.Dataset.from_dict({"sentence": texts, "text": texts})

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    return splits


def interrupt_after_two(progress: Progress) -> None:
    if isinstance(progress, TrainingProgress) and progress.is_epoch_end and progress.epoch == 2:
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        ("d2l-ptb", {"validation_source": SPLITS["validation"]}, ["validation", "train"]),
        ("d2l-ptb", {"validation": 0.1}, ["train"]),
        ("text8-sgns", {"validation": 0.1}, ["train+validation+test"]),
    ],
    ids=["own split", "share asked for", "no split"],
)
def test_a_recipe_is_resumed_on_its_published_data(
    name: str, settings: dict[str, Any], expected: list[str], loaded: list[str], tmp_path: Path
) -> None:
    checkpoint = tmp_path / "run.wv"
    whole = wordvec.train(SPLITS["train"], **settings, **SMALL)
    wordvec.train(
        SPLITS["train"], checkpoint=checkpoint, on_progress=interrupt_after_two, **settings, **SMALL
    )
    resumed = wordvec.resume(checkpoint, recipe=name)
    assert resumed.matrix.tobytes() == whole.matrix.tobytes()
    assert [record["epoch"] for record in epochs_of(resumed.training)] == [1, 2, 3, 4]
    assert loaded == expected


def test_nothing_is_loaded_without_a_checkpoint(loaded: list[str], tmp_path: Path) -> None:
    with pytest.raises(wordvec.FormatError, match="does not exist"):
        wordvec.resume(tmp_path / "nowhere", recipe="d2l-ptb")
    assert not loaded
