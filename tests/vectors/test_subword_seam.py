"""Vectors ask their vocabulary: a word may be the mean of several rows, and a word without an id may have a vector."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from wordvec.errors import ConfigError, UnknownWordError
from wordvec.vectors.approximate import ApproximateSearch
from wordvec.vectors.documents import DocumentEncoder
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.vocabulary import SimpleVocabulary

Floats = NDArray[np.float32]
LETTERS = "abcde"


class MeanOfLetters:
    """A toy vocabulary of subwords: the vector of a word is the mean of its letters' rows."""

    def __init__(self, words: Sequence[str]):
        self._known, self.num_rows = SimpleVocabulary(words), len(LETTERS)
        self.words, self.id_of = self._known.words, self._known.id_of
        self.ids, self.find_ids = self._known.ids, self._known.find_ids

    def __contains__(self, word: object) -> bool:
        return word in self._known

    def has_vector(self, word: str) -> bool:
        return bool(word) and set(word) <= set(LETTERS)

    def vector_of(self, word: str, rows: Floats) -> Floats:
        if not self.has_vector(word):
            raise UnknownWordError(f"{word!r} has other letters")
        vector: Floats = rows[[LETTERS.index(letter) for letter in word]].mean(axis=0)
        return vector

    def vectors_of(self, words: str | Sequence[str], rows: Floats) -> Floats:
        several = [words] if isinstance(words, str) else words
        return np.array([self.vector_of(word, rows) for word in several], np.float32)

    def all_vectors(self, rows: Floats) -> Floats:
        return self.vectors_of(self.words, rows)

    def num_rows_of(self, words: Sequence[str]) -> NDArray[np.int64]:
        return np.array([len(word) for word in words])


WORDS = ["abc", "cab", "dee", "ae", "bad", "cede"]
ROWS = np.random.default_rng(3).normal(size=(5, 4)).astype(np.float32)
VECTORS = WordVectors(MeanOfLetters(WORDS), ROWS, counts=[6, 5, 4, 3, 2, 1])
BY_WORD = WordVectors(WORDS, VECTORS.matrix)  # the same vectors, each in a row of its own


def vector(word: str) -> Floats:
    return np.asarray(ROWS[[LETTERS.index(letter) for letter in word]].mean(axis=0))


def test_the_matrix_has_a_row_for_each_word_though_its_vocabulary_has_others() -> None:
    assert VECTORS.matrix.shape == VECTORS.unit_matrix.shape == (6, 4)
    assert VECTORS["bad"] == pytest.approx(vector("bad"))
    assert VECTORS.lookup(["ae", "dee"]) == pytest.approx(np.array([vector("ae"), vector("dee")]))


@pytest.mark.parametrize("word", ["abc", "ae", "cede"])
def test_known_words_are_answered_as_from_rows_of_their_own(word: str) -> None:
    assert VECTORS.most_similar(word) == BY_WORD.most_similar(word)
    assert VECTORS.neighbors([word]) == BY_WORD.neighbors([word])
    assert VECTORS.closer_than(word, "dee") == BY_WORD.closer_than(word, "dee")
    assert VECTORS.analogy(word, "bad", "dee", 3) == BY_WORD.analogy(word, "bad", "dee", 3)


def test_a_word_without_an_id_asks_and_no_word_is_kept_from_answering() -> None:
    assert "beda" not in VECTORS
    expected = BY_WORD.nearest(vector("beda"), k=6)
    assert len(expected) == 6
    assert [found.word for found in VECTORS.most_similar("beda")] == [found.word for found in expected]
    assert VECTORS.neighbors(["beda"])[0] == VECTORS.most_similar("beda")
    assert VECTORS.similarity("beda", "beda") == pytest.approx(1.0)
    assert VECTORS.rank("abc", "beda") == 1 + sum(
        score > VECTORS.similarity("abc", "beda") for score in VECTORS.similarities("abc", WORDS[1:])
    )
    assert VECTORS.odd_one_out(["abc", "cab", "beda", "eee"]) == "eee"
    assert [found.word for found in VECTORS.analogy("beda", "abc", "dee", 2, method="mul")]


def test_a_word_without_a_vector_is_unknown() -> None:
    with pytest.raises(UnknownWordError, match="'xyz' has other letters"):
        VECTORS.most_similar("xyz")


def test_embeddings_and_documents_take_what_the_vocabulary_makes() -> None:
    pytest.importorskip("torch")
    weight = VECTORS.embedding_for(["beda", "xyz", "abc"], freeze=True).weight.numpy()
    assert weight[[0, 2]] == pytest.approx(np.array([vector("beda"), vector("abc")]))
    assert DocumentEncoder(VECTORS).encode([["abc", "bad"]]).shape == (1, 4)


def test_approximate_search_takes_words_without_an_id() -> None:
    pytest.importorskip("usearch")
    assert ApproximateSearch(VECTORS).neighbors(["beda"], k=6) == VECTORS.neighbors(["beda"], k=6)


def test_a_matrix_has_the_rows_that_the_vocabulary_asks_for() -> None:
    with pytest.raises(ConfigError, match=r"\(5 rows, \(at least 1\)\), got \(6, 4\)"):
        WordVectors(MeanOfLetters(WORDS), VECTORS.matrix)
