"""The baseline does what the tutorials do: the right pairs, the right noise, and it learns."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest
import torch
from benchmarks.published_approach import (
    Budget,
    SkipGram,
    Texts,
    measure_published,
    noise_table,
    pairs_of,
)

from wordvec.config import Config


def chance() -> random.Random:
    return random.Random(1)  # noqa: S311


# word 0 is ordinary, and ids differ from positions
TEXT = [5, 2, 6, 0, 2]


def test_each_word_is_paired_with_all_others_within_its_reach():
    pairs = pairs_of([(9, TEXT), (4, [1, 3])], Config(window=1, negatives=3), [7], chance())
    found = list(zip(pairs.centers.tolist(), pairs.contexts.tolist(), strict=True))
    assert found == [(5, 2), (2, 5), (2, 6), (6, 2), (6, 0), (0, 6), (0, 2), (2, 0), (1, 3), (3, 1)]
    assert pairs.num_words == 13
    assert pairs.noise.tolist() == [[7, 7, 7]] * 10


def test_windows_reach_from_one_word_to_all_of_the_window():
    pairs = pairs_of([(40, list(range(40)))] * 50, Config(window=4), [0], chance())
    distances = Counter((pairs.centers - pairs.contexts).abs().tolist())
    assert sorted(distances) == [1, 2, 3, 4]
    # reach is uniform in 1..4, so a distance of 4 comes with one reach in four; edges take a little
    assert distances[4] / distances[1] == pytest.approx(0.25 * 36 / 39, rel=0.15)


def test_a_text_of_one_word_has_no_pairs():
    pairs = pairs_of([(1, [3])], Config(negatives=2), [0], chance())
    assert pairs.centers.tolist() == []
    assert pairs.noise.shape == (0, 2)


def test_noise_follows_the_power_of_the_counts():
    shares = np.bincount(noise_table(np.array([16, 1, 81]), 0.75)) / 5_000_000
    assert shares == pytest.approx(np.array([8, 1, 27]) / 36, abs=1e-6)


def test_texts_are_thinned_afresh_and_counted_whole():
    texts = Texts([[0, 1] * 500], [0.25, 1.0], chance())
    (length, words), (_, others) = texts[0], texts[0]
    assert length == 1000
    assert words.count(1) == 500
    assert words.count(0) == pytest.approx(125, abs=40)
    assert words != others


def test_the_loss_is_the_mean_binary_cross_entropy_of_true_and_noise_pairs():
    model = SkipGram(num_words=4, dim=2)
    with torch.no_grad():
        model.center_embedding.weight[3] = torch.tensor([1.0, 2.0])
        model.context_embedding.weight[0] = torch.tensor([0.5, 0.25])  # score 1
        model.context_embedding.weight[1] = torch.tensor([-1.0, 0.0])  # score -1
    loss = model(torch.tensor([3]), torch.tensor([0]), torch.tensor([[1, 0]]))
    right, wrong = np.log1p(np.exp(-1)), np.log1p(np.exp(1))
    assert loss.item() == pytest.approx((right + right + wrong) / 3)


COUNTS = np.full(10, 200)
CONFIG = Config(dim=8, subsample=0, threads=1)


def planted_texts() -> list[list[int]]:
    """Words 0 to 4 in one half of the texts, 5 to 9 in the other."""
    draw = chance()
    return [[draw.randrange(5) + 5 * (number % 2) for _ in range(20)] for number in range(100)]


def test_only_what_follows_the_warm_up_is_measured():
    speed = measure_published(
        planted_texts(), COUNTS, CONFIG, texts_per_step=10, budget=Budget(4, seconds=60)
    )
    assert speed.steps == 6
    assert speed.words == 6 * 10 * 20


def test_the_measurement_ends_when_the_time_is_up():
    speed = measure_published(planted_texts(), COUNTS, CONFIG, texts_per_step=1, budget=Budget(3, seconds=0))
    assert speed.steps == 1
    assert speed.words == 20


def test_it_learns_which_words_go_together():
    def loss(warm_up_steps: int) -> float:
        texts = planted_texts() * 3
        budget = Budget(warm_up_steps, seconds=0)
        return measure_published(texts, COUNTS, CONFIG, texts_per_step=1, budget=budget).loss

    assert loss(250) < loss(1) - 0.02
