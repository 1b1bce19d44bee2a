"""Words are completed, and found by spelling, as a search through all of them would."""

import random
import string
import time

import pytest

from wordvec.vocabulary.completion import PrefixIndex, SpellingIndex
from wordvec.vocabulary.spelling import closest_spellings, folded

LETTERS = string.ascii_lowercase + "éßİ文"


def made_up(number, seed=1):
    rng = random.Random(seed)  # noqa: S311
    words = {"".join(rng.choices(LETTERS, k=rng.randint(1, 6))) for _ in range(number)}
    listed = sorted(words | {word.upper() for word in sorted(words)[::7]})
    rng.shuffle(listed)
    return listed


@pytest.mark.parametrize("k", [1, 3, 1000])
def test_the_most_frequent_words_with_a_prefix_are_found(k):
    words = made_up(3000)
    index = PrefixIndex(words)
    for prefix in ["", "a", "A", "é", "e\u0301", "ab", "SS", "ß", "i̇", "文", "zzz", *words[:50]]:
        matching = [place for place, word in enumerate(words) if folded(word).startswith(folded(prefix))]
        assert index.starting_with(prefix, k) == (matching[:k], len(matching)), prefix


def test_words_longer_than_the_keys_are_told_apart():
    words = ["a" * 40 + "c", "a" * 40 + "b", "a" * 31, "a" * 32 + "x"]
    index = PrefixIndex(words)
    assert index.starting_with("a" * 40, 9) == ([0, 1], 2)
    assert index.starting_with("A" * 40 + "B", 9) == ([1], 1)
    assert index.starting_with("a" * 31, 9) == ([0, 1, 2, 3], 4)


@pytest.mark.parametrize(
    "words", [["\uffff", "\U0010ffff", "a"], ["\x00", "a\x00", "a"], ["\udc80", "a"]], ids=ascii
)
def test_odd_characters_do_not_end_the_search(words):
    index = PrefixIndex(words)
    for word in words:
        assert words.index(word) in index.starting_with(word.rstrip("\x00"), 9).ids
        SpellingIndex(words).like(word, 3)


def test_near_spellings_are_those_of_a_search_through_all_words():
    words = made_up(2000)
    index = SpellingIndex(words)
    rng = random.Random(2)  # noqa: S311
    for word in rng.sample(words, 60):
        for asked in (word + "q", word[1:] or word, word[::-1], word.upper()):
            found = [words[place] for place in index.like(asked, 3).ids]
            shared = [
                near for near in closest_spellings(asked, words) if set(_pairs(asked)) & set(_pairs(near))
            ]
            assert found[: len(shared)] == shared[: len(found)], asked


def _pairs(word):
    bordered = f"\x00{folded(word)}\x00"
    return [bordered[place : place + 2] for place in range(len(bordered) - 1)]


def test_the_total_is_of_all_that_are_near():
    found = SpellingIndex(["kind", "king", "tree", "kin"]).like("kimg", 1)
    assert found == ([1], 3)


@pytest.mark.parametrize("word", ["", "a" * 51])
def test_nothing_is_near_to_nothing_or_to_a_very_long_word(word):
    assert SpellingIndex(["king", "a" * 51]).like(word, 3) == ([], 0)


@pytest.mark.slow
def test_a_million_words_are_completed_in_milliseconds():
    rng = random.Random(3)  # noqa: S311
    words = [f"word{number}" for number in range(700_000)]
    words += ["".join(rng.choices(string.ascii_lowercase, k=9)) for _ in range(300_000)]
    rng.shuffle(words)
    index = PrefixIndex(words)
    seconds = []
    for word in rng.sample(words, 500):
        for length in range(len(word) + 1):
            start = time.perf_counter()
            index.starting_with(word[:length], 20)
            seconds.append(time.perf_counter() - start)
    assert sorted(seconds)[int(0.99 * len(seconds))] < 0.02
