"""The torch engine's spec: every model of the family, on any device that PyTorch finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.engines.draws import draws_of, noise_of
from wordvec.engines.engine import Engine, EngineMemory, EngineSpec
from wordvec.engines.step_limits import MAX_BATCH, MAX_SUMMED_BATCH, step_limits
from wordvec.engines.stretches import max_shuffled_windows
from wordvec.errors import EngineError
from wordvec.sampling.initialization import initial_matrices
from wordvec.sampling.seeds import Purpose, generator
from wordvec.vocabulary.subwords import SubwordRules, WordRows

if TYPE_CHECKING:
    import torch

    from wordvec.models.word2vec import ObjectiveFactory

__all__ = ["TORCH", "device_of"]

Floats = NDArray[np.float32]

MEGABYTE = 10**6
FLOAT_BYTES = 4
WORDS_PER_TEXT = 20  # where a batch counts texts: a sentence
BYTES_PER_SHUFFLED_CONTEXT = 100  # while windows are laid and taken in their order
TIMES_HELD = 3  # what a batch looks up: as read, as computed with, as gradient


def _check(config: Config) -> None:
    """Check what PyTorch and this machine allow, before any text is read.

    Raises:
        ConfigError: there is no optimizer of that name.
        EngineError: the device is not there, or settings do not go together.
    """
    import torch

    from wordvec.engines.torch.optimizers import optimizer_class

    if config.deterministic and config.device not in ("auto", "cpu"):
        raise EngineError(
            f"deterministic cannot be promised with device={config.device!r}, where PyTorch adds up in no fixed order; "
            "use device='cpu' (--device cpu)"
        )
    device_of(config)
    optimizer = optimizer_class(config.optimizer)
    if config.objective != "softmax":
        return
    if optimizer is torch.optim.SparseAdam:
        raise EngineError(
            "optimizer='sparse_adam' moves only the rows that a batch touched, and objective='softmax' touches all of "
            "them; use optimizer='adam'"
        )
    if config.max_norm is not None:
        raise EngineError(
            "max_norm limits vectors when they are looked up, and objective='softmax' looks up none"
        )


def device_of(config: Config) -> torch.device:
    """Where the torch engine computes.

    Raises:
        EngineError: the device asked for is not there.
    """
    import torch

    has = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if config.device == "auto" and config.deterministic:
        return torch.device("cpu")
    if config.device == "auto":
        return torch.device(next(name for name, is_there in has.items() if is_there))
    if not has[config.device]:
        there = " and ".join(name for name, is_there in has.items() if is_there)
        raise EngineError(f"device={config.device!r} is not there: PyTorch finds {there} on this machine")
    return torch.device(config.device)


def _device_name(device: str) -> str:
    """The name of a GPU beside what PyTorch calls it."""
    if not device.startswith("cuda"):
        return device
    import torch

    return f"{device} ({torch.cuda.get_device_name(device)})"


def _free_device_memory(config: Config) -> int | None:
    device = device_of(config)
    if device.type != "cuda":
        return None
    import torch

    free, _ = torch.cuda.mem_get_info(device)
    return int(free)


def _memory(config: Config, num_words: int) -> EngineMemory:
    rules = SubwordRules.of(config)
    num_rows = num_words + (rules.expected_rows(num_words) if rules else num_words)
    matrix = FLOAT_BYTES * num_rows * config.dim / 2  # of two
    remembered, gradients = _matrices_of_optimizer(config)
    state = round(2 * matrix * (1 + remembered))
    return EngineMemory(
        matrices=state + round(2 * matrix * gradients),
        state=state,
        batches=_batch_bytes(config, num_words),
        copies_vectors=True,
    )


def _matrices_of_optimizer(config: Config) -> tuple[float, float]:
    """What the optimizer remembers, and the gradients that are there at once, as shares of the model."""
    from wordvec.engines.torch.optimizers import numbers_remembered, optimizer_class, takes_sparse_gradients

    optimizer = optimizer_class(config.optimizer)
    if not takes_sparse_gradients(optimizer):
        return numbers_remembered(optimizer), 1.0
    return numbers_remembered(optimizer), 0.5 if config.objective == "softmax" else 0.0


def _batch_bytes(config: Config, num_words: int) -> int:
    """What a step looks up, for the largest windows, in as many threads as take steps."""
    adds_up = config.optimizer.lower() == "sgd" and config.reduction == "sum"
    centers = config.batch_size or (MAX_SUMMED_BATCH if adds_up else MAX_BATCH)
    if config.batch_unit == "texts":
        centers *= WORDS_PER_TEXT
    contexts = 2 * config.window_words
    targets = {"window": 1 + config.negatives, "pair": contexts * (1 + config.negatives), "batch": 1}
    if config.objective == "softmax":
        is_one = config.architecture == "cbow" or config.skipgram_input == "center"
        floats = centers * (1 if is_one else contexts) * num_words
    else:
        noise = targets[config.negative_sharing] if config.draws_noise else 0
        nodes = 2 * num_words.bit_length() if config.has_tree else 0
        floats = centers * (contexts + noise + nodes) * config.dim
    workers = config.num_threads if config.optimizer.lower() == "sgd" else 1
    looked_up = TIMES_HELD * FLOAT_BYTES * floats * workers
    if not config.shuffle:
        return looked_up
    return looked_up + round(max_shuffled_windows(config) * contexts * BYTES_PER_SHUFFLED_CONTEXT)


def _build(
    config: Config,
    counts: NDArray[np.int64],
    start: tuple[Floats, Floats] | None = None,
    custom_objective: ObjectiveFactory | None = None,
    word_rows: WordRows | None = None,
) -> Engine:
    from wordvec.engines.torch.engine import Steps, TorchEngine
    from wordvec.engines.torch.optimizers import optimizer_class, takes_sparse_gradients
    from wordvec.models.word2vec import build_model

    draws = draws_of(config, counts)
    optimizer = optimizer_class(config.optimizer)
    limits = step_limits(
        config,
        draws.keep,
        counts,
        noise_of(config, counts),
        has_custom_objective=custom_objective is not None,
    )
    if start is None:
        num_rows = word_rows.num_rows if word_rows else len(counts)
        chance = generator(config.seed, Purpose.INITIAL_VECTORS)
        inputs, outputs = initial_matrices(num_rows, config.dim, config.initialization, chance)
        start = inputs, outputs[: len(counts)]
    built = build_model(
        counts,
        start,
        architecture=config.architecture,
        objective=custom_objective or config.objective,
        skipgram_input=config.skipgram_input,
        pooling=config.pooling,
        cbow_gradient=config.cbow_gradient,
        num_positions=2 * config.window_words * config.position_weights,
        max_norm=config.max_norm,
        is_sparse=takes_sparse_gradients(optimizer),
        contexts_at_full_step=limits.contexts_at_full_step,
        word_rows=None if word_rows is None else (word_rows.starts, word_rows.rows),
    )
    steps = Steps(
        is_by_hand=custom_objective is None and word_rows is None and _can_step_by_hand(config),
        optimizer=optimizer,
        reduction=config.reduction,
        batch_size=config.batch_size or limits.batch_size,
        batch_unit=config.batch_unit,
        contexts_per_part=limits.contexts_per_part,
        predicts_contexts=config.architecture == "skipgram" and config.skipgram_input == "center",
        predicts_together=config.architecture == "cbow",
        shuffles=draws.shuffles,
    )
    threads = 1 if config.deterministic else config.num_threads
    return TorchEngine(built, draws, steps, device=device_of(config), threads=threads)


def _can_step_by_hand(config: Config) -> bool:
    """Whether `models.by_hand` does just what the settings ask for."""
    asked = (
        config.architecture,
        config.objective,
        config.skipgram_input,
        config.negative_sharing,
        config.reduction,
        config.max_norm,
    )
    return (
        asked == ("skipgram", "negative", "context", "window", "sum", None)
        and config.optimizer.lower() == "sgd"
    )


TORCH = EngineSpec(
    name="torch",
    package="torch",
    getting_ready=("loading", "PyTorch (a few seconds)"),
    versions=("torch",),
    obstacles=lambda _: [],
    obstacles_to_ranks=lambda _: ["several ranks"],
    trains_custom_objectives=True,
    check=_check,
    device=lambda config: str(device_of(config)),
    device_name=_device_name,
    memory=_memory,
    free_device_memory=_free_device_memory,
    library_bytes=430 * MEGABYTE,
    library_bytes_while_reading=195 * MEGABYTE,
    build=_build,
)
