"""Step limits: no row is moved so far in one step that training diverges; and small windows are moved as ever."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import wordvec
from wordvec.config import Config
from wordvec.engines.step_limits import StepLimits, remedies_of_divergence, risk_of_divergence, step_limits
from wordvec.sampling.noise import noise_distribution

MANY_WORDS = [10] * 50_000
TINY = [  # six words, in which each has its company
    ["red", "green", "blue", "red", "blue", "green"],
    ["one", "two", "three", "two", "one"],
] * 200
# And the batch size where each word is rare: no more than 64 moves are expected of the row that is moved most.
MODELS: list[tuple[dict[str, Any], int]] = [
    ({"negative_sharing": "window"}, 128),
    ({"negative_sharing": "pair"}, 128),
    ({"negative_sharing": "batch"}, 10),  # 6 pairs a window, and all of them move each negative
    ({"skipgram_input": "center"}, 128),
    ({"architecture": "cbow"}, 128),
    ({"architecture": "cbow", "negative_sharing": "pair"}, 128),
    ({"architecture": "cbow", "negative_sharing": "batch"}, 32),  # one prediction a window
    ({"objective": "hierarchical"}, 21),  # the root is on every path, half of the turns there go each way
    ({"objective": "softmax"}, 128),
    ({"architecture": "cbow", "objective": "hierarchical"}, 64),
]


def named(settings: dict[str, Any]) -> str:
    return " ".join(settings.values())


def limits(counts: list[int], **settings: Any) -> StepLimits:
    """Those for words of these counts, none of which is thinned."""
    config = Config(**settings)
    noise = (
        noise_distribution(np.array(counts), config.noise_power) if config.objective == "negative" else None
    )
    shares = None if noise is None else noise / noise.sum()
    return step_limits(config, np.ones(len(counts), np.float32), np.array(counts), shares)


def batch_size(counts: list[int], **settings: Any) -> int:
    return limits(counts, **settings).batch_size


@pytest.mark.parametrize("settings", [settings for settings, _ in MODELS], ids=named)
def test_six_words_are_learned_with_the_default_settings(settings: dict[str, Any]) -> None:
    vectors = wordvec.train(
        TINY, engine="torch", dim=10, epochs=3, threads=1, min_count=1, subsample=0, **settings
    )
    losses = [record["epoch_loss"] for record in vectors.training if record["event"] == "epoch"]
    assert losses[-1] < 0.95 * losses[0]
    assert np.linalg.norm(vectors.matrix, axis=1).max() < 10
    if "architecture" not in settings:  # cbow puts words near each other that stand in the same places
        assert {near for near, _ in vectors.most_similar("one", k=2)} == {"two", "three"}


@pytest.mark.parametrize(
    ("settings", "expected"), MODELS, ids=lambda it: named(it) if isinstance(it, dict) else ""
)
def test_many_words_get_the_largest_batch_that_learns_as_well(
    settings: dict[str, Any], expected: int
) -> None:
    assert batch_size([10] * 50_000, **settings) == expected


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": "adam"},
        {"optimizer": "sparse_adam", "negative_sharing": "batch"},
        {"optimizer": "Adagrad"},
        {"reduction": "mean"},
        {"reduction": "example_mean"},
    ],
    ids=named,
)
def test_steps_that_do_not_add_up_take_large_batches_of_few_words(settings: dict[str, Any]) -> None:
    assert batch_size([5, 4, 3], **settings) == 512


def test_larger_steps_make_smaller_batches() -> None:
    shared = {"architecture": "cbow", "negative_sharing": "batch"}
    sizes = [batch_size([10] * 50_000, learning_rate=rate, **shared) for rate in (0.02, 0.05, 0.1, 0.2)]
    assert sizes == [64, 64, 32, 16]


def test_a_batch_grows_with_the_vocabulary_up_to_its_limit() -> None:
    sizes = [batch_size([9] * num_words) for num_words in (2, 20, 200, 2000)]
    assert sizes == sorted(sizes)
    assert 1 <= sizes[0] < sizes[1] < sizes[-1] == 128


@pytest.mark.parametrize("sharing", ["window", "pair", "batch"])
def test_wider_windows_and_more_negatives_make_smaller_batches(sharing: str) -> None:
    usual = batch_size([9] * 20, negative_sharing=sharing)
    assert batch_size([9] * 20, negative_sharing=sharing, window=20) < usual
    assert batch_size([9] * 20, negative_sharing=sharing, window_reach="fixed") < usual
    if sharing != "batch":  # there, each negative is moved by all pairs, however many negatives there are
        assert batch_size([9] * 20, negative_sharing=sharing, negatives=50) < usual


def test_the_most_frequent_word_decides() -> None:
    assert batch_size([5000] + [5] * 1000) < batch_size([10] * 1000)


def test_thinning_frequent_words_makes_room() -> None:
    counts, noise = np.array([5000] + [5] * 1000), np.full(1001, 1 / 1001)
    keep = np.ones(1001, np.float32)
    before = step_limits(Config(), keep, counts, noise).batch_size
    keep[0] = 0.01
    assert step_limits(Config(), keep, counts, noise).batch_size > before


def test_there_is_always_a_batch() -> None:
    for settings in ({}, {"skipgram_input": "center"}, {"architecture": "cbow", "pooling": "sum"}):
        assert batch_size([7], window=10_000, window_reach="fixed", negatives=10_000, **settings) >= 1


# --- what may diverge


def risk(**settings: Any) -> str | None:
    config, counts = Config(**settings), np.array(MANY_WORDS)
    noise = noise_distribution(counts, 0.75) if config.objective == "negative" else None
    return risk_of_divergence(config, np.ones(len(counts), np.float32), counts, noise)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"architecture": "cbow"},
        {"window": 1000, "negatives": 50},
        {"learning_rate": 0.2},
        {"optimizer": "adam", "batch_size": 10_000},
        {"reduction": "mean", "batch_size": 10_000, "learning_rate": 5.0},
        {"engine": "torch", "batch_size": 128},
        {"engine": "torch", "batch_unit": "texts", "batch_size": 1000},
    ],
    ids=str,
)
def test_settings_that_train_are_no_risk(settings: dict[str, Any]) -> None:
    assert risk(**settings) is None


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"learning_rate": 0.3}, "learning_rate=0.3 .* with 6 targets a pair, up to 0.24 is safe"),
        ({"learning_rate": 0.1, "negatives": 50}, "learning_rate=0.1 .* with 51 targets a pair, up to 0.084"),
        ({"engine": "torch", "batch_size": 4000}, "batch_size=4000 .* up to 128 is safe"),
        (
            {"engine": "torch", "negative_sharing": "batch", "batch_size": 128},
            "batch_size=128 .* up to 10 is",
        ),
    ],
    ids=str,
)
def test_settings_near_the_edge_are_named_with_what_is_safe(settings: dict[str, Any], told: str) -> None:
    found = risk(**settings)
    assert found is not None
    assert re.search(told, found)


def test_what_to_lower_is_named_with_its_value() -> None:
    wide = Config(window=300, negatives=20, batch_size=9, engine="torch")
    assert remedies_of_divergence(wide) == ["window (300)", "negatives (20)", "batch_size (9)"]
    assert remedies_of_divergence(Config(objective="softmax", window=7)) == ["window (7)"]


# --- parts of wide windows


@pytest.mark.parametrize("negatives", [5, 20, 50])
def test_windows_of_twenty_words_on_each_side_are_moved_whole(negatives: int) -> None:
    small, wide = (limits(MANY_WORDS, window=window, negatives=negatives) for window in (20, 21))
    assert small.contexts_per_part == small.contexts_per_short_part == 40
    assert (wide.contexts_per_part, wide.contexts_per_short_part) == (40, 4)


def test_short_parts_fill_a_tile_where_the_learning_rate_allows_that() -> None:
    for rate, contexts in [(0.001, 100), (0.05, 4), (0.25, 4), (0.5, 2), (5.0, 1)]:
        assert limits(MANY_WORDS, window=900, learning_rate=rate).contexts_per_short_part == contexts


def test_parts_are_as_long_as_the_learning_rate_allows() -> None:
    for rate, contexts in [(0.1, 10), (0.01, 100), (5.0, 1)]:
        settings = {"window": 500, "learning_rate": rate}
        assert limits(MANY_WORDS, **settings).contexts_per_part == contexts


def test_a_part_is_shorter_where_few_words_share_all_moves() -> None:
    lengths = [limits([10] * num_words, window=100).contexts_per_part for num_words in (2, 3, 6, 5000)]
    assert lengths == sorted(lengths)  # type: ignore[type-var]
    assert lengths[0] is not None
    assert 1 <= lengths[0] < 10
    few, many = (limits([10] * 8, window=100, negatives=count).contexts_per_part for count in (50, 5))
    assert few is not None
    assert many is not None
    assert few < many
    frequent = limits([100_000] + [1] * 1000, window=100, negatives=20)
    assert frequent.contexts_per_part is not None
    assert frequent.contexts_per_part < 5


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, None),
        ({"skipgram_input": "center"}, 20),
        ({"skipgram_input": "center", "negatives": 23}, 5),
        ({"skipgram_input": "center", "objective": "softmax"}, 60),
        ({"architecture": "cbow"}, None),
        ({"architecture": "cbow", "pooling": "sum"}, 19),
        ({"architecture": "cbow", "pooling": "sum", "negatives": 23}, 4),
    ],
    ids=str,
)
def test_what_all_contexts_share_moves_no_further_than_for_a_few(
    settings: dict[str, Any], expected: int | None
) -> None:
    assert limits(MANY_WORDS, window=500, **settings).contexts_at_full_step == expected


@pytest.mark.parametrize(
    "settings",
    [{"skipgram_input": "center", "window": 10}, {"architecture": "cbow", "pooling": "sum", "window": 9}],
    ids=str,
)
def test_small_windows_share_whole_steps_in_batches_as_large_as_ever(settings: dict[str, Any]) -> None:
    found = limits(MANY_WORDS, **settings)
    assert found.contexts_at_full_step is not None
    assert found.contexts_at_full_step >= 2 * settings["window"]
    assert found.batch_size == 128


def test_neighbors_that_share_a_wide_sum_are_learned_from_a_few_at_a_time() -> None:
    sums = {"architecture": "cbow", "pooling": "sum"}
    assert limits(MANY_WORDS, window=100, **sums).batch_size < 8
    assert limits(MANY_WORDS, window=100, architecture="cbow").batch_size == 128


@pytest.mark.parametrize(
    "settings", [{"optimizer": "adam"}, {"reduction": "mean"}, {"reduction": "example_mean"}], ids=named
)
def test_steps_that_do_not_add_up_have_no_limits(settings: dict[str, Any]) -> None:
    assert limits([9] * 5, window=1000, **settings) == (512, None, None, None)


@pytest.mark.parametrize(
    "settings", [{}, {"skipgram_input": "center"}, {"architecture": "cbow", "pooling": "sum"}], ids=str
)
def test_an_objective_of_ones_own_sees_whole_windows_and_its_gradients_stay(settings: dict[str, Any]) -> None:
    config, counts = Config(window=500, **settings), np.array(MANY_WORDS)
    keep, noise = np.ones(len(counts), np.float32), noise_distribution(counts, 0.75)
    found = step_limits(config, keep, counts, noise, has_custom_objective=True)
    assert found[1:] == (None, None, None)
    assert step_limits(config, keep, counts, noise)[1:] != (None, None, None)


BASKETS = [[f"item{number % 40}" for number in range(start, start + 120)] for start in range(2)]


@pytest.mark.parametrize("negatives", [pytest.param(5, marks=pytest.mark.slow), 50])
@pytest.mark.parametrize(
    "settings",
    [
        {"engine": "numba"},
        pytest.param({"engine": "numba", "deterministic": True}, marks=pytest.mark.slow),
        {"engine": "torch"},
        {"skipgram_input": "center"},
        pytest.param({"architecture": "cbow"}, marks=pytest.mark.slow),
        pytest.param({"architecture": "cbow", "pooling": "sum"}, marks=pytest.mark.slow),
        pytest.param({"objective": "hierarchical"}, marks=pytest.mark.slow),
        {"objective": "softmax"},
    ],
    ids=str,
)
def test_windows_as_long_as_a_basket_are_learned_with_the_default_settings(
    settings: dict[str, Any], negatives: int
) -> None:
    if settings.get("objective") is None:
        settings = {**settings, "negatives": negatives}
    vectors = wordvec.train(
        BASKETS, window=120, dim=8, epochs=1, threads=2, min_count=1, subsample=0, **settings
    )
    assert np.isfinite(vectors.matrix).all()
    assert np.linalg.norm(vectors.matrix, axis=1).max() < 20
