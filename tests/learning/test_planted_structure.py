"""Learning: a generated language whose word classes are known must be recovered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wordvec

CLASSES, WORDS_PER_CLASS = 6, 8


def planted_texts(num_texts: int = 3000, length: int = 12) -> list[list[str]]:
    """Each text goes around a ring of classes: what follows a word tells its class, not the word."""
    rng = np.random.default_rng(11)
    texts = []
    for _ in range(num_texts):
        first = rng.integers(CLASSES)
        members = rng.integers(WORDS_PER_CLASS, size=length)
        texts.append(
            [f"class{(first + place) % CLASSES}word{member}" for place, member in enumerate(members)]
        )
    return texts


def share_of_neighbors_in_class(vectors: wordvec.WordVectors) -> float:
    hits = [
        neighbor[:6] == word[:6]
        for word in vectors.words
        for neighbor, _ in vectors.most_similar(word, k=WORDS_PER_CLASS - 1)
    ]
    return float(np.mean(hits))


@pytest.mark.parametrize("threads", [1, 2])
def test_word_classes_are_recovered(threads: int) -> None:
    vectors = wordvec.train(planted_texts(), dim=24, window=1, epochs=10, threads=threads, subsample=0)
    assert len(vectors) == CLASSES * WORDS_PER_CLASS
    assert share_of_neighbors_in_class(vectors) > 0.95


def test_loss_falls_and_is_that_of_untrained_vectors_at_first() -> None:
    vectors = wordvec.train(planted_texts(), dim=24, window=1, epochs=10, threads=1, subsample=0)
    losses = [record["epoch_loss"] for record in vectors.training if record["event"] == "epoch"]
    assert len(losses) == 10
    assert losses[0] < np.log(2)
    assert losses[-1] < losses[0] - 0.05


@pytest.mark.parametrize("objective", ["negative", "hierarchical", "softmax"])
@pytest.mark.parametrize(
    "architecture",
    [{}, {"skipgram_input": "center"}, {"architecture": "cbow"}],
    ids=["skipgram-context", "skipgram-center", "cbow"],
)
def test_every_model_of_the_torch_engine_recovers_word_classes(
    architecture: dict[str, Any], objective: str
) -> None:
    vectors = wordvec.train(
        planted_texts(300),
        dim=16,
        window=1,
        window_reach="fixed",
        epochs=3,
        learning_rate=0.1,
        batch_size=48,
        threads=1,
        subsample=0,
        engine="torch",
        objective=objective,
        **architecture,
    )
    assert share_of_neighbors_in_class(vectors) > 0.95
    losses = [record["epoch_loss"] for record in vectors.training if record["event"] == "epoch"]
    untrained = np.log(2) if objective == "negative" else np.log(CLASSES * WORDS_PER_CLASS)
    assert losses[0] < untrained
    assert losses[-1] < losses[0] - 0.05


@pytest.mark.parametrize("optimizer", ["sparse_adam", "adam", "adagrad"])
def test_every_kind_of_optimizer_recovers_word_classes(optimizer: str) -> None:
    vectors = wordvec.train(
        planted_texts(300),
        dim=16,
        window=1,
        epochs=3,
        learning_rate=0.1 if optimizer == "adagrad" else 0.02,
        batch_size=64,
        threads=1,
        subsample=0,
        optimizer=optimizer,
    )
    assert share_of_neighbors_in_class(vectors) > 0.95
