"""train(): what comes out, what is recorded, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wordvec
from wordvec.pipeline.run_log import Progress
from wordvec.training.progress import TrainingProgress

TEXTS = [["b", "a", "c", "a"], ["a", "b"], ["rare"]] * 5 + [["rarest", "a"]]
SMALL = {"dim": 6, "epochs": 2, "threads": 1, "negatives": 2, "window": 2, "subsample": 0}


def test_vectors_come_most_frequent_word_first() -> None:
    vectors = wordvec.train(TEXTS, **SMALL)
    assert vectors.words == ["a", "b", "c", "rare"]
    assert vectors.counts is not None
    assert vectors.counts.tolist() == [16, 10, 5, 5]
    assert vectors.matrix.shape == (4, 6)
    assert vectors.matrix.dtype == np.float32
    assert vectors.output_matrix is not None
    assert vectors.output_matrix.shape == (4, 6)


@pytest.mark.parametrize("engine", ["numba", "torch"])
def test_one_seed_gives_the_same_bytes_and_two_do_not(engine: str) -> None:
    one, same, other = (wordvec.train(TEXTS, **SMALL, seed=seed, engine=engine) for seed in (1, 1, 2))
    assert one.matrix.tobytes() == same.matrix.tobytes()
    assert one.matrix.tobytes() != other.matrix.tobytes()


def test_the_record_tells_what_was_done() -> None:
    vectors = wordvec.train(TEXTS, **SMALL)
    corpus, *reports, done = vectors.training
    assert len(corpus.pop("corpus_sha256")) == 64
    assert corpus == {
        "event": "corpus",
        "words_read": 37,
        "distinct_words": 5,
        "words": 36,
        "vocabulary": 4,
        "texts": 16,
    }
    assert [report["epoch"] for report in reports if report["event"] == "epoch"] == [1, 2]
    assert done["event"] == "done"
    assert (done["words"], done["words_trained"]) == (36, 72)
    assert list(done["phases"]) == ["counting", "encoding", "compiling", "training"]
    assert vectors.config is not None
    assert vectors.config["dim"] == 6
    assert vectors.config["learning_rate"] == 0.025
    assert vectors.config["tokenizer"] == "whitespace"


def test_phases_are_reported_in_order() -> None:
    seen: list[str] = []

    def on_progress(progress: Progress) -> None:
        phase = "training" if isinstance(progress, TrainingProgress) else progress.phase
        if phase not in seen:
            seen.append(phase)

    wordvec.train(TEXTS, on_progress=on_progress, **SMALL)
    assert seen == ["counting", "encoding", "compiling", "training"]


def test_a_tokenizer_may_be_a_function(tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("ab,cd\ncd,ab\n" * 5, encoding="utf-8")
    vectors = wordvec.train(file, tokenizer=lambda text: text.split(","), **SMALL)
    assert vectors.words == ["ab", "cd"]
    assert vectors.config is not None
    assert vectors.config["tokenizer"] == "a Python function"


def test_an_unknown_setting_is_refused_with_the_closest_one() -> None:
    with pytest.raises(wordvec.ConfigError, match=r"windows is not a setting; did you mean window\?"):
        wordvec.train(TEXTS, windows=3)
    with pytest.raises(wordvec.ConfigError, match="qqq is not a setting; the settings are min_count, "):
        wordvec.train(TEXTS, qqq=3)


@pytest.mark.parametrize("name", ["q" * 9999, "to\nbe"], ids=["long", "two lines"])
def test_an_unlikely_name_of_a_setting_is_not_repeated_as_it_is(name: str) -> None:
    with pytest.raises(wordvec.ConfigError, match="is not a setting; the settings are min_count, ") as caught:
        wordvec.train(TEXTS, **{name: 3})
    assert len(str(caught.value)) < 1200
    assert "\n" not in str(caught.value)


def test_settings_by_name_override_a_config() -> None:
    config = wordvec.Config(**SMALL)
    assert wordvec.train(TEXTS, config=config, dim=3).dim == 3


@pytest.mark.parametrize("resource", ["memory", "disk"])
def test_what_cannot_fit_is_refused_before_training(
    resource: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if resource == "memory":
        monkeypatch.setattr("wordvec.planning.check.free_memory", lambda: 10)
    else:
        monkeypatch.setattr("wordvec.planning.check.free_disk", lambda _: 10)
    seen: list[str] = []

    def on_progress(progress: Any) -> None:
        seen.append(getattr(progress, "phase", "training"))

    with pytest.raises(wordvec.WordvecError, match=r"need.* free"):
        wordvec.train(TEXTS, checkpoint=tmp_path / "run.wv", on_progress=on_progress, **SMALL)
    assert "training" not in seen
    assert list(tmp_path.iterdir()) == []
