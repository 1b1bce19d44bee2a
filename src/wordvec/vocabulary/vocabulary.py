"""Vocabulary: the id of each word, and which rows of a matrix make its vector.

Vectors ask a `Vocabulary`. In a `SimpleVocabulary`, row i of the matrix is the vector of word i, and nothing outside of
this file relies on that: with subwords, a word is the mean of several rows, and a word without an id has a vector, too.
Training has a `CountedVocabulary`: words, and how often each occurs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import ConfigError, UnknownWordError
from wordvec.vocabulary.spelling import UnknownWordMessage

__all__ = ["NO_ID", "CountedVocabulary", "SimpleVocabulary", "Vocabulary"]

# V words, R rows, D dimensions, n words that are looked up
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

NO_ID = -1  # in place of an id: of a word that has none, or where nothing was found


@runtime_checkable
class Vocabulary(Protocol):
    """What vectors ask: the id of a word, which is its position among all words, and the vectors of words."""

    @property
    def words(self) -> list[str]:
        """All words that have an id, (V,), in the order of ids."""

    @property
    def num_rows(self) -> int:
        """The rows, R, that its matrix has."""

    def __contains__(self, word: object) -> bool:
        """Whether a word has an id."""

    def id_of(self, word: str) -> int:
        """The id of a word; UnknownWordError, with the closest spellings, if it has none."""

    def ids(self, words: str | Sequence[str]) -> Ints:
        """The ids of words, (n,); UnknownWordError if one has none. A single str is one word, not its letters."""

    def find_ids(self, words: str | Sequence[str]) -> Ints:
        """The ids of words, (n,); NO_ID where a word has none."""

    def has_vector(self, word: str) -> bool:
        """Whether `vector_of` finds a vector; a word without an id may have one."""

    def vector_of(self, word: str, rows: Floats) -> Floats:
        """The vector of a word, (D,), made of rows, (R, D); UnknownWordError if it has none."""

    def vectors_of(self, words: str | Sequence[str], rows: Floats) -> Floats:
        """The vectors of words, (n, D), made of rows, (R, D); UnknownWordError if one has none."""

    def all_vectors(self, rows: Floats) -> Floats:
        """The vector of each word that has an id, (V, D), made of rows, (R, D); read-only, as the rows are."""

    def num_rows_of(self, words: Sequence[str]) -> Ints:
        """How many rows the vector of each word is the mean of, (n,)."""


class SimpleVocabulary:
    """A vocabulary in which each word has a row of its own: row i is word i.

    Args:
        words: at least one, each of them once.

    Raises:
        ConfigError: there is no word, a word is not a str or is given twice, or words is a str itself.

    >>> vocabulary = SimpleVocabulary(["paris", "rome"])
    >>> vocabulary.ids(["rome", "paris"]).tolist(), "soup" in vocabulary
    ([1, 0], False)
    >>> vocabulary.vector_of("rome", np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [3.0, 4.0]
    """

    def __init__(self, words: Iterable[str]):
        if isinstance(words, str):
            raise ConfigError(f"words must be a list of words, got the str {words[:40]!r}")
        self.words: list[str] = _FrozenList(words)
        if not self.words:
            raise ConfigError("words must hold at least one word, got none")
        kinds = set(map(type, self.words))
        if kinds != {str}:  # the loop alone would take as long as reading them from a file
            for position, word in enumerate(self.words):
                if not isinstance(word, str):
                    raise ConfigError(f"words must be str, got {word!r} at row {position}")
            self.words = _FrozenList(map(str, self.words))  # NumPy's own kind of str shows in every answer
        self._ids: dict[str, int] = dict(zip(self.words, range(len(self.words)), strict=True))
        if len(self._ids) < len(self.words):
            twice = next(word for position, word in enumerate(self.words) if self._ids[word] != position)
            raise ConfigError(f"each word must be given once, got {twice!r} more than once")

    @property
    def num_rows(self) -> int:
        """As many as words."""
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._ids

    def id_of(self, word: str) -> int:
        """The id of a word.

        Raises:
            UnknownWordError: the word is unknown; the message has the closest spellings.
        """
        if not isinstance(word, str):
            raise UnknownWordError(
                f"a word must be a str, got {type(word).__name__}; "
                "lookup([...]) takes several words, matrix[...] takes rows"
            )
        try:
            return self._ids[word]
        except KeyError:
            raise UnknownWordError(UnknownWordMessage(word, self.words)) from None

    def ids(self, words: str | Sequence[str]) -> Ints:
        """The ids of words, (n,); a single str is one word, not its letters.

        Raises:
            UnknownWordError: a word is unknown.
        """
        return np.array([self.id_of(word) for word in _several(words)], dtype=np.int64)

    def find_ids(self, words: str | Sequence[str]) -> Ints:
        """The ids of words, (n,); NO_ID for unknown ones."""
        known = self._ids
        found = [known.get(word, NO_ID) if isinstance(word, str) else NO_ID for word in _several(words)]
        return np.array(found, dtype=np.int64)

    def has_vector(self, word: str) -> bool:
        """Whether a word is known."""
        return word in self._ids

    def vector_of(self, word: str, rows: Floats) -> Floats:
        """The vector of a word, (D,): its row of (V, D), not copied.

        Raises:
            UnknownWordError: the word is unknown.
        """
        vector: Floats = rows[self.id_of(word)]
        return vector

    def vectors_of(self, words: str | Sequence[str], rows: Floats) -> Floats:
        """The vectors of words, (n, D): their rows of (V, D).

        Raises:
            UnknownWordError: a word is unknown.
        """
        vectors: Floats = rows[self.ids(words)]
        return vectors

    def all_vectors(self, rows: Floats) -> Floats:
        """The vector of each word, (V, D): the rows themselves, not copied."""
        return rows

    def num_rows_of(self, words: Sequence[str]) -> Ints:
        """One for each word, (n,)."""
        return np.ones(len(words), np.int64)


@dataclass(frozen=True, eq=False, repr=False)
class CountedVocabulary:
    """The words that training keeps, V, by descending count; of equal counts in the order of their code points.

    >>> vocabulary = CountedVocabulary(["the", "of", "anarchism"], np.array([9, 4, 4]))
    >>> len(vocabulary), "of" in vocabulary, vocabulary.id_of("of"), vocabulary.counts.tolist()
    (3, True, 1, [9, 4, 4])
    """

    words: list[str]  # (V,)  in the order of ids
    counts: Ints  # (V,)  how often each occurs in the corpus

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._by_word

    def __repr__(self) -> str:
        return f"CountedVocabulary of {len(self):,} words, {self.counts.sum():,} in all"

    def id_of(self, word: str) -> int:
        """The id of a word.

        Raises:
            UnknownWordError: the word is unknown; the message has the closest spellings.
        """
        return self._by_word.id_of(word)

    @cached_property
    def _by_word(self) -> SimpleVocabulary:
        return SimpleVocabulary(self.words)


def _several(words: str | Sequence[str]) -> Sequence[str]:
    return [words] if isinstance(words, str) else words


def _cannot_change(*_arguments: Any, **_settings: Any) -> NoReturn:
    raise TypeError(
        "the words of vectors never change, as each belongs to a row; change a copy, list(vectors.words), and make new "
        "vectors of it: WordVectors(words, matrix)"
    )


class _FrozenList(list[str]):
    """A list that cannot be changed, but is equal to Python's own, and taken for one by JSON and Arrow.

    >>> words = _FrozenList(["paris", "rome"])
    >>> words == ["paris", "rome"], [*words, "soup"], words[:1]
    (True, ['paris', 'rome', 'soup'], ['paris'])
    >>> words.append("soup")
    Traceback (most recent call last):
    TypeError: the words of vectors never change, ...
    """

    __slots__ = ()
    append = extend = insert = remove = pop = clear = sort = reverse = _cannot_change
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _cannot_change

    def __reduce__(self) -> tuple[type[_FrozenList], tuple[list[str]]]:
        return _FrozenList, (list(self),)
