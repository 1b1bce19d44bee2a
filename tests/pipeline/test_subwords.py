"""Subword models through the whole run: unknown words, checkpoints, growing, and what the dry run says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wordvec
from wordvec.config import Config
from wordvec.engines.choose import choose_engine
from wordvec.errors import ConfigError, EngineError
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary

TEXTS = [
    ["walking", "walked", "walks", "talking", "talked", "talks"],
    ["king", "queen", "kingdom", "queens", "kings"],
] * 40
SETTINGS: dict[str, Any] = {
    "dim": 8,
    "epochs": 3,
    "min_count": 1,
    "threads": 1,
    "subsample": 0.0,
    "max_n": 5,
    "buckets": 5000,
}


def test_words_that_were_never_seen_have_vectors_near_their_kin() -> None:
    vectors = wordvec.train(TEXTS, **SETTINGS | {"epochs": 60})
    assert "walkings" not in vectors
    assert vectors.vocabulary.has_vector("walkings")
    known = {"walking": 1, "talking": 1, "walked": 1, "walks": 1}
    unseen = vectors["walkings"]
    cosines = {word: float(unseen @ vectors[word]) for word in vectors.words}
    assert max(cosines, key=cosines.__getitem__) in known


def test_rows_are_of_words_and_of_the_buckets_that_they_fall_into() -> None:
    vectors = wordvec.train(TEXTS, **SETTINGS)
    vocabulary = vectors.vocabulary
    assert isinstance(vocabulary, SubwordVocabulary)
    assert vocabulary.rules == SubwordRules(3, 5, 5000)
    assert vectors.rows.shape == (vocabulary.num_rows, 8)
    assert vectors.output_matrix is not None
    assert vectors.output_matrix.shape == vectors.matrix.shape == (len(vectors), 8)


@pytest.mark.parametrize("engine", ["numba", "torch"])
def test_both_engines_train_them(engine: str) -> None:
    vectors = wordvec.train(TEXTS, engine=engine, **SETTINGS)
    losses = [record["loss"] for record in vectors.training if record["event"] == "epoch"]
    assert losses[-1] < losses[0]


def test_epochs_are_asked_with_vectors_of_words() -> None:
    vectors = wordvec.train(TEXTS, watch=["walking"], **SETTINGS)
    (last,) = [record for record in vectors.training if record["event"] == "epoch"][-1:]
    assert [word for word, _ in last["neighbors"]["walking"]][:1] != ["walking"]


def test_a_model_grows_by_words_and_buckets() -> None:
    before = wordvec.train(TEXTS, **SETTINGS)
    more = [["walking", "rambling", "strolling"], ["king", "prince"]] * 20
    settings = {name: value for name, value in SETTINGS.items() if name not in ("dim", "max_n", "buckets")}
    after = wordvec.train(
        more, start_from=before, **settings | {"learning_rate": 1e-9, "final_learning_rate": 0}
    )
    assert {*before.words, "rambling", "prince"} <= set(after.words)
    assert isinstance(after.vocabulary, SubwordVocabulary)
    assert isinstance(before.vocabulary, SubwordVocabulary)
    assert after.vocabulary.rules == before.vocabulary.rules
    assert set(before.vocabulary.used_buckets) < set(after.vocabulary.used_buckets)
    for word in (*before.words, "walkings"):
        np.testing.assert_allclose(after[word], before[word], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("vocabulary", ["old", "new"])
def test_a_model_keeps_its_rows_with_fewer_words(vocabulary: str) -> None:
    before = wordvec.train(TEXTS, **SETTINGS)
    settings = {name: value for name, value in SETTINGS.items() if name not in ("dim", "min_count")}
    given = settings | {"learning_rate": 1e-9, "final_learning_rate": 0, "start_vocabulary": vocabulary}
    given |= {"min_count": 1} if vocabulary == "new" else {}
    with pytest.warns(UserWarning, match="left out") if vocabulary == "new" else _nothing():
        after = wordvec.train([["king", "queens", "prince"]] * 20, start_from=before, **given)
    assert ("prince" in after) == (vocabulary == "new")
    np.testing.assert_allclose(
        after["kings"], before["kings"] if "kings" in after else after["kings"], atol=1e-6
    )


def _nothing() -> Any:
    import contextlib

    return contextlib.nullcontext()


def test_other_ngrams_than_those_of_the_model_are_refused_by_name() -> None:
    before = wordvec.train(TEXTS, **SETTINGS)
    with pytest.raises(ConfigError, match="n-grams of min_n=3, max_n=5, buckets=5000, got min_n=3, max_n=4"):
        wordvec.train(TEXTS, start_from=before, **SETTINGS | {"max_n": 4})
    plain = wordvec.train(TEXTS, **{k: v for k, v in SETTINGS.items() if k not in ("max_n", "buckets")})
    with pytest.raises(ConfigError, match="vectors of words alone"):
        wordvec.train(TEXTS, start_from=plain, **SETTINGS)


def test_what_does_not_go_together_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match=r"min_n must not exceed max_n \(2\), got 3"):
        Config(max_n=2)
    with pytest.raises(ConfigError, match="buckets has no meaning with max_n=0"):
        choose_engine(Config(buckets=10))
    with pytest.raises(EngineError, match="max_n=6 with optimizer='adam'"):
        choose_engine(Config(max_n=6, optimizer="adam", engine="numba"))
    assert choose_engine(Config(max_n=6, optimizer="adam")).name == "torch"


def test_an_interrupted_run_goes_on_with_the_same_bytes(tmp_path: Path) -> None:
    file, folder = tmp_path / "text.txt", tmp_path / "model.wv"
    file.write_text("\n".join(map(" ".join, TEXTS)))
    whole = wordvec.train(str(file), **SETTINGS)

    def stop(progress: Any) -> None:
        if getattr(progress, "is_epoch_end", False):
            raise KeyboardInterrupt

    wordvec.train(str(file), checkpoint=folder, on_progress=stop, **SETTINGS)
    resumed = wordvec.resume(folder)
    assert resumed.rows.tobytes() == whole.rows.tobytes()
    assert resumed["walkings"].tolist() == whole["walkings"].tolist()
