"""Running a recipe: its settings and one's own, its data or one's own."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.pipeline.texts import epochs_of, ring_texts
from tests.recipes.conftest import WriteData

import wordvec
from wordvec.config import Config
from wordvec.planning.request import TrainingRequest, request_for
from wordvec.recipes.catalog import RECIPES, recipe
from wordvec.recipes.recipe import Recipe

NAMED = ("validation_source", "watch", "watch_sample", "start_from")
QUICK: dict[str, Any] = {"dim": 6, "epochs": 2, "min_count": 2, "threads": 1, "keep": "last"}
TEXTS = [" ".join(text) for text in ring_texts()]


def on_data_in(folder: Path, name: str = "d2l-ptb", **changes: Any) -> Recipe:
    """A recipe whose published data is in a folder."""
    data = replace(recipe("d2l-ptb").data, repository=str(folder))
    return replace(recipe(name), data=replace(data, **changes), watch=("a1",))


def train_recipe(recipe: Recipe, source: Any = None, **settings: Any) -> wordvec.WordVectors:
    return wordvec.train(source, recipe=recipe, **settings)


def plan(recipe: Recipe, *, on_published_data: bool, **given: Any) -> TrainingRequest:
    named = {name: given.pop(name) for name in NAMED if name in given}
    return request_for(None if on_published_data else [["red", "green"]], given, recipe=recipe, **named)


@pytest.mark.parametrize("name", RECIPES)
def test_each_recipe_trains_on_a_text_of_ones_own(name: str, tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text("\n".join(f"{text} {text}" for text in TEXTS * 3), encoding="utf-8")
    own = QUICK | {"window": 2, "subsample_quantile": None, "subsample": 0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the words to watch are not in it
        vectors = train_recipe(recipe(name), file, **own)
    assert vectors.dim == 6
    assert vectors.config is not None
    assert vectors.config["tokenizer"] == recipe(name).tokenizer
    assert vectors.config["optimizer"] == recipe(name).config.optimizer
    epochs = epochs_of(vectors.training)
    assert len(epochs) == 2
    for loss in ("epoch_loss", "validation_loss"):
        assert 0 < epochs[1][loss] < epochs[0][loss]


def test_the_words_that_a_recipe_watches_are_recorded_with_their_neighbors() -> None:
    texts = [["chip" if word == "a1" else word for word in text] for text in ring_texts()]
    named = epochs_of(train_recipe(recipe("d2l-ptb"), texts, **QUICK).training)
    sampled = epochs_of(train_recipe(recipe("text8-sgns"), texts, **QUICK).training)
    assert [list(epoch["neighbors"]) for epoch in named] == [["chip"]] * 2
    assert all(len(near) == 5 for epoch in named for near in epoch["neighbors"].values())
    assert all(8 <= len(epoch["neighbors"]) <= 16 for epoch in sampled)  # of a vocabulary of 15


def test_published_data_is_trained_on_and_validated_on_its_own_split(write_data: WriteData) -> None:
    held_out = [" ".join(text) for text in ring_texts(30, seed=8)]
    folder = write_data({"train": TEXTS, "validation": held_out, "test": ["t1 t2"] * 9})
    vectors = train_recipe(on_data_in(folder), **QUICK)
    by_hand = wordvec.train(
        [text.split() for text in TEXTS],
        config=replace(recipe("d2l-ptb").config, **QUICK),
        validation_source=[text.split() for text in held_out],
    )
    assert vectors.matrix.tobytes() == by_hand.matrix.tobytes()
    assert [epoch["validation_loss"] for epoch in epochs_of(vectors.training)] == [
        epoch["validation_loss"] for epoch in epochs_of(by_hand.training)
    ]
    assert set(epochs_of(vectors.training)[-1]["neighbors"]) == {"a1"}


def test_a_share_that_is_asked_for_replaces_the_published_split(write_data: WriteData) -> None:
    folder = write_data({"train": TEXTS, "validation": ["none of these words"]})
    vectors = train_recipe(on_data_in(folder), **QUICK, validation=0.2)
    assert vectors.training[0]["held_out_words"] > 0.1 * vectors.training[0]["words"]


def test_without_a_split_to_validate_on_a_share_of_the_published_data_is_held_out(
    write_data: WriteData,
) -> None:
    folder = write_data({"train": TEXTS[:100], "test": TEXTS[100:]})
    whole = on_data_in(folder, train_split="train+test", validation_split=None)
    vectors = train_recipe(replace(whole, validation=0.1), **QUICK)
    first = vectors.training[0]
    assert first["words_read"] == sum(len(text.split()) for text in TEXTS)
    assert first["held_out_words"] > 0


def test_the_recipes_tokenizer_reads_published_data_and_ones_own_alike(
    write_data: WriteData, tmp_path: Path
) -> None:
    texts = [f"({text.upper()})." for text in TEXTS]
    (tmp_path / "own.txt").write_text("\n".join(texts), encoding="utf-8")
    text8 = on_data_in(write_data({"train": texts}), "text8-sgns", validation_split=None)
    settings = QUICK | {"subsample": 0}
    published, own = train_recipe(text8, **settings), train_recipe(text8, tmp_path / "own.txt", **settings)
    assert "<LEFT_PAREN>" in published
    assert published.matrix.tobytes() == own.matrix.tobytes()


def test_ones_own_settings_come_before_the_recipes() -> None:
    planned = plan(recipe("d2l-ptb"), on_published_data=False, dim=50, optimizer="adagrad")
    expected = replace(recipe("d2l-ptb").config, dim=50, optimizer="adagrad", validation=0.01)
    assert planned.config == expected
    assert planned.tokenizer == "whitespace"


@pytest.mark.parametrize(
    ("name", "published", "given", "expected"),
    [
        ("d2l-ptb", True, {}, 0.0),
        ("d2l-ptb", False, {}, 0.01),
        ("d2l-ptb", False, {"validation_source": [["red"]]}, 0.0),
        ("d2l-ptb", False, {"validation": 0.0}, 0.0),
        ("d2l-ptb", True, {"validation": 0.3}, 0.3),
        ("text8-sgns", True, {}, 0.01),
    ],
    ids=["own split", "own text", "text to validate on", "none, as asked", "share, as asked", "no split"],
)
def test_text_is_held_out_where_there_is_no_other_to_validate_on(
    name: str, published: bool, given: dict[str, Any], expected: float
) -> None:
    assert plan(recipe(name), on_published_data=published, **given).config.validation == expected


def test_words_to_watch_replace_the_recipes() -> None:
    text8, ptb = recipe("text8-sgns"), recipe("d2l-ptb")
    cases = [
        (text8, {}),
        (text8, {"watch": ["sea"]}),
        (text8, {"watch": ["sea"], "watch_sample": 4}),
        (ptb, {}),
    ]
    planned = [plan(one, on_published_data=True, **given) for one, given in cases]
    found = [(one.watch, one.watch_sample) for one in planned]
    assert found == [((), 16), (["sea"], 0), (["sea"], 4), (("chip",), 0)]


def test_a_model_to_start_from_brings_its_dimension_and_its_vectors() -> None:
    before = wordvec.train(ring_texts(), **QUICK | {"dim": 7})
    vectors = train_recipe(
        recipe("d2l-ptb"), ring_texts(seed=9), start_from=before, epochs=1, keep="last", watch=["a1"]
    )
    assert vectors.dim == 7
    wider = plan(recipe("d2l-ptb"), on_published_data=False, start_from=before, dim=9)
    assert (wider.config.dim, wider.config.initialization) == (9, Config().initialization)


def test_published_data_and_a_text_to_validate_on_do_not_go_together() -> None:
    with pytest.raises(wordvec.ConfigError, match="goes with text of your own"):
        train_recipe(recipe("d2l-ptb"), validation_source=[["a", "b"]])


def test_a_tokenizer_that_is_asked_for_is_refused_for_lists_of_words() -> None:
    with pytest.raises(wordvec.ConfigError, match="tokenizer is for text from files"):
        train_recipe(recipe("text8-sgns"), ring_texts(), tokenizer="words", **QUICK)


def test_words_to_watch_are_a_list_of_words() -> None:
    with pytest.raises(wordvec.ConfigError, match=r"watch must be a list, got 'a1'; give \['a1'\]"):
        train_recipe(recipe("d2l-ptb"), ring_texts(), watch="a1", **QUICK)


def test_an_unknown_setting_is_refused_by_name() -> None:
    with pytest.raises(wordvec.ConfigError, match="windw is not a setting; did you mean window"):
        plan(recipe("d2l-ptb"), on_published_data=True, windw=3)


def test_a_recipe_passes_on_where_to_keep_things_and_whom_to_tell(tmp_path: Path) -> None:
    told: list[object] = []
    (tmp_path / "temporary").mkdir()
    vectors = train_recipe(
        recipe("d2l-ptb"),
        ring_texts(),
        watch=["a1"],
        checkpoint=tmp_path / "run.wv",
        temporary_folder=tmp_path / "temporary",
        on_progress=told.append,
        **QUICK,
    )
    assert told
    assert wordvec.load(tmp_path / "run.wv").words == vectors.words


def test_a_recipe_may_be_named() -> None:
    by_name = wordvec.train(ring_texts(), recipe="d2l-ptb", watch=["a1"], **QUICK)
    assert (
        by_name.matrix.tobytes()
        == train_recipe(recipe("d2l-ptb"), ring_texts(), watch=["a1"], **QUICK).matrix.tobytes()
    )
    with pytest.raises(wordvec.ConfigError, match="there is no recipe 'd2l'; did you mean d2l-ptb"):
        wordvec.train(ring_texts(), recipe="d2l")


def test_a_recipe_and_a_config_are_two_ways_to_say_all_settings() -> None:
    with pytest.raises(wordvec.ConfigError, match="recipe and config both say all settings"):
        wordvec.train(ring_texts(), recipe="d2l-ptb", config=Config())


@pytest.mark.parametrize("name", RECIPES)
def test_both_engines_come_to_the_same_losses(name: str) -> None:
    draw = np.random.default_rng(2)
    texts = [[f"word{number}" for number in draw.zipf(1.4, 40) % 300] for _ in range(150)]
    settings: dict[str, Any] = {
        "min_count": 1,
        "epochs": 2,
        "threads": 1,
        "validation": 0.1,
        "batch_size": 40,
    }
    if name in ("d2l-ptb", "text8-sgns"):
        settings["subsample"] = 0.01
    losses = [
        [
            (record["epoch_loss"], record["validation_loss"])
            for record in wordvec.train(
                texts, recipe=name, engine=engine, watch=["word1"], **settings
            ).training
            if record["event"] == "epoch"
        ]
        for engine in ("numba", "torch")
    ]
    np.testing.assert_allclose(*losses, rtol=1e-4)
    assert losses[0][1][0] < losses[0][0][0]
