"""Config: all settings of a training run, each with its default, allowed range and help text."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Any, Literal, get_type_hints

from wordvec.errors import ConfigError
from wordvec.foreign_names import unknown_settings
from wordvec.settings import expectation, is_allowed, setting
from wordvec.text import short_repr

__all__ = ["Config", "usable_cores"]

SKIPGRAM_LEARNING_RATE = 0.025  # word2vec.c
CBOW_LEARNING_RATE = 0.05  # word2vec.c
ADAPTIVE_LEARNING_RATE = 1e-3  # Adam's (Kingma and Ba, 2015)


def _explains_unknown_names(kind: type[Any]) -> type[Any]:
    """Let a dataclass explain the names of unknown fields."""
    build = kind.__init__
    names = [one.name for one in fields(kind)]

    @functools.wraps(build)
    def __init__(self: Any, **settings: Any) -> None:  # noqa: N807
        problem = unknown_settings(settings, names)
        if problem is not None:
            raise ConfigError(problem)
        build(self, **settings)

    kind.__init__ = __init__
    return kind


@_explains_unknown_names
@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The settings of a training run, checked when built.

    Raises:
        ConfigError: a value has the wrong type or lies outside its range; or a setting is unknown, and the message says
            which one it means.

    >>> Config(dim=300, window=8).dim
    300
    >>> Config(vector_size=300)
    Traceback (most recent call last):
    wordvec.errors.ConfigError: vector_size (gensim) is not a setting; write dim=300
    >>> Config(window=0)
    Traceback (most recent call last):
    wordvec.errors.ConfigError: window must be an integer of at least 1 and at most 10,000, got 0 (context words
    on each side of the center, at most)
    """

    min_count: int = setting(5, "leave out words that occur less often", group="text", minimum=1)
    max_vocab: int | None = setting(None, "keep only the N most frequent words", group="text", minimum=1)
    unknown: Literal["drop", "gap"] = setting(
        "drop",
        "words outside the vocabulary: drop, windows reach across them; gap, they keep their position in windows",
        group="text",
    )
    unknown_word: str | None = setting(
        None,
        "token that already marks unknown words in the text, such as <unk>",
        group="text",
    )
    start_words: Literal["keep", "drop"] = setting(
        "keep",
        "words of a model to start from that occur fewer than min_count times in the text: keep their vectors; or drop "
        "them, with a warning",
        group="text",
    )
    validation: float = setting(
        0.0,
        "share of the text to hold out of training, for a validation loss after each epoch",
        group="text",
        minimum=0,
        maximum=0.5,
    )

    architecture: Literal["skipgram", "cbow"] = setting(
        "skipgram",
        "what predicts what: skipgram, each context word separately; cbow, all context words of a window together",
        group="model",
    )
    objective: Literal["negative", "hierarchical", "softmax"] = setting(
        "negative",
        "training objective: negative, negative sampling; hierarchical, hierarchical softmax over a Huffman tree; "
        "softmax, over the whole vocabulary",
        group="model",
    )
    skipgram_input: Literal["context", "center"] = setting(
        "context",
        "word of a pair whose input vector is trained: context, as in word2vec.c; center, as in the paper",
        group="model",
    )
    pooling: Literal["mean", "sum"] = setting(
        "mean", "how cbow combines the vectors of a window", group="model"
    )
    dim: int = setting(100, "dimensions of the vectors", group="model", minimum=1, maximum=100_000)
    initialization: Literal["word2vec", "uniform", "normal", "xavier", "torch"] = setting(
        "word2vec",
        "initial vectors: word2vec, input uniform in +-0.5/dim and output zero; uniform, both matrices in -1..1; "
        "normal, both standard normal; xavier, both Xavier-uniform; torch, as PyTorch initializes an embedding and a "
        "linear layer",
        group="model",
    )
    max_norm: float | None = setting(
        None, "rescale vectors that grow longer than this to this length", group="model", above=0
    )

    window: int = setting(
        5, "context words on each side of the center, at most", group="window", minimum=1, maximum=10_000
    )
    window_reach: Literal["random", "fixed"] = setting(
        "random",
        "words on each side: random, from 1 to `window`; fixed, always `window`",
        group="window",
    )
    window_edges: Literal["short", "skip"] = setting(
        "short",
        "at the edges of a text: short, shorter windows; skip, no centers with fewer than `window` words on a side",
        group="window",
    )
    subsample: float = setting(
        1e-3,
        "subsample words whose share of the text is larger than this; 0 keeps all",
        group="window",
        minimum=0,
        below=1,
    )
    subsample_quantile: float | None = setting(
        None,
        "instead, take the threshold from the text: this quantile of its words' shares",
        group="window",
        above=0,
        below=1,
    )
    subsample_formula: Literal["word2vec", "paper", "smooth"] = setting(
        "word2vec",
        "probability of keeping a word, with r = its share / threshold: word2vec, (sqrt(r) + 1) / r as in word2vec.c; "
        "paper, 1 / sqrt(r); smooth, 1 / sqrt(1 + r)",
        group="window",
    )
    subsample_scope: Literal["text", "window"] = setting(
        "text",
        "text, subsample before windows are formed; window, form windows first, then subsample centers and contexts "
        "separately",
        group="window",
    )

    negatives: int = setting(
        5,
        "negative samples for each true pair (see negative_sharing)",
        group="noise",
        minimum=1,
        maximum=10_000,
    )
    negative_sharing: Literal["window", "pair", "batch"] = setting(
        "window",
        "pairs that share negative samples: window, those of a window; pair, none; batch, those of a batch",
        group="noise",
    )
    negatives_avoid: Literal["target", "targets"] = setting(
        "target",
        "draw a negative again that equals: target, its pair's target; targets, any target of the window",
        group="noise",
    )
    noise_power: float = setting(
        0.75,
        "negatives are drawn in proportion to count ** noise_power",
        group="noise",
        minimum=0,
        maximum=10,
    )
    noise_table: int | None = setting(
        None,
        "draw from a table with this many slots, one or more per word (default: exactly)",
        group="noise",
        minimum=1,
    )

    epochs: int = setting(5, "passes over the corpus", group="steps", minimum=1)
    batch_size: int | None = setting(
        None,
        "size of a batch, in batch_unit (torch engine; default: 512 centers; with sgd and sum, 128 or fewer, so "
        "that no word moves too often in one step)",
        group="steps",
        minimum=1,
    )
    batch_unit: Literal["centers", "texts"] = setting(
        "centers", "what batch_size counts: centers, each with its window; or whole texts", group="steps"
    )
    optimizer: str = setting(
        "sgd",
        "optimizer: sgd, sparse_adam, adagrad, adam, or any other class of torch.optim",
        group="steps",
    )
    reduction: Literal["sum", "mean", "example_mean"] = setting(
        "sum",
        "loss of a batch: sum, over its pairs, as in word2vec.c, so that a pair's step does not depend on batch_size; "
        "mean, over its pairs; example_mean, the sum over centers of the mean over their pairs",
        group="steps",
    )
    learning_rate: float | None = setting(
        None,
        "learning rate of the first step (default: sgd 0.025, with cbow 0.05; other optimizers 0.001)",
        group="steps",
        above=0,
    )
    final_learning_rate: float = setting(
        1e-4, "learning rate of the last step, if the schedule is linear", group="steps", minimum=0
    )
    schedule: Literal["linear", "constant"] = setting(
        "linear", "learning rate from the first step to the last", group="steps"
    )
    keep: Literal["last", "best"] = setting(
        "last",
        "epoch whose vectors to keep: the last, or the best (see best_by)",
        group="steps",
    )
    best_by: Literal["validation_loss", "analogies", "similarity"] = setting(
        "validation_loss",
        "criterion of the best epoch: the validation loss, or the mean score in the tests of that kind",
        group="steps",
    )
    patience: int | None = setting(
        None,
        "stop early after this many epochs without improvement, and keep the best epoch",
        group="steps",
        minimum=1,
    )

    threads: int | None = setting(
        None, "threads to train on (default: all cores)", group="machine", minimum=1, maximum=1024
    )
    deterministic: bool = setting(
        False,
        "same seed, same vectors on any number of threads; takes 1.5 times as long on one thread, 2.3 times on two "
        "(torch: one CPU thread)",
        group="machine",
    )
    seed: int = setting(
        1,
        "seed of all random draws; on one thread, or with deterministic, same seed, same vectors",
        group="machine",
        minimum=0,
    )
    engine: Literal["auto", "numba", "torch"] = setting(
        "auto",
        "training engine: numba, compiled and fast; torch, any model, optimizer and device; auto, numba where possible",
        group="machine",
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = setting(
        "auto",
        "device to train on; auto: with the torch engine, a GPU if there is one",
        group="machine",
    )

    def __post_init__(self) -> None:
        """Check each setting, and name the first one that is not allowed."""
        types = get_type_hints(type(self))
        for one in fields(self):
            value = getattr(self, one.name)
            if not is_allowed(value, types[one.name], one.metadata):
                raise ConfigError(
                    f"{one.name} must be {expectation(types[one.name], one.metadata, value)}, got {short_repr(value)} "
                    f"({one.metadata['help']})"
                )
            if not isinstance(value, bool) and isinstance(value, Real):  # NumPy's numbers become Python's
                object.__setattr__(
                    self, one.name, int(value) if isinstance(value, Integral) else float(value)
                )
        if self.schedule == "linear" and self.final_learning_rate > self.first_learning_rate:
            raise ConfigError(
                f"final_learning_rate must not exceed learning_rate ({self.first_learning_rate}), "
                f"got {self.final_learning_rate}; the learning rate falls during training, so lower the final one, too"
            )

    @property
    def first_learning_rate(self) -> float:
        """`learning_rate`, or the optimizer's and architecture's default where none is given."""
        if self.learning_rate is not None:
            return self.learning_rate
        if self.optimizer.lower() != "sgd":
            return ADAPTIVE_LEARNING_RATE
        return CBOW_LEARNING_RATE if self.architecture == "cbow" else SKIPGRAM_LEARNING_RATE

    @property
    def keeps_best(self) -> bool:
        """Whether to keep the best epoch's vectors, which patience implies."""
        return self.keep == "best" or self.patience is not None

    @property
    def num_threads(self) -> int:
        """`threads`, or the number of cores that this process may use."""
        if self.threads is not None:
            return self.threads
        return usable_cores()


def usable_cores() -> int:
    """The number of cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux only
    return len(affinity(0)) if affinity else os.cpu_count() or 1
