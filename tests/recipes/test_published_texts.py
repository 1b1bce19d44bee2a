"""Published texts: read through the real `datasets`, from data on this machine."""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.recipes.conftest import WriteData

from wordvec.corpus.token_blocks import TokenBlock, tokenize_text
from wordvec.corpus.tokenizers import TOKENIZERS, spacing_named
from wordvec.errors import CorpusError, MissingPackageError
from wordvec.recipes import published_texts as module
from wordvec.recipes.catalog import RECIPES
from wordvec.recipes.published_texts import published_texts
from wordvec.recipes.recipe import PublishedData

TEXTS = ["Red, green", "", None, " Blue  (and\tred) é ", "green\u00a0red\n", "-- ?!"]


def data_in(folder: Path) -> PublishedData:
    return replace(RECIPES["d2l-ptb"].data, repository=str(folder))  # with the revision that the hub wants


def all_words(texts: module.PublishedTexts) -> list[list[str]]:
    """Without empty words and texts, as in training."""
    return [words for text in texts if (words := [word for word in text if word])]


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
def test_rows_become_the_words_that_the_lines_of_a_file_become(tokenizer: str, write_data: WriteData) -> None:
    read = published_texts(data_in(write_data({"train": TEXTS})), "train", tokenizer)
    lines = "\n".join(" ".join((text or "").split("\n")) for text in TEXTS)
    block = TokenBlock(*tokenize_text(lines.encode(), spacing_named(tokenizer)))
    assert all_words(read) == [words for words in block.stretches() if words]
    assert all_words(read) == all_words(read)  # it can be gone through again


def test_the_split_is_the_one_that_is_asked_for(write_data: WriteData) -> None:
    splits = {"train": ["a b", "c"], "validation": ["d"], "test": ["e f"]}
    data = data_in(write_data(splits))
    assert all_words(published_texts(data, "validation", "whitespace")) == [["d"]]
    together = published_texts(data, "train+validation+test", "whitespace")
    assert all_words(together) == [["a", "b"], ["c"], ["d"], ["e", "f"]]


def test_more_rows_than_are_read_at_a_time_stay_in_order(
    write_data: WriteData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROWS_AT_A_TIME", 3)
    texts = published_texts(
        data_in(write_data({"train": [f"{row} x" for row in range(8)]})), "train", "whitespace"
    )
    assert all_words(texts) == [[str(row), "x"] for row in range(8)]


@pytest.mark.parametrize("characters", [1, 4, 9])
def test_a_long_text_is_read_in_parts_and_stays_one_text(
    characters: int, write_data: WriteData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHARACTERS_AT_A_TIME", characters)
    texts = ["Some (long) text,  with\u3000words of all lengths.", "s", "Another one"]
    read = published_texts(data_in(write_data({"train": texts})), "train", "punctuation")
    long = "some <LEFT_PAREN> long <RIGHT_PAREN> text <COMMA> with words of all lengths <PERIOD>"
    assert all_words(read) == [long.split(), ["s"], ["another", "one"]]


def test_a_long_text_is_never_a_list_of_all_its_words(
    write_data: WriteData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHARACTERS_AT_A_TIME", 50)
    seen: list[int] = []

    def tokenizer(text: str) -> list[str]:
        seen.append(len(text))
        return text.split()

    (text,) = published_texts(data_in(write_data({"train": ["word " * 100]})), "train", tokenizer)
    words = iter(text)
    assert next(words) == "word"
    assert len(seen) == 1
    assert len(list(words)) == 99
    assert max(seen) <= 60


def test_a_tokenizer_of_ones_own_is_called_for_each_text(write_data: WriteData) -> None:
    data = data_in(write_data({"train": ["a-b c", None]}))
    assert list(published_texts(data, "train", lambda text: text.split("-"))) == [["a", "b c"], [""]]
    with pytest.raises(CorpusError, match="must return the words of a text as a list of strings"):
        list(published_texts(data, "train", str.upper))


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
    assert all_words(published_texts(data, "train", "whitespace")) == [["a", "small", "text"]]


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
        published_texts(data, split, "whitespace")
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
        published_texts(RECIPES["d2l-ptb"].data, "train", "whitespace")
    assert during == [logging.ERROR, logging.ERROR]
    assert [one.getEffectiveLevel() for one in loggers] == before == [logging.WARNING, logging.WARNING]


def test_without_datasets_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'wordvec\[datasets\]'"):
        published_texts(RECIPES["text8-sgns"].data, "train", "whitespace")
