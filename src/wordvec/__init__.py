"""wordvec: word vectors from your own text, fast, and honest about how good they are.

>>> import wordvec
>>> vectors = wordvec.train([["red", "green", "blue"], ["green", "red"]] * 9, dim=8, subsample=0)
>>> sorted(vectors.words)
['blue', 'green', 'red']
"""

from __future__ import annotations

import importlib
from typing import Any

from wordvec.version import __version__ as __version__  # part of the public face

_HOME = {  # the public names, and the modules in which they live; `make architecture` makes __init__.pyi of it
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
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    """Import what is asked for, when it is asked for: `import wordvec` alone loads nothing heavy."""
    if name not in _HOME:
        raise AttributeError(f"module 'wordvec' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
