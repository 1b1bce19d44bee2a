"""The default batch size: no word is moved so often in one step that training diverges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wordvec
from wordvec.config import Config
from wordvec.pipeline.batch_size import default_batch_size
from wordvec.sampling.noise import noise_weights

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
    ({"architecture": "cbow", "negative_sharing": "batch"}, 64),  # one prediction a window
    ({"objective": "hierarchical"}, 21),  # the root is on every path, half of the turns there go each way
    ({"objective": "softmax"}, 128),
    ({"architecture": "cbow", "objective": "hierarchical"}, 128),
]


def named(settings: dict[str, Any]) -> str:
    return " ".join(settings.values())


def batch_size(counts: list[int], **settings: Any) -> int:
    """The default for words of these counts, none of which is thinned."""
    config = Config(**settings)
    noise = noise_weights(np.array(counts), config.noise_power) if config.objective == "negative" else None
    shares = None if noise is None else noise / noise.sum()
    return default_batch_size(config, np.ones(len(counts), np.float32), np.array(counts), shares)


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
    before = default_batch_size(Config(), keep, counts, noise)
    keep[0] = 0.01
    assert default_batch_size(Config(), keep, counts, noise) > before


def test_there_is_always_a_batch() -> None:
    assert batch_size([7], window=10_000, window_reach="fixed", negatives=10_000) == 1
