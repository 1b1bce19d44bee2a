"""Tests are taken after each epoch, and may tell which one was the best."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.pipeline.texts import SMALL, epochs_of, ring_texts

import wordvec
from wordvec.evaluation.scores import score
from wordvec.evaluation.word_tests import read_test
from wordvec.training.progress import TrainingProgress

TEXTS = ring_texts()


@pytest.fixture
def analogies(tmp_path: Path) -> Path:
    file = tmp_path / "analogies.txt"
    file.write_text(": rings\na1 a2 a2 a3\na1 b1 a2 b2\na1 c1 a3 c3\na1 a2 b1 nowhere\n", encoding="utf-8")
    return file


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    file = tmp_path / "pairs.tsv"
    file.write_text("a1\ta2\t9\na1\tb1\t1\nb1\tb2\t8\nb2\tc1\t2\na3\tc3\t0.5\n", encoding="utf-8")
    return file


def test_each_epoch_has_the_scores_of_its_vectors(analogies: Path, pairs: Path) -> None:
    told: list[Any] = []
    vectors = wordvec.train(TEXTS, evaluate=[analogies, str(pairs)], on_progress=told.append, **SMALL)
    ends = epochs_of(vectors.training)
    assert [list(end["scores"]) for end in ends] == [["analogies.txt", "pairs.tsv"]] * SMALL["epochs"]
    for file in (analogies, pairs):
        wanted = score(read_test(file), vectors.words, vectors.matrix)
        assert ends[-1]["scores"][file.name] == wanted._asdict()
    assert ends[-1]["scores"]["analogies.txt"]["asked"] == 3
    assert len({end["scores"]["pairs.tsv"]["value"] for end in ends}) > 1  # they are not those of one epoch
    reports = [progress for progress in told if isinstance(progress, TrainingProgress)]
    assert all((report.scores is not None) == report.is_epoch_end for report in reports)


def test_the_best_epoch_may_be_that_with_the_best_score(
    analogies: Path, pairs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = iter([0.1, 0.7, 0.6, 0.5, 0.4])

    def scored(tests: Any, words: Any, matrix: Any) -> Any:
        return (score(tests[0], words, matrix)._replace(value=next(values)),)

    monkeypatch.setattr("wordvec.pipeline.epoch_evaluation.score_all", scored)
    settings = {**SMALL, "epochs": 5, "best_by": "similarity", "patience": 2}
    found = wordvec.train(TEXTS, evaluate=[pairs], **settings)
    assert [end["epoch"] for end in epochs_of(found.training)] == [1, 2, 3, 4]
    assert found.training[-1]["stopped_early"] == "similarity no better for 2 epochs"
    monkeypatch.undo()

    def keep(progress: Any) -> None:
        if isinstance(progress, TrainingProgress) and progress.is_epoch_end and progress.epoch == 2:
            raise KeyboardInterrupt

    at_two = wordvec.train(TEXTS, on_progress=keep, **{**SMALL, "epochs": 5})
    assert found.matrix.tobytes() == at_two.matrix.tobytes()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"keep": "best", "best_by": "analogies"},
            "best_by='analogies' needs a file of analogies .*got none",
        ),
        ({"patience": 2}, "patience=2 needs a validation loss"),
        (
            {"patience": 2, "best_by": "similarity"},
            "best_by='similarity' needs a file of similarity",
        ),
        ({"evaluate": "pairs.tsv"}, r"evaluate must be a list, got 'pairs\.tsv'; give \['pairs\.tsv'\]"),
    ],
    ids=str,
)
def test_what_cannot_be_told_is_refused_before_anything_is_read(
    settings: dict[str, Any], message: str
) -> None:
    told: list[Any] = []
    with pytest.raises(wordvec.ConfigError, match=message):
        wordvec.train(TEXTS, on_progress=told.append, **{**SMALL, **settings})
    assert told == []


def test_the_kind_that_tells_must_be_among_the_tests(pairs: Path) -> None:
    told: list[Any] = []
    with pytest.raises(wordvec.ConfigError, match=r"needs a file of analogies .* got similarity; give one"):
        wordvec.train(
            TEXTS, evaluate=[pairs], keep="best", best_by="analogies", on_progress=told.append, **SMALL
        )
    assert told == []


def test_a_test_without_a_known_word_cannot_tell(pairs: Path) -> None:
    pairs.write_text("sun\tmoon\t1\n", encoding="utf-8")
    with pytest.raises(
        wordvec.EvaluationError, match="not one question of the tests of similarity can be asked"
    ):
        wordvec.train(TEXTS, evaluate=[pairs], keep="best", best_by="similarity", **SMALL)


def test_two_tests_of_one_name_are_refused(pairs: Path) -> None:
    (pairs.parent / "more").mkdir()
    other = pairs.parent / "more" / pairs.name
    other.write_bytes(pairs.read_bytes())
    with pytest.raises(wordvec.ConfigError, match=r"got two called pairs\.tsv; rename one"):
        wordvec.train(TEXTS, evaluate=[pairs, other], **SMALL)


def test_a_damaged_test_is_refused_before_anything_is_read(pairs: Path) -> None:
    pairs.write_text("a1\ta2\ta3\n", encoding="utf-8")
    told: list[Any] = []
    with pytest.raises(wordvec.EvaluationError, match="has no question in it"):
        wordvec.train(TEXTS, evaluate=[pairs], on_progress=told.append, **SMALL)
    assert told == []


def test_a_resumed_run_takes_the_same_tests(
    pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def stop(progress: Any) -> None:
        if isinstance(progress, TrainingProgress) and progress.is_epoch_end:
            raise KeyboardInterrupt

    wordvec.train(TEXTS, evaluate=[pairs.name], checkpoint="run.wv", on_progress=stop, **SMALL)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    resumed = wordvec.resume(tmp_path / "run.wv", TEXTS)
    whole = wordvec.train(TEXTS, evaluate=[pairs], **SMALL)
    found = [[end["scores"] for end in epochs_of(vectors.training)] for vectors in (resumed, whole)]
    assert found[0] == found[1]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, names are Unicode")
def test_a_test_whose_name_is_not_utf_8_is_recorded_by_a_name_that_can_be_saved(
    pairs: Path, tmp_path: Path
) -> None:
    odd = pairs.rename(tmp_path / os.fsdecode(b"caf\xe9.tsv"))
    vectors = wordvec.train(TEXTS, evaluate=[odd], **SMALL)
    vectors.save(tmp_path / "m.wv")
    assert list(epochs_of(wordvec.load(tmp_path / "m.wv").training)[0]["scores"]) == ["caf\\udce9.tsv"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, names are Unicode")
@pytest.mark.parametrize("name", [b"caf\xe9.tsv", b"\xff/pairs.tsv"])
def test_a_test_that_no_checkpoint_can_name_is_refused_before_training(
    name: bytes, pairs: Path, tmp_path: Path
) -> None:
    odd = tmp_path / os.fsdecode(name)
    odd.parent.mkdir(exist_ok=True)
    pairs.rename(odd)
    seen: list[Any] = []
    with pytest.raises(wordvec.ConfigError, match="is not UTF-8, so a checkpoint cannot name it"):
        wordvec.train(TEXTS, evaluate=[odd], checkpoint=tmp_path / "run.wv", on_progress=seen.append, **SMALL)
    assert not seen


def test_a_watched_word_that_is_not_text_is_in_no_checkpoint(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="cannot watch"):
        wordvec.train(TEXTS, watch=["\udce9", "a1"], checkpoint=tmp_path / "run.wv", **SMALL)
    again = wordvec.resume(tmp_path / "run.wv", TEXTS)
    assert list(epochs_of(again.training)[-1]["neighbors"]) == ["a1"]
