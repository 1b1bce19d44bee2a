from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from wordvec.corpus.token_lists import number_token_lists
from wordvec.vocabulary.counting import WordCounter, most_frequent


def random_texts(seed: int) -> list[list[str]]:
    random_numbers = np.random.default_rng(seed)
    lengths = random_numbers.integers(20, size=300)
    return [[f"w{number:.0f}" for number in random_numbers.pareto(0.2, size=length)] for length in lengths]


@pytest.mark.parametrize("block_positions", [1, 50, 10_000])
def test_counts_are_those_of_a_counter_and_words_come_by_first_sight(block_positions: int) -> None:
    texts = random_texts(1)
    expected = Counter(word for text in texts for word in text)
    assert len(expected) > 1024  # more than there is room for at first
    counter = WordCounter()
    for block in number_token_lists(texts, block_positions):
        counter.add(block)
    assert dict(zip(counter.words(), counter.counts().tolist(), strict=True)) == expected
    assert counter.words() == list(expected)
    assert counter.num_words == expected.total()
    assert counter.num_distinct_words == len(expected)


def test_the_most_frequent_words_are_kept_exactly() -> None:
    expected = Counter(word for text in random_texts(2) for word in text)
    words, counts = list(expected), np.array(list(expected.values()))
    by_rule = sorted((-count, word) for word, count in expected.items() if count >= 3)
    for max_vocab in [1, 2, 17, len(by_rule), len(by_rule) + 5, None]:
        places = most_frequent(words, counts, min_count=3, max_vocab=max_vocab)
        assert [words[place] for place in places] == [word for _, word in by_rule[:max_vocab]]


def test_words_of_equal_count_come_in_the_order_of_their_code_points() -> None:
    words = ["é", "b", "Z", "a", "\U0001f600", "\uffff", "ab"]
    places = most_frequent(words, np.full(7, 4), min_count=1)
    assert [words[place] for place in places] == ["Z", "a", "ab", "b", "é", "\uffff", "\U0001f600"]


def test_no_word_is_frequent_enough() -> None:
    assert most_frequent(["a", "b"], np.array([1, 2]), min_count=3).shape == (0,)
