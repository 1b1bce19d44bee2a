"""Published data: read through the real `datasets`, from files on this machine."""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.corpus.tables import texts_in
from tests.recipes.conftest import WriteData

from wordvec.corpus.token_blocks import TokenBlock, tokenize_text
from wordvec.corpus.tokenizers import TOKENIZERS, spacing_named
from wordvec.errors import CorpusError, MissingPackageError
from wordvec.recipes.catalog import RECIPES
from wordvec.recipes.recipe import PublishedData, load_published

TEXTS = ["Red, green", "", None, " Blue  (and\tred) é ", "green\u00a0red\n", "-- ?!"]


def data_in(folder: Path) -> PublishedData:
    return replace(RECIPES["d2l-ptb"].data, repository=str(folder))  # with the revision that the hub wants


def words_in(data: PublishedData, split: str, tokenizer: Any = "whitespace") -> list[list[str]]:
    return texts_in(load_published(data, split), None, tokenizer)


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
def test_rows_become_the_words_that_the_lines_of_a_file_become(tokenizer: str, write_data: WriteData) -> None:
    rows = load_published(data_in(write_data({"train": TEXTS})), "train")
    lines = "\n".join(" ".join((text or "").split("\n")) for text in TEXTS)
    block = TokenBlock(*tokenize_text(lines.encode(), spacing_named(tokenizer)))
    expected = [words for words in block.stretches() if words]
    assert texts_in(rows, None, tokenizer) == expected
    assert texts_in(rows, None, tokenizer) == expected  # it can be read again


def test_the_split_is_the_one_that_is_asked_for(write_data: WriteData) -> None:
    splits = {"train": ["a b", "c"], "validation": ["d"], "test": ["e f"]}
    data = data_in(write_data(splits))
    assert words_in(data, "validation") == [["d"]]
    together = words_in(data, "train+validation+test")
    assert together == [["a", "b"], ["c"], ["d"], ["e", "f"]]


def test_a_function_cuts_the_texts(write_data: WriteData) -> None:
    data = data_in(write_data({"train": ["a-b c", None]}))
    assert words_in(data, "train", lambda text: text.split("-")) == [["a", "b c"]]


def test_a_named_configuration_is_loaded(offline: None, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(
        "---\nconfigs:\n"
        "- config_name: large\n  data_files: large.txt\n"
        "- config_name: small\n  data_files: small.txt\n---\n",
        encoding="utf-8",
    )
    for name in ("large", "small"):
        (tmp_path / f"{name}.txt").write_text(f"a {name} text\n", encoding="utf-8")
    data = PublishedData(str(tmp_path), "small")
    assert words_in(data, "train") == [["a", "small", "text"]]


@pytest.mark.parametrize(
    ("change", "split", "message"),
    [
        ({"repository": "no-such/data"}, "train", "data set no-such/data .*could not be loaded: .*reach"),
        ({"configuration": "other"}, "train", "other .*could not be loaded: .*'other' not found"),
        ({}, "dev", r"\(split dev\) could not be loaded: Unknown split .dev."),
        ({"column": "words"}, "train", "has no column 'words', only sentence"),
    ],
    ids=["no network", "no configuration", "no split", "no column"],
)
def test_data_that_cannot_be_loaded_is_one_line_with_a_way_out(
    change: dict[str, str], split: str, message: str, write_data: WriteData
) -> None:
    data = replace(data_in(write_data({"train": ["a"]})), **change)
    with pytest.raises(CorpusError, match=message) as problem:
        load_published(data, split)
    assert "give the path of a text instead" in str(problem.value)
    assert "\n" not in str(problem.value)


def test_new_tries_of_the_hubs_client_are_not_told(offline: None, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    loggers = [logging.getLogger(name) for name in ("datasets.load", "huggingface_hub.utils._http")]
    before = [one.getEffectiveLevel() for one in loggers]
    during: list[int] = []

    def no_network(*arguments: object, **settings: object) -> None:
        during.extend(one.getEffectiveLevel() for one in loggers)
        raise ConnectionError("no network")

    monkeypatch.setattr(datasets, "load_dataset", no_network)
    with pytest.raises(CorpusError, match="could not be loaded: no network"):
        load_published(RECIPES["d2l-ptb"].data, "train")
    assert during == [logging.ERROR, logging.ERROR]
    assert [one.getEffectiveLevel() for one in loggers] == before == [logging.WARNING, logging.WARNING]


def test_without_datasets_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'wordvec\[datasets\]'"):
        load_published(RECIPES["text8-sgns"].data, "train")
