import numpy as np
import pytest

from wordvec.planning.counted_sample import expected_vocabulary, growth_exponent

WORDS, SAMPLE = 400_000, 50_000


@pytest.fixture(scope="module")
def text():
    """Running text whose words have Zipf's distribution, in provisional ids."""
    drawn = np.random.default_rng(3).zipf(1.6, WORDS)
    _, first, inverse = np.unique(drawn, return_index=True, return_inverse=True)
    by_first_sight = np.empty(len(first), np.int32)
    by_first_sight[np.argsort(first)] = np.arange(len(first))
    return by_first_sight[inverse]


def test_the_exponent_is_that_of_zipfs_law(text):
    assert growth_exponent(text) == pytest.approx(1 / 1.6, abs=0.03)


def test_a_text_without_new_words_does_not_grow():
    assert growth_exponent(np.tile(np.arange(5, dtype=np.int32), 100)) == 0


def test_a_text_of_new_words_alone_grows_as_it_is_long():
    assert growth_exponent(np.arange(1000, dtype=np.int32)) == 1


def test_texts_too_short_to_tell_do_not_grow():
    assert [growth_exponent(np.arange(size, dtype=np.int32)) for size in range(5)] == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("min_count", [1, 2, 5, 30, 1000])
def test_the_vocabulary_of_all_is_found_from_an_eighth(text, min_count):
    counts, all_counts = np.bincount(text[:SAMPLE]), np.bincount(text)
    found, occurrences = expected_vocabulary(
        counts, times=WORDS / SAMPLE, exponent=growth_exponent(text[:SAMPLE]), min_count=min_count
    )
    kept = all_counts[all_counts >= min_count]
    assert found == pytest.approx(len(kept), rel=0.2)
    assert WORDS - occurrences == pytest.approx(WORDS - kept.sum(), rel=0.15)


@pytest.mark.parametrize("min_count", [1, 2, 3, 7, 100])
def test_what_was_counted_whole_is_exact(min_count):
    counts = np.array([9, 2, 7, 2, 3, 1, 1, 40])
    found = expected_vocabulary(counts, times=1, exponent=0.7, min_count=min_count)
    assert found == ((counts >= min_count).sum(), counts[counts >= min_count].sum())


def test_a_text_without_zipfs_law_has_a_vocabulary_too():
    text = np.random.default_rng(4).integers(0, 10_000, 100_000)  # each word about ten times
    counts = np.unique(text[:25_000], return_counts=True)[1]
    found, _ = expected_vocabulary(counts, times=4, exponent=0.1, min_count=5)
    assert found == pytest.approx(9_700, rel=0.4)
