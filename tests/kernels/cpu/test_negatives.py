"""Negative samples: drawn from the noise distribution, never the center itself."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from wordvec.kernels.cpu.windows import (
    MAX_REDRAWS,
    draw_negatives,
    draw_noise,
    draw_word,
    empty_windows,
    hash64,
)
from wordvec.kernels.simd.compile import kernel
from wordvec.sampling.noise import AliasTable, alias_table, noise_distribution


def draw(
    words: list[int] | NDArray[np.int32],
    table: AliasTable,
    negatives: int,
    first_position: int = 0,
    stream: int = 3,
) -> NDArray[np.int32]:
    windows = empty_windows(len(words), negatives)
    windows.words[:] = words
    windows.positions[:] = first_position + np.arange(len(words))
    draw_negatives(windows, (0, len(words)), table, np.uint64(stream))
    return windows.negatives


def test_negatives_follow_the_noise_distribution() -> None:
    counts = np.array([1000, 500, 250, 100, 50, 20, 10])
    weights = noise_distribution(counts, power=0.75)
    drawn = draw(np.full(50_000, 6, np.int32), alias_table(weights), 4)
    expected = weights[:6] / weights[:6].sum() * drawn.size
    observed = np.bincount(drawn.ravel(), minlength=7)
    assert observed[6] == 0  # the center
    assert ((observed[:6] - expected) ** 2 / expected).sum() < 20.5  # χ², 5 degrees of freedom, p = 0.001


def test_noise_is_right_for_a_million_words() -> None:
    counts = np.maximum(10**7 // np.arange(1, 10**6 + 1), 5)
    weights = noise_distribution(counts, power=0.75)
    drawn = draw(np.zeros(400_000, np.int32), alias_table(weights), 5).ravel()
    bounds = np.unique(np.geomspace(1, 10**6, 30).astype(int))
    groups = [weights[a:b].sum() for a, b in itertools.pairwise(bounds)]
    expected = np.array(groups) / (1 - weights[0]) * len(drawn)
    observed = np.histogram(drawn, bounds)[0].astype(float)
    observed[-1] -= np.count_nonzero(drawn == 10**6)
    assert ((observed - expected) ** 2 / expected).sum() < 56  # χ², about 28 degrees of freedom, p = 0.001


@pytest.mark.parametrize("negatives", range(1, 20))
def test_draws_are_those_of_the_hash_of_their_number(negatives: int) -> None:
    table = alias_table(noise_distribution(np.arange(1, 30), power=0.75))
    words = np.arange(300, dtype=np.int32) % 29  # half of the centers are hit by a draw where there are many
    drawn = draw(words, table, negatives, first_position=2**40)
    expected = np.empty(drawn.shape, np.int64)
    draw_one_by_one(expected, 2**40 * negatives, table, np.uint64(3))
    is_center = expected == words[:, None]
    assert is_center.any()
    np.testing.assert_array_equal(drawn[~is_center], expected[~is_center])
    assert (drawn != words[:, None]).all()


@kernel
def draw_one_by_one(words, first_counter, table, stream):  # type: ignore[no-untyped-def]
    for row in range(words.shape[0]):
        for column in range(words.shape[1]):
            counter = first_counter + row * words.shape[1] + column
            words[row, column] = draw_word(hash64(stream, counter), table)


def test_no_negative_is_the_center_even_if_nearly_all_noise_is() -> None:
    table = alias_table(noise_distribution(np.array([10**9, 1, 1]), power=1))
    drawn = draw([0] * 1000, table, 3)
    assert set(np.unique(drawn)) <= {1, 2}


def test_a_draw_depends_on_the_position_and_not_on_the_stretch() -> None:
    table = alias_table(noise_distribution(np.arange(1, 30), power=0.75))
    whole = draw(list(range(20)), table, 5, first_position=100)
    part = draw(list(range(7, 20)), table, 5, first_position=107)
    np.testing.assert_array_equal(whole[7:], part)


def test_two_streams_and_two_positions_differ() -> None:
    table = alias_table(np.full(1000, 1e-3))
    one = draw([0] * 50, table, 5)
    assert (one != draw([0] * 50, table, 5, stream=4)).mean() > 0.9
    assert len(np.unique(one, axis=0)) == 50


# Words that avoid several others


@kernel
def draw_avoiding(stream, counters, noise, forbidden, first, end, words):  # type: ignore[no-untyped-def]
    for place in range(len(words)):
        words[place] = draw_noise(stream, counters[place], noise, forbidden, first, end)


def drawn_words(
    table: AliasTable, forbidden: list[int], part: tuple[int, int], number: int = 500
) -> list[int]:
    words = np.empty(number, np.int64)
    counters = np.arange(number, dtype=np.int64) + 2**40
    draw_avoiding(np.uint64(2**63 + 5), counters, table, np.array(forbidden, np.int32), *part, words)
    found: list[int] = words.tolist()
    return found


def test_only_words_of_the_part_are_avoided() -> None:
    uniform = alias_table(np.full(6, 1 / 6))
    assert set(drawn_words(uniform, [0, 3, 1, 5], (1, 3))) == {0, 2, 4, 5}
    assert set(drawn_words(uniform, [0, 3, 1, 5], (2, 2))) == set(range(6))


def test_a_word_that_is_drawn_64_times_gives_way_to_the_next_one() -> None:
    always_2 = alias_table(np.array([0.0, 0.0, 1.0]))
    assert set(drawn_words(always_2, [2], (0, 1))) == {0}
    always_0 = alias_table(np.array([1.0, 0.0, 0.0]))
    assert set(drawn_words(always_0, [0, 1], (0, 2))) == {1}  # even if that one is forbidden, too
    assert set(drawn_words(always_0, [1], (0, 1))) == {0}


def test_a_draw_is_repeated_64_times_before_that() -> None:
    share = 0.1 ** (1 / MAX_REDRAWS)  # a tenth of all that are drawn at first are drawn 65 times
    mostly_0 = alias_table(np.array([share, 0.0, 1 - share]))
    found = np.bincount(drawn_words(mostly_0, [0], (0, 1), number=20_000), minlength=3) / 20_000
    assert found[0] == 0
    assert found[1] == pytest.approx(share ** (MAX_REDRAWS + 1), abs=0.01)
