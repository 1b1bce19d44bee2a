"""wordvec: word vectors from your own text, fast, and honest about how good they are.

>>> import wordvec
>>> vectors = wordvec.train([["red", "green", "blue"], ["green", "red"]] * 9, dim=8, subsample=0)
>>> sorted(vectors.words)
['blue', 'green', 'red']
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from wordvec.version import __version__ as __version__  # part of the public face

_HOME = {
    "ApproximateSearch": "wordvec.vectors.approximate",
    "Config": "wordvec.config",
    "ConfigError": "wordvec.errors",
    "CorpusError": "wordvec.errors",
    "DocumentEncoder": "wordvec.vectors.documents",
    "EngineError": "wordvec.errors",
    "EvaluationError": "wordvec.errors",
    "FormatError": "wordvec.errors",
    "MissingPackageError": "wordvec.errors",
    "ResourceError": "wordvec.errors",
    "UnknownWordError": "wordvec.errors",
    "WordVectors": "wordvec.vectors.word_vectors",
    "WordvecError": "wordvec.errors",
    "load": "wordvec.formats.load",
    "push_to_hub": "wordvec.formats.hub",
    "recipe": "wordvec.recipes.catalog",
    "resume": "wordvec.pipeline.resume",
    "train": "wordvec.pipeline.train",
}

__all__ = [
    "ApproximateSearch",
    "Config",
    "ConfigError",
    "CorpusError",
    "DocumentEncoder",
    "EngineError",
    "EvaluationError",
    "FormatError",
    "MissingPackageError",
    "ResourceError",
    "UnknownWordError",
    "WordVectors",
    "WordvecError",
    "load",
    "push_to_hub",
    "recipe",
    "resume",
    "train",
]

if TYPE_CHECKING:
    from wordvec.config import Config
    from wordvec.errors import (
        ConfigError,
        CorpusError,
        EngineError,
        EvaluationError,
        FormatError,
        MissingPackageError,
        ResourceError,
        UnknownWordError,
        WordvecError,
    )
    from wordvec.formats.hub import push_to_hub
    from wordvec.formats.load import load
    from wordvec.pipeline.resume import resume
    from wordvec.pipeline.train import train
    from wordvec.recipes.catalog import recipe
    from wordvec.vectors.approximate import ApproximateSearch
    from wordvec.vectors.documents import DocumentEncoder
    from wordvec.vectors.word_vectors import WordVectors


def __getattr__(name: str) -> Any:
    """Import what is asked for, when it is asked for: `import wordvec` alone loads nothing heavy."""
    if name not in _HOME:
        raise AttributeError(f"module 'wordvec' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(_HOME)
