"""Distributions: subsampling, noise, alias tables and streams."""

from __future__ import annotations

import numpy as np
import pytest

from wordvec.sampling.alias import alias_table
from wordvec.sampling.noise import noise_weights
from wordvec.sampling.seeds import Purpose, generator, stream
from wordvec.sampling.subsampling import keep_probabilities


def test_keep_probability_is_that_of_word2vec_c() -> None:
    counts = np.array([60_000, 30_000, 9_000, 900, 100])
    share, threshold = 0.6, 1e-3
    expected = (np.sqrt(share / threshold) + 1) * threshold / share
    assert keep_probabilities(counts, threshold)[0] == pytest.approx(expected, rel=1e-6)


def test_rare_words_are_never_thinned() -> None:
    keep = keep_probabilities(np.array([10**9, 2_000, 1]), 1e-3)
    assert keep[0] < 0.05
    assert keep[1:].tolist() == [1.0, 1.0]


def test_threshold_zero_keeps_every_word() -> None:
    assert keep_probabilities(np.array([10**9, 1]), 0).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("power", [0.0, 0.75, 1.0, 2.0])
def test_noise_is_proportional_to_a_power_of_the_count(power: float) -> None:
    counts = np.array([10**6, 10**3, 5])
    weights = noise_weights(counts, power)
    np.testing.assert_allclose(weights, counts**power / (counts**power).sum())


def test_noise_of_huge_counts_does_not_overflow() -> None:
    assert np.isfinite(noise_weights(np.array([2**62, 1]), 10)).all()


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_an_alias_table_draws_from_its_distribution(size: int) -> None:
    weights = np.random.default_rng(size).pareto(1, size)
    weights[-1] = 0
    weights = weights / weights.sum() if size > 1 else np.ones(1)
    np.testing.assert_allclose(alias_table(weights).probabilities(), weights, atol=1e-7)


def test_every_purpose_epoch_and_seed_has_its_own_stream() -> None:
    streams = {stream(seed, purpose, epoch) for seed in (1, 2) for purpose in Purpose for epoch in (0, 1, 2)}
    assert len(streams) == 2 * len(Purpose) * 3


def test_a_seed_repeats_its_stream() -> None:
    assert stream(5, Purpose.WINDOWS, 3) == stream(5, Purpose.WINDOWS, 3)
    draws = [generator(5, Purpose.INITIAL_VECTORS).random() for _ in range(2)]
    assert draws[0] == draws[1]
