"""The exceptions that wordvec raises; every message says what, where, what was expected, and what to do."""

from __future__ import annotations

__all__ = [
    "ConfigError",
    "CorpusError",
    "EngineError",
    "EvaluationError",
    "FormatError",
    "MissingPackageError",
    "ResourceError",
    "UnknownWordError",
    "WordvecError",
]


class WordvecError(Exception):
    """Base of everything that wordvec raises on purpose: one `except` catches all of it.

    >>> import wordvec
    >>> try:
    ...     wordvec.load("nowhere.wv")
    ... except wordvec.WordvecError as error:
    ...     print(error)
    nowhere.wv does not exist; check the path
    """


class ConfigError(WordvecError, ValueError):
    """A setting or an argument has a value that it cannot have; also a ValueError.

    >>> import wordvec
    >>> wordvec.Config(dim=0)
    Traceback (most recent call last):
    wordvec.errors.ConfigError: dim must be an integer of at least 1 ...
    """


class CorpusError(WordvecError, ValueError):
    """The text to train on cannot be read, or there is nothing in it to learn from; also a ValueError.

    >>> import wordvec
    >>> wordvec.train("nowhere.txt")
    Traceback (most recent call last):
    wordvec.errors.CorpusError: there is no file nowhere.txt; check the path ...
    """


class EngineError(WordvecError, RuntimeError):
    """The chosen engine cannot do what was asked, or training itself went wrong; also a RuntimeError.

    >>> import wordvec
    >>> wordvec.train([["a", "b"]] * 9, engine="numba", optimizer="rmsprop")
    Traceback (most recent call last):
    wordvec.errors.EngineError: the numba engine cannot train ...
    """


class EvaluationError(WordvecError, ValueError):
    """A test of words is damaged or not of a known form, or models cannot be evaluated or compared; also a ValueError.

    >>> from wordvec.evaluation.word_tests import read_test
    >>> read_test(__file__)
    Traceback (most recent call last):
    wordvec.errors.EvaluationError: ...
    """


class FormatError(WordvecError, ValueError):
    """A file of vectors is damaged, truncated, or not of a known format; also a ValueError.

    >>> import wordvec
    >>> wordvec.load("nowhere.wv")
    Traceback (most recent call last):
    wordvec.errors.FormatError: nowhere.wv does not exist; check the path
    """


class MissingPackageError(WordvecError, ImportError):
    """An optional package is needed; the message says how to install it; also an ImportError.

    >>> from wordvec.packages import imported
    >>> imported("spacy.no_such_module", "the example")
    Traceback (most recent call last):
    wordvec.errors.MissingPackageError: the example needs spaCy: pip install spacy
    """


class ResourceError(WordvecError, RuntimeError):
    """Memory, room on a disk, a writable place or the network is missing; also a RuntimeError.

    >>> import wordvec
    >>> wordvec.WordVectors(["paris"], [[1.0, 2.0]]).save("/dev/null/model.wv")
    Traceback (most recent call last):
    wordvec.errors.ResourceError: /dev/null/model.wv cannot be written: ...
    """


class UnknownWordError(WordvecError, KeyError):
    """A word is not in the vocabulary; the message suggests the closest known spellings; also a KeyError.

    >>> import wordvec
    >>> wordvec.WordVectors(["paris"], [[1.0, 2.0]])["pariss"]
    Traceback (most recent call last):
    wordvec.errors.UnknownWordError: 'pariss' is not in the vocabulary (1 words); closest spellings: paris
    """

    def __str__(self) -> str:
        """The message as it is: KeyError would show its repr, in quotes."""
        return str(self.args[0])
