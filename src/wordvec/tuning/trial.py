"""Trial: train with some settings on a part of the text, and about how long that takes beside other settings."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.engines.choose import choose_engine
from wordvec.engines.draws import keep_of
from wordvec.engines.step_limits import remedies_of_divergence
from wordvec.errors import EngineError
from wordvec.planning.check import check_memory
from wordvec.training.progress import TrainingProgress
from wordvec.training.trainer import Trainer, schedule_of
from wordvec.tuning.samples import TextPart
from wordvec.vectors.word_vectors import WordVectors
from wordvec.vocabulary.subwords import SubwordRules, SubwordVocabulary

__all__ = ["Stopped", "fitted_epochs", "relative_cost", "train_on"]

# How long parts of training take, in the time of one center with the default settings; fitted to timings of the
# compiled kernels with some twenty settings.
READING = 0.03  # of a word, kept or not
WINDOW = 0.03  # of a center, besides its contexts
PER_CONTEXT = 0.015
PER_TARGET = 0.02
PER_DIMENSION_OF_A_PRODUCT = 1.15e-4  # of a hidden row and a target
PER_DIMENSION_OF_A_CONTEXT = 1.1e-4
PER_DIMENSION_OF_A_TARGET = 4.1e-4
PER_DIMENSION_OF_NGRAMS = 0.021
TREE_DEPTH = 18.0  # nodes above a word that count as targets


class Stopped(Exception):  # noqa: N818  (nothing has gone wrong)
    """A trial was told to stop before its end."""


def train_on(
    config: Config,
    part: TextPart,
    should_stop: Callable[[TrainingProgress], bool],
    tokenizer: str = "a Python function",
) -> WordVectors:
    """Train on a part of the text.

    Args:
        config: the settings.
        part: what to train on.
        should_stop: asked four times a second; True ends the trial.
        tokenizer: of the text, by name, for tests of texts.

    Raises:
        Stopped: it was told to stop.
        ConfigError: the settings contradict each other.
        EngineError: no engine can honor them, or training diverged.
        ResourceError: there is too little memory.
    """
    spec = choose_engine(config)
    vocabulary = part.vocabulary
    fitted = config.for_texts(part.max_text_length)
    check_memory(fitted, spec, len(vocabulary), writes_checkpoints=False, is_asked=True)
    rules = SubwordRules.of(config)
    subwords = SubwordVocabulary(vocabulary.words, rules) if rules else None
    engine = spec.build(fitted, vocabulary.counts, word_rows=subwords.word_rows if subwords else None)
    engine.compile()
    trainer = Trainer(
        engine,
        part.corpus,
        epochs=config.epochs,
        threads=engine.num_workers(config.num_threads),
        schedule=schedule_of(config),
        remedies=remedies_of_divergence(config),
    )
    with closing(trainer.run()) as reports:
        for report in reports:
            if should_stop(report):
                raise Stopped
    positions = engine.position_weights()
    matrix, output_matrix = engine.into_vectors()
    if not all(one is None or np.isfinite(one).all() for one in (matrix, output_matrix, positions)):
        raise EngineError(
            f"training diverged: vectors are no longer finite, at learning_rate {config.first_learning_rate:g}"
        )
    return WordVectors(
        subwords or vocabulary.words,
        matrix,
        counts=vocabulary.counts,
        output_matrix=output_matrix,
        position_weights=positions,
        config={**asdict(config), "tokenizer": tokenizer},
    )


def relative_cost(config: Config, counts: NDArray[np.int64]) -> float:
    """About how long one epoch takes, to be compared with that of other settings on the same text.

    It is meant for trainings window by window; the quotient of two costs is within about a third of that of the times.

    Args:
        config: the settings.
        counts: (V,) of the words of the text.

    >>> counts = np.array([500, 300, 200])
    >>> cost = relative_cost(Config(), counts)
    >>> 1 < relative_cost(Config(dim=300), counts) / cost < 3, relative_cost(Config(window=10), counts) > cost
    (True, True)
    """
    known = np.where(counts >= config.min_count, counts, 0).astype(np.float64)
    kept = float((known * keep_of(config, np.maximum(known, 1).astype(np.int64))).sum())
    contexts = 2.0 * config.window_words if config.window_reach == "fixed" else config.window_words + 1.0
    targets = (1.0 + config.negatives) * config.draws_noise + TREE_DEPTH * config.has_tree
    hidden = contexts if config.architecture == "skipgram" else 1.0
    per_dimension = (
        PER_DIMENSION_OF_A_PRODUCT * hidden * targets
        + PER_DIMENSION_OF_A_CONTEXT * contexts
        + PER_DIMENSION_OF_A_TARGET * targets
        + PER_DIMENSION_OF_NGRAMS * config.has_subwords
    )
    per_center = WINDOW + PER_CONTEXT * contexts + PER_TARGET * targets + config.dim * per_dimension
    return READING * float(known.sum()) + kept * per_center


def fitted_epochs(
    config: Config, cost_of_defaults: float, counts: NDArray[np.int64], max_slowdown: float
) -> int:
    """As many epochs as these settings may have to take no longer than that many times as the defaults; at least one.

    Args:
        config: the settings.
        cost_of_defaults: of all epochs.
        counts: (V,) of the words of the text.
        max_slowdown: above 0.
    """
    return max(1, min(config.epochs, int(max_slowdown * cost_of_defaults / relative_cost(config, counts))))
