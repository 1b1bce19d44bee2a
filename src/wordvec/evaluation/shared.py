"""Shared words: what several models have in common, so that they can be compared row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import ConfigError
from wordvec.vectors.rows import unit_rows
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["Shared", "shared_words"]


class Shared(NamedTuple):
    """The words that all models have, and each model's vectors of them."""

    words: list[str]  # (S,)  in the order of the first model: by habit, the most frequent first
    units: list[NDArray[np.float32]]  # (S, D) for each model, rows of length 1 or 0


def shared_words(models: Sequence[WordVectors], most_words: int) -> Shared:
    """Take the first `most_words` words of the first model that all the others have, too.

    Raises:
        ConfigError: there are fewer than two such words.

    >>> one, other = WordVectors(["a", "b", "c"], np.eye(3)), WordVectors(["c", "a"], np.eye(2))
    >>> shared_words([one, other], 10).words
    ['a', 'c']
    """
    words = [word for word in models[0].words if all(word in model for model in models[1:])][:most_words]
    if len(words) < 2:
        raise ConfigError(
            f"models are compared by the words that they share, got {len(words)} such words; are they of one language "
            "and one way to cut words?"
        )
    return Shared(words, [unit_rows(model.lookup(words)) for model in models])
