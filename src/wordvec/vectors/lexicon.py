"""Lexicon: which word is in which row, and what to say about a word that is in none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NoReturn, TypeGuard

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import ConfigError, UnknownWordError
from wordvec.vectors.spelling import UnknownWordMessage

__all__ = ["Lexicon", "Words", "are_words"]

Ints = NDArray[np.int64]

WORDS_OF_A_QUESTION = 3


def _refuse_to_change(*_arguments: Any, **_settings: Any) -> NoReturn:
    raise TypeError(
        "the words of vectors never change, as each belongs to a row; change a copy, list(vectors.words), and make new "
        "vectors of it: WordVectors(words, matrix)"
    )


class Words(list[str]):
    """A list that cannot be changed, but is equal to Python's own, and taken for one by JSON and Arrow.

    >>> words = Words(["paris", "rome"])
    >>> words == ["paris", "rome"], [*words, "soup"], words[:1]
    (True, ['paris', 'rome', 'soup'], ['paris'])
    >>> words.append("soup")
    Traceback (most recent call last):
    TypeError: the words of vectors never change, ...
    """

    __slots__ = ()
    append = extend = insert = remove = pop = clear = sort = reverse = _refuse_to_change
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse_to_change

    def __reduce__(self) -> tuple[type[Words], tuple[list[str]]]:
        return Words, (list(self),)


class Lexicon:
    """Words by row, and rows by word.

    Args:
        words: at least one, each of them once.

    Raises:
        ConfigError: there is none, one is no str, or is there twice; or they are a str themselves.

    >>> lexicon = Lexicon(["paris", "rome"])
    >>> lexicon.rows(["rome", "paris"]).tolist(), "soup" in lexicon
    ([1, 0], False)
    """

    def __init__(self, words: Iterable[str]):
        if isinstance(words, str):
            raise ConfigError(f"words must be a list of words, got the str {words[:40]!r}")
        self.words: list[str] = Words(words)
        if not self.words:
            raise ConfigError("words must hold at least one word, got none")
        kinds = set(map(type, self.words))
        if kinds != {str}:  # the loop alone would take as long as reading them from a file
            for row, word in enumerate(self.words):
                if not isinstance(word, str):
                    raise ConfigError(f"words must be str, got {word!r} at row {row}")
            self.words = Words(map(str, self.words))  # NumPy's own kind of str shows in every answer
        self.row_of: dict[str, int] = dict(zip(self.words, range(len(self.words)), strict=True))
        if len(self.row_of) < len(self.words):
            twice = next(word for row, word in enumerate(self.words) if self.row_of[word] != row)
            raise ConfigError(f"each word must be given once, got {twice!r} more than once")

    def __contains__(self, word: object) -> bool:
        return word in self.row_of

    def row(self, word: str) -> int:
        """The row of a word.

        Raises:
            UnknownWordError: it is not there; the message has the closest spellings.
        """
        if not isinstance(word, str):
            raise UnknownWordError(
                f"a word must be a str, got {type(word).__name__}; "
                "lookup([...]) takes several words, matrix[...] takes rows"
            )
        try:
            return self.row_of[word]
        except KeyError:
            raise UnknownWordError(UnknownWordMessage(word, self.words)) from None

    def rows(self, words: str | Sequence[str]) -> Ints:
        """The rows of some words, (n,); a single one is not taken for a list of letters.

        Raises:
            UnknownWordError: one of them is not there.
        """
        several = [words] if isinstance(words, str) else words
        return np.array([self.row(word) for word in several], dtype=np.int64)

    def rows_of_questions(self, questions: Iterable[Sequence[str]]) -> Ints:
        """The rows of the words of analogies, (Q, 3).

        Raises:
            ConfigError: a question has not three words.
            UnknownWordError: one of them is not there.
        """
        asked = [questions] if isinstance(questions, str) else list(questions)
        for question in asked:
            if isinstance(question, str) or len(question) != WORDS_OF_A_QUESTION:
                raise ConfigError(f"an analogy is asked by three words, (a, b, c), got {question!r}")
        return self.rows([word for question in asked for word in question]).reshape(-1, WORDS_OF_A_QUESTION)


def are_words(queries: object) -> TypeGuard[Sequence[str]]:
    """Whether queries are words, in a list or an array, and no vectors.

    >>> are_words(["paris"]), are_words(np.array(["paris"])), are_words([[1.0, 2.0]])
    (True, True, False)
    """
    if isinstance(queries, np.ndarray):
        return queries.dtype.kind in "UO"
    return not isinstance(queries, list | tuple) or not queries or isinstance(queries[0], str)
