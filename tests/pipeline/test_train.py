"""train(): what comes out, what is recorded, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import wordvec
from wordvec.pipeline.records import Progress
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


def test_a_file_and_a_list_give_the_same_vectors(tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("\n".join(" ".join(text) for text in TEXTS), encoding="utf-8")
    from_file, from_list = wordvec.train(file, **SMALL), wordvec.train(TEXTS, **SMALL)
    np.testing.assert_array_equal(from_file.matrix, from_list.matrix)


def test_one_seed_gives_the_same_bytes_and_two_do_not() -> None:
    one, same, other = (wordvec.train(TEXTS, **SMALL, seed=seed) for seed in (1, 1, 2))
    assert one.matrix.tobytes() == same.matrix.tobytes()
    assert one.matrix.tobytes() != other.matrix.tobytes()


def test_the_record_tells_what_was_done() -> None:
    vectors = wordvec.train(TEXTS, **SMALL)
    corpus, *reports, done = vectors.training
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


def test_ctrl_c_during_training_returns_what_there_is() -> None:
    def interrupt(progress: Progress) -> None:
        if isinstance(progress, TrainingProgress):
            raise KeyboardInterrupt

    vectors = wordvec.train(TEXTS * 200, on_progress=interrupt, **{**SMALL, "epochs": 1000})
    assert vectors.training[-1]["event"] == "interrupted"
    assert vectors.training[-1]["words_trained"] < 36_000 * 200
    assert vectors.words[0] == "a"


def test_an_unknown_setting_is_refused_with_the_closest_one() -> None:
    with pytest.raises(wordvec.ConfigError, match=r"windows is not a setting; did you mean window\?"):
        wordvec.train(TEXTS, windows=3)
    with pytest.raises(wordvec.ConfigError, match="qqq is not a setting; there are min_count, "):
        wordvec.train(TEXTS, qqq=3)


def test_settings_by_name_override_a_config() -> None:
    config = wordvec.Config(**SMALL)
    assert wordvec.train(TEXTS, config=config, dim=3).dim == 3


@pytest.mark.parametrize(("setting", "value"), [("architecture", "cbow"), ("objective", "softmax")])
def test_what_the_engine_cannot_do_is_refused_by_name(setting: str, value: str) -> None:
    with pytest.raises(wordvec.EngineError, match=f"numba engine cannot train {setting}='{value}'"):
        wordvec.train(TEXTS, **{setting: value})


def test_a_temporary_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        wordvec.CorpusError, match=r"no temporary folder can be made in .*missing.*--temporary-folder"
    ):
        wordvec.train(TEXTS, temporary_folder=tmp_path / "missing")


def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path) -> None:
    wordvec.train(TEXTS, temporary_folder=tmp_path, **SMALL)
    with pytest.raises(wordvec.CorpusError):
        wordvec.train([["x"]], temporary_folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_texts_of_one_word_are_refused_because_there_is_nothing_to_learn() -> None:
    with pytest.raises(wordvec.CorpusError, match="each of the 20 texts has one word"):
        wordvec.train([["a"], ["b"]] * 10)


def test_subsampling_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(wordvec.CorpusError, match=r"raise subsample \(now 1e-12\)"):
        wordvec.train(TEXTS, **{**SMALL, "subsample": 1e-12})


def test_vectors_that_are_no_longer_finite_are_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "wordvec.training.numba_engine.NumbaEngine.hand_over",
        lambda _: (np.full((4, 6), np.nan), np.zeros((4, 6))),
    )
    with pytest.raises(wordvec.EngineError, match="vectors are no longer finite; lower learning_rate"):
        wordvec.train(TEXTS, **SMALL)


def test_too_little_text_is_refused() -> None:
    with pytest.raises(wordvec.CorpusError, match="min_count"):
        wordvec.train([["a", "b"]])
