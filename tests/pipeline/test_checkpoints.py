"""Checkpoints: what a run remembers of itself is checked when it is read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wordvec
from wordvec.errors import FormatError
from wordvec.formats.checkpoint import write_checkpoint
from wordvec.pipeline.checkpoints import CHECKS, load_checkpoint, run_facts
from wordvec.pipeline.corpora import Corpora, encode
from wordvec.vocabulary.encoding import CountingProgress

GOOD: dict[str, Any] = {
    "source": ["/texts/a.txt", "/texts/b.txt"],
    "validation_source": None,
    "corpus_sha256": "ab12",
    "held_out_sha256": None,
    "watch": ["a"],
    "watch_sample": 0,
    "epochs_done": 2,
    "best_loss": 0.5,
}


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    vectors = wordvec.WordVectors(["a", "b"], [[1.0], [2.0]])
    write_checkpoint(tmp_path / "run.wv", vectors, {"input": np.ones((2, 1), np.float32)}, GOOD)
    return tmp_path / "run.wv"


def corpora_in(folder: Path) -> Corpora:
    return encode([["a", "b"]] * 5, folder, wordvec.Config(), "whitespace", on_progress=_ignore)


def _ignore(_: CountingProgress) -> None: ...


def test_what_was_written_is_read(checkpoint: Path) -> None:
    assert load_checkpoint(checkpoint).run == GOOD


def test_every_fact_is_checked() -> None:
    assert set(CHECKS) == set(GOOD)


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_fact_is_named(name: str, checkpoint: Path) -> None:
    facts = {other: value for other, value in GOOD.items() if other != name}
    (checkpoint / "run.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(FormatError, match=rf"run\.json is damaged: {name} cannot be nothing; train again"):
        load_checkpoint(checkpoint)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs_done", "2"),
        ("epochs_done", 0),
        ("epochs_done", True),
        ("epochs_done", 2.5),
        ("epochs_done", None),
        ("best_loss", float("nan")),
        ("best_loss", "low"),
        ("best_loss", [0.5]),
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


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("texts.txt", "texts.txt"),
        (Path("folder"), "folder"),
        ("./-", "-"),
        (["b*.txt", Path("a.txt")], ["b*.txt", "a.txt"]),
    ],
    ids=str,
)
def test_paths_are_kept_whole(source: Any, kept: Any, tmp_path: Path) -> None:
    here = os.getcwd()  # noqa: PTH109
    whole = f"{here}/{kept}" if isinstance(kept, str) else [f"{here}/{name}" for name in kept]
    assert run_facts(source, None, corpora_in(tmp_path), [], 0)["source"] == whole
    assert run_facts("-", source, corpora_in(tmp_path), [], 0)["validation_source"] == whole


def test_the_home_folder_is_spelled_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert run_facts("~/a.txt", None, corpora_in(tmp_path), [], 0)["source"] == "/home/ada/a.txt"


@pytest.mark.parametrize(
    "source", ["-", ["a.txt", "-"], [["a", "b"]], b"\xff.txt".decode(errors="surrogateescape")]
)
def test_what_cannot_be_found_again_by_name_is_not_kept(source: Any, tmp_path: Path) -> None:
    assert run_facts(source, None, corpora_in(tmp_path), [], 0)["source"] is None
