"""Config: every setting is checked when it is built, by name."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from wordvec.config import Config
from wordvec.errors import ConfigError


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("dim", 0),
        ("dim", 10**9),
        ("dim", 2.5),
        ("dim", "100"),
        ("dim", True),
        ("window", 0),
        ("negatives", 0),
        ("window", "texts"),
        ("window", True),
        ("noise_power", -10.1),
        ("noise_power", "text"),
        ("subsample", 1.0),
        ("subsample", -1e-3),
        ("subsample", float("nan")),
        ("min_count", 0),
        ("max_vocab", 0),
        ("epochs", 0),
        ("learning_rate", 0),
        ("learning_rate", float("inf")),
        ("final_learning_rate", -1),
        ("threads", 0),
        ("seed", -1),
        ("engine", "cuda"),
        ("device", "tpu"),
        ("architecture", "glove"),
        ("objective", None),
    ],
)
def test_impossible_settings_are_refused_by_name(setting: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"^{setting} must be .* got {value!r}"):
        Config(**{setting: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("setting", ["min_count", "max_vocab", "seed", "epochs", "learning_rate"])
@pytest.mark.parametrize("value", [2**63, 10**400, 10**5000], ids=["63 bits", "no float", "no text"])
def test_an_integer_that_no_machine_counts_to_is_refused_and_not_spelled_out(
    setting: str, value: int
) -> None:
    with pytest.raises(
        ConfigError, match=f"^{setting} must be .*below 9,223,372,036,854,775,808, got"
    ) as problem:
        Config(**{setting: value})  # type: ignore[arg-type]
    assert f"got an integer of {value.bit_length()} bits (" in str(problem.value)
    assert len(str(problem.value)) < 400


def test_a_long_value_is_not_repeated_whole() -> None:
    with pytest.raises(ConfigError, match=r"got 'x{196}\.\.\. \("):
        Config(architecture="x" * 10_000)  # type: ignore[arg-type]


def test_a_rising_learning_rate_is_refused() -> None:
    with pytest.raises(ConfigError, match="final_learning_rate must not exceed learning_rate"):
        Config(learning_rate=0.01, final_learning_rate=0.02)


def test_batches_of_whole_texts_cannot_be_shuffled() -> None:
    with pytest.raises(ConfigError, match=r"^shuffle takes centers of many texts.*use batch_unit='centers'"):
        Config(shuffle=True, batch_unit="texts")
    assert Config(shuffle=True, batch_unit="centers", optimizer="adam").shuffle


def test_a_window_is_a_number_or_the_text() -> None:
    assert Config(window="text").window == "text"
    assert type(Config(window=np.int32(7)).window) is int
    with pytest.raises(ConfigError, match="an integer of at least 1 and at most 10,000 or 'text', got 'all'"):
        Config(window="all")  # type: ignore[arg-type]


def test_an_explicit_zero_is_honored() -> None:
    config = Config(subsample=0, final_learning_rate=0, noise_power=0, seed=0)
    assert (config.subsample, config.final_learning_rate, config.noise_power, config.seed) == (0, 0, 0, 0)


def test_each_architecture_has_its_own_learning_rate() -> None:
    assert Config().first_learning_rate == 0.025
    assert Config(architecture="cbow").first_learning_rate == 0.1
    assert Config(architecture="cbow", cbow_gradient="word2vec").first_learning_rate == 0.05
    assert Config(architecture="cbow", pooling="sum").first_learning_rate == 0.05
    assert Config(architecture="cbow", learning_rate=0.2).first_learning_rate == 0.2


def test_numbers_of_numpy_are_numbers() -> None:
    config = Config(dim=np.int64(7), subsample=np.float32(0.5))  # type: ignore[arg-type]
    assert (type(config.dim), type(config.subsample)) == (int, float)


def test_all_cores_are_used_by_default() -> None:
    assert Config().num_threads >= 1
    assert Config(threads=3).num_threads == 3


def test_every_setting_has_a_help_text() -> None:
    assert all(one.metadata["help"] for one in dataclasses.fields(Config))
