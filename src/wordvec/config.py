"""Config: every setting of a training run, once: its default, its allowed range, its help text."""

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
    """Let a dataclass say what is meant by a field that it does not have."""
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
        ConfigError: a value has the wrong type or lies outside its range; or there is no setting of that name, and the
            message says which one is meant.

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

    min_count: int = setting(5, "words seen less often are left out", group="text", least=1)
    max_vocab: int | None = setting(
        None, "keep this many words, the most frequent ones", group="text", least=1
    )
    unknown: Literal["drop", "gap"] = setting(
        "drop",
        "words outside the vocabulary: drop, so that windows reach across them; gap, so that they keep their place",
        group="text",
    )
    unknown_word: str | None = setting(
        None,
        "a word of the text that stands for unknown ones, such as <unk>, and is treated so",
        group="text",
    )
    start_words: Literal["keep", "drop"] = setting(
        "keep",
        "words of a model to start from that the text has fewer than min_count times: keep, they stay as they were; "
        "drop, they are left out, and a warning names them",
        group="text",
    )
    validation: float = setting(
        0.0,
        "share of the text that is held out of training, to compute a loss on after each epoch",
        group="text",
        least=0,
        most=0.5,
    )

    architecture: Literal["skipgram", "cbow"] = setting(
        "skipgram",
        "what predicts what: skipgram, each context word by itself; cbow, all of a window together",
        group="model",
    )
    objective: Literal["negative", "hierarchical", "softmax"] = setting(
        "negative",
        "how a prediction is scored: negative, by telling true words from drawn ones; hierarchical, by the turns of a "
        "path through a Huffman tree; softmax, against every word",
        group="model",
    )
    skipgram_input: Literal["context", "center"] = setting(
        "context",
        "which word of a pair is looked up in the input matrix: context, as in word2vec.c; center, as in the paper",
        group="model",
    )
    pooling: Literal["mean", "sum"] = setting(
        "mean", "how cbow puts the vectors of a window together", group="model"
    )
    dim: int = setting(100, "numbers in each word's vector", group="model", least=1, most=100_000)
    initialization: Literal["word2vec", "uniform", "normal", "xavier", "torch"] = setting(
        "word2vec",
        "first vectors: word2vec, input uniform in 0.5/dim around 0 and output zero; or both matrices uniform in "
        "-1..1, standard normal, or Xavier-uniform; or torch, what PyTorch gives an embedding and a linear layer",
        group="model",
    )
    max_norm: float | None = setting(
        None, "vectors that grow longer than this are cut back to it", group="model", above=0
    )

    window: int = setting(
        5, "context words on each side of the center, at most", group="window", least=1, most=10_000
    )
    window_reach: Literal["random", "fixed"] = setting(
        "random",
        "random: each window reaches 1 to `window` words, at random; fixed: always `window`",
        group="window",
    )
    window_edges: Literal["short", "skip"] = setting(
        "short",
        "at the edges of a text: short, windows end there; skip, no center without `window` words on both sides",
        group="window",
    )
    subsample: float = setting(
        1e-3,
        "words with a larger share of the text than this are thinned; 0 keeps all",
        group="window",
        least=0,
        below=1,
    )
    subsample_quantile: float | None = setting(
        None,
        "take the threshold from the text, instead: this quantile of the shares that its words have",
        group="window",
        above=0,
        below=1,
    )
    subsample_formula: Literal["word2vec", "paper", "smooth"] = setting(
        "word2vec",
        "share of a word's occurrences to keep, with r = its share / threshold: word2vec.c's (sqrt(r) + 1) / r; the "
        "paper's 1 / sqrt(r); smooth, 1 / sqrt(1 + r)",
        group="window",
    )
    subsample_scope: Literal["text", "window"] = setting(
        "text",
        "text: words are thinned before windows are laid; window: windows are laid first, then centers and contexts "
        "are thinned, each by itself",
        group="window",
    )

    negatives: int = setting(
        5, "negative samples for each true pair (see negative_sharing)", group="noise", least=1, most=10_000
    )
    negative_sharing: Literal["window", "pair", "batch"] = setting(
        "window", "who shares them: the pairs of a window, none, or all pairs of a batch", group="noise"
    )
    negatives_avoid: Literal["target", "targets"] = setting(
        "target",
        "what is drawn again: a negative equal to its pair's target, or to any target of the window",
        group="noise",
    )
    noise_power: float = setting(
        0.75, "negatives are drawn in proportion to count ** noise_power", group="noise", least=0, most=10
    )
    noise_table: int | None = setting(
        None,
        "draw from a table with this many slots, in which each word has one or more (default: exact)",
        group="noise",
        least=1,
    )

    epochs: int = setting(5, "passes over the corpus", group="steps", least=1)
    batch_size: int | None = setting(
        None,
        "what one step learns from (torch engine), in batch_unit (default: 512 centers; with sgd and sum, 128 or "
        "fewer, so that no word is moved too often in one step)",
        group="steps",
        least=1,
    )
    batch_unit: Literal["centers", "texts"] = setting(
        "centers", "batch_size counts center words, each with its window, or whole texts", group="steps"
    )
    optimizer: str = setting(
        "sgd",
        "how gradients become steps: sgd, sparse_adam, adagrad, adam, or any other class of torch.optim",
        group="steps",
    )
    reduction: Literal["sum", "mean", "example_mean"] = setting(
        "sum",
        "what a step lowers: the sum over a batch's pairs, so that a pair's step does not depend on the size of the "
        "batch, as in word2vec.c; their mean; or the sum over centers of the mean of each one's pairs",
        group="steps",
    )
    learning_rate: float | None = setting(
        None,
        "size of the first step (default: sgd 0.025, with cbow 0.05; other optimizers 0.001)",
        group="steps",
        above=0,
    )
    final_learning_rate: float = setting(
        1e-4, "size of the last step, if the schedule is linear", group="steps", least=0
    )
    schedule: Literal["linear", "constant"] = setting(
        "linear", "how the learning rate goes from the first step to the last", group="steps"
    )
    keep: Literal["last", "best"] = setting(
        "last",
        "which epoch's vectors to keep: the last one's, or the best one's (see best_by)",
        group="steps",
    )
    best_by: Literal["validation_loss", "analogies", "similarity"] = setting(
        "validation_loss",
        "what tells how good an epoch is: the loss on held-out text, or the mean score in the tests of that kind",
        group="steps",
    )
    patience: int | None = setting(
        None,
        "stop early, after so many epochs in a row that were no better than the best, which is then kept",
        group="steps",
        least=1,
    )

    threads: int | None = setting(
        None, "threads to train on (default: all cores)", group="machine", least=1, most=1024
    )
    deterministic: bool = setting(
        False,
        "same seed, same vectors on any number of threads, for 1.5 times the time on one thread and 2.3 on two (torch: "
        "on one thread of the CPU)",
        group="machine",
    )
    seed: int = setting(
        1,
        "start of every random draw; on one thread, or with deterministic, same seed, same vectors",
        group="machine",
        least=0,
    )
    engine: Literal["auto", "numba", "torch"] = setting(
        "auto",
        "what does the arithmetic: numba, compiled and fast; torch, any model, optimizer and device; auto, numba where "
        "it can",
        group="machine",
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = setting(
        "auto",
        "where the arithmetic is done; auto: with the torch engine, a GPU if there is one",
        group="machine",
    )

    def __post_init__(self) -> None:
        """Refuse what cannot be trained, by name."""
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
        """Whether the best epoch's vectors are kept: that is what patience is for, too."""
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
