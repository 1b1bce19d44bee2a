from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wordvec.errors import ConfigError, UnknownWordError
from wordvec.vocabulary.vocabulary import NO_ID, CountedVocabulary, SimpleVocabulary, Vocabulary

VOCABULARY = CountedVocabulary(["the", "of", "", "café"], np.array([9, 4, 4, 2], dtype=np.int64))


def test_the_id_of_a_word_is_its_place() -> None:
    assert [VOCABULARY.id_of(word) for word in VOCABULARY.words] == [0, 1, 2, 3]


def test_membership_and_length_are_those_of_the_words() -> None:
    assert len(VOCABULARY) == 4
    assert "café" in VOCABULARY
    assert "cafe" not in VOCABULARY
    assert 3 not in VOCABULARY


def test_an_unknown_word_is_refused_by_name() -> None:
    with pytest.raises(UnknownWordError, match=r"'cafe' is not .* \(4 words\); closest spellings: café"):
        VOCABULARY.id_of("cafe")


def test_a_large_vocabulary_is_shown_in_short() -> None:
    assert repr(VOCABULARY) == "CountedVocabulary of 4 words, 19 in all"


def test_a_word_and_its_id_lead_to_each_other() -> None:
    vocabulary = SimpleVocabulary(["rome", "a", "paris", "Rome"])
    assert [vocabulary.id_of(word) for word in vocabulary.words] == [0, 1, 2, 3]
    assert vocabulary.ids(["paris", "rome", "paris"]).tolist() == [2, 0, 2]


def test_one_word_is_not_taken_for_its_letters() -> None:
    assert SimpleVocabulary(["a", "aa"]).ids("aa").tolist() == [1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "at least one word"),
        (["a", 7], "must be str, got 7 at row 1"),
        (["a", "b", "b"], "'b' more than once"),
        ("ab", "list of words, got the str 'ab'"),
    ],
    ids=["none", "no word", "twice", "letters"],
)
def test_what_is_not_a_list_of_distinct_words_is_refused(words: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SimpleVocabulary(words)


def test_words_of_numpy_become_plain_ones() -> None:
    words = SimpleVocabulary(np.array(["paris", "rome"])).words
    assert words == ["paris", "rome"]
    assert set(map(type, words)) == {str}


def test_an_unknown_word_is_refused_with_the_closest_spelling() -> None:
    with pytest.raises(UnknownWordError, match=r"'romee' .* closest spellings: rome"):
        SimpleVocabulary(["paris", "rome"]).ids(["paris", "romee"])


def test_a_simple_vocabulary_is_one() -> None:
    assert isinstance(SimpleVocabulary(["a"]), Vocabulary)
    assert not isinstance(["a"], Vocabulary)


def test_words_without_an_id_are_found_out_without_an_error() -> None:
    vocabulary = SimpleVocabulary(["rome", "paris"])
    assert vocabulary.find_ids(["paris", "soup", "rome"]).tolist() == [1, NO_ID, 0]
    assert vocabulary.find_ids("paris").tolist() == [1]
    assert vocabulary.find_ids([["paris"]]).tolist() == [NO_ID]  # type: ignore[list-item]  # what is not a word


def test_row_i_is_the_vector_of_word_i() -> None:
    vocabulary, rows = SimpleVocabulary(["rome", "paris"]), np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
    assert vocabulary.num_rows == 2
    assert vocabulary.has_vector("paris")
    assert not vocabulary.has_vector("soup")
    assert vocabulary.vector_of("paris", rows).tolist() == [3.0, 4.0]
    assert vocabulary.vectors_of(["paris", "rome"], rows).tolist() == [[3.0, 4.0], [1.0, 2.0]]
    assert vocabulary.all_vectors(rows) is rows
