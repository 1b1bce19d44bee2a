"""Choose: which engine a run gets, from what the engines say of themselves."""

from __future__ import annotations

import dataclasses
import importlib.util
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.engines.draws import keep_of, noise_of
from wordvec.engines.engine import EngineSpec
from wordvec.engines.numba.spec import NUMBA
from wordvec.engines.step_limits import risk_of_divergence
from wordvec.engines.torch.spec import TORCH
from wordvec.errors import ConfigError, EngineError, MissingPackageError
from wordvec.packages import PACKAGES

__all__ = ["ENGINES", "choose_engine", "divergence_risk"]

ENGINES = (NUMBA, TORCH)  # the first one that honors all settings of a run trains it

DEFAULT_OF = dataclasses.asdict(Config())
CBOW_SETTINGS = ("pooling", "cbow_gradient", "position_weights")
RANK_SETTINGS = ("sync_every", "combine", "sync_rows", "sync_overlap")
NOISE_SETTINGS = ("negatives", "negative_sharing", "negatives_avoid", "noise_power", "noise_table")


def choose_engine(
    config: Config,
    *,
    has_custom_objective: bool = False,
    has_ranks: bool = False,
    engines: Sequence[EngineSpec] = ENGINES,
) -> EngineSpec:
    """The engine that a run gets: the one that is asked for, or the first one that honors all settings.

    Args:
        config: the settings.
        has_custom_objective: whether the run has an objective of its own.
        has_ranks: whether several ranks train, or are simulated.
        engines: to choose from.

    Raises:
        ConfigError: a setting has no meaning beside another one, or there is no optimizer of that name.
        EngineError: the engine asked for cannot honor a setting, or the device is not there.
        MissingPackageError: the engine needs a package that is not installed.
    """
    _check_meaning(config, has_custom_objective=has_custom_objective, has_ranks=has_ranks)
    obstacles = {
        spec.name: [
            *spec.obstacles(config),
            *(spec.obstacles_to_ranks(config) if has_ranks else []),
            *(["a custom objective"] if has_custom_objective and not spec.trains_custom_objectives else []),
        ]
        for spec in engines
    }
    able = [spec for spec in engines if not obstacles[spec.name]]
    asked = [spec for spec in able if config.engine in ("auto", spec.name)]
    if not asked:
        in_the_way = next(found for name, found in obstacles.items() if config.engine in ("auto", name))
        others = " or ".join(f"the {spec.name} engine" for spec in able)
        remedy = (
            f"{others} can: engine={able[0].name!r} (--engine {able[0].name})" if able else "leave one out"
        )
        raise EngineError(
            f"the {config.engine} engine cannot train with {' and '.join(in_the_way)}; {remedy}"
        )
    spec = asked[0]
    if spec.package is not None and importlib.util.find_spec(spec.package) is None:
        in_the_way = next((found for found in obstacles.values() if found), [])
        reason = f"training with {' and '.join(in_the_way)}" if in_the_way else f"engine={spec.name!r}"
        package = PACKAGES[spec.package]
        raise MissingPackageError(f"{reason} needs {package.name}: pip install 'wordvec[{package.extra}]'")
    spec.check(config)
    return spec


def _check_meaning(config: Config, *, has_custom_objective: bool, has_ranks: bool) -> None:
    """Check that no setting is given that another one makes void, as no engine would look at it.

    Raises:
        ConfigError: a setting is given that another one makes void.
    """
    is_constant = config.schedule == "constant"
    voids = [
        (has_custom_objective, "a custom objective", ("objective",)),
        (not config.draws_noise, f"objective={config.objective!r}", NOISE_SETTINGS),
        (config.architecture == "skipgram", "architecture='skipgram'", CBOW_SETTINGS),
        (config.pooling == "sum", "pooling='sum'", ("cbow_gradient",)),
        (config.architecture == "cbow", "architecture='cbow'", ("skipgram_input",)),
        (not config.has_subwords, "max_n=0", ("min_n", "buckets")),
        (not has_ranks, "one rank (give simulate_ranks, or start with torchrun)", RANK_SETTINGS),
        (is_constant, "schedule='constant'", ("final_learning_rate",)),
        (config.subsample_quantile is not None, "subsample_quantile", ("subsample",)),
        (config.start_vocabulary == "old", "start_vocabulary='old'", ("min_count", "max_vocab")),
        (config.window == "text", "window='text'", ("window_reach", "window_edges", "position_weights")),
    ]
    for is_so, reason, names in voids:
        for name in names:
            value = getattr(config, name)
            if is_so and value != DEFAULT_OF[name]:
                raise ConfigError(f"{name} has no meaning with {reason}, got {value!r}; leave it out")


def divergence_risk(config: Config, counts: NDArray[np.int64]) -> str | None:
    """Why training may diverge with these settings and a vocabulary with these counts (V,); None where it will not."""
    return risk_of_divergence(config, keep_of(config, counts), counts, noise_of(config, counts))
