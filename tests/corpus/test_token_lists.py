from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wordvec.corpus.blocks import read_blocks
from wordvec.corpus.token_lists import number_token_lists, tokenize_by_function
from wordvec.errors import CorpusError


def numbered(texts: Any, block_positions: int = 1000) -> list[tuple[list[str], list[int]]]:
    return [(block.words, block.ids.tolist()) for block in number_token_lists(texts, block_positions)]


def decoded(texts: Any, block_positions: int) -> list[str]:
    """All words in order, with a bar after each text."""
    found = []
    for words, ids in numbered(texts, block_positions):
        found += [[*words, "|"][number] for number in ids]
    return found


@pytest.mark.parametrize("block_positions", [1, 2, 3, 4, 100])
def test_blocks_of_any_size_hold_the_same_texts(block_positions: int) -> None:
    texts = [["b", "a", "b", "c", "a"], [], ["c"], ["a", "", "d"]]
    assert " ".join(decoded(texts, block_positions)) == "b a b c a | | c | a d |"


def test_a_text_longer_than_a_block_loses_nothing() -> None:
    text = [str(number) for number in range(1000)]
    assert decoded([text, ["x"]], 7) == [*text, "|", "x", "|"]
    assert max(len(ids) for _, ids in numbered([text], 7)) <= 2 * 7


@pytest.mark.parametrize(
    "texts",
    [
        (text for text in [["a", "b"], ["b"]]),
        [("a", "b"), ("b",)],
        [iter(["a", "b"]), iter(["b"])],
        [np.array(["a", "b"]), np.array(["b"])],
        ({"a": 1, "b": 2}, {"b": 1}),
    ],
    ids=["generator", "tuples", "iterators", "arrays", "dicts"],
)
def test_texts_may_be_any_iterable_that_is_read_once(texts: Iterable[Any]) -> None:
    [(words, ids)] = numbered(texts)
    assert (words, ids) == (["a", "b"], [0, 1, -1, 1, -1])
    assert all(type(word) is str for word in words)


def test_words_may_hold_whitespace() -> None:
    assert numbered([["new york", "new\nyork"]]) == [(["new york", "new\nyork"], [0, 1, -1])]


def test_no_texts_are_no_blocks() -> None:
    assert numbered([]) == []


@pytest.mark.parametrize("text", ["the cat sat", b"the cat sat"], ids=["str", "bytes"])
def test_a_string_in_place_of_a_list_of_words_is_refused(text: Any) -> None:
    with pytest.raises(CorpusError, match=r"text 2 is a string, b?'the cat sat', .*text\.split\(\)"):
        numbered([["a", "b"], text])


@pytest.mark.parametrize("text", [7, None, Path("a.txt")], ids=["int", "none", "path"])
def test_something_else_in_place_of_a_list_of_words_is_refused(text: Any) -> None:
    with pytest.raises(CorpusError, match=r"text 2 must be a list of words, got .*list of lists of words"):
        numbered([["a", "b"], text])


@pytest.mark.parametrize("word", [7, None, b"a", 1.5, ["a"]], ids=["int", "none", "bytes", "float", "list"])
def test_a_word_that_is_no_string_is_refused_with_its_text(word: Any) -> None:
    with pytest.raises(
        CorpusError, match=rf"text 3 holds .* \({type(word).__name__}\), but words must be str"
    ):
        numbered([["a", "b"], ["a"], ["b", word]])


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(CorpusError, match=r"text 1 holds 'a\\udcff', which is not valid Unicode"):
        numbered([["a\udcff"]])


def test_what_goes_wrong_in_the_users_own_texts_is_not_renamed() -> None:
    def broken() -> Iterable[str]:
        yield "a"
        raise TypeError("mine")

    with pytest.raises(TypeError, match="mine"):
        numbered([broken()])


def tokenized(folder: Path, text: bytes, tokenizer: Any, block_bytes: int = 1000) -> list[str]:
    path = folder / "corpus.txt"
    path.write_bytes(text)
    found = []
    for block in tokenize_by_function(read_blocks([str(path)], block_bytes), tokenizer):
        found += [[*block.words, "|"][number] for number in block.ids]
    return found


def test_a_users_tokenizer_gets_each_line_without_its_end(tmp_path: Path) -> None:
    seen: list[str] = []

    def halves(text: str) -> Iterable[str]:
        seen.append(text)
        return text.split("/")

    assert tokenized(tmp_path, "a b/c\r\n\ncafé/".encode(), halves) == ["a b", "c", "|", "|", "café", "|"]
    assert seen == ["a b/c", "café/"]


@pytest.mark.parametrize("block_bytes", [1, 4, 9, 1000])
def test_a_users_tokenizer_loses_nothing_at_the_borders_of_blocks(block_bytes: int, tmp_path: Path) -> None:
    text = b"one two three\nfour\n\nfive six"
    found = tokenized(tmp_path, text, str.split, block_bytes)
    assert [word for word in found if word != "|"] == text.decode().split()
    assert " ".join(found).split(" | | ") == ["one two three | four", "five six |"]


@pytest.mark.parametrize("found", ["a b", None, 7, b"a"], ids=["str", "none", "int", "bytes"])
def test_a_users_tokenizer_must_return_words(found: Any, tmp_path: Path) -> None:
    def mine(text: str) -> Any:
        return found

    with pytest.raises(
        CorpusError, match=r"tokenizer mine must return .* but returned .* for line 2 of .*corpus"
    ):
        tokenized(tmp_path, b"\na b\n", mine)


def test_a_users_tokenizer_must_return_strings(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"line 3 of .*corpus\.txt holds 7 \(int\)"):
        tokenized(tmp_path, b"a\nb\nc\n", lambda text: [7] if text == "c" else [text])


def test_what_a_users_tokenizer_raises_is_not_renamed(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        tokenized(tmp_path, b"a\n", lambda text: [text, 1 // 0])


def test_text_for_a_users_tokenizer_is_checked_first(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="not valid UTF-8 in line 2"):
        tokenized(tmp_path, b"a\n\xff\n", str.split)
