import numpy as np
import pytest

from wordvec.cli.app import run
from wordvec.vectors.word_vectors import WordVectors

WORDS = ["king", "man", "woman", "queen", "paris", "-dash", "two words", "bell\x07", "東京"]
MATRIX = np.array(
    [
        [1, 1, 0],
        [1, 0, 0],
        [-1, 0, 0],
        [-1, 1, 0],
        [0, 0, 1],
        [0, 0.1, 1],
        [0, 0.2, 1],
        [0, 0.3, 1],
        [0, 0.4, 1],
    ]
)


@pytest.fixture
def vectors():
    return WordVectors(
        WORDS,
        MATRIX,
        counts=range(18, 0, -2),
        output_matrix=MATRIX,
        config={"dim": 3, "architecture": "skipgram", "max_vocab": None},
        training=[
            {"event": "corpus", "texts": 7},
            {"event": "epoch", "words": 90, "epoch_loss": 3.5},
            {"event": "report", "words": 99, "loss": 2.75},
            {"event": "epoch", "words": 180, "epoch_loss": 2.25000012345},
            {"event": "done", "words_trained": 180, "phases": {"counting": 0.5, "training": 1.25}},
        ],
    )


@pytest.fixture
def model(vectors, tmp_path):
    vectors.save(tmp_path / "model.wv")
    return tmp_path / "model.wv"


@pytest.fixture
def shell(capsys):
    """Run a command line; returns its exit status, its data and its talk."""

    def call(*arguments):
        status = run([str(argument) for argument in arguments])
        return status, *capsys.readouterr()

    return call
