"""What tests with the libraries themselves need: all are marked, and run by `make test-interop` alone."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from wordvec.vectors.word_vectors import WordVectors

HERE = Path(__file__).parent

# Nothing here asks the network.
os.environ.setdefault("HF_HUB_OFFLINE", "1")


def pytest_ignore_collect(collection_path, config):
    """Without being asked for, not even the libraries are imported."""
    return None if config.option.markexpr == "interop" else True


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.interop)
            # These are of the libraries' own code.
            item.add_marker(pytest.mark.filterwarnings("default::DeprecationWarning"))
            item.add_marker(pytest.mark.filterwarnings("default::FutureWarning"))
            item.add_marker(pytest.mark.filterwarnings("default::UserWarning"))
            item.add_marker(pytest.mark.filterwarnings("ignore::ResourceWarning"))
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))


@pytest.fixture
def vectors():
    """Words of several alphabets with counts, so many that neighbours are no matter of luck."""
    words = ["the", "naïve", "東京", "don't", "</s>", "2024", "ßtraße", *(f"word{row}" for row in range(193))]
    matrix = np.random.default_rng(5).normal(size=(len(words), 11))
    return WordVectors(
        words, matrix, counts=range(1000, 1000 - len(words), -1), config={"tokenizer": "words"}
    )


@pytest.fixture
def assert_same_neighbors(vectors):
    def check(word, found):
        expected = vectors.most_similar(word, k=len(found))
        assert [name for name, _ in found] == [name for name, _ in expected]
        assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=1e-5)

    return check
