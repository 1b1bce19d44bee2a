"""The numba engine's spec: skip-gram with negative sampling, on the CPU."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.engines.draws import draws_of, noise_of
from wordvec.engines.engine import Engine, EngineMemory, EngineSpec
from wordvec.engines.step_limits import step_limits
from wordvec.kernels.simd import FLOATS_PER_CACHE_LINE

if TYPE_CHECKING:
    from wordvec.models.word2vec import ObjectiveFactory

__all__ = ["HONORED", "NUMBA"]

Floats = NDArray[np.float32]

MEGABYTE = 10**6
FLOAT_BYTES = 4
SMALLEST_STEP = 1e-9  # smaller ones ask for no shorter blocks, and 1 / theirs may be no integer of a machine

DEFAULT_OF = dataclasses.asdict(Config())

# The settings of which the compiled kernels honor only some values, and these values.
HONORED: dict[str, tuple[Any, ...]] = {
    "architecture": ("skipgram",),
    "objective": ("negative",),
    "skipgram_input": ("context",),
    "pooling": (DEFAULT_OF["pooling"],),  # a context word is the whole hidden row
    "initialization": ("word2vec",),
    "max_norm": (None,),
    "unknown": ("drop",),
    "window_edges": ("short",),
    "subsample_scope": ("text",),
    "negative_sharing": ("window",),
    "batch_size": (DEFAULT_OF["batch_size"],),  # has no meaning where every window is a step
    "batch_unit": ("centers",),
    "optimizer": ("sgd",),
    "reduction": ("sum",),
    "device": ("auto", "cpu"),
}


def _obstacles(config: Config) -> list[str]:
    return [
        f"{name}={getattr(config, name)!r}"
        for name, honored in HONORED.items()
        if getattr(config, name) not in honored
    ]


def _memory(config: Config, num_words: int) -> EngineMemory:
    row_length = -(-config.dim // FLOATS_PER_CACHE_LINE) * FLOATS_PER_CACHE_LINE
    return EngineMemory(
        matrices=2 * FLOAT_BYTES * num_words * row_length, state=2 * FLOAT_BYTES * num_words * config.dim
    )


def _build(
    config: Config,
    counts: NDArray[np.int64],
    start: tuple[Floats, Floats] | None = None,
    custom_objective: ObjectiveFactory | None = None,  # noqa: ARG001  (an obstacle)
) -> Engine:
    from wordvec.engines.numba.deterministic import Blocks  # numba is slow to import
    from wordvec.engines.numba.engine import NumbaEngine

    draws = draws_of(config, counts)
    limits = step_limits(config, draws.keep, counts, noise_of(config, counts))
    blocks, contexts = None, limits.contexts_per_short_part
    if config.deterministic:
        # In one block, the steps of a row add up to no more than one step of size 1.
        largest_step = min(max(config.first_learning_rate, SMALLEST_STEP), 1.0)
        blocks = Blocks(max_moves=round(1 / largest_step), threads=config.num_threads)
        contexts = limits.contexts_per_part  # threads meet after each part, so short ones cost much
    return NumbaEngine(
        draws, dim=config.dim, contexts_per_part=contexts or 2 * config.window, start=start, blocks=blocks
    )


NUMBA = EngineSpec(
    name="numba",
    getting_ready=("compiling", "the kernels (a few seconds the first time)"),
    versions=("numba", "llvmlite"),
    obstacles=_obstacles,
    trains_custom_objectives=False,
    check=lambda _: None,
    memory=_memory,
    library_bytes=280 * MEGABYTE,
    max_timed_numbers=2**27,  # 512 MB: larger matrices miss the caches no more often
    build=_build,
)
