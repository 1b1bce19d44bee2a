"""Foreign names: whoever writes gensim's, word2vec.c's or fastText's is told ours, with the value."""

from __future__ import annotations

import dataclasses
import inspect
from pathlib import Path
from typing import Any

import pytest

import wordvec
from tests.documentation.names import with_names
from wordvec.config import Config
from wordvec.foreign_names import FOREIGN

PAGE = Path(__file__).resolve().parents[1] / "docs" / "from-gensim.md"
SETTINGS = {field.name for field in dataclasses.fields(Config)}
ARGUMENTS = set(inspect.signature(wordvec.train).parameters)
TEXTS = [["tide", "moon"], ["moon", "sea"]]

MEANT = {
    "gensim's size": ({"vector_size": 64}, "vector_size (gensim) is not a setting; write dim=64"),
    "gensim's size before version 4": (
        {"size": 64},
        "size (gensim, word2vec.c) is not a setting; write dim=64",
    ),
    "gensim's threads": ({"workers": 3}, "workers (gensim) is not a setting; write threads=3"),
    "skip-gram": ({"sg": 1}, "sg (gensim) is not a setting; write architecture='skipgram'"),
    "no skip-gram": ({"sg": 0}, "sg (gensim) is not a setting; write architecture='cbow'"),
    "skip-gram or not": (
        {"sg": 9},
        "sg (gensim) is not a setting; write architecture='skipgram' for 1 or architecture='cbow' for 0",
    ),
    "hierarchical softmax": (
        {"hs": 1},
        "hs (gensim, word2vec.c) is not a setting; write objective='hierarchical'",
    ),
    "negative samples": (
        {"negative": 9},
        "negative (gensim, word2vec.c) is not a setting; write negatives=9",
    ),
    "no negative samples": (
        {"negative": 0},
        "negative (gensim, word2vec.c) is not a setting; write objective='hierarchical'",
    ),
    "a sum of contexts": ({"cbow_mean": False}, "cbow_mean (gensim) is not a setting; write pooling='sum'"),
    "windows of one size": (
        {"shrink_windows": False},
        "shrink_windows (gensim) is not a setting; write window_reach='fixed'",
    ),
    "the noise": ({"ns_exponent": 0.5}, "ns_exponent (gensim) is not a setting; write noise_power=0.5"),
    "thinning": ({"sample": 1e-4}, "sample (gensim, word2vec.c) is not a setting; write subsample=0.0001"),
    "the last rate": (
        {"min_alpha": 1e-5},
        "min_alpha (gensim) is not a setting; write final_learning_rate=1e-05",
    ),
    "fastText's rate": ({"lr": 0.05}, "lr (fastText) is not a setting; write learning_rate=0.05"),
    "fastText's loss": ({"loss": "ns"}, "loss (fastText) is not a setting; write objective='negative'"),
    "fastText's spelling": ({"minCount": 2}, "minCount is not a setting; write min_count=2"),
    "another library's": ({"random_state": 7}, "random_state is not a setting; write seed=7"),
    "fastText's n-grams": ({"maxn": 6}, "maxn is not a setting; write max_n=6"),
    "gensim's buckets": ({"bucket": 9}, "bucket (gensim, fastText) is not a setting; write buckets=9"),
    "a slip": ({"windw": 8}, "windw is not a setting; did you mean window?"),
}


@pytest.mark.parametrize(("settings", "message"), MEANT.values(), ids=MEANT)
@pytest.mark.parametrize(
    "take", [Config, lambda **given: wordvec.train(TEXTS, **given)], ids=["Config", "train"]
)
def test_a_foreign_name_is_refused_with_ours_and_the_value(
    take: Any, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(wordvec.ConfigError) as problem:
        take(**settings)
    assert str(problem.value).startswith(message)


def test_several_foreign_names_are_explained_in_one_line() -> None:
    with pytest.raises(wordvec.ConfigError) as problem:
        wordvec.train(TEXTS, dim=5, iter=3, workers=2, config=Config(seed=3))
    assert str(problem.value) == (
        "iter (gensim, word2vec.c) is not a setting; write epochs=3; "
        "workers (gensim) is not a setting; write threads=2"
    )


def test_a_recipe_takes_our_names_too() -> None:
    with pytest.raises(wordvec.ConfigError, match=r"^workers \(gensim\) is not a setting; write threads=2$"):
        wordvec.train(TEXTS, recipe="d2l-ptb", workers=2)


def test_the_text_by_gensims_name_is_found_out() -> None:
    with pytest.raises(wordvec.ConfigError, match=r"^sentences \(gensim\) is not a setting; write source="):
        wordvec.train(sentences=TEXTS)
    with pytest.raises(wordvec.ConfigError, match=r"^there is no text .* train\(source, "):
        wordvec.train()


def test_a_mistyped_argument_that_is_not_a_setting_is_found_out() -> None:
    with pytest.raises(wordvec.ConfigError, match=r"^checkpont is not a setting; did you mean checkpoint\?$"):
        wordvec.train(TEXTS, checkpont="run.wv")


def test_only_what_nobody_knows_is_answered_with_all_settings() -> None:
    with pytest.raises(wordvec.ConfigError) as problem:
        Config(zzz=1, windw=2, qqq=3)  # type: ignore[call-arg]
    names = ", ".join(field.name for field in dataclasses.fields(Config))
    assert str(problem.value) == (
        f"windw is not a setting; did you mean window?; zzz and qqq are not settings; the settings are {names}"
    )


@pytest.mark.parametrize("row", FOREIGN, ids=lambda row: row.ours or row.note)
def test_each_row_says_what_to_write_or_why_nothing(row: Any) -> None:
    of_queries_and_files = {"k", "search_limit", "output"}
    assert row.note if row.ours is None else row.ours in SETTINGS | ARGUMENTS | of_queries_and_files
    names = " ".join([row.gensim, row.word2vec_c, row.fasttext]).split()
    assert set(row.values) <= set(names)
    for setting, value in (pair for values in row.values.values() for pair in values.values()):
        assert getattr(Config(**{setting: value}), setting) == value


def test_each_argument_of_gensims_word2vec_has_an_answer() -> None:
    word2vec = pytest.importorskip("gensim.models.word2vec")
    known = {name for row in FOREIGN for name in row.gensim.split()}
    assert set(inspect.signature(word2vec.Word2Vec.__init__).parameters) - {"self"} <= known


def test_the_page_shows_the_table() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_names(page), "run: make docs"


@pytest.mark.parametrize(
    ("method", "asked", "named", "message"),
    [
        (
            "most_similar",
            ["tide"],
            {"topn": 3},
            "topn (gensim) is not an argument of most_similar; write k=3",
        ),
        (
            "most_similar",
            ["tide"],
            {"restrict_vocab": 9},
            "restrict_vocab (gensim) is not an argument of most_similar; write search_limit=9",
        ),
        ("neighbors", [["tide"]], {"top_k": 3}, "top_k is not an argument of neighbors; write k=3"),
        ("nearest", [[1.0]], {"serach_limit": 3}, "did you mean search_limit?"),
        ("analogy", ["a", "b", "c"], {"zzz": 1}, "its arguments are a, b, c, k, method, search_limit"),
    ],
)
def test_a_query_by_foreign_names_is_refused_with_ours(
    method: str, asked: list[Any], named: dict[str, Any], message: str
) -> None:
    vectors = wordvec.WordVectors(["tide", "moon"], [[1.0], [2.0]])
    with pytest.raises(wordvec.ConfigError) as problem:
        getattr(vectors, method)(*asked, **named)
    assert str(problem.value).endswith(message)
