"""The whole family through a run: what is saved, resumed, grown, and said to be void."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.parameters import each

import wordvec
from wordvec.config import Config
from wordvec.engines.choose import choose_engine
from wordvec.errors import ConfigError, EngineError

TEXTS = [["sun", "warm", "day", "light"], ["moon", "cold", "night", "dark", "star"]] * 40
SETTINGS: dict[str, Any] = {
    "dim": 6,
    "epochs": 3,
    "min_count": 1,
    "threads": 1,
    "subsample": 0.0,
    "window": 3,
}
CBOW: dict[str, Any] = {"architecture": "cbow"}
FAMILY: dict[str, dict[str, Any]] = {
    "CBOW": CBOW,
    "CBOW, position weights": {**CBOW, "position_weights": True},
    "CBOW, hierarchical, subwords": {**CBOW, "objective": "hierarchical", "max_n": 4},
    "skip-gram, hierarchical": {"objective": "hierarchical"},
    "skip-gram, both": {"objective": "negative+hierarchical"},
}
each_of_the_family = pytest.mark.parametrize("settings", FAMILY.values(), ids=FAMILY)


@pytest.mark.parametrize(
    "settings", each(FAMILY, slow=["CBOW, hierarchical, subwords", "CBOW, position weights"])
)
@pytest.mark.parametrize("engine", ["numba", "torch"])
def test_losses_fall_and_words_of_one_kind_come_near(settings: dict[str, Any], engine: str) -> None:
    chance = np.random.default_rng(1)
    kinds = [[f"{kind}{number}" for number in range(8)] for kind in ("day", "night")]
    texts = [chance.choice(kinds[number % 2], 6).tolist() for number in range(200)]
    given = SETTINGS | settings | {"epochs": 20, "learning_rate": 0.05}
    vectors = wordvec.train(texts, engine=engine, **given)
    losses = [record["loss"] for record in vectors.training if record["event"] == "epoch"]
    assert losses[-1] < losses[0]
    assert vectors.similarity("day1", "day2") > vectors.similarity("day1", "night2") + 0.3


@each_of_the_family
def test_an_interrupted_run_goes_on_with_the_same_bytes(settings: dict[str, Any], tmp_path: Path) -> None:
    file, folder = tmp_path / "text.txt", tmp_path / "model.wv"
    file.write_text("\n".join(map(" ".join, TEXTS)))
    whole = wordvec.train(str(file), **SETTINGS | settings)

    def stop(progress: Any) -> None:
        if getattr(progress, "is_epoch_end", False):
            raise KeyboardInterrupt

    wordvec.train(str(file), checkpoint=folder, on_progress=stop, **SETTINGS | settings)
    resumed = wordvec.resume(folder)
    assert resumed.rows.tobytes() == whole.rows.tobytes()
    for one, other in (
        (resumed.output_matrix, whole.output_matrix),
        (resumed.position_weights, whole.position_weights),
    ):
        assert (one is None) == (other is None)
        assert one is None or one.tobytes() == other.tobytes()


@pytest.mark.parametrize("engine", ["numba", "torch"])
def test_position_weights_are_trained_and_saved(engine: str, tmp_path: Path) -> None:
    vectors = wordvec.train(TEXTS, engine=engine, position_weights=True, **SETTINGS | CBOW)
    weights = vectors.position_weights
    assert weights is not None
    assert weights.shape == (6, 6)  # three places on each side
    assert abs(weights - 1).max() > 1e-4
    vectors.save(tmp_path / "model.wv")
    loaded = wordvec.load(tmp_path / "model.wv").position_weights
    assert loaded is not None
    np.testing.assert_array_equal(loaded, weights)
    assert wordvec.train(TEXTS, **SETTINGS | CBOW).position_weights is None


def test_position_weights_of_the_best_epoch_are_kept() -> None:
    vectors = wordvec.train(TEXTS, position_weights=True, keep="best", validation=0.2, **SETTINGS | CBOW)
    assert vectors.position_weights is not None


@each_of_the_family
def test_a_model_grows(settings: dict[str, Any]) -> None:
    before = wordvec.train(TEXTS, **SETTINGS | settings)
    after = wordvec.train([["sun", "rain"]] * 20, start_from=before, **SETTINGS | settings)
    assert {*before.words, "rain"} == set(after.words)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"cbow_gradient": "word2vec"}, "cbow_gradient has no meaning with architecture='skipgram'"),
        ({"position_weights": True}, "position_weights has no meaning with architecture='skipgram'"),
        ({**CBOW, "pooling": "sum", "cbow_gradient": "word2vec"}, "cbow_gradient .* pooling='sum'"),
        ({**CBOW, "window": "text", "position_weights": True}, "position_weights .* window='text'"),
        ({"objective": "hierarchical", "negatives": 3}, "negatives .* objective='hierarchical'"),
    ],
)
def test_settings_that_others_make_void_are_refused_by_name(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        choose_engine(Config(**settings))


def test_what_trains_in_batches_is_skip_gram_alone() -> None:
    with pytest.raises(EngineError, match="architecture='cbow' with optimizer='adam'"):
        choose_engine(Config(architecture="cbow", optimizer="adam", engine="numba"))
    with pytest.raises(EngineError, match="objective='hierarchical' with skipgram_input='center'"):
        choose_engine(Config(objective="hierarchical", skipgram_input="center", engine="numba"))
