"""Growing: a trained model goes on with a second corpus, with new words and more dimensions."""

from __future__ import annotations

from pathlib import Path
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


@pytest.mark.parametrize("name", ["first.wv", "first.safetensors"])
@pytest.mark.parametrize("as_given", [str, Path], ids=["str", "Path"])
def test_a_model_to_start_from_may_be_a_path(
    first: wordvec.WordVectors, tmp_path: Path, name: str, as_given: type
) -> None:
    first.save(tmp_path / name)
    without_dim = {key: value for key, value in SMALL.items() if key != "dim"}
    given = as_given(tmp_path / name)
    grown = wordvec.train(SECOND, start_from=given, **without_dim)
    same = wordvec.train(SECOND, start_from=wordvec.load(given), **without_dim)
    assert grown.words == same.words
    assert grown.matrix.tobytes() == same.matrix.tobytes()
    assert grown.dim == first.dim


def test_a_recipe_starts_from_a_path_too(first: wordvec.WordVectors, tmp_path: Path) -> None:
    first.save(tmp_path / "first.wv")
    settings = {"epochs": 1, "keep": "last", "watch": ["a1"]}
    grown = wordvec.train(TEXTS, recipe="d2l-ptb", start_from=tmp_path / "first.wv", **settings)
    assert grown.dim == first.dim


def test_what_cannot_be_started_from_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(wordvec.FormatError, match=r"missing\.wv"):
        wordvec.train(SECOND, start_from=tmp_path / "missing.wv")
    with pytest.raises(
        wordvec.ConfigError, match=r"^start_from must be word vectors or the path of a model, got dict"
    ):
        wordvec.train(SECOND, start_from={"red": [1.0]})  # type: ignore[arg-type]


RARE = [["b1", "b2", "b3"], ["new1", "b1", "b2"]] * 9 + [["a1", "b1"]]  # a1 is known, and here only once


def test_words_that_the_text_has_too_rarely_are_kept_as_they_were(first: wordvec.WordVectors) -> None:
    grown = wordvec.train(RARE, start_from=first, **{**SMALL, "min_count": 2})
    assert set(grown.words) == {*first.words, "new1"}
    assert "start_words_dropped" not in grown.training[0]


def test_words_that_the_text_has_too_rarely_are_dropped_on_demand_and_named(
    first: wordvec.WordVectors,
) -> None:
    settings = {**SMALL, "min_count": 2, "start_words": "drop"}
    with pytest.warns(
        UserWarning, match=r"^12 of the 15 words of the model to start from .*: '\w+', .*, \.\.\.$"
    ):
        grown = wordvec.train(RARE, start_from=first, **settings)
    assert set(grown.words) == {"b1", "b2", "b3", "new1"}
    assert grown.training[0]["start_words_dropped"] == 12
    assert first.counts is not None
    assert grown.counts is not None
    assert grown.counts[grown.ids("b1")[0]] == 19 + first.counts[first.ids("b1")[0]]


def test_where_no_word_is_dropped_there_is_no_warning(first: wordvec.WordVectors) -> None:
    dropping = wordvec.train(TEXTS, start_from=first, start_words="drop", **SMALL)
    keeping = wordvec.train(TEXTS, start_from=first, **SMALL)
    assert dropping.matrix.tobytes() == keeping.matrix.tobytes()


def test_a_model_of_which_no_word_would_be_left_is_refused(first: wordvec.WordVectors) -> None:
    with pytest.raises(wordvec.ConfigError, match=r"^none of the 15 words of the model to start from"):
        wordvec.train([["x", "y"]] * 9, start_from=first, start_words="drop", **SMALL)


def test_words_are_dropped_only_from_a_model() -> None:
    with pytest.raises(
        wordvec.ConfigError, match=r"^start_words='drop' is about the words of a model to start from"
    ):
        wordvec.train(TEXTS, start_words="drop", **SMALL)


@pytest.mark.filterwarnings("ignore:12 of the 15 words:UserWarning")
def test_a_run_that_has_dropped_words_is_resumed(first: wordvec.WordVectors, tmp_path: Path) -> None:
    settings = {**SMALL, "min_count": 2, "start_words": "drop", "max_vocab": 4}
    whole = wordvec.train(RARE, start_from=first, **settings)

    def stop(progress: Any) -> None:
        if getattr(progress, "epoch", 0) == 2:
            raise KeyboardInterrupt

    wordvec.train(RARE, start_from=first, checkpoint=tmp_path / "run.wv", on_progress=stop, **settings)
    resumed = wordvec.resume(tmp_path / "run.wv", RARE)
    assert resumed.words == whole.words
    assert resumed.matrix.tobytes() == whole.matrix.tobytes()
