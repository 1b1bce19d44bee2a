"""Interval: how often something is done in a run, in time or in epochs."""

from __future__ import annotations

import re
from typing import NamedTuple

from wordvec.errors import ConfigError

__all__ = ["NEVER", "Interval", "interval"]

SECONDS_OF = {"s": 1.0, "m": 60.0, "h": 3600.0}
WRITTEN = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>s|m|h|epochs?)")


class Interval(NamedTuple):
    """After so many seconds, or after so many epochs; never, where both are 0."""

    seconds: float = 0.0
    epochs: int = 0


NEVER = Interval()


def interval(written: str, name: str) -> Interval:
    """Read an interval as people write it.

    Args:
        written: such as 30s, 10m, 1.5h, 1epoch, 2epochs; or never.
        name: of the setting, for the message.

    Raises:
        ConfigError: it is none.

    >>> interval("10m", "checkpoint_every"), interval("1epoch", "checkpoint_every")
    (Interval(seconds=600.0, epochs=0), Interval(seconds=0.0, epochs=1))
    """
    if written == "never":
        return NEVER
    found = WRITTEN.fullmatch(written) if isinstance(written, str) else None
    number = float(found["number"]) if found else 0.0
    is_epochs = found is not None and found["unit"].startswith("epoch")
    if found is None or number == 0 or (is_epochs and not number.is_integer()):
        raise ConfigError(
            f"{name} must be a time (30s, 10m, 1.5h), a number of epochs (1epoch, 2epochs) or never, got {written!r}"
        )
    return Interval(epochs=int(number)) if is_epochs else Interval(seconds=number * SECONDS_OF[found["unit"]])
