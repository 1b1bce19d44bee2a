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
    "Phrases": "wordvec.phrases.phrases",
    "ResourceError": "wordvec.errors",
    "TextEncoder": "wordvec.vectors.text_encoder",
    "UnknownWordError": "wordvec.errors",
    "WordVectors": "wordvec.vectors.word_vectors",
    "WordvecError": "wordvec.errors",
    "find_phrases": "wordvec.phrases.finding",
    "load": "wordvec.formats.load",
    "load_encoder": "wordvec.formats.encoder_folder",
    "push_to_hub": "wordvec.formats.hub",
    "recipe": "wordvec.recipes.catalog",
    "resume": "wordvec.pipeline.resume",
    "save_encoder": "wordvec.formats.encoder_folder",
    "train": "wordvec.pipeline.train",
    "train_on_ray": "wordvec.pipeline.launchers",
    "train_on_spark": "wordvec.pipeline.launchers",
    "tune": "wordvec.tuning.tune",
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
