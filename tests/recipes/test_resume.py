"""Resuming a recipe: the published data is loaded again, as the run needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.pipeline.texts import SMALL, epochs_of, ring_texts

import wordvec
from wordvec.pipeline.run_log import Progress
from wordvec.recipes.catalog import recipe
from wordvec.recipes.recipe import PublishedData
from wordvec.recipes.resume import resume_recipe
from wordvec.training.progress import TrainingProgress

SPLITS = {"train": ring_texts(), "validation": ring_texts(40, seed=8)}


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What is loaded: split and tokenizer."""
    calls: list[tuple[str, str]] = []

    def published_texts(data: PublishedData, split: str, tokenizer: str) -> list[list[str]]:
        calls.append((split, tokenizer))
        return SPLITS[split.split("+")[0]]

    monkeypatch.setattr("wordvec.recipes.resume.published_texts", published_texts)
    return calls


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
    name: str, settings: dict[str, Any], expected: list[str], loaded: list[tuple[str, str]], tmp_path: Path
) -> None:
    checkpoint = tmp_path / "run.wv"
    whole = wordvec.train(SPLITS["train"], **settings, **SMALL)
    wordvec.train(
        SPLITS["train"], checkpoint=checkpoint, on_progress=interrupt_after_two, **settings, **SMALL
    )
    resumed = resume_recipe(recipe(name), checkpoint)
    assert resumed.matrix.tobytes() == whole.matrix.tobytes()
    assert [record["epoch"] for record in epochs_of(resumed.training)] == [1, 2, 3, 4]
    assert [split for split, _ in loaded] == expected
    assert {tokenizer for _, tokenizer in loaded} == {recipe(name).tokenizer}


def test_nothing_is_loaded_for_what_is_no_checkpoint(loaded: list[tuple[str, str]], tmp_path: Path) -> None:
    with pytest.raises(wordvec.FormatError, match="does not exist"):
        resume_recipe(recipe("d2l-ptb"), tmp_path / "nowhere")
    assert not loaded
