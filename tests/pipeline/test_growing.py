"""Growing: a trained model goes on with a second corpus, with new words and more dimensions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.pipeline.texts import SMALL, STILL, epochs_of, ring_texts

import wordvec

ENGINES = ("numba", "torch")
TEXTS = ring_texts()
SECOND = [[word.replace("a", "new") for word in text] for text in ring_texts(120, seed=9)]  # no a1..a5


@pytest.fixture(scope="module")
def first() -> wordvec.WordVectors:
    return wordvec.train(TEXTS, **SMALL)


@pytest.mark.parametrize("dim", [5, 8])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"engine": "torch", "batch_size": 40},
        {"optimizer": "adam", "batch_size": 40, "learning_rate": 0.01},
        {"architecture": "cbow", "batch_size": 40},
        {"noise_table": 50},
    ],
    ids=["numba", "torch", "adam", "cbow", "noise_table"],
)
def test_a_model_grows_on_a_second_corpus(
    first: wordvec.WordVectors, settings: dict[str, Any], dim: int
) -> None:
    grown = wordvec.train(SECOND, start_from=first, **{**SMALL, "dim": dim, **settings})
    absent = [word for word in first.words if word.startswith("a")]
    known = [word for word in first.words if not word.startswith("a")]
    new = {word for text in SECOND for word in text} - set(known)
    assert set(grown.words) == {*first.words, *new}
    assert grown.dim == dim
    np.testing.assert_array_equal(grown.lookup(absent)[:, :5], first.lookup(absent))
    assert (np.abs(grown.lookup(known)[:, :5] - first.lookup(known)).max(axis=1) > 1e-4).all()
    assert grown.output_matrix is not None
    assert (grown.output_matrix[grown.ids(sorted(new))] != 0).any(axis=1).all()


def test_counts_of_both_corpora_are_added_and_words_come_in_their_order(first: wordvec.WordVectors) -> None:
    grown = wordvec.train(SECOND, start_from=first, **SMALL)
    texts = [*TEXTS, *SECOND]
    assert grown.counts is not None
    expected = {word: sum(text.count(word) for text in texts) for word in grown.words}
    assert dict(zip(grown.words, grown.counts.tolist(), strict=True)) == expected
    assert (np.diff(grown.counts) <= 0).all()
    assert grown.config is not None
    assert grown.config["start_from"] == "15 words x 5"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_grown_model_begins_with_what_it_knew(first: wordvec.WordVectors, engine: str) -> None:
    settings = {**STILL, "dim": 9}
    grown = wordvec.train(SECOND, start_from=first, engine=engine, **settings)
    np.testing.assert_array_equal(grown.lookup(first.words)[:, :5], first.matrix)
    assert grown.output_matrix is not None
    assert first.output_matrix is not None
    rows = grown.ids(first.words)
    np.testing.assert_allclose(
        grown.output_matrix[rows], np.pad(first.output_matrix, ((0, 0), (0, 4))), atol=1e-20
    )


def test_the_dimensions_stay_unless_more_are_asked_for(first: wordvec.WordVectors) -> None:
    without_dim = {name: value for name, value in SMALL.items() if name != "dim"}
    assert wordvec.train(SECOND, start_from=first, **without_dim).dim == 5
    with pytest.raises(wordvec.ConfigError, match="dim must be at least 5"):
        wordvec.train(SECOND, start_from=first, **{**SMALL, "dim": 4})


def test_a_tree_of_a_second_corpus_begins_without_vectors(first: wordvec.WordVectors) -> None:
    settings = {name: value for name, value in STILL.items() if name != "negatives"}
    grown = wordvec.train(SECOND, start_from=first, objective="hierarchical", **settings)
    loss = epochs_of(grown.training)[0]["epoch_loss"]
    untrained = epochs_of(wordvec.train(SECOND, objective="hierarchical", **settings).training)[0][
        "epoch_loss"
    ]
    assert loss == pytest.approx(untrained, rel=0.1)  # ln 2 for each turn


def test_first_vectors_are_not_both_given_and_drawn(first: wordvec.WordVectors) -> None:
    with pytest.raises(
        wordvec.ConfigError, match="initialization has no meaning with start_from, got 'normal'"
    ):
        wordvec.train(SECOND, start_from=first, initialization="normal", **SMALL)
