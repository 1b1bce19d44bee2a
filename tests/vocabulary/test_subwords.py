"""Subwords: n-grams and buckets are fastText's; words are means of rows, and unknown ones have vectors, too."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wordvec.errors import ConfigError, UnknownWordError
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary, ngram_buckets, ngrams
from wordvec.vocabulary.vocabulary import Vocabulary

WORDS = ["paris", "paros", "a", "</s>", "Größe", "日本語", "parispa"]
RULES = SubwordRules(3, 6, 1000)


def bucket_by_hand(ngram: str, buckets: int) -> int:
    """FastText's `Dictionary::hash`, byte by byte."""
    found = 2166136261
    for byte in ngram.encode():
        found ^= byte if byte < 128 else byte | 0xFFFFFF00  # as a signed byte, widened
        found = found * 16777619 % 2**32
    return found % buckets


def ngrams_by_hand(word: str, rules: SubwordRules) -> list[str]:
    whole = "<" + word + ">"
    found = []
    for first in range(len(whole)):
        for size in range(1, rules.max_n + 1):
            if first + size > len(whole) or size < rules.min_n:
                continue
            if size == 1 and (first == 0 or first + 1 == len(whole)):
                continue
            found.append(whole[first : first + size])
    return found if word != "</s>" else []


def test_the_hash_is_fasttexts() -> None:
    # Known values of FNV-1a, 32 bits (Noll's test vectors); bytes above 127 are fastText's own.
    assert bucket_by_hand("a", 2**32) == 0xE40C292C
    assert bucket_by_hand("foobar", 2**32) == 0xBF9CF968


@given(
    words=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=9), min_size=1, max_size=20),
    min_n=st.integers(1, 4),
    more=st.integers(0, 3),
    buckets=st.integers(1, 5000),
)
def test_buckets_are_those_of_each_ngram_by_hand(
    words: list[str], min_n: int, more: int, buckets: int
) -> None:
    rules = SubwordRules(min_n, min_n + more, buckets)
    starts, found = ngram_buckets(words, rules)
    assert starts[0] == 0
    for place, word in enumerate(words):
        expected = ngrams_by_hand(word, rules)
        assert ngrams(word, rules) == expected
        own = found[starts[place] : starts[place + 1]].tolist()
        assert own == [bucket_by_hand(ngram, buckets) for ngram in expected]


def test_many_words_are_hashed_as_one_by_one() -> None:
    words = [f"word{number}" for number in range(70_000)]
    starts, found = ngram_buckets(words, RULES)
    for place in (0, 32_767, 32_768, 69_999):
        alone = ngram_buckets([words[place]], RULES)[1]
        np.testing.assert_array_equal(found[starts[place] : starts[place + 1]], alone)


def rows_for(vocabulary: SubwordVocabulary) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(vocabulary.num_rows, 4)).astype(np.float32)


def mean_by_hand(vocabulary: SubwordVocabulary, word: str, rows: np.ndarray) -> np.ndarray:
    used = vocabulary.used_buckets.tolist()
    own = [rows[vocabulary.words.index(word)]] if word in vocabulary.words else []
    buckets = [bucket_by_hand(ngram, RULES.buckets) for ngram in ngrams_by_hand(word, RULES)]
    zero = np.zeros(rows.shape[1])
    others = [rows[len(vocabulary.words) + used.index(one)] if one in used else zero for one in buckets]
    return np.mean([*own, *others], axis=0)


def test_a_word_is_the_mean_of_its_own_row_and_its_ngrams_rows() -> None:
    vocabulary = SubwordVocabulary(WORDS, RULES)
    assert isinstance(vocabulary, Vocabulary)
    rows = rows_for(vocabulary)
    for word in [*WORDS, "Paris", "parisien"]:
        expected = mean_by_hand(vocabulary, word, rows)
        np.testing.assert_allclose(vocabulary.vector_of(word, rows), expected, rtol=1e-5, atol=1e-6)
        sizes = vocabulary.num_rows_of([word, word])
        assert sizes.tolist() == [(word in WORDS) + len(ngrams_by_hand(word, RULES))] * 2
    several = vocabulary.vectors_of(["a", "parisien"], rows)
    np.testing.assert_array_equal(several[1], vocabulary.vector_of("parisien", rows))
    np.testing.assert_array_equal(
        vocabulary.all_vectors(rows), [vocabulary.vector_of(word, rows) for word in WORDS]
    )


def test_vectors_of_many_words_are_computed_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    vocabulary = SubwordVocabulary(WORDS, RULES)
    rows = rows_for(vocabulary)
    at_once = vocabulary.all_vectors(rows)
    monkeypatch.setattr("wordvec.vocabulary.subwords.ROWS_AT_A_TIME", 5)
    np.testing.assert_array_equal(vocabulary.all_vectors(rows), at_once)
    assert not at_once.flags.writeable


def test_only_buckets_that_a_word_falls_into_have_a_row() -> None:
    vocabulary = SubwordVocabulary(WORDS, RULES)
    buckets = {bucket_by_hand(one, RULES.buckets) for word in WORDS for one in ngrams_by_hand(word, RULES)}
    assert vocabulary.used_buckets.tolist() == sorted(buckets)
    assert vocabulary.num_rows == len(WORDS) + len(buckets)


def test_an_unknown_word_has_a_vector_but_no_id() -> None:
    vocabulary = SubwordVocabulary(WORDS, RULES)
    assert "parisien" not in vocabulary
    assert vocabulary.has_vector("parisien")
    assert vocabulary.find_ids(["parisien", "a"]).tolist() == [-1, 2]
    with pytest.raises(UnknownWordError):
        vocabulary.id_of("parisien")


@pytest.mark.parametrize("word", ["", "xyz", "</s>"])
def test_a_word_without_a_known_ngram_is_unknown(word: str) -> None:
    vocabulary = SubwordVocabulary(["paris"], SubwordRules(3, 6, 2**31 - 1))
    assert not vocabulary.has_vector(word)
    with pytest.raises(UnknownWordError, match=r"unknown|not in"):
        vocabulary.vector_of(word, rows_for(vocabulary))


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        (SubwordRules(0, 3, 9), "min_n"),
        (SubwordRules(4, 3, 9), "min_n"),
        (SubwordRules(3, 101, 9), "max_n"),
        (SubwordRules(3, 6, 0), "buckets"),
    ],
)
def test_impossible_rules_are_refused_by_name(rules: SubwordRules, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        SubwordVocabulary(["a"], rules)


@pytest.mark.parametrize("buckets", [[3, 2], [2, 2], [-1], [1000], [[1]], [0.5]])
def test_impossible_buckets_are_refused(buckets: list[int]) -> None:
    with pytest.raises(ConfigError, match="used_buckets"):
        SubwordVocabulary(["a"], RULES, np.array(buckets))


def test_a_word_whose_ngrams_have_no_row_is_refused() -> None:
    with pytest.raises(ConfigError, match="'paris'"):
        SubwordVocabulary(["a", "paris"], RULES, np.array([bucket_by_hand("<a>", 1000)]))


def test_ngrams_longer_than_every_word_take_no_memory() -> None:
    assert ngram_buckets(["ab"], SubwordRules(3, 2**31 - 1, 1000))[0].tolist() == [0, 3]


def test_vectors_of_single_words_are_read_only() -> None:
    vocabulary = SubwordVocabulary(WORDS, RULES)
    for word in ("paris", "parisien"):
        assert not vocabulary.vector_of(word, rows_for(vocabulary)).flags.writeable


def test_means_of_huge_rows_are_finite_though_their_sum_is_not() -> None:
    vocabulary = SubwordVocabulary(["paris"], RULES)
    rows = np.full((vocabulary.num_rows, 2), np.finfo(np.float32).max, np.float32)
    for found in (vocabulary.all_vectors(rows)[0], vocabulary.vector_of("paris", rows)):
        np.testing.assert_allclose(found, rows[0])
