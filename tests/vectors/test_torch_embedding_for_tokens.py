"""Embeddings for the tokens of a network that has its own ids."""

import sys

import numpy as np
import pytest

from wordvec import ConfigError, MissingPackageError, UnknownWordError
from wordvec.vectors.word_vectors import WordVectors

torch = pytest.importorskip("torch")

TOKENS = ["[UNK]", "c", "[PAD]", "a", "##ing"]  # ids are not rows, "b" is not asked for


@pytest.fixture
def vectors():
    return WordVectors(["a", "b", "c"], np.arange(6, dtype=np.float32).reshape(3, 2))


def test_each_row_is_the_vector_of_its_token(vectors):
    embedding = vectors.embedding_for(TOKENS)
    assert isinstance(embedding, torch.nn.Embedding)
    assert embedding.weight.shape == (5, 2)
    assert embedding.weight.dtype == torch.float32
    assert embedding(torch.tensor([3, 1, 3])).tolist() == [[0.0, 1.0], [4.0, 5.0], [0.0, 1.0]]


def test_the_padding_row_is_zero_and_gets_no_gradient(vectors):
    embedding = vectors.embedding_for(TOKENS, padding="[PAD]")
    assert embedding.padding_idx == 2
    embedding(torch.tensor([2, 1, 0, 2])).sum().backward()
    assert embedding.weight[2].tolist() == [0, 0]
    assert embedding.weight.grad.tolist() == [[1, 1], [1, 1], [0, 0], [0, 0], [0, 0]]


def test_a_known_word_can_be_the_padding_and_is_zero_then(vectors):
    embedding = vectors.embedding_for(["c", "a"], padding="a")
    assert embedding.weight.tolist() == [[4, 5], [0, 0]]


def test_without_padding_every_row_learns(vectors):
    assert vectors.embedding_for(TOKENS).padding_idx is None


def test_an_embedding_for_tokens_learns_unless_asked_otherwise(vectors):
    assert vectors.embedding_for(TOKENS).weight.requires_grad
    assert not vectors.embedding_for(TOKENS, freeze=True).weight.requires_grad


def test_tokens_without_a_vector_are_as_spread_as_known_ones():
    rng = np.random.default_rng(0)
    spreads = np.array([0.1, 0.5, 40.0])  # of "a", "b" and "far", which is not asked for
    known = WordVectors(
        ["a", "b", "far"], rng.normal(7, 1, (3, 1)) + rng.normal(size=(3, 300)) * spreads[:, None]
    )
    weight = known.embedding_for(["b", *(f"new{number}" for number in range(200)), "a"]).weight.detach()
    assert weight[1:-1].std().item() == pytest.approx(0.3, rel=0.05)
    assert weight[1:-1].mean().item() == pytest.approx(0, abs=0.01)
    assert len(weight.unique(dim=0)) == 202


def test_the_seed_decides_and_torch_own_randomness_is_left_alone(vectors):
    before = torch.get_rng_state()
    first, again, other = (vectors.embedding_for(TOKENS, seed=seed).weight for seed in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, again)
    assert not torch.equal(first[0], other[0])
    assert torch.equal(first[1], other[1])


def test_training_leaves_the_vectors_alone(vectors):
    with torch.no_grad():
        vectors.embedding_for(["a", "b", "c"]).weight.add_(1)
    assert vectors["a"].tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ([], "at least one token, got none"),
        ("abc", "tokens must be a list of str, in the order of .* got str"),
        ({"a": 1, "b": 0}, "tokens must be a list .* got dict"),
        ({"a", "b"}, "tokens must be a list .* got set"),
    ],
    ids=["empty", "str", "dict", "set"],
)
def test_tokens_that_are_not_a_list_are_refused(vectors, tokens, message):
    with pytest.raises(ConfigError, match=message):
        vectors.embedding_for(tokens)


def test_padding_that_is_not_a_token_is_refused(vectors):
    with pytest.raises(ConfigError, match=r"padding must be one of the 5 tokens, got '<pad>'"):
        vectors.embedding_for(TOKENS, padding="<pad>")


@pytest.mark.parametrize("padding", [None, "a"], ids=["nothing known", "only the padding known"])
def test_tokens_of_another_spelling_are_refused_and_some_are_named(vectors, padding):
    tokens = ["Ġthe", "Ġof", "Ġand", *(["a"] if padding else []), *(f"x{number}" for number in range(100))]
    with pytest.raises(
        UnknownWordError, match=r"none of the 10[34] tokens .* \(3 words\), such as 'Ġthe', 'Ġof'"
    ):
        vectors.embedding_for(tokens, padding=padding)


def test_without_torch_the_message_names_what_needs_it(vectors, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(
        MissingPackageError, match=r"embedding_for needs PyTorch: pip install 'wordvec\[torch\]'"
    ):
        vectors.embedding_for(TOKENS)


class Classifier(torch.nn.Module):
    """Which of two topics is a sentence about? One transformer layer, and the mean of what it says."""

    def __init__(self, embedding):
        super().__init__()
        self.embedding = embedding
        layer = torch.nn.TransformerEncoderLayer(
            d_model=embedding.embedding_dim, nhead=2, dim_feedforward=16, dropout=0.0, batch_first=True
        )
        self.encoder = torch.nn.TransformerEncoder(layer, num_layers=1, enable_nested_tensor=False)
        self.decide = torch.nn.Linear(embedding.embedding_dim, 2)

    def forward(self, sentences):
        is_padding = sentences == self.embedding.padding_idx  # (sentences, words)
        encoded = self.encoder(self.embedding(sentences), src_key_padding_mask=is_padding)
        words = (~is_padding).unsqueeze(2)
        return self.decide((encoded * words).sum(1) / words.sum(1))


def sentences_of_two_topics(rng, num_sentences, tokens):
    """Sentences of 3 to 7 words, three in four of them from their topic; padded to the longest."""
    topics = rng.integers(0, 2, num_sentences)
    sentences = np.full((num_sentences, 7), tokens.index("[PAD]"))
    for sentence, topic in zip(sentences, topics, strict=True):
        for position in range(rng.integers(3, 8)):
            about = topic if rng.random() < 0.75 else 1 - topic
            sentence[position] = tokens.index(f"{('sea', 'city')[about]}{rng.integers(10)}")
    return torch.from_numpy(sentences), torch.from_numpy(topics)


def test_a_transformer_that_starts_from_the_vectors_learns():
    rng = np.random.default_rng(5)
    words = [f"{topic}{number}" for topic in ("sea", "city") for number in range(10)]
    vectors = WordVectors(words, rng.normal(scale=0.3, size=(20, 8)))
    tokens = ["[UNK]", *reversed(words), "[PAD]"]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = Classifier(vectors.embedding_for(tokens, padding="[PAD]"))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    sentences, topics = sentences_of_two_topics(rng, 64, tokens)
    losses = []
    for _ in range(25):
        loss = torch.nn.functional.cross_entropy(model(sentences), topics)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
    assert not torch.equal(model.embedding.weight[20], torch.from_numpy(vectors["sea0"].copy()))
    assert not model.embedding.weight[tokens.index("[PAD]")].any()
