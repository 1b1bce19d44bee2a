from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from wordvec.errors import CorpusError
from wordvec.vocabulary.selection import check_enough_words, check_has_words, choose_words, with_absent


def random_counts(seed: int) -> Counter[str]:
    """Many words of few different counts, so that ties and borders are met."""
    rng = np.random.default_rng(seed)
    return Counter({f"w{number}": int(rng.integers(1, 9)) for number in rng.permutation(200)})


def chosen(counts: dict[str, int], **settings: Any) -> list[str]:
    words = list(counts)
    return [words[place] for place in choose_words(words, np.array(list(counts.values())), **settings)]


def test_the_most_frequent_words_are_chosen_exactly() -> None:
    counts = random_counts(2)
    by_rule = sorted((-count, word) for word, count in counts.items() if count >= 3)
    for max_vocab in [1, 2, 17, len(by_rule), len(by_rule) + 5, None]:
        expected = [word for _, word in by_rule[:max_vocab]]
        assert chosen(counts, min_count=3, max_vocab=max_vocab) == expected


def test_words_of_equal_count_come_in_the_order_of_their_code_points() -> None:
    words = ["é", "b", "Z", "a", "\U0001f600", "\uffff", "ab"]
    expected = ["Z", "a", "ab", "b", "é", "\uffff", "\U0001f600"]
    assert chosen(dict.fromkeys(words, 4), min_count=1) == expected


def test_no_word_is_frequent_enough() -> None:
    assert choose_words(["a", "b"], np.array([1, 2]), min_count=3).shape == (0,)


@pytest.mark.parametrize("max_vocab", [None, 1, 6, 7, 30, 500])
def test_words_to_keep_stay_and_the_most_frequent_others_fill_up(max_vocab: int | None) -> None:
    counts = random_counts(4)
    keep = [word for word in counts if counts[word] in (1, 8)][:6]
    assert {counts[word] for word in keep} == {1, 8}  # rare ones, and some that would be chosen anyway
    others = sorted((-count, word) for word, count in counts.items() if count >= 5 and word not in keep)
    room = len(others) if max_vocab is None else max(0, max_vocab - len(keep))
    expected = sorted([(-counts[word], word) for word in keep] + others[:room])
    found = chosen(counts, min_count=5, max_vocab=max_vocab, keep_words=keep)
    assert found == [word for _, word in expected]


def test_the_unknown_word_is_never_chosen_and_takes_no_place() -> None:
    counts = {"a": 3, "<unk>": 100, "b": 2, "c": 1}
    assert chosen(counts, min_count=1, max_vocab=2, unknown_word="<unk>") == ["a", "b"]
    assert chosen(counts, min_count=1, unknown_word="<UNK>") == ["<unk>", "a", "b", "c"]


def test_absent_words_are_added_once_and_have_not_occurred() -> None:
    words, counts = with_absent(["b", "a"], np.array([4, 2]), ["z", "a", "x", "z"])
    assert words == ["b", "a", "x", "z"]
    assert counts.tolist() == [4, 2, 0, 0]


def test_words_that_have_not_occurred_come_last() -> None:
    counts = {"b": 1, "x": 0, "a": 1, "A": 0}
    assert chosen(counts, min_count=1, keep_words=["x", "A"]) == ["a", "b", "A", "x"]


def test_two_words_are_enough() -> None:
    check_enough_words(
        2, ["a", "b"], np.array([1, 1]), name="x", min_count=1, max_vocab=None, unknown_word=None
    )


@pytest.mark.parametrize(
    ("num_chosen", "message"),
    [
        (0, "all words in x are rarer .* 5 words were read, 2 of them distinct, .* occurs 3 times; lower"),
        (1, "only one word of x .* 5 words were read, 2 of them distinct, .* occurs 3 times; lower"),
    ],
)
def test_the_unknown_word_is_not_counted_where_words_are_too_few(num_chosen: int, message: str) -> None:
    counts = np.array([3, 70, 2])
    with pytest.raises(CorpusError, match=message):
        check_enough_words(
            num_chosen,
            ["a", "<unk>", "b"],
            counts,
            name="x",
            min_count=3,
            max_vocab=None,
            unknown_word="<unk>",
        )


@pytest.mark.parametrize(
    ("words", "message"),
    [([], "there are no words in x: it is empty"), (["<unk>"], r"no words in x but '<unk>', .*unknown_word")],
    ids=["none", "unknown"],
)
def test_a_source_without_words_is_refused(words: list[str], message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        check_has_words(words, name="x", unknown_word="<unk>")
