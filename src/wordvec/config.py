"""Config: every setting of a training run, once: its default, its allowed range, its help text."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field, fields
from numbers import Integral, Real
from typing import Any, Literal, get_args, get_origin, get_type_hints

from wordvec.errors import ConfigError

__all__ = ["CBOW_LEARNING_RATE", "SKIPGRAM_LEARNING_RATE", "Config"]

SKIPGRAM_LEARNING_RATE = 0.025  # word2vec.c
CBOW_LEARNING_RATE = 0.05  # word2vec.c


def setting(
    default: Any,
    help: str,  # noqa: A002  (the word that every reader expects)
    *,
    least: float | None = None,
    above: float | None = None,
    below: float | None = None,
    most: float | None = None,
) -> Any:
    """Declare a setting: its default, its help text and its allowed range."""
    bounds = {"least": least, "above": above, "below": below, "most": most}
    return field(default=default, metadata={"help": help, **bounds})


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The settings of a training run, checked when built.

    Raises:
        ConfigError: a value has the wrong type or lies outside its range.

    >>> Config(dim=300, window=8).dim
    300
    >>> Config(window=0)
    Traceback (most recent call last):
    wordvec.errors.ConfigError: window must be an integer of at least 1 and at most 10,000, got 0 (context words
    on each side of the center, at most)
    """

    architecture: Literal["skipgram", "cbow"] = setting(
        "skipgram", "what predicts what: skipgram, the center word its context"
    )
    objective: Literal["negative", "hierarchical", "softmax"] = setting(
        "negative", "how a prediction is scored: negative, by telling true words from drawn ones"
    )
    dim: int = setting(100, "numbers in each word's vector", least=1, most=100_000)
    window: int = setting(5, "context words on each side of the center, at most", least=1, most=10_000)
    negatives: int = setting(5, "negative samples for each center", least=1, most=10_000)
    noise_power: float = setting(
        0.75, "negatives are drawn in proportion to count ** noise_power", least=0, most=10
    )
    subsample: float = setting(
        1e-3, "words with a larger share of the text than this are thinned; 0 keeps all", least=0, below=1
    )
    min_count: int = setting(5, "words seen less often are left out", least=1)
    max_vocab: int | None = setting(None, "keep this many words, the most frequent ones", least=1)
    epochs: int = setting(5, "passes over the corpus", least=1)
    learning_rate: float | None = setting(
        None, "size of the first step; falls linearly (default: skipgram 0.025, cbow 0.05)", above=0
    )
    final_learning_rate: float = setting(1e-4, "size of the last step", least=0)
    threads: int | None = setting(None, "threads to train on (default: all cores)", least=1, most=1024)
    seed: int = setting(1, "start of every random draw; on one thread, same seed, same vectors", least=0)
    engine: Literal["auto", "numba"] = setting("auto", "what does the arithmetic")
    device: Literal["auto", "cpu"] = setting("auto", "where the arithmetic is done")

    def __post_init__(self) -> None:
        """Refuse what cannot be trained, by name."""
        types = get_type_hints(type(self))
        for one in fields(self):
            value = getattr(self, one.name)
            if not _allowed(value, types[one.name], one.metadata):
                raise ConfigError(
                    f"{one.name} must be {_expectation(types[one.name], one.metadata)}, got {value!r} "
                    f"({one.metadata['help']})"
                )
            if isinstance(value, Real):  # NumPy's numbers become Python's
                object.__setattr__(
                    self, one.name, int(value) if isinstance(value, Integral) else float(value)
                )
        if self.final_learning_rate > self.first_learning_rate:
            raise ConfigError(
                f"final_learning_rate must not exceed learning_rate ({self.first_learning_rate}), "
                f"got {self.final_learning_rate}; the learning rate falls during training, so lower the final one, too"
            )

    @property
    def first_learning_rate(self) -> float:
        """`learning_rate`, or the architecture's default where none is given."""
        if self.learning_rate is not None:
            return self.learning_rate
        return CBOW_LEARNING_RATE if self.architecture == "cbow" else SKIPGRAM_LEARNING_RATE

    @property
    def num_threads(self) -> int:
        """`threads`, or the number of cores that this process may use."""
        if self.threads is not None:
            return self.threads
        affinity = getattr(os, "sched_getaffinity", None)  # Linux only
        return len(affinity(0)) if affinity else os.cpu_count() or 1


def _allowed(value: Any, kind: Any, bounds: Any) -> bool:
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if value is None:
        return type(None) in get_args(kind)
    if isinstance(value, bool) or not isinstance(value, Integral if _is_integer(kind) else Real):
        return False
    if not math.isfinite(value):
        return False
    return (
        (bounds["least"] is None or value >= bounds["least"])
        and (bounds["above"] is None or value > bounds["above"])
        and (bounds["below"] is None or value < bounds["below"])
        and (bounds["most"] is None or value <= bounds["most"])
    )


def _is_integer(kind: Any) -> bool:
    return kind is int or int in get_args(kind)


def _expectation(kind: Any, bounds: Any) -> str:
    if get_origin(kind) is Literal:
        return " or ".join(repr(choice) for choice in get_args(kind))
    noun = "an integer" if _is_integer(kind) else "a number"
    words = {"least": "of at least", "above": "above", "below": "below", "most": "at most"}
    limits = [f"{words[name]} {_shown(bounds[name])}" for name in words if bounds[name] is not None]
    return " ".join([noun, " and ".join(limits)]).rstrip()


def _shown(bound: float) -> str:
    return f"{bound:,}" if isinstance(bound, int) else f"{bound:g}"
