"""Config: all settings of a training run, each with its default, allowed range and help text."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, fields, replace
from numbers import Integral, Real
from typing import Any, Literal, get_type_hints

from wordvec.errors import ConfigError
from wordvec.foreign_names import unknown_settings
from wordvec.settings import expectation, is_allowed, setting
from wordvec.text import short_repr

__all__ = ["MAX_WINDOW", "Config", "usable_cores"]

SKIPGRAM_LEARNING_RATE = 0.025  # word2vec.c
CBOW_LEARNING_RATE = 0.05  # word2vec.c
CBOW_SHARE_LEARNING_RATE = 0.1  # where a context learns its share of the gradient (docs/decisions/0028)
ADAPTIVE_LEARNING_RATE = 1e-3  # Adam's (Kingma and Ba, 2015)
MAX_WINDOW = 10_000


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
    wordvec.errors.ConfigError: window must be an integer of at least 1 and at most 10,000 or 'text', got 0 (context
    words on each side of the center, at most; or text, all other words of the text, for texts without order)
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
    start_vocabulary: Literal["union", "old", "new"] = setting(
        "union",
        "vocabulary where training starts from a model: union, its words and those that the text has min_count times; "
        "old, its words alone; new, those of the text alone, with a warning about the others",
        group="text",
    )
    validation: float = setting(
        0.0,
        "share of the text to hold out of training, for a validation loss after each epoch",
        group="text",
        minimum=0,
        maximum=0.5,
    )

    shuffle_texts: bool | None = setting(
        None,
        "train on the texts in random order, the same one in all epochs; long texts in pieces of 1,000 words, or of 20 "
        "times `window`, if that is more (default: yes; no with several machines, each of which would read all)",
        group="text",
    )

    architecture: Literal["skipgram", "cbow"] = setting(
        "skipgram",
        "what predicts what: skipgram, each context word separately; cbow, all context words of a window together",
        group="model",
    )
    objective: Literal["negative", "hierarchical", "negative+hierarchical", "softmax"] = setting(
        "negative",
        "training objective: negative, negative sampling; hierarchical, hierarchical softmax over a Huffman tree; "
        "negative+hierarchical, the sum of both; softmax, over the whole vocabulary",
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
    cbow_gradient: Literal["exact", "word2vec"] = setting(
        "exact",
        "what each context of a cbow window learns: exact, its share of the mean's gradient; word2vec, all of it, as "
        "in word2vec.c and gensim",
        group="model",
    )
    position_weights: bool = setting(
        False,
        "cbow: multiply each context by a trained vector of its position in the window (Mikolov et al., 2018)",
        group="model",
    )
    dim: int = setting(100, "dimensions of the vectors", group="model", minimum=1, maximum=100_000)
    max_n: int = setting(
        0,
        "characters of the longest n-grams that words are made of, so that unknown words have vectors, too (fastText: "
        "6); 0, words have vectors of their own alone",
        group="model",
        minimum=0,
        maximum=100,
    )
    min_n: int = setting(3, "characters of the shortest n-grams", group="model", minimum=1, maximum=100)
    buckets: int = setting(
        2_000_000,
        "n-grams share this many rows, by a hash; only those that a word falls into take memory",
        group="model",
        minimum=1,
        maximum=2**31 - 1,
    )
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

    window: int | Literal["text"] = setting(
        5,
        "context words on each side of the center, at most; or text, all other words of the text, for texts without "
        "order",
        group="window",
        minimum=1,
        maximum=MAX_WINDOW,
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
        "negatives are drawn in proportion to count ** noise_power; below 0, rare words more often than frequent ones",
        group="noise",
        minimum=-10,
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
        "size of a batch, in batch_unit (default: 512 centers; with sgd and sum, 128 or fewer, so that no word moves "
        "too often in one step; with the default settings the numba engine takes a step for each window)",
        group="steps",
        minimum=1,
    )
    batch_unit: Literal["centers", "texts"] = setting(
        "centers", "what batch_size counts: centers, each with its window; or whole texts", group="steps"
    )
    shuffle: bool = setting(
        False,
        "take the centers of batches in random order, another one in each epoch, out of up to 1,048,576 words at a "
        "time (default: in the order of the text)",
        group="steps",
    )
    optimizer: str = setting(
        "sgd",
        "optimizer: sgd, sparse_adam, adagrad, adam, or, with the torch engine, any other class of torch.optim",
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
        "learning rate of the first step (default: sgd 0.025; cbow 0.1 with the exact gradient of a mean, else 0.05; "
        "other optimizers 0.001)",
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

    sync_every: int | None = setting(
        None,
        "words that each rank trains on before the ranks combine what they have learned; fewer in the first rounds "
        "(default: a 500th of what a rank trains on in the run, from 1,000 to 1,000,000)",
        group="ranks",
        minimum=1,
    )
    combine: Literal["by-curvature", "mean", "sum", "sqrt", "movers", "momentum", "projection", "adasum"] = (
        setting(
            "by-curvature",
            "how the differences of a row on all ranks become one step: by-curvature, their sum along directions in "
            "which the row still has far to go, their mean where it has arrived; mean; sum; sqrt, sum / sqrt(ranks); "
            "movers, mean over the ranks that moved it; momentum, mean with an outer momentum, at a higher learning "
            "rate; projection and adasum, by the angles between them",
            group="ranks",
        )
    )
    sync_rows: Literal["all", "frequent"] = setting(
        "frequent",
        "rows that are combined after a round: frequent, after round n the first 2^b x 1024, where 2^b divides n, and "
        "all at the end of an epoch; all",
        group="ranks",
    )
    sync_overlap: bool = setting(
        False,
        "train on while rows are sent: what comes out of a round is added at the end of the next one",
        group="ranks",
    )

    threads: int | None = setting(
        None, "threads to train on (default: all cores)", group="machine", minimum=1, maximum=1024
    )
    deterministic: bool = setting(
        False,
        "same seed, same vectors on any number of threads; takes 1.5 times as long on one thread, 2.3 times on two "
        "(in batches, the numba engine keeps this promise without the setting; torch: one CPU thread)",
        group="machine",
    )
    seed: int = setting(
        1,
        "seed of all random draws; on one thread, with deterministic, or in batches of the numba engine, same seed, "
        "same vectors",
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
        if self.has_subwords and self.min_n > self.max_n:
            raise ConfigError(
                f"min_n must not exceed max_n ({self.max_n}), got {self.min_n}; n-grams have from min_n to max_n "
                "characters"
            )
        if self.shuffle and self.batch_unit == "texts":
            raise ConfigError(
                "shuffle takes centers of many texts into a batch, and batch_unit='texts' all centers of a few; "
                "use batch_unit='centers', or shuffle_texts=True, which keeps texts whole"
            )
        if self.schedule == "linear" and self.final_learning_rate > self.first_learning_rate:
            raise ConfigError(
                f"final_learning_rate must not exceed learning_rate ({self.first_learning_rate}), "
                f"got {self.final_learning_rate}; the learning rate falls during training, so lower the final one, too"
            )

    def for_texts(self, max_length: int) -> Config:
        """The same settings for texts of at most that many words: where the window is the text, as wide as that.

        Args:
            max_length: words of the longest text.

        Returns:
            Settings with a window that is a number.

        Raises:
            ConfigError: the length is below 1.

        >>> Config(window="text").for_texts(40).window, Config(window=5).for_texts(40).window
        (40, 5)
        """
        if self.window != "text":
            return self
        return replace(self, window=min(max_length, MAX_WINDOW), window_reach="fixed")

    @property
    def window_words(self) -> int:
        """`window` as a number; where it is the text, whose length is not known yet, the smallest one."""
        return 1 if self.window == "text" else self.window

    @property
    def first_learning_rate(self) -> float:
        """`learning_rate`, or the default of the optimizer, the architecture and its gradient where none is given.

        >>> Config(architecture="cbow").first_learning_rate
        0.1
        >>> Config(architecture="cbow", cbow_gradient="word2vec").first_learning_rate
        0.05
        """
        if self.learning_rate is not None:
            return self.learning_rate
        if self.optimizer.lower() != "sgd":
            return ADAPTIVE_LEARNING_RATE
        if self.architecture == "skipgram":
            return SKIPGRAM_LEARNING_RATE
        gives_shares = self.pooling == "mean" and self.cbow_gradient == "exact"
        return CBOW_SHARE_LEARNING_RATE if gives_shares else CBOW_LEARNING_RATE

    @property
    def has_subwords(self) -> bool:
        """Whether words are made of n-grams, too."""
        return self.max_n > 0

    @property
    def draws_noise(self) -> bool:
        """Whether the objective tells words from negative samples."""
        return self.objective in ("negative", "negative+hierarchical")

    @property
    def has_tree(self) -> bool:
        """Whether the objective predicts words as leaves of a Huffman tree."""
        return self.objective in ("hierarchical", "negative+hierarchical")

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
