"""Engines: which one a run gets, what it can and cannot do, and how it is built from the settings."""

from __future__ import annotations

import dataclasses
import importlib.util
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from wordvec.config import Config
from wordvec.engines.engine import Engine
from wordvec.engines.step_limits import risk_of_divergence, step_limits
from wordvec.errors import ConfigError, EngineError, MissingPackageError
from wordvec.sampling.initialization import initial_matrices
from wordvec.sampling.noise import alias_table, noise_distribution
from wordvec.sampling.seeds import Purpose, generator
from wordvec.sampling.subsampling import keep_probabilities, share_at_quantile

if TYPE_CHECKING:
    import torch

    from wordvec.models.word2vec import ObjectiveFactory

__all__ = [
    "EngineName",
    "build_engine",
    "choose_engine",
    "device_of",
    "divergence_risk",
]

EngineName = Literal["numba", "torch"]
Floats = NDArray[np.float32]

DEFAULT_OF = dataclasses.asdict(Config())
NOISE_SETTINGS = ("negatives", "negative_sharing", "negatives_avoid", "noise_power", "noise_table")

SMALLEST_STEP = 1e-9  # smaller ones ask for no shorter blocks, and 1 / theirs may be no integer of a machine

# What the compiled kernels can do: the settings whose other values they refuse, and the values that they know.
NUMBA_KNOWS: dict[str, tuple[Any, ...]] = {
    "architecture": ("skipgram",),
    "objective": ("negative",),
    "skipgram_input": ("context",),
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


def choose_engine(config: Config, *, has_custom_objective: bool = False) -> EngineName:
    """The engine that a run gets: numba where it can do what is asked, else torch.

    Raises:
        ConfigError: a setting has no meaning beside another one, or there is no optimizer of that name.
        EngineError: the engine asked for cannot honour a setting, or the device is not there.
        MissingPackageError: the torch engine is needed, and torch is not installed.
    """
    _refuse_what_has_no_meaning(config, has_custom_objective=has_custom_objective)
    obstacles = [
        f"{name}={getattr(config, name)!r}"
        for name, known in NUMBA_KNOWS.items()
        if getattr(config, name) not in known
    ]
    if has_custom_objective:
        obstacles.append("an objective of your own")
    if config.engine == "numba" and obstacles:
        raise EngineError(
            f"the numba engine cannot train with {' and '.join(obstacles)}; the torch engine can: engine='torch' "
            "(--engine torch)"
        )
    if config.engine == "numba" or (config.engine == "auto" and not obstacles):
        return "numba"
    if importlib.util.find_spec("torch") is None:
        reason = f"training with {' and '.join(obstacles)}" if obstacles else "engine='torch'"
        raise MissingPackageError(f"{reason} needs PyTorch: pip install 'wordvec[torch]'")
    _refuse_what_torch_cannot_do(config)
    return "torch"


def _refuse_what_has_no_meaning(config: Config, *, has_custom_objective: bool) -> None:
    """Refuse settings that another one makes void, as no engine would look at them.

    Raises:
        ConfigError: there is one.
    """
    is_constant = config.schedule == "constant"
    voids = [
        (has_custom_objective, "an objective of your own", ("objective",)),
        (config.objective != "negative", f"objective={config.objective!r}", NOISE_SETTINGS),
        (config.architecture == "skipgram", "architecture='skipgram'", ("pooling",)),
        (config.architecture == "cbow", "architecture='cbow'", ("skipgram_input",)),
        (is_constant, "schedule='constant'", ("final_learning_rate",)),
        (config.subsample_quantile is not None, "subsample_quantile", ("subsample",)),
    ]
    for is_so, reason, names in voids:
        for name in names:
            value = getattr(config, name)
            if is_so and value != DEFAULT_OF[name]:
                raise ConfigError(f"{name} has no meaning with {reason}, got {value!r}; leave it out")


def _refuse_what_torch_cannot_do(config: Config) -> None:
    """Refuse what the torch engine would stumble over, before any text is read.

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


def build_engine(
    name: EngineName,
    config: Config,
    counts: NDArray[np.int64],  # (V,)
    *,
    start: tuple[Floats, Floats] | None = None,  # (V, D) each
    custom_objective: ObjectiveFactory | None = None,
) -> Engine:
    """Build the engine that `choose_engine` chose, for a vocabulary with these counts.

    Args:
        name: of the engine.
        config: the settings.
        counts: how often each word occurs in the text to train on.
        start: input and output vectors to start from; by default, new ones.
        custom_objective: makes the objective from the counts, in place of the setting.
    """
    keep = _kept(config, counts)
    build = _numba_engine if name == "numba" else _torch_engine
    return build(config, counts, keep, start, custom_objective)


def divergence_risk(config: Config, counts: NDArray[np.int64]) -> str | None:
    """Why training may diverge with these settings and a vocabulary with these counts; None where it will not."""
    noise = None
    if config.objective == "negative":
        noise = noise_distribution(counts, config.noise_power, config.noise_table)
    return risk_of_divergence(config, _kept(config, counts), counts, noise)


def _kept(config: Config, counts: NDArray[np.int64]) -> NDArray[np.float32]:
    """Probability of keeping each occurrence of each word, (V,)."""
    threshold = config.subsample
    if config.subsample_quantile is not None:
        threshold = share_at_quantile(counts, config.subsample_quantile)
    return keep_probabilities(counts, threshold, config.subsample_formula)


def _numba_engine(
    config: Config,
    counts: NDArray[np.int64],
    keep: NDArray[np.float32],
    start: tuple[Floats, Floats] | None,
    _: ObjectiveFactory | None,
) -> Engine:
    from wordvec.engines.numba.deterministic import Blocks  # numba is slow to import
    from wordvec.engines.numba.engine import Draws, NumbaEngine

    noise = noise_distribution(counts, config.noise_power, config.noise_table)
    draws = Draws(
        keep=keep,
        noise=alias_table(noise),
        window=config.window,
        is_fixed=config.window_reach == "fixed",
        negatives=config.negatives,
        seed=config.seed,
    )
    blocks = None
    if config.deterministic:
        # In one block, the steps of a row add up to no more than one step of size 1.
        largest_step = min(max(config.first_learning_rate, SMALLEST_STEP), 1.0)
        blocks = Blocks(most_moves=round(1 / largest_step), threads=config.num_threads)
    limits = step_limits(config, keep, counts, noise)
    # In deterministic mode threads meet after each part, so short ones cost much.
    contexts = limits.contexts_per_part if config.deterministic else limits.contexts_per_short_part
    return NumbaEngine(
        draws,
        dim=config.dim,
        contexts_per_part=contexts or 2 * config.window,
        start=start,
        blocks=blocks,
    )


def _torch_engine(
    config: Config,
    counts: NDArray[np.int64],
    keep: NDArray[np.float32],
    start: tuple[Floats, Floats] | None,
    custom_objective: ObjectiveFactory | None,
) -> Engine:
    import torch

    from wordvec.engines.torch.engine import Draws, Steps, TorchEngine
    from wordvec.engines.torch.optimizers import optimizer_class, takes_sparse_gradients
    from wordvec.kernels.torch.negatives import NoiseRules
    from wordvec.kernels.torch.windows import WindowRules
    from wordvec.models.word2vec import build_model

    noise, noise_shares = None, None
    if config.objective == "negative":
        noise_shares = noise_distribution(counts, config.noise_power, config.noise_table)
        table = alias_table(noise_shares)
        noise = NoiseRules(
            alias_keep=torch.tensor(table.keep),
            alias=torch.tensor(table.alias, dtype=torch.int64),
            num_negatives=config.negatives,
            sharing=config.negative_sharing,
            avoids_all_targets=config.negatives_avoid == "targets",
        )
    optimizer = optimizer_class(config.optimizer)
    limits = step_limits(
        config, keep, counts, noise_shares, has_custom_objective=custom_objective is not None
    )
    built = build_model(
        counts,
        start
        or initial_matrices(
            len(counts), config.dim, config.initialization, generator(config.seed, Purpose.INITIAL_VECTORS)
        ),
        architecture=config.architecture,
        objective=custom_objective or config.objective,
        skipgram_input=config.skipgram_input,
        pooling=config.pooling,
        max_norm=config.max_norm,
        is_sparse=takes_sparse_gradients(optimizer),
        contexts_at_full_step=limits.contexts_at_full_step,
    )
    draws = Draws(
        windows=WindowRules(
            keep=torch.tensor(keep),
            window=config.window,
            is_fixed=config.window_reach == "fixed",
            is_full=config.window_edges == "skip",
            thins_text=config.subsample_scope == "text",
        ),
        noise=noise,
        predicts_contexts=config.architecture == "skipgram" and config.skipgram_input == "center",
        predicts_together=config.architecture == "cbow",
        seed=config.seed,
    )
    batch_size = config.batch_size or limits.batch_size
    is_by_hand = noise is not None and custom_objective is None and _can_step_by_hand(config)
    steps = Steps(
        is_by_hand, optimizer, config.reduction, batch_size, config.batch_unit, limits.contexts_per_part
    )
    threads = 1 if config.deterministic else config.num_threads
    return TorchEngine(built, draws, steps, device=device_of(config), threads=threads)


def _can_step_by_hand(config: Config) -> bool:
    """Whether `models.by_hand` does just what the settings ask for."""
    asked = (
        config.architecture,
        config.skipgram_input,
        config.negative_sharing,
        config.reduction,
        config.max_norm,
    )
    return asked == ("skipgram", "context", "window", "sum", None) and config.optimizer.lower() == "sgd"
