"""Hybrid search: what either ranking finds is found, and the ranks of both count."""

from __future__ import annotations

import numpy as np
import pytest

from wordvec.errors import ConfigError
from wordvec.vectors.hybrid_search import MIN_FUSED, HybridSearch, fused
from wordvec.vectors.text_encoder import TextEncoder
from wordvec.vectors.word_vectors import WordVectors

TEXTS = [
    "a cat sleeps",
    "a dog sleeps in Zagreb",
    "stocks fall",
    "bonds fall in Zagreb",
    "",
    "nothing known here",
]


@pytest.fixture
def encoder() -> TextEncoder:
    words = ["a", "in", "cat", "dog", "sleeps", "stocks", "bonds", "fall"]
    matrix = np.random.default_rng(3).normal(size=(8, 12))
    matrix[3], matrix[6] = matrix[2] + 0.05, matrix[5] + 0.05  # dogs are like cats, bonds like stocks
    vectors = WordVectors(words, matrix, counts=[90_000, 80_000, 9, 8, 7, 6, 5, 4])
    return TextEncoder.of(vectors, tokenizer="words")


def test_a_text_that_both_rankings_have_is_before_those_that_one_has() -> None:
    assert fused([[1, 2, 3], [3, 4, 5]], 10)[0] == 3
    assert fused([[1, 2], [2, 1]], 10) == [1, 2]
    assert fused([[], [7]], 10) == [7]
    assert fused([], 10) == []


def test_words_that_the_encoder_does_not_know_are_found_and_so_is_the_same_in_other_words(
    encoder: TextEncoder,
) -> None:
    """Without the word, the cat is nearer than the dog; in the name's city, there are no cats."""
    search = HybridSearch(encoder, TEXTS)
    assert search.search(["cat"], k=2) == [[0, 1]]
    assert search.search(["a cat in zagreb"], k=1) == [[1]]
    assert set(search.search(["zagreb"])[0]) == {1, 3}
    assert search.search(["bonds"], k=2) == [[3, 2]]


def test_a_query_that_shares_nothing_has_no_answer(encoder: TextEncoder) -> None:
    search = HybridSearch(encoder, TEXTS)
    assert search.search(["xyzzy", ""]) == [[], []]
    assert HybridSearch(encoder, ["", "?"]).search(["cat"]) == [[]]


def test_many_texts_are_ranked_as_deep_as_is_asked(encoder: TextEncoder) -> None:
    texts = ["a cat sleeps"] * (MIN_FUSED + 50)
    (found,) = HybridSearch(encoder, texts).search(["cat"], k=MIN_FUSED + 20)
    assert sorted(found) == list(range(MIN_FUSED + 20))


def test_lists_of_words_need_no_tokenizer(encoder: TextEncoder) -> None:
    vectors = WordVectors(["cat", "dog"], np.eye(2), counts=[5, 5])
    own = TextEncoder.of(vectors)
    assert HybridSearch(own, [["cat"], ["dog", "Zagreb"]]).search([["Zagreb"]]) == [[1]]
    with pytest.raises(ConfigError, match="this encoder has no tokenizer"):
        HybridSearch(own, ["cat"])
