from __future__ import annotations

import os
import subprocess
import sys
from array import array
from collections import Counter
from collections.abc import Iterable
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from wordvec.corpus.text_blocks import read_blocks
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
        ({"a": 1, "b": 2}.keys(), {"b": 1}.keys()),
    ],
    ids=["generator", "tuples", "iterators", "arrays", "keys"],
)
def test_texts_may_be_any_iterable_that_is_read_once(texts: Iterable[Any]) -> None:
    [(words, ids)] = numbered(texts)
    assert (words, ids) == (["a", "b"], [0, 1, -1, 1, -1])
    assert all(type(word) is str for word in words)


def test_words_may_hold_whitespace() -> None:
    assert numbered([["new york", "new\nyork"]]) == [(["new york", "new\nyork"], [0, 1, -1])]


def test_without_texts_there_are_no_blocks() -> None:
    assert numbered([]) == []


@pytest.mark.parametrize("text", ["the cat sat", b"the cat sat"], ids=["str", "bytes"])
def test_a_string_in_place_of_a_list_of_words_is_refused(text: Any) -> None:
    with pytest.raises(CorpusError, match=r"text 2 is a string, b?'the cat sat', .*text\.split\(\)"):
        numbered([["a", "b"], text])


@pytest.mark.parametrize("text", [7, None, Path("a.txt")], ids=["int", "none", "path"])
def test_something_else_in_place_of_a_list_of_words_is_refused(text: Any) -> None:
    with pytest.raises(CorpusError, match=r"text 2 must be a list of words, got .*list of lists of words"):
        numbered([["a", "b"], text])


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ({"title": "tea", "body": "green tea"}, "'title', 'body'"),
        (Counter(tea=2, jam=1), "'tea', 'jam'"),
        (MappingProxyType({3: "tea"}), "3"),
        ({}, "none"),
    ],
    ids=["dict", "counter", "proxy", "empty"],
)
def test_a_dict_in_place_of_a_list_of_words_is_refused_with_its_keys(text: Any, keys: str) -> None:
    message = (
        rf"^text 2 is a {type(text).__name__}, not a list of words; its keys are {keys}; .* column='NAME'"
    )
    with pytest.raises(CorpusError, match=message):
        numbered([["a", "b"], text])


@pytest.mark.parametrize(
    "texts",
    [
        [[17, 4, 17], [4]],
        ([17, 4, 17] for _ in range(1)),
        np.array([[17, 4, 17], [4, 4, 4]], np.uint8),
        [array("l", [17, 4, 17])],
        [range(17, 16, -1), [4, 17]],
        [[HTTPStatus.OK]],
    ],
    ids=["lists", "generator", "numpy", "array", "range", "enum"],
)
def test_integers_become_their_digits(texts: Any) -> None:
    words = numbered(texts)[0][0]
    assert words in (["17", "4"], ["200"])
    assert all(type(word) is str for word in words)


def test_an_integer_and_its_digits_are_one_word() -> None:
    assert numbered([[17, -3], ["17", "-3"]]) == [(["17", "-3"], [0, 1, -1, 0, 1, -1])]


@pytest.mark.parametrize("odd", [True, 1.0, None, "1", np.True_, [1]], ids=repr)
def test_words_beside_integers_must_be_integers(odd: Any) -> None:
    for text in ([1, 5, odd], [odd, 1, 5]):
        with pytest.raises(
            CorpusError, match=r"text 2 holds .*, but words must be strings, or all of them int"
        ):
            numbered([[1], text])


def test_equal_sets_have_one_order_however_they_were_made() -> None:
    words = [f"item{number}" for number in range(100)]
    assert decoded([set(words)], 7) == decoded([frozenset(reversed(words))], 1000)
    assert sorted(decoded([set(words)], 7)) == sorted([*words, "|"])
    assert decoded([set(range(30))], 7) == decoded([set(range(29, -1, -1))], 7)


def test_a_set_of_texts_has_one_order() -> None:
    texts = [(f"item{number}", "tea") for number in range(50)]
    assert decoded(set(texts), 7) == decoded(frozenset(reversed(texts)), 1000)
    assert decoded({frozenset(text) for text in texts}, 7) != []


def test_sets_have_the_same_order_in_each_process() -> None:
    program = (
        "from wordvec.corpus.token_lists import number_token_lists as number, words_found as found\n"
        "texts = {frozenset(f'{a}{b}' for a in 'xyz') for b in range(9)}\n"
        "print([block.words for block in number(texts, 100)], found(set, 'by letters', 'here'))"
    )
    printed = {
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1


def test_words_of_sets_are_not_neighbors_by_how_they_begin() -> None:
    first, last = "aa", "zz"
    neighbors = set()
    for number in range(100):
        words = decoded([{first, last, "mm", f"n{number}"}], 10)
        neighbors |= set(pairwise(words))
    assert {(first, last), (last, first)} <= neighbors


def test_half_a_surrogate_pair_in_a_set_is_refused() -> None:
    with pytest.raises(CorpusError, match=r"text 1 holds 'a\\udcff', which is not valid Unicode"):
        numbered([{"a\udcff", "b"}])


@pytest.mark.parametrize(
    "word", [False, None, b"a", 1.5, ["a"]], ids=["bool", "none", "bytes", "float", "list"]
)
def test_a_word_that_is_not_a_string_is_refused_with_its_text(word: Any) -> None:
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
