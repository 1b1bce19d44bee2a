import math

import numpy as np
import pytest

from wordvec import ConfigError
from wordvec.vectors.growth import grown_matrices
from wordvec.vectors.word_vectors import WordVectors

KNOWN = ["the", "of", "war"]
GROWN = ["of", "new", "the", "words", "war", "here"]  # ids change
NEW_ROWS, DIM = [1, 3, 5], 4


@pytest.fixture
def vectors():
    rng = np.random.default_rng(0)
    return WordVectors(KNOWN, rng.normal(size=(3, DIM)), output_matrix=rng.normal(size=(3, DIM)))


def grow(vectors, words=GROWN, dim=DIM, seed=1):
    return grown_matrices(vectors, words, dim, np.random.default_rng(seed))


def exact_score(input_vector, output_vector):
    """Without rounding, so that the order of the sum does not matter: float64 holds products of float32 exactly."""
    return math.fsum((input_vector.astype(np.float64) * output_vector.astype(np.float64)).tolist())


@pytest.mark.parametrize("dim", [DIM, DIM + 3], ids=lambda dim: f"dim={dim}")
def test_known_words_keep_their_numbers_wherever_they_move(vectors, dim):
    for grown, trained in zip(grow(vectors, dim=dim), (vectors.matrix, vectors.output_matrix), strict=True):
        assert grown.shape == (6, dim)
        assert grown.dtype == np.float32
        for row, word in enumerate(KNOWN):
            assert np.array_equal(grown[GROWN.index(word), :DIM], trained[row])


@pytest.mark.parametrize("dim", [DIM, DIM + 1, 9 * DIM], ids=lambda dim: f"dim={dim}")
def test_every_score_of_two_known_words_is_exactly_what_it_was(vectors, dim):
    inputs, outputs = grow(vectors, dim=dim)
    for a, row_a in enumerate(map(GROWN.index, KNOWN)):
        for b, row_b in enumerate(map(GROWN.index, KNOWN)):
            before = exact_score(vectors.matrix[a], vectors.output_matrix[b])
            assert exact_score(inputs[row_a], outputs[row_b]) == before


def test_new_words_start_as_in_an_untrained_model(vectors):
    words = [*(f"new{number}" for number in range(2000)), *KNOWN]
    inputs, outputs = grow(vectors, words, dim=DIM)
    assert not outputs[:2000].any()
    assert np.abs(inputs[:2000]).max() <= 0.5 / DIM
    assert inputs[:2000].std() == pytest.approx(1 / DIM / 12**0.5, rel=0.03)  # of a uniform distribution
    assert inputs[:2000].mean() == pytest.approx(0, abs=0.005)


def test_new_dimensions_start_as_in_an_untrained_model(vectors):
    inputs, outputs = grow(vectors, dim=1000)
    assert not outputs[:, DIM:].any()
    assert 0.4 / 1000 < np.abs(inputs[:, DIM:]).max() <= 0.5 / 1000
    assert (inputs[:, DIM:] != 0).mean() > 0.99


def test_a_model_without_output_vectors_starts_them_at_zero(vectors):
    inputs, outputs = grow(WordVectors(KNOWN, vectors.matrix))
    assert outputs.shape == inputs.shape
    assert not outputs.any()


def test_the_trained_model_stays_as_it_is(vectors):
    before = vectors.matrix.copy(), vectors.output_matrix.copy()
    for grown in grow(vectors, KNOWN):
        grown += 1
    assert np.array_equal(vectors.matrix, before[0])
    assert np.array_equal(vectors.output_matrix, before[1])


def test_a_seed_repeats_the_new_numbers_and_another_one_does_not(vectors):
    first, again, other = grow(vectors)[0], grow(vectors)[0], grow(vectors, seed=2)[0]
    assert np.array_equal(first, again)
    assert (first[NEW_ROWS] != other[NEW_ROWS]).all()


def test_a_model_does_not_shrink(vectors):
    with pytest.raises(ConfigError, match=r"dim must be at least 4, .* got 3; .* not shrink"):
        grow(vectors, dim=3)


def test_a_word_that_is_left_out_is_named(vectors):
    with pytest.raises(ConfigError, match="got 2 words without 'of'"):
        grow(vectors, ["the", "war"])
