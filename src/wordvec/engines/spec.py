"""Engine spec: what an engine says of itself, so that nothing else in wordvec needs to know engines by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.engines.engine import Engine

if TYPE_CHECKING:
    from wordvec.models.word2vec import ObjectiveFactory

__all__ = ["Build", "EngineMemory", "EngineSpec"]

Floats = NDArray[np.float32]


class EngineMemory(NamedTuple):
    """What an engine holds while it trains, in bytes."""

    matrices: int  # with what its optimizer remembers, and gradients that fill whole matrices
    state: int  # what a checkpoint copies of these
    batches: int = 0  # what is looked up at a time, in all threads
    copies_vectors: bool = False  # whether the vectors at the end are a copy of the engine's


class Build(Protocol):
    """Builds an engine."""

    def __call__(
        self,
        config: Config,
        counts: NDArray[np.int64],  # (V,)  how often each word occurs in the text to train on
        start: tuple[Floats, Floats] | None = None,  # (V, D) each  to begin with; by default, new ones
        custom_objective: ObjectiveFactory | None = None,  # in place of the one in the settings
    ) -> Engine:
        """Build the engine for these settings and a vocabulary with these counts."""


def _in_main_memory(_: Config) -> int | None:
    return None


@dataclass(frozen=True, kw_only=True)
class EngineSpec:
    """An engine, described by itself; importing a spec loads none of the engine's packages.

    A run takes the first engine of `engines.choose.ENGINES` that honors all of its settings.
    """

    name: str  # as the setting `engine` names it
    package: str | None = (
        None  # of `packages.PACKAGES`, where the engine needs one that is not always installed
    )
    getting_ready: tuple[str, str]  # what it does before it trains, and with what, for the progress display
    versions: tuple[str, ...]  # distributions whose versions belong in the record of a run

    obstacles: Callable[[Config], list[str]]  # settings, alone or together, that it does not honor
    trains_custom_objectives: bool
    check: Callable[[Config], None]  # raises EngineError or ConfigError for what its packages cannot do
    device: Callable[[Config], str] = lambda _: "cpu"  # where it computes
    device_name: Callable[[str], str] = lambda device: device  # the same, for people

    memory: Callable[[Config, int], EngineMemory]  # with a vocabulary of that many words
    free_device_memory: Callable[[Config], int | None] = _in_main_memory  # None: it computes in main memory
    library_bytes: int  # of memory, for the packages it loads
    library_bytes_while_reading: int = 0  # of these, what is loaded before the text is read
    max_timed_numbers: int | None = (
        None  # in a matrix of a dry run; larger ones are no slower; None: as in the run
    )

    build: Build
