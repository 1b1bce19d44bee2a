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
    """Base of everything that wordvec raises on purpose."""


class ConfigError(WordvecError, ValueError):
    """A setting has a value that it cannot have."""


class CorpusError(WordvecError, ValueError):
    """The text to train on cannot be read, or there is nothing in it to learn from."""


class EngineError(WordvecError, RuntimeError):
    """The chosen engine cannot do what was asked, or training itself went wrong."""


class EvaluationError(WordvecError, ValueError):
    """A test of words is damaged or not of a known form, or models cannot be evaluated or compared."""


class FormatError(WordvecError, ValueError):
    """A file of vectors is damaged, truncated, or not of a known format."""


class MissingPackageError(WordvecError, ImportError):
    """An optional package is needed; the message says how to install it."""


class ResourceError(WordvecError, RuntimeError):
    """Something that the work needs is not there: memory, room on a disk, a place that can be written, the network."""


class UnknownWordError(WordvecError, KeyError):
    """A word is not in the vocabulary; the message suggests the closest known spellings."""

    def __str__(self) -> str:
        """The message as it is: KeyError would show its repr, in quotes."""
        return str(self.args[0])
