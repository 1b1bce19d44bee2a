import numpy as np
import pytest

from wordvec.errors import EvaluationError
from wordvec.evaluation.change import shared_words
from wordvec.vectors.word_vectors import WordVectors

ONE = WordVectors(["a", "b", "c", "d"], [[1, 0], [0, 2], [3, 4], [1, 1]])
OTHER = WordVectors(["d", "x", "c", "a"], [[5, 0, 0], [1, 1, 1], [0, 3, 4], [0, 0, 2]])


def test_rows_of_all_models_belong_to_the_same_words_at_length_one():
    shared = shared_words([ONE, OTHER], 10)
    assert shared.words == ["a", "c", "d"]
    np.testing.assert_allclose(shared.units[0], [[1, 0], [0.6, 0.8], [0.5**0.5, 0.5**0.5]], atol=1e-7)
    np.testing.assert_allclose(shared.units[1], [[0, 0, 1], [0, 0.6, 0.8], [1, 0, 0]], atol=1e-7)


def test_the_limit_counts_shared_words():
    assert shared_words([ONE, OTHER], 2).words == ["a", "c"]


def test_models_without_common_words_are_refused():
    with pytest.raises(EvaluationError, match="share, got 1 such words"):
        shared_words([ONE, WordVectors(["d", "e"], [[1], [2]])], 10)
