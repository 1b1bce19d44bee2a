from __future__ import annotations

import numpy as np
import pytest

from wordvec.errors import UnknownWordError
from wordvec.vocabulary.vocabulary import Vocabulary

VOCABULARY = Vocabulary(["the", "of", "", "café"], np.array([9, 4, 4, 2], dtype=np.int64))


def test_the_id_of_a_word_is_its_place() -> None:
    assert [VOCABULARY.id_of(word) for word in VOCABULARY.words] == [0, 1, 2, 3]


def test_membership_and_length_are_those_of_the_words() -> None:
    assert len(VOCABULARY) == 4
    assert "café" in VOCABULARY
    assert "cafe" not in VOCABULARY
    assert 3 not in VOCABULARY


def test_an_unknown_word_is_refused_by_name() -> None:
    with pytest.raises(UnknownWordError, match="'cafe' is not among the 4 words"):
        VOCABULARY.id_of("cafe")


def test_a_large_vocabulary_is_shown_in_short() -> None:
    assert repr(VOCABULARY) == "Vocabulary of 4 words, 19 in all"
