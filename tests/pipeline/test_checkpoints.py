"""Checkpoints: what a run remembers of itself is checked when it is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wordvec
from wordvec.corpus.sources import FileSource, parse_source
from wordvec.distributed.group import LAUNCHER_VARIABLES
from wordvec.errors import ConfigError, FormatError
from wordvec.formats.checkpoint import Checkpoint, write_checkpoint
from wordvec.pipeline.checkpoint_schedule import CheckpointSchedule
from wordvec.pipeline.checkpoints import (
    CHECKS,
    LATER,
    load_checkpoint,
    position_in,
    recipe_in,
    run_identity,
    settings_digest,
)
from wordvec.pipeline.epoch_evaluation import EarlyStopping
from wordvec.pipeline.resume import can_resume_after_loss, check_same_settings
from wordvec.pipeline.run_state import NO_RANKS
from wordvec.planning.request import NEVER, TrainingRequest, interval
from wordvec.training.corpora import encode
from wordvec.training.progress import START, RunPosition, TrainingProgress

SETTINGS = {"dim": 1, "seed": 1}
GOOD: dict[str, Any] = {
    "source": ["/texts/a.txt", "/texts/b.txt"],
    "validation_source": None,
    "vocabulary_sha256": "cd34",
    "corpus_sha256": "ab12",
    "held_out_sha256": None,
    "settings_sha256": settings_digest(SETTINGS),
    "watch": ["a"],
    "watch_sample": 0,
    "evaluate": [],
    "checkpoint_every": "10m",
    "epochs_done": 2,
    "position": 7,
    "words": 5,
    "pairs": 60,
    "loss": 30.5,
    "best_value": -0.5,
    "epochs_since_best": 0,
    "recipe": "d2l-ptb",
    "ranks": 2,
    "plan": {"ranges": [[[0, 5]], [[5, 10]]], "rounds": 3, "share_before": 0.0, "next_round": 2},
    "launch": "job-7",
}


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    vectors = wordvec.WordVectors(["a", "b"], [[1.0], [2.0]], config=SETTINGS)
    write_checkpoint(tmp_path / "run.wv", Checkpoint(vectors, {"input": np.ones((2, 1), np.float32)}, GOOD))
    return tmp_path / "run.wv"


def test_what_was_written_is_read(checkpoint: Path) -> None:
    assert load_checkpoint(checkpoint).run == GOOD


def test_every_fact_is_checked(tmp_path: Path) -> None:
    corpora = encode(
        parse_source([["a", "b"]] * 5), tmp_path, wordvec.Config(), "whitespace", on_progress=lambda _: None
    )
    request = TrainingRequest(source=FileSource("a.txt"), config=wordvec.Config(), checkpoint_every="never")
    facts = run_identity(request, corpora, "ab12", SETTINGS)
    written = {*facts, *START._fields, *EarlyStopping(wordvec.Config()).facts(), *NO_RANKS}
    assert written == set(CHECKS) == set(GOOD)


@pytest.fixture
def launch(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Be a rank of a launch with this name, which has not counted a restart."""

    def be_of(name: str) -> None:
        for variable in LAUNCHER_VARIABLES:
            monkeypatch.setenv(variable, "0")
        monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "0")
        monkeypatch.setenv("TORCHELASTIC_RUN_ID", name)

    return be_of


def test_a_launch_goes_on_with_its_own_run_alone(
    checkpoint: Path, tmp_path: Path, launch: Callable[[str], None]
) -> None:
    assert not can_resume_after_loss(checkpoint)
    launch("job-7")
    assert can_resume_after_loss(checkpoint)
    assert not can_resume_after_loss(tmp_path / "other.wv")
    for name in ("job-8", "none", ""):
        launch(name)
        assert not can_resume_after_loss(checkpoint)


def test_a_launch_with_other_settings_than_its_run_is_refused_by_name(checkpoint: Path) -> None:
    check_same_settings(checkpoint, wordvec.Config(dim=1, threads=7))
    with pytest.raises(ConfigError, match=r"dim is 2 here, and 1 in the run of .*--rdzv-id, with --restart"):
        check_same_settings(checkpoint, wordvec.Config(dim=2))


def test_a_launch_whose_run_has_lost_its_settings_is_refused(checkpoint: Path) -> None:
    (checkpoint / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(FormatError, match=r"config\.json is damaged: it has no settings"):
        check_same_settings(checkpoint, wordvec.Config())


def test_the_place_is_in_it(checkpoint: Path) -> None:
    assert position_in(load_checkpoint(checkpoint).run) == RunPosition(2, 7, 5, 60, 30.5)


def test_changed_settings_are_refused(checkpoint: Path) -> None:
    about = json.loads((checkpoint / "config.json").read_text(encoding="utf-8"))
    about["settings"]["seed"] = 2
    (checkpoint / "config.json").write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(FormatError, match=r"config\.json has other settings than the run began with"):
        load_checkpoint(checkpoint)


def progress(epoch: int = 1, *, is_epoch_end: bool = False) -> TrainingProgress:
    return TrainingProgress(epoch, 9, 1, 9, 1.0, 1.0, 0.1, None, None, is_epoch_end)


def test_a_checkpoint_is_due_when_its_time_has_come_since_the_last_one() -> None:
    time = iter([100.0, 109.0, 110.0, 112.0, 121.0, 122.0])
    due = CheckpointSchedule(interval("10s", ""), now=lambda: next(time))
    assert [due.is_due(progress()), due.is_due(progress())] == [False, True]
    due.written()  # which took two seconds
    assert [due.is_due(progress(is_epoch_end=True)), due.is_due(progress())] == [False, True]


def test_a_checkpoint_is_due_every_n_epochs() -> None:
    due = CheckpointSchedule(interval("2epochs", ""))
    found = [
        due.is_due(progress(epoch, is_epoch_end=is_end)) for epoch in range(1, 5) for is_end in (False, True)
    ]
    assert found == [False, False, False, True, False, False, False, True]


def test_never_is_never() -> None:
    due = CheckpointSchedule(NEVER, now=iter(range(0, 10**9, 10**6)).__next__)
    assert not any(due.is_due(progress(is_epoch_end=is_end)) for is_end in (False, True) for _ in range(9))


def test_a_failed_one_is_due_again_after_a_minute_and_sooner_where_they_come_more_often() -> None:
    for every, first_time in (("10m", 60.0), ("5s", 5.0)):
        time = iter([0.0, 0.0, 0.0, first_time - 1, first_time])
        due = CheckpointSchedule(interval(every, ""), now=lambda time=time: next(time))  # type: ignore[misc]
        due.written()
        due.failed()
        assert [due.is_due(progress()), due.is_due(progress())] == [False, True]


def test_a_failed_one_of_whole_epochs_is_due_at_the_next_of_these() -> None:
    due = CheckpointSchedule(interval("1epoch", ""))
    due.failed()
    assert [due.is_due(progress(2)), due.is_due(progress(2, is_epoch_end=True))] == [False, True]


def test_checkpoints_from_before_recipes_were_in_them_are_of_none(checkpoint: Path) -> None:
    assert recipe_in(checkpoint) == "d2l-ptb"
    facts = {name: value for name, value in GOOD.items() if name not in LATER}
    (checkpoint / "run.json").write_text(json.dumps(facts), encoding="utf-8")
    assert load_checkpoint(checkpoint).run == {**facts, **LATER}
    assert recipe_in(checkpoint) is None


@pytest.mark.parametrize("name", [name for name in GOOD if name not in LATER])
def test_a_missing_fact_is_named(name: str, checkpoint: Path) -> None:
    facts = {other: value for other, value in GOOD.items() if other != name}
    (checkpoint / "run.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(FormatError, match=rf"run\.json is damaged: {name} cannot be nothing; train again"):
        load_checkpoint(checkpoint)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs_done", "2"),
        ("epochs_done", -1),
        ("position", 2.5),
        ("loss", 30),
        ("evaluate", "a.txt"),
        ("checkpoint_every", 10),
        ("settings_sha256", None),
        ("epochs_done", True),
        ("epochs_done", 2.5),
        ("epochs_done", None),
        ("best_value", "low"),
        ("best_value", [0.5]),
        ("source", 3),
        ("source", []),
        ("source", [["a", "b"]]),
        ("validation_source", {"path": "x"}),
        ("corpus_sha256", None),
        ("held_out_sha256", 12),
        ("watch", "a"),
        ("watch", [1]),
        ("watch_sample", -1),
    ],
)
def test_a_fact_of_the_wrong_kind_is_named(name: str, value: Any, checkpoint: Path) -> None:
    (checkpoint / "run.json").write_text(json.dumps({**GOOD, name: value}), encoding="utf-8")
    with pytest.raises(FormatError, match=rf"run\.json is damaged: {name} cannot be "):
        load_checkpoint(checkpoint)


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_numbers_that_json_has_not_are_refused(value: float, checkpoint: Path) -> None:
    (checkpoint / "run.json").write_text(json.dumps({**GOOD, "best_value": value}), encoding="utf-8")
    with pytest.raises(
        FormatError, match=r"run\.json is damaged, not JSON: (Infinity|NaN) is not a number of JSON"
    ):
        load_checkpoint(checkpoint)


@pytest.mark.parametrize(
    "source",
    [
        {},
        {"paths": "a.csv"},
        {"paths": 5, "column": None, "input_format": None},
        {"paths": "a.csv", "column": 5, "input_format": None},
        {"paths": "a.csv", "column": "text", "input_format": "xlsx"},
        {"paths": "a.csv", "column": "text", "input_format": None, "encoding": "klingon"},
        {"paths": "a.csv", "column": "text", "input_format": None, "encoding": 5},
        {"paths": "a.csv", "column": "text", "input_format": None, "errors": "surrogateescape"},
    ],
    ids=str,
)
def test_a_source_of_another_shape_is_damage(source: Any) -> None:
    assert not CHECKS["source"](source)
