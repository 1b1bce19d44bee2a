"""Distributions: subsampling, noise, alias tables and streams."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from wordvec.kernels.cpu.windows import draw_negatives, empty_windows
from wordvec.sampling.noise import alias_table, noise_distribution
from wordvec.sampling.seeds import Purpose, generator, stream
from wordvec.sampling.subsampling import keep_probabilities, share_at_quantile


def test_keep_probability_is_that_of_word2vec_c() -> None:
    counts = np.array([60_000, 30_000, 9_000, 900, 100])
    share, threshold = 0.6, 1e-3
    expected = (np.sqrt(share / threshold) + 1) * threshold / share
    assert keep_probabilities(counts, threshold)[0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [("word2vec", [0.75, 1.0, 1.0]), ("paper", [0.5, 1.0, 1.0]), ("smooth", [0.2**0.5, 0.5**0.5, 0.8**0.5])],
    ids=["word2vec", "paper", "smooth"],
)
def test_formulas_give_what_they_say_at_four_one_and_a_quarter_of_the_threshold(
    formula: Literal["word2vec", "paper", "smooth"], expected: list[float]
) -> None:
    counts = np.array([16, 4, 1, 79])
    np.testing.assert_allclose(keep_probabilities(counts, 0.04, formula)[:3], expected, rtol=1e-6)


def test_the_smooth_formula_is_that_of_the_wikitext103_system() -> None:
    counts, threshold = np.array([700, 290, 10]), 0.05
    discarded = 1 - np.sqrt(threshold / (counts / 1000 + threshold))
    np.testing.assert_allclose(keep_probabilities(counts, threshold, "smooth"), 1 - discarded, rtol=1e-6)


@pytest.mark.parametrize("formula", ["word2vec", "paper", "smooth"])
@pytest.mark.parametrize("counts", [[0, 90, 0, 10], [0, 0]], ids=["some", "all"])
def test_words_that_do_not_occur_are_kept_and_change_nothing(
    counts: list[int], formula: Literal["word2vec", "paper", "smooth"]
) -> None:
    every = np.array(counts)
    keep = keep_probabilities(every, 1e-2, formula)
    assert (keep[every == 0] == 1).all()
    assert np.array_equal(keep[every > 0], keep_probabilities(every[every > 0], 1e-2, formula))


def test_a_quantile_of_shares_counts_each_word_once() -> None:
    counts = np.array([600, 5, 300, 80, 15])
    assert share_at_quantile(counts, 0.5) == pytest.approx(0.08)
    assert share_at_quantile(counts, 0.75) == pytest.approx(0.3)
    assert share_at_quantile(counts, 0.875) == pytest.approx(0.45)  # half-way from 0.3 to 0.6


def test_words_that_do_not_occur_have_no_part_in_the_quantile() -> None:
    assert share_at_quantile(np.array([6, 0, 3, 0, 0, 1]), 0.5) == pytest.approx(0.3)


def test_rare_words_are_never_thinned() -> None:
    keep = keep_probabilities(np.array([10**9, 2_000, 1]), 1e-3)
    assert keep[0] < 0.05
    assert keep[1:].tolist() == [1.0, 1.0]


def test_threshold_zero_keeps_every_word() -> None:
    assert keep_probabilities(np.array([10**9, 1]), 0).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("power", [-1.0, -0.5, 0.0, 0.75, 1.0, 2.0])
def test_noise_is_proportional_to_a_power_of_the_count(power: float) -> None:
    counts = np.array([10.0**6, 10**3, 5])
    weights = noise_distribution(counts.astype(np.int64), power)
    np.testing.assert_allclose(weights, counts**power / (counts**power).sum())


@pytest.mark.parametrize("table_slots", [None, 7], ids=["exact", "table"])
@pytest.mark.filterwarnings("error")  # of a division by zero
@pytest.mark.parametrize("power", [-10.0, -0.5, 0.0, 0.75, 1.0])
def test_words_that_do_not_occur_are_never_noise(power: float, table_slots: int | None) -> None:
    weights = noise_distribution(np.array([0, 8, 0, 3]), power, table_slots)
    assert weights[[0, 2]].tolist() == [0, 0]
    assert weights.sum() == pytest.approx(1)
    assert alias_table(weights).probabilities()[[0, 2]].tolist() == [0, 0]


def test_a_table_gives_whole_slots_and_each_word_at_least_one() -> None:
    counts = np.array([6_640, 3_300, 59, 1])  # slots: 66.4, 33, 0.59, 0.01
    np.testing.assert_allclose(noise_distribution(counts, 1, 100), np.array([66, 33, 1, 1]) / 101)


def test_a_table_draws_as_one_that_is_laid_out_slot_by_slot() -> None:
    counts = np.array([70, 19, 8, 2, 1])
    share = counts**0.75 / (counts**0.75).sum()
    table = [word for word in range(5) for _ in range(max(1, round(share[word] * 50)))]
    np.testing.assert_allclose(noise_distribution(counts, 0.75, 50), np.bincount(table) / len(table))


def test_a_large_table_is_nearly_exact() -> None:
    counts = np.array([10**6, 10**3, 50])
    exact = noise_distribution(counts, 0.75)
    np.testing.assert_allclose(noise_distribution(counts, 0.75, 5_000_000), exact, rtol=1e-3)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("power", [-10, 10])
def test_noise_of_huge_counts_does_not_overflow(power: float) -> None:
    assert np.isfinite(noise_distribution(np.array([2**62, 0, 1]), power)).all()


@pytest.mark.parametrize("table_slots", [None, 40], ids=["exact", "table"])
@pytest.mark.parametrize("power", [-1.5, -0.5])
def test_rare_words_are_drawn_more_often_where_the_power_is_negative(
    power: float, table_slots: int | None
) -> None:
    """Chi-square of a million draws by the kernel; words with count 0 are never drawn."""
    counts = np.array([900, 300, 0, 60, 7, 7, 2])
    shares = noise_distribution(counts, power, table_slots)
    assert (np.diff(shares[counts > 0]) >= 0).all()
    windows = empty_windows(10_000, 100)
    windows.words[:], windows.positions[:] = 2, np.arange(10_000)  # no draw hits the center
    draw_negatives(windows, (0, 10_000), alias_table(shares), np.uint64(7))
    drawn = np.bincount(windows.negatives.ravel(), minlength=len(counts))
    assert drawn[2] == 0
    occurring = counts > 0
    expected = shares[occurring] * drawn.sum()
    chi_square = ((drawn[occurring] - expected) ** 2 / expected).sum()
    assert chi_square < 25.7  # 5 degrees of freedom: beyond that once in 10,000 seeds


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
