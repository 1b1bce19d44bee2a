"""The catalog: four systems, with the facts that were published of each."""

from __future__ import annotations

import dataclasses
from dataclasses import fields
from typing import Any

import pytest

import wordvec
from wordvec.config import Config
from wordvec.corpus.tokenizers import TOKENIZERS
from wordvec.engines.choose import choose_engine
from wordvec.recipes.catalog import RECIPES, recipe

PUBLISHED: dict[str, dict[str, Any]] = {
    "wikitext103": {
        "objective": "negative",
        "min_count": 50,
        "unknown": "gap",
        "unknown_word": "<unk>",
        "window": 8,
        "window_reach": "fixed",
        "window_edges": "skip",
        "subsample_quantile": 0.85,
        "subsample_formula": "smooth",
        "subsample_scope": "window",
        "negatives": 50,
        "noise_power": 1.0,
        "noise_table": 5_000_000,
        "dim": 300,
        "optimizer": "adam",
        "learning_rate": 1e-3,
        "batch_size": 100,
        "batch_unit": "texts",
        "keep": "best",
    },
    "d2l-ptb": {
        "objective": "negative",
        "min_count": 10,
        "unknown": "drop",
        "unknown_word": "<unk>",
        "window": 5,
        "window_reach": "random",
        "subsample": 1e-4,
        "subsample_formula": "paper",
        "subsample_scope": "text",
        "negatives": 5,
        "negative_sharing": "pair",
        "negatives_avoid": "targets",
        "noise_power": 0.75,
        "dim": 100,
        "initialization": "xavier",
        "optimizer": "adam",
        "learning_rate": 0.002,
        "batch_size": 512,
        "batch_unit": "centers",
        "shuffle": True,
        "reduction": "example_mean",
    },
    "text8-sgns": {
        "objective": "negative",
        "min_count": 6,  # five or fewer are dropped
        "window": 5,
        "window_reach": "random",
        "subsample": 1e-5,
        "subsample_formula": "paper",
        "negatives": 5,
        "negative_sharing": "pair",
        "noise_power": 0.75,
        "dim": 300,
        "initialization": "uniform",
        "optimizer": "adam",
        "learning_rate": 3e-3,
        "batch_size": 512,
        "batch_unit": "centers",
        "reduction": "mean",
    },
    "tiny-softmax": {
        "objective": "softmax",
        "window_reach": "fixed",
        "window_edges": "short",
        "subsample": 0.0,
        "optimizer": "adam",
        "learning_rate": 1e-3,
        "reduction": "mean",
    },
}


def test_each_published_system_has_a_recipe_under_its_own_name() -> None:
    assert set(RECIPES) == set(PUBLISHED)
    assert all(recipe(name).name == name for name in RECIPES)
    assert wordvec.recipe is recipe


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_recipe_has_the_settings_that_were_published(name: str) -> None:
    config = recipe(name).config
    found = {setting: getattr(config, setting) for setting in PUBLISHED[name]}
    assert found == PUBLISHED[name]
    assert (config.skipgram_input, config.schedule, config.epochs) == ("center", "constant", 5)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_trained_by_compiled_kernels_unless_torch_is_asked_for(name: str) -> None:
    config = recipe(name).config
    assert choose_engine(config).name == "numba"
    assert choose_engine(dataclasses.replace(config, engine="torch")).name == "torch"


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_says_where_it_is_from_and_what_it_does_otherwise(name: str) -> None:
    one = recipe(name)
    assert one.about.endswith(".")
    assert one.differences
    assert one.tokenizer in TOKENIZERS
    assert 0 < one.validation < 0.5  # each shows a validation loss, on any text


def test_each_system_cuts_text_into_words_in_its_own_way() -> None:
    tokenizers = {name: one.tokenizer for name, one in RECIPES.items()}
    assert tokenizers == {
        "wikitext103": "alphanumeric",
        "d2l-ptb": "whitespace",
        "text8-sgns": "punctuation",
        "tiny-softmax": "whitespace",
    }


def test_what_the_systems_show_while_they_train_and_afterwards() -> None:
    shown = {
        name: (one.watch, one.watch_sample, one.map_words, one.checkpoint_every)
        for name, one in RECIPES.items()
    }
    assert "military" in shown["wikitext103"][0]
    assert shown["wikitext103"][3] == "1epoch"
    assert shown["d2l-ptb"] == (("chip",), 0, 0, None)
    assert shown["text8-sgns"] == ((), 16, 380, None)
    assert shown["tiny-softmax"][1:] == (8, 0, None)


def test_all_of_text8_is_read_though_the_data_set_has_it_in_parts() -> None:
    data = recipe("text8-sgns").data
    assert data.train_split == "train+validation+test"
    assert data.validation_split is None  # or it would be trained on


def test_no_recipe_validates_on_the_test_split() -> None:
    assert {one.data.validation_split for one in RECIPES.values()} == {None, "validation"}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("d2l-bpt", "did you mean d2l-ptb?"),
        ("glove", "there are wikitext103, d2l-ptb, text8-sgns, tiny-softmax"),
    ],
)
def test_an_unknown_recipe_is_refused_with_the_closest_one(name: str, hint: str) -> None:
    with pytest.raises(wordvec.ConfigError, match=f"there is no recipe '{name}'") as problem:
        recipe(name)
    assert hint in str(problem.value)


def test_the_facts_above_name_settings_that_exist() -> None:
    names = {field.name for field in fields(Config)}
    assert all(set(settings) <= names for settings in PUBLISHED.values())
