"""Intervals are what people write, and nothing else."""

from __future__ import annotations

import pytest

from wordvec.errors import ConfigError
from wordvec.planning.request import NEVER, Interval, interval


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("30s", Interval(seconds=30)),
        ("10m", Interval(seconds=600)),
        ("1.5h", Interval(seconds=5400)),
        ("0.5s", Interval(seconds=0.5)),
        ("90 s", Interval(seconds=90)),
        ("1epoch", Interval(epochs=1)),
        ("2epochs", Interval(epochs=2)),
        ("3 epochs", Interval(epochs=3)),
        ("never", NEVER),
    ],
)
def test_times_and_epochs_are_read(written: str, wanted: Interval) -> None:
    assert interval(written, "checkpoint_every") == wanted


@pytest.mark.parametrize(
    "written", ["", "10", "0m", "m", "-1m", "0epochs", "1.5epochs", "10 min", "1d", "1m30s", 10]
)
def test_anything_else_is_refused_with_what_is_allowed(written: str) -> None:
    with pytest.raises(ConfigError, match=r"checkpoint_every must be a time \(30s, .*1epoch.* or never, got"):
        interval(written, "checkpoint_every")
