import sys

import numpy as np
import pytest

from wordvec import MissingPackageError
from wordvec.vectors.word_vectors import WordVectors


@pytest.fixture
def vectors():
    return WordVectors(["a", "b", "c"], np.arange(6, dtype=np.float32).reshape(3, 2))


def test_the_ids_of_an_embedding_are_the_rows(vectors):
    torch = pytest.importorskip("torch")
    embedding = vectors.to_embedding()
    assert isinstance(embedding, torch.nn.Embedding)
    assert embedding.weight.dtype == torch.float32
    assert embedding(torch.tensor([2, 0])).tolist() == [[4.0, 5.0], [0.0, 1.0]]


def test_an_embedding_is_frozen_unless_asked_otherwise(vectors):
    pytest.importorskip("torch")
    assert not vectors.to_embedding().weight.requires_grad
    assert vectors.to_embedding(freeze=False).weight.requires_grad


def test_training_an_embedding_leaves_the_vectors_alone(vectors):
    torch = pytest.importorskip("torch")
    embedding = vectors.to_embedding(freeze=False)
    with torch.no_grad():
        embedding.weight.add_(1)
    assert vectors["a"].tolist() == [0.0, 1.0]


def test_without_torch_the_message_says_what_to_install(vectors, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(
        MissingPackageError, match=r"to_embedding needs PyTorch: pip install 'wordvec\[torch\]'"
    ):
        vectors.to_embedding()
