"""Growing: a trained model goes on with a second corpus, with new words and more dimensions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.parameters import each
from tests.pipeline.texts import SMALL, STILL, epochs_of, ring_texts

import wordvec
from wordvec.planning.estimate import estimate
from wordvec.planning.request import request_for

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
    settings = {**SMALL, "min_count": 2, "start_vocabulary": "new"}
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
    dropping = wordvec.train(TEXTS, start_from=first, start_vocabulary="new", **SMALL)
    keeping = wordvec.train(TEXTS, start_from=first, **SMALL)
    assert dropping.matrix.tobytes() == keeping.matrix.tobytes()


def test_a_model_of_which_no_word_would_be_left_is_refused(first: wordvec.WordVectors) -> None:
    with pytest.raises(wordvec.ConfigError, match=r"^none of the 15 words of the model to start from"):
        wordvec.train([["x", "y"]] * 9, start_from=first, start_vocabulary="new", **SMALL)


@pytest.mark.parametrize("which", ["new", "old"])
def test_words_are_those_of_a_model_only_where_there_is_one(which: str) -> None:
    with pytest.raises(
        wordvec.ConfigError, match=f"^start_vocabulary='{which}' is about the words of a model to start from"
    ):
        wordvec.train(TEXTS, start_vocabulary=which, **SMALL)


@pytest.mark.filterwarnings("ignore:12 of the 15 words:UserWarning")
def test_a_run_that_has_dropped_words_is_resumed(first: wordvec.WordVectors, tmp_path: Path) -> None:
    settings = {**SMALL, "min_count": 2, "start_vocabulary": "new", "max_vocab": 4}
    whole = wordvec.train(RARE, start_from=first, **settings)

    def stop(progress: Any) -> None:
        if getattr(progress, "epoch", 0) == 2:
            raise KeyboardInterrupt

    wordvec.train(RARE, start_from=first, checkpoint=tmp_path / "run.wv", on_progress=stop, **settings)
    resumed = wordvec.resume(tmp_path / "run.wv", RARE)
    assert resumed.words == whole.words
    assert resumed.matrix.tobytes() == whole.matrix.tobytes()


MODELS: dict[str, dict[str, Any]] = {
    "skip-gram": {},
    "skip-gram, deterministic": {"deterministic": True},
    "skip-gram in batches": {"batch_size": 40, "optimizer": "adam", "learning_rate": 0.01},
    "torch": {"engine": "torch"},
    "cbow": {"architecture": "cbow"},
    "hierarchical": {"objective": "hierarchical"},
    "cbow, hierarchical": {"architecture": "cbow", "objective": "hierarchical"},
    "softmax": {"objective": "softmax", "optimizer": "adam", "learning_rate": 0.01},
    "torch softmax": {"objective": "softmax", "engine": "torch", "optimizer": "adam", "learning_rate": 0.01},
}


def settings_of(model: dict[str, Any]) -> dict[str, Any]:
    left_out = {"min_count"} | ({"negatives"} if "objective" in model else set())
    return {name: value for name, value in SMALL.items() if name not in left_out} | model


@pytest.mark.parametrize(
    "model", each(MODELS, slow=["softmax", "cbow, hierarchical", "skip-gram, deterministic"])
)
@pytest.mark.parametrize("which", ["union", "old", "new"])
@pytest.mark.filterwarnings("ignore:.* words of the model to start from are left out:UserWarning")
def test_each_model_grows_by_the_words_asked_for(which: str, model: dict[str, Any]) -> None:
    settings = settings_of(model)
    first = wordvec.train(TEXTS, **settings)
    grown = wordvec.train(SECOND, start_from=first, start_vocabulary=which, **settings)
    old = set(first.words)
    new = {word for word in {word for text in SECOND for word in text} if word.startswith("new")}
    absent = {word for word in old if word.startswith("a")}
    assert new
    assert set(grown.words) == {"union": old | new, "old": old, "new": (old - absent) | new}[which]
    shared = sorted(old - absent)
    assert (np.abs(grown.lookup(shared) - first.lookup(shared)).max(axis=1) > 0).all()
    if which != "new" and settings.get("optimizer", "sgd") == "sgd":
        np.testing.assert_array_equal(grown.lookup(sorted(absent)), first.lookup(sorted(absent)))


@pytest.mark.parametrize("unknown", ["drop", "gap"])
def test_words_that_the_model_does_not_know_are_unknown_words(
    first: wordvec.WordVectors, unknown: str
) -> None:
    """They are left out like words that are too rare: the same bytes as of a text in which they are."""
    settings = settings_of({"unknown": unknown})
    known = set(first.words)
    rare = [
        [word if word in known else f"{word}-{number}" for word in text] for number, text in enumerate(SECOND)
    ]
    old, by_hand = (
        wordvec.train(texts, start_from=first, start_vocabulary=which, **settings, **min_count)
        for texts, which, min_count in ((SECOND, "old", {}), (rare, "union", {"min_count": 50}))
    )
    assert old.words == by_hand.words
    assert old.matrix.tobytes() == by_hand.matrix.tobytes()
    assert old.counts is not None
    assert first.counts is not None
    absent = next(word for word in first.words if word.startswith("a"))
    assert old.counts[old.ids(absent)[0]] == first.counts[first.ids(absent)[0]]


@pytest.mark.parametrize(
    ("texts", "how_many"), [([["x", "y"]] * 9, "none"), ([["x", "b1", "b1"]] * 9, "only one")]
)
def test_a_text_without_words_of_the_model_is_refused(
    first: wordvec.WordVectors, texts: list[list[str]], how_many: str
) -> None:
    with pytest.raises(
        wordvec.CorpusError, match=f"the token lists has {how_many} of the words of the model .*='union'"
    ):
        wordvec.train(texts, start_from=first, start_vocabulary="old", **settings_of({}))


@pytest.mark.parametrize("setting", [{"min_count": 2}, {"max_vocab": 9}], ids=str)
def test_what_chooses_new_words_has_no_meaning_where_none_are_chosen(
    first: wordvec.WordVectors, setting: dict[str, int]
) -> None:
    name = next(iter(setting))
    with pytest.raises(wordvec.ConfigError, match=f"{name} has no meaning with start_vocabulary='old'"):
        wordvec.train(SECOND, start_from=first, start_vocabulary="old", **settings_of({}), **setting)


@pytest.mark.parametrize("which", ["union", "old", "new"])
@pytest.mark.filterwarnings("ignore:.* words of the model to start from are left out:UserWarning")
def test_a_dry_run_knows_the_vocabulary_of_each(
    first: wordvec.WordVectors, tmp_path: Path, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "second.txt"
    path.write_text("".join(f"{' '.join(text)}\n" for text in SECOND))
    settings = settings_of({"start_vocabulary": which})
    found = estimate(request_for(path, settings, start_from=first))
    assert found is not None
    assert found.vocabulary == len(wordvec.train(path, start_from=first, **settings))
    monkeypatch.setattr("wordvec.planning.estimate.SAMPLE_BYTES", 400)  # the rest is expected
    part = estimate(request_for(path, settings, start_from=first))
    assert part is not None
    assert not part.is_exact
    assert which != "old" or part.vocabulary == len(first)


@pytest.mark.parametrize("which", ["union", "old"])
def test_a_run_that_grows_a_model_is_resumed(first: wordvec.WordVectors, tmp_path: Path, which: str) -> None:
    settings = settings_of({"start_vocabulary": which})
    whole = wordvec.train(SECOND, start_from=first, **settings)

    def stop(progress: Any) -> None:
        if getattr(progress, "epoch", 0) == 2:
            raise KeyboardInterrupt

    wordvec.train(SECOND, start_from=first, checkpoint=tmp_path / "run.wv", on_progress=stop, **settings)
    resumed = wordvec.resume(tmp_path / "run.wv", SECOND)
    assert resumed.words == whole.words
    assert resumed.matrix.tobytes() == whole.matrix.tobytes()
