import numpy as np
import pytest

from wordvec.errors import ConfigError
from wordvec.vectors.directions import centralities, mean_cosine, weighted_mean

VECTORS = np.array([[3.0, 0.0, 1.0], [0.0, -2.0, 5.0], [1.0, 1.0, 1.0]], np.float32)


def test_a_mean_is_divided_by_the_sizes_of_its_weights():
    assert weighted_mean(VECTORS).tolist() == pytest.approx([4 / 3, -1 / 3, 7 / 3])
    assert weighted_mean(VECTORS, [2, -1, 1]).tolist() == pytest.approx([7 / 4, 3 / 4, -2 / 4])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 2], "3 numbers"),
        ([0, 0, 0], "not all zero"),
        ([1, np.nan, 1], "finite"),
        ("abc", "must be numbers, one for each word, got 'abc'"),
    ],
    ids=["too few", "zero", "nan", "text"],
)
def test_weights_that_give_no_mean_are_refused(weights, message):
    with pytest.raises(ConfigError, match=message):
        weighted_mean(VECTORS, weights)


def test_no_vectors_have_no_mean_and_no_center():
    for ask in (weighted_mean, centralities, lambda nothing: mean_cosine(VECTORS, nothing)):
        with pytest.raises(ConfigError, match="at least one word"):
            ask(VECTORS[:0])


def test_the_center_is_a_direction_and_so_its_length_plays_no_part():
    unit = np.array([[1, 0], [0.8, 0.6], [0, -1]], np.float32)
    mean = np.array([1.8, -0.4]) / np.hypot(1.8, 0.4)
    assert centralities(unit).tolist() == pytest.approx((unit @ mean).tolist(), abs=1e-6)


def test_sets_are_compared_by_their_means_longer_vectors_count_more():
    one, other = VECTORS[:2], VECTORS[2:]
    mean = one.mean(axis=0)
    assert mean_cosine(one, other) == pytest.approx(mean @ other[0] / np.linalg.norm(mean) / 3**0.5, abs=1e-6)


def test_opposite_words_that_cancel_have_no_direction():
    assert mean_cosine(np.array([[1, 0], [-1, 0]], np.float32), VECTORS[:1, :2]) == 0.0
    assert centralities(np.array([[1, 0], [-1, 0]], np.float32)).tolist() == [0, 0]
