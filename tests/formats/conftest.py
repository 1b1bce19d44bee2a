import numpy as np
import pytest

from wordvec.vectors.word_vectors import WordVectors

AWKWARD_NUMBERS = [0.1, -0.0, 1e-45, 3.4028235e38, -1.1754944e-38, 1 / 3, 16777217.0, 1e-7, -2.5, 123456.79]


@pytest.fixture
def plain():
    """Words that every format can hold, with numbers that do not survive careless printing."""
    words = [
        "</s>",
        "the",
        "naïve",
        "東京",
        "no\u00a0break",
        "2024",
        "-1.5",
        '"quoted,"',
        "nul\x00",
        "\ufeffbom",
        "a",
    ]
    rng = np.random.default_rng(7)
    matrix = rng.normal(size=(len(words), 3)).astype(np.float32)
    matrix[: len(AWKWARD_NUMBERS), 1] = AWKWARD_NUMBERS
    return WordVectors(words, matrix)


@pytest.fixture
def full(plain):
    """All that a model can hold, among it words that only the native format can."""
    words = [*plain.words, "two words", "line\nend", "", "\ttab", "😀"]
    rng = np.random.default_rng(8)
    return WordVectors(
        words,
        rng.normal(size=(len(words), 3)),
        counts=np.arange(len(words))[::-1] + (1 << 40),
        output_matrix=rng.normal(size=(len(words), 3)),
        config={"dim": 3, "architecture": "skipgram", "max_vocab": None, "subsample": 1e-3},
        training=[{"words": 10, "loss": 2.5}, {"words": 20, "loss": 2.25, "scores": {"analogies": 0.5}}],
    )


@pytest.fixture
def assert_same():
    def check(one, other):
        assert one.words == other.words
        for name in ("matrix", "output_matrix", "counts"):
            first, second = getattr(one, name), getattr(other, name)
            assert (first is None) == (second is None), name
            if first is not None:
                assert first.tobytes() == second.tobytes(), name  # the sign of zero counts, too
        assert (one.config, one.training) == (other.config, other.training)

    return check


@pytest.fixture
def counted(full):
    """What files of words, vectors and counts can hold of a model."""
    return WordVectors(full.words, full.matrix, counts=full.counts)
