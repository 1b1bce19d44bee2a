"""Search space: which settings a search may change, and within which bounds; a trial's numbers become a Config."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Protocol, get_type_hints

from wordvec.config import Config
from wordvec.errors import ConfigError
from wordvec.foreign_names import unknown_settings
from wordvec.settings import expectation, is_allowed
from wordvec.text import is_number, short_repr

__all__ = ["STARTS", "Chooser", "Parameter", "Range", "SearchSpace", "read_range", "search_space"]

Range = Sequence[Any]  # (lowest, highest) of a number, or choices

SIGNIFICANT_DIGITS = 3
DIM_STEP = 4  # nobody needs 137 dimensions
LEARNING_RATES = (0.2, 6.0)  # times the rate that the settings would have
NOISE = ("negatives", "noise_power")
NUMBER_RANGES: dict[
    str, tuple[float, float, bool]
] = {  # lowest, highest, whether equal factors count as equal steps
    "dim": (48, 300, True),
    "window": (1, 20, True),
    "negatives": (2, 20, True),
    "noise_power": (-1.0, 1.0, False),
    "subsample": (1e-5, 1e-1, True),
    "min_count": (1, 20, True),
    "learning_rate": (0.0, 0.0, True),  # around the rate that the settings would have
    "epochs": (2, 20, True),
}
CHOICES: dict[str, tuple[Any, ...]] = {
    "architecture": ("skipgram", "cbow"),
    "objective": ("negative", "hierarchical"),
    "max_n": (0, 5),  # subwords or none
}
SEARCHED = (*CHOICES, *NUMBER_RANGES)
STARTS: tuple[dict[str, Any], ...] = (
    # sessions: what searches found on those of two shops; noise of rare items, as Chamberlain et al. (2020) found
    {
        "objective": "hierarchical",
        "min_count": 1,
        "dim": 108,
        "window": 12,
        "subsample": 1e-3,
        "epochs": 12,
        "learning_rate": 0.05,
    },
    {
        "min_count": 2,
        "dim": 144,
        "window": 20,
        "subsample": 1e-2,
        "negatives": 20,
        "noise_power": 0.5,
        "epochs": 20,
        "learning_rate": 0.04,
    },
    {"min_count": 2, "window": 10, "subsample": 1e-3, "negatives": 10, "noise_power": -0.5, "epochs": 20},
    # words: what a search found for analogies on Wikipedia
    {"window": 8, "subsample": 1e-4, "noise_power": 0.7, "epochs": 6, "learning_rate": 0.0375},
)
SAME_FOR_ALL = (
    "seed",
    "threads",
    "deterministic",
    "engine",
    "device",
    "keep",
    "best_by",
    "patience",
    "shuffle_texts",
    "validation",
)


class Chooser(Protocol):
    """What draws the values of a trial: Optuna's Trial is one."""

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        """One of the choices."""

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """A whole number in [low, high]."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """A number in [low, high]."""


@dataclass(frozen=True)
class Parameter:
    """One setting that a search may change: a number in [low, high], or one of some choices."""

    name: str
    low: float = 0.0
    high: float = 0.0
    is_log: bool = False  # equal factors count as equal steps
    is_integer: bool = False
    choices: tuple[Any, ...] = ()

    def suggest(self, chooser: Chooser) -> Any:
        """A value, as the chooser draws it."""
        if self.choices:
            return chooser.suggest_categorical(self.name, list(self.choices))
        if self.is_integer:
            return chooser.suggest_int(self.name, int(self.low), int(self.high), log=self.is_log)
        return chooser.suggest_float(self.name, self.low, self.high, log=self.is_log)

    def has(self, value: Any) -> bool:
        """Whether a value lies in the range."""
        if self.choices:
            return value in self.choices
        return isinstance(value, int | float) and self.low <= value <= self.high

    def __str__(self) -> str:
        if self.choices:
            return f"{self.name}={','.join(map(str, self.choices))}"
        return f"{self.name}={self.low:g}..{self.high:g}"


@dataclass(frozen=True)
class SearchSpace:
    """The settings that a search may change, and those of all other trials.

    >>> space = search_space(Config(), {"dim": 50}, {"window": (2, 4)})
    >>> print(*space.parameters, sep="; ")
    architecture=skipgram,cbow; objective=negative,hierarchical; max_n=0,5; window=2..4; negatives=2..20; ...
    >>> space.base.dim
    50
    """

    base: Config  # the settings that are given, and the defaults of the others
    parameters: tuple[Parameter, ...]

    def suggest(self, chooser: Chooser) -> Config:
        """The settings of a trial; what another setting makes void is not drawn.

        Raises:
            ConfigError: the settings contradict each other.
        """
        values: dict[str, Any] = {}
        for parameter in self.parameters:
            if parameter.name in NOISE and not _draws_noise({**asdict(self.base), **values}):
                continue
            values[parameter.name] = _rounded(parameter.name, parameter.suggest(chooser))
        if not _draws_noise({**asdict(self.base), **values}):
            values |= {name: getattr(Config(), name) for name in NOISE}
        return replace(self.base, **values)

    def values_of(self, config: Config) -> dict[str, Any] | None:
        """What `suggest` would have drawn for these settings; None where they lie outside of the space."""
        values: dict[str, Any] = {}
        for parameter in self.parameters:
            if parameter.name in NOISE and not config.draws_noise:
                continue
            value = getattr(config, parameter.name)
            if parameter.name == "learning_rate":
                value = config.first_learning_rate
            if not parameter.has(value):
                return None
            values[parameter.name] = value
        return values

    def starts(self) -> list[dict[str, Any]]:
        """What `suggest` would have drawn for settings that have done well elsewhere, where they lie in the space."""
        searched = {parameter.name for parameter in self.parameters}
        found: list[dict[str, Any]] = []
        for start in STARTS:
            try:
                config = replace(self.base, **{name: start[name] for name in start if name in searched})
            except ConfigError:  # they contradict what is given
                continue
            values = self.values_of(config)
            if values is not None and values not in [*found, self.values_of(self.base)]:
                found.append(values)
        return found

    def with_settings(self, settings: Mapping[str, Any]) -> Config:
        """The settings of all trials with some of them replaced; ConfigError where one is unknown or out of range."""
        problem = unknown_settings(dict(settings), [one.name for one in fields(Config)])
        if problem is not None:
            raise ConfigError(problem)
        return replace(self.base, **settings)

    def changed(self, config: Config) -> dict[str, Any]:
        """Those settings in which a trial differs from `base`."""
        before = asdict(self.base)
        return {name: value for name, value in asdict(config).items() if value != before[name]}

    @property
    def min_count(self) -> int:
        """The smallest one of all trials."""
        ranges = [parameter for parameter in self.parameters if parameter.name == "min_count"]
        if not ranges:
            return self.base.min_count
        return int(min(ranges[0].choices) if ranges[0].choices else ranges[0].low)


def _draws_noise(settings: Mapping[str, Any]) -> bool:
    return "negative" in settings["objective"]


def _rounded(name: str, value: Any) -> Any:
    """A value that people can read; the search loses nothing by it."""
    if name == "dim" and value > DIM_STEP:
        return DIM_STEP * round(value / DIM_STEP)
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if isinstance(value, float) else value


def search_space(
    base: Config,
    fixed: Mapping[str, Any],
    ranges: Mapping[str, Range] | None = None,
    only: Iterable[str] = (),
) -> SearchSpace:
    """The space of a search.

    Args:
        base: the settings to begin with.
        fixed: settings that are given, and stay as they are.
        ranges: bounds or choices of settings, in place of the usual ones; settings that are not searched as a rule join
            them.
        only: search these settings alone.

    Raises:
        ConfigError: a setting is unknown, its range is not one, or it is both fixed and searched.

    >>> search_space(Config(), {}, {"window": (2, 4)}, only=["window"]).parameters
    (Parameter(name='window', low=2, high=4, is_log=True, is_integer=True, choices=()),)
    """
    ranges, only = dict(ranges or {}), list(only)
    base = replace(base, **fixed)
    for name in [*ranges, *only]:
        _check_may_be_searched(name, fixed)
    unbounded = [name for name in only if name not in ranges and name not in SEARCHED]
    if unbounded:
        raise ConfigError(
            f"{unbounded[0]} has no usual range; give one (space={{{unbounded[0]!r}: ...}}, --space "
            f"{unbounded[0]}=LOW..HIGH), or leave it out"
        )
    names = [name for name in (*SEARCHED, *ranges) if not only or name in only]
    found = [
        _parameter(name, ranges.get(name), base)
        for name in dict.fromkeys(names)
        if name not in fixed and (name in ranges or not _is_void(name, base, names, fixed))
    ]
    if not found:
        raise ConfigError("all settings are fixed, so there is nothing to search; leave one of them out")
    return SearchSpace(base, tuple(found))


def _check_may_be_searched(name: str, fixed: Mapping[str, Any]) -> None:
    problem = unknown_settings({name: None}, [one.name for one in fields(Config)])
    if problem is not None:
        raise ConfigError(problem)
    if name in SAME_FOR_ALL:
        raise ConfigError(
            f"{name} is the same for all trials of a search; give it as a setting, without a range"
        )
    if name in fixed:
        raise ConfigError(
            f"{name} is fixed to {short_repr(fixed[name])} and has a range to search, too; leave one of them out"
        )


def _is_void(name: str, base: Config, names: Sequence[str], fixed: Mapping[str, Any]) -> bool:
    """Whether a setting says nothing beside those that are given."""
    searches_objective = "objective" in names and "objective" not in fixed
    voids: dict[str, Callable[[], bool]] = {
        "negatives": lambda: not base.draws_noise and not searches_objective,
        "noise_power": lambda: not base.draws_noise and not searches_objective,
        "subsample": lambda: base.subsample_quantile is not None,
        "max_n": lambda: base.objective == "softmax" or base.optimizer.lower() != "sgd",
        "architecture": lambda: base.optimizer.lower() != "sgd",
        "objective": lambda: base.optimizer.lower() != "sgd",
    }
    return name in voids and voids[name]()


def _parameter(name: str, given: Range | None, base: Config) -> Parameter:
    if given is None and name in CHOICES:
        return Parameter(name, choices=CHOICES[name])
    kind = get_type_hints(Config)[name]
    is_integer = name in NUMBER_RANGES and "int" in str(kind) and "float" not in str(kind)
    low, high, is_log = NUMBER_RANGES.get(name, (0.0, 0.0, False))
    if given is None:
        if name == "learning_rate":
            low, high = (factor * base.first_learning_rate for factor in LEARNING_RATES)
        return Parameter(name, low, high, is_log, is_integer)
    if isinstance(given, str) or not isinstance(given, Sequence) or not len(given):
        raise ConfigError(
            f"the range of {name} must be (lowest, highest) or a list of choices, got {short_repr(given)}"
        )
    metadata = next(one.metadata for one in fields(Config) if one.name == name)
    for value in given:
        if not is_allowed(value, kind, metadata):
            raise ConfigError(
                f"{name} must be {expectation(kind, metadata, value)}, got {short_repr(value)} in its range"
            )
    are_bounds = isinstance(given, tuple) and len(given) == 2 and all(map(_is_number, given))
    if not are_bounds:
        return Parameter(name, choices=tuple(dict.fromkeys(given)))
    low, high = given
    if low > high:
        raise ConfigError(f"the range of {name} must begin with its lowest value, got {low:g}..{high:g}")
    is_integer = isinstance(low, int) and isinstance(high, int) and "int" in str(kind)
    return Parameter(name, low, high, low > 0 and (is_log or high > 10 * low), is_integer)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def read_range(written: str) -> tuple[str, Range]:
    """Read a range as people write it in a shell: NAME=LOW..HIGH, or NAME=A,B,C.

    Raises:
        ConfigError: it is neither.

    >>> read_range("dim=50..200"), read_range("architecture=cbow"), read_range("noise_power=-0.5,0.75")
    (('dim', (50, 200)), ('architecture', ['cbow']), ('noise_power', [-0.5, 0.75]))
    """
    name, equals, values = written.partition("=")
    if not equals or not name or not values:
        raise ConfigError(f"a range is written NAME=LOW..HIGH or NAME=A,B,C, got {written!r}")
    name = name.strip().replace("-", "_")
    low, dots, high = values.partition("..")
    if not dots:
        return name, [_value(one) for one in values.split(",")]
    bounds = (_value(low), _value(high))
    if not all(map(_is_number, bounds)):
        raise ConfigError(f"the bounds of {name} must be numbers, as in dim=50..200, got {written!r}")
    return name, bounds


def _value(written: str) -> Any:
    written = written.strip()
    if is_number(written):
        return int(written) if re.fullmatch(r"[+-]?\d+", written) else float(written)
    return {"true": True, "false": False, "none": None}.get(written.lower(), written)
