from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from wordvec.corpus.token_lists import number_token_lists
from wordvec.vocabulary.selection import WordCounter


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
