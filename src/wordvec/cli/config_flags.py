"""The flags of `train`, made from Config, which says each setting's name, type, default and help text once.

A flag that is not given is None, so that a recipe's value can stand; `--min-count 10` sets `min_count`. A value that
a setting cannot have is a ConfigError, which `app` turns into one line and exit status 2.

    @app.default
    def train(text: str, /, *, output: Path, flags: ConfigFlags = NO_FLAGS) -> None:
        config = Config(**given(flags))
"""

from __future__ import annotations

from dataclasses import asdict, field, fields, make_dataclass
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

from cyclopts import Group, Parameter

from wordvec.config import Config

__all__ = ["NO_FLAGS", "ConfigFlags", "given"]

GROUPS = {
    "text": Group("Settings: the text", sort_key=1),
    "model": Group("Settings: the model", sort_key=2),
    "window": Group("Settings: windows and subsampling", sort_key=3),
    "noise": Group("Settings: negative samples", sort_key=4),
    "steps": Group("Settings: steps", sort_key=5),
    "machine": Group("Settings: the machine", sort_key=6),
}


def _flag(setting: Any, kind: Any) -> tuple[str, Any, Any]:
    text = setting.metadata["help"]
    if setting.default is not None:
        text += f" (default: {setting.default})"
    parameter = Parameter(help=text, group=GROUPS[setting.metadata["group"]], show_default=False)
    return setting.name, Annotated[kind | None, parameter], field(default=None)


_HINTS = get_type_hints(Config)
_Flags = make_dataclass(
    "_Flags", [_flag(setting, _HINTS[setting.name]) for setting in fields(Config)], frozen=True
)
_Flags.__module__ = (
    __name__  # make_dataclass says "types", for which cyclopts takes it to be one of Python's own
)
NO_FLAGS: Any = _Flags()

if TYPE_CHECKING:
    ConfigFlags = Any
else:
    ConfigFlags = Annotated[_Flags, Parameter(name="*")]  # "*": no prefix, so --dim and not --flags.dim


def given(flags: ConfigFlags) -> dict[str, Any]:
    """The settings whose flags were given.

    >>> given(NO_FLAGS)
    {}
    """
    return {name: value for name, value in asdict(flags).items() if value is not None}
