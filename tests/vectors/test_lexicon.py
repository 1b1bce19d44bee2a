import numpy as np
import pytest

from wordvec.errors import ConfigError, UnknownWordError
from wordvec.vectors.lexicon import Lexicon


def test_a_word_and_its_row_lead_to_each_other():
    lexicon = Lexicon(["rome", "a", "paris", "Rome"])
    assert [lexicon.row(word) for word in lexicon.words] == [0, 1, 2, 3]
    assert lexicon.rows(["paris", "rome", "paris"]).tolist() == [2, 0, 2]


def test_one_word_is_not_taken_for_its_letters():
    assert Lexicon(["a", "aa"]).rows("aa").tolist() == [1]


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
def test_what_is_no_list_of_distinct_words_is_refused(words, message):
    with pytest.raises(ConfigError, match=message):
        Lexicon(words)


def test_words_of_numpy_become_plain_ones():
    words = Lexicon(np.array(["paris", "rome"])).words
    assert words == ["paris", "rome"]
    assert set(map(type, words)) == {str}


def test_an_unknown_word_is_refused_with_the_closest_spelling():
    with pytest.raises(UnknownWordError, match=r"'romee' .* closest spellings: rome"):
        Lexicon(["paris", "rome"]).rows(["paris", "romee"])
