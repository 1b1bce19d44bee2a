"""Learning-rate schedule: how large a step is, as a function of how much of the run is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from wordvec.config import Config

__all__ = ["ConstantSchedule", "LinearSchedule", "Schedule", "schedule_of"]


class Schedule(Protocol):
    """How the learning rate goes through a run."""

    def at(self, share_done: float) -> float:
        """The learning rate when `share_done` in [0, 1] of the run's positions are done."""


@dataclass(frozen=True)
class LinearSchedule:
    """From `first` to `final` in a straight line, as in word2vec.c.

    >>> schedule = LinearSchedule(first=0.5, final=0.0)
    >>> schedule.at(0.0), schedule.at(0.75), schedule.at(1.0)
    (0.5, 0.125, 0.0)
    """

    first: float
    final: float

    def at(self, share_done: float) -> float:
        """The learning rate when `share_done` in [0, 1] of the run's positions are done."""
        return self.first * (1 - share_done) + self.final * share_done


@dataclass(frozen=True)
class ConstantSchedule:
    """The same throughout, as for optimizers that adapt their steps.

    >>> ConstantSchedule(0.5).at(0.75)
    0.5
    """

    rate: float

    def at(self, share_done: float) -> float:  # noqa: ARG002
        """The learning rate, which never changes."""
        return self.rate


def schedule_of(config: Config) -> Schedule:
    """How the learning rate goes through the run."""
    if config.schedule == "constant":
        return ConstantSchedule(config.first_learning_rate)
    return LinearSchedule(config.first_learning_rate, config.final_learning_rate)
