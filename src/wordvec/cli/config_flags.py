"""The flags of `train`, made from Config, which says each setting's name, type, default and help text once.

A verb takes a parameter of this type and gets a checked Config; `--min-count 10` sets `min_count`. A value
that a setting cannot have is a ConfigError, which `app` turns into one line and exit status 2.

    @app.default
    def train(text: str, /, *, output: Path, config: ConfigFlags = DEFAULTS) -> None: ...
"""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from wordvec.config import Config

__all__ = ["DEFAULTS", "ConfigFlags"]

ConfigFlags = Annotated[Config, Parameter(name="*")]  # "*": no prefix, so --dim and not --config.dim
DEFAULTS = Config()
