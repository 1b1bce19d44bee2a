"""The numba engine's spec: the whole family on the CPU window by window, and skip-gram in batches, too."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.engines.draws import Draws, draws_of, noise_of
from wordvec.engines.engine import Engine, EngineMemory, EngineSpec
from wordvec.engines.step_limits import MAX_BATCH, StepLimits, step_limits
from wordvec.engines.stretches import max_shuffled_windows
from wordvec.kernels.simd import FLOATS_PER_CACHE_LINE
from wordvec.sampling.initialization import initial_matrices
from wordvec.sampling.seeds import Purpose, generator
from wordvec.vocabulary.subwords import SubwordRules, WordRows

if TYPE_CHECKING:
    from wordvec.models.word2vec import ObjectiveFactory

__all__ = ["HONORED", "NUMBA", "WINDOW_BY_WINDOW"]

Floats = NDArray[np.float32]

MEGABYTE = 10**6
FLOAT_BYTES = 4
SMALLEST_STEP = 1e-9  # smaller ones ask for no shorter blocks, and 1 / theirs may be no integer of a machine

DEFAULT_OF = dataclasses.asdict(Config())
REMEMBERED = {"sgd": 0, "adagrad": 1, "sparseadam": 2, "adam": 2}  # numbers, for each that an optimizer moves

STEP_BYTES = 8
BYTES_PER_COUNTED_WORD = 8  # in each section of a batch: a count, and where its next entry goes
BYTES_PER_LISTED_ROW = 16
BYTES_PER_PAIR = 12  # a word, a weight and a gradient
BYTES_PER_LISTED_PAIR = 16
BYTES_PER_SHUFFLED_WINDOW, BYTES_PER_SHUFFLED_CONTEXT = 72, 16
ROOM = 1.25  # so that memory is not taken anew for each step that is a little larger
WORDS_PER_TEXT = 20  # where a batch counts texts: a sentence
# Of modules that are slow to import: `row_lists`, and the softmax engine
MAX_SECTIONS = 8
MAX_SCORES, WORDS_PER_SLICE = 2**24, 512

# The settings of which the compiled kernels honor only some values, and these values.
HONORED: dict[str, tuple[Any, ...]] = {
    "device": ("auto", "cpu"),
}

# Batches are of skip-gram alone, and score words.
HONORED_IN_BATCHES: dict[str, tuple[Any, ...]] = {
    "architecture": ("skipgram",),
    "objective": ("negative", "softmax"),
    "max_n": (0,),
}

# Settings with which each window is a step by itself; with all others, steps are those of batches.
WINDOW_BY_WINDOW: dict[str, Any] = {
    "skipgram_input": "context",
    "max_norm": None,
    "unknown": "drop",
    "window_edges": "short",
    "subsample_scope": "text",
    "negative_sharing": "window",
    "batch_size": None,
    "batch_unit": "centers",
    "shuffle": False,
    "optimizer": "sgd",
    "reduction": "sum",
}


def _obstacles(config: Config) -> list[str]:
    obstacles = [
        f"{name}={getattr(config, name)!r}"
        for name, honored in HONORED.items()
        if getattr(config, name) not in honored
    ]
    if _name_of(config.optimizer) not in REMEMBERED:
        obstacles.append(f"optimizer={config.optimizer!r}")
    in_batches = _reasons_for_batches(config)
    if in_batches:
        obstacles += [
            f"{name}={getattr(config, name)!r} with {in_batches[0]}"
            for name, honored in HONORED_IN_BATCHES.items()
            if getattr(config, name) not in honored
        ]
    if config.objective == "softmax":
        # Sparse steps and short vectors are of rows that are looked up; sums of steps go past the goal unless shared.
        adds_up = _name_of(config.optimizer) == "sgd" and config.reduction == "sum"
        in_the_way = [
            (_name_of(config.optimizer) == "sparseadam", f"optimizer={config.optimizer!r}"),
            (adds_up, f"optimizer={config.optimizer!r} and reduction='sum'"),
            (config.max_norm is not None, f"max_norm={config.max_norm:g}" if config.max_norm else ""),
        ]
        obstacles += [f"objective='softmax' with {what}" for is_there, what in in_the_way if is_there]
    return obstacles


def _obstacles_to_ranks(config: Config) -> list[str]:
    """Batches belong to one corpus, and what other optimizers remember of a row cannot be combined."""
    return [f"{reason} on several ranks" for reason in _reasons_for_batches(config)]


def _name_of(optimizer: str) -> str:
    """The name of an optimizer, in which case and underscores do not matter."""
    return optimizer.replace("_", "").lower()


def _reasons_for_batches(config: Config) -> list[str]:
    """The settings with which a step learns from more, or less, than a window."""
    settings = {**dataclasses.asdict(config), "optimizer": _name_of(config.optimizer)}
    reasons = [
        f"{name}={getattr(config, name)!r}"
        for name, value in WINDOW_BY_WINDOW.items()
        if settings[name] != value
    ]
    return reasons + (["objective='softmax'"] if config.objective == "softmax" else [])


def _trains_in_batches(config: Config) -> bool:
    return bool(_reasons_for_batches(config))


def _memory(config: Config, num_words: int) -> EngineMemory:
    row_length = -(-config.dim // FLOATS_PER_CACHE_LINE) * FLOATS_PER_CACHE_LINE
    name, is_softmax = _name_of(config.optimizer), config.objective == "softmax"
    outputs = 1 if is_softmax else config.draws_noise + config.has_tree  # matrices of about V rows
    rules = SubwordRules.of(config)
    inputs = rules.expected_rows(num_words) / num_words if rules else 1
    moved, in_state = row_length * (inputs + outputs) / 2, config.dim * (inputs + outputs) / 2
    if is_softmax:  # output vectors have a bias, and stand in blocks
        moved, in_state = (row_length + config.dim + 1) / 2, config.dim + 0.5
    remembers = 1 + REMEMBERED[name]
    last_steps = 2 * STEP_BYTES * num_words * (name == "adam")
    batches = 0
    if _trains_in_batches(config):
        batches = (
            _softmax_bytes(config, num_words) if is_softmax else _batch_bytes(config, num_words, row_length)
        )
    return EngineMemory(
        matrices=round(2 * FLOAT_BYTES * num_words * moved * remembers) + last_steps,
        state=round(2 * FLOAT_BYTES * num_words * in_state * remembers) + last_steps,
        batches=batches,
        copies_vectors=is_softmax,
        state_has_vectors=name != "adam" and not is_softmax,
    )


def _size_of_batch(config: Config) -> tuple[int, int]:
    """Centers of a batch, and contexts of a window of average size."""
    centers = config.batch_size or MAX_BATCH
    if config.batch_unit == "texts":
        centers *= WORDS_PER_TEXT
    return centers, 2 * config.window_words if config.window_reach == "fixed" else config.window_words + 1


def _batch_bytes(config: Config, num_words: int, row_length: int) -> int:
    centers, contexts = _size_of_batch(config)
    each = 1 + config.negatives
    if config.skipgram_input == "context":
        examples, pairs = centers * contexts, centers * contexts * each
    else:
        is_shared = config.negative_sharing != "pair"
        examples, pairs = centers, centers * (contexts + config.negatives if is_shared else contexts * each)
    sections = min(config.num_threads, MAX_SECTIONS)
    lists = BYTES_PER_LISTED_PAIR * (pairs + examples) + 2 * BYTES_PER_COUNTED_WORD * sections * num_words
    lists += BYTES_PER_LISTED_ROW * (min(num_words, pairs) + min(num_words, examples))
    gradients = round(ROOM * (FLOAT_BYTES * examples * row_length + BYTES_PER_PAIR * pairs))
    return gradients + lists + _shuffled_bytes(config)


def _softmax_bytes(config: Config, num_words: int) -> int:
    centers, contexts = _size_of_batch(config)
    rows = min(num_words, centers if config.skipgram_input == "center" else centers * contexts)
    at_once = min(rows, max(1, MAX_SCORES // num_words))
    numbers = at_once * num_words + (1 + num_words // WORDS_PER_SLICE) * rows * config.dim
    if at_once < rows:
        numbers += num_words * config.dim
    return round(ROOM * FLOAT_BYTES * numbers) + _shuffled_bytes(config)


def _shuffled_bytes(config: Config) -> int:
    """Windows that are shuffled, as they were listed and in their order."""
    if not config.shuffle:
        return 0
    bytes_per_window = BYTES_PER_SHUFFLED_WINDOW + BYTES_PER_SHUFFLED_CONTEXT * _size_of_batch(config)[1]
    return round(max_shuffled_windows(config) * bytes_per_window)


def _build(
    config: Config,
    counts: NDArray[np.int64],
    start: tuple[Floats, Floats] | None = None,
    custom_objective: ObjectiveFactory | None = None,  # noqa: ARG001  (an obstacle)
    word_rows: WordRows | None = None,
) -> Engine:
    from wordvec.engines.numba.deterministic import Blocks  # numba is slow to import
    from wordvec.engines.numba.engine import NumbaEngine
    from wordvec.engines.numba.window_model import Family

    draws = draws_of(config, counts)
    limits = step_limits(config, draws.keep, counts, noise_of(config, counts))
    if start is None and (config.initialization != "word2vec" or _trains_in_batches(config)):
        random_numbers = generator(config.seed, Purpose.INITIAL_VECTORS)
        num_rows = word_rows.num_rows if word_rows else len(counts)
        inputs, outputs = initial_matrices(num_rows, config.dim, config.initialization, random_numbers)
        start = inputs, outputs[: len(counts)]
    if _trains_in_batches(config):
        assert start is not None  # noqa: S101
        return _build_batches(config, draws, limits, start)
    blocks, max_workers, contexts = None, None, limits.contexts_per_short_part
    if config.deterministic and (config.has_tree or word_rows is not None):
        # Each window moves the root of the tree, and words share n-grams: none can be scored beside another.
        max_workers = 1
    elif config.deterministic:
        # In one block, the steps of a row add up to no more than one step of size 1.
        largest_step = min(max(config.first_learning_rate, SMALLEST_STEP), 1.0)
        blocks = Blocks(max_moves=round(1 / largest_step), threads=config.num_threads)
        contexts = limits.contexts_per_part  # threads meet after each part, so short ones cost much
    family = Family(
        config.architecture,
        config.objective,
        config.pooling,
        config.cbow_gradient,
        config.position_weights,
        limits.contexts_at_full_step,
    )
    return NumbaEngine(
        draws,
        family,
        counts,
        dim=config.dim,
        contexts_per_part=contexts or 2 * config.window_words,
        start=start,
        blocks=blocks,
        max_workers=max_workers,
        word_rows=word_rows,
        threads=1 if config.deterministic else config.num_threads,
    )


def _build_batches(config: Config, draws: Draws, limits: StepLimits, start: tuple[Floats, Floats]) -> Engine:
    from wordvec.engines.numba.batches import BatchSettings, NegativeSamplingEngine
    from wordvec.engines.numba.softmax_engine import SoftmaxEngine

    settings = BatchSettings(
        optimizer=_name_of(config.optimizer),
        reduction=config.reduction,
        batch_size=config.batch_size or limits.batch_size,
        batch_unit=config.batch_unit,
        looks_up_center=config.skipgram_input == "center",
        contexts_per_part=limits.contexts_per_part,
        contexts_at_full_step=limits.contexts_at_full_step,
        max_norm=config.max_norm,
    )
    kind = SoftmaxEngine if config.objective == "softmax" else NegativeSamplingEngine
    return kind(draws, settings, start=start, threads=config.num_threads)


NUMBA = EngineSpec(
    name="numba",
    getting_ready=("compiling", "the kernels (up to ten seconds or so the first time)"),
    versions=("numba", "llvmlite"),
    obstacles=_obstacles,
    obstacles_to_ranks=_obstacles_to_ranks,
    trains_custom_objectives=False,
    check=lambda _: None,
    memory=_memory,
    library_bytes=280 * MEGABYTE,
    max_timed_numbers=2**27,  # 512 MB: larger matrices miss the caches no more often
    build=_build,
)
