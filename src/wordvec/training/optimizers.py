"""Optimizers: which class of torch.optim a name means, and what it asks of gradients."""

from __future__ import annotations

import torch
from torch.optim import Optimizer

from wordvec.errors import ConfigError

__all__ = ["numbers_remembered", "optimizer_class", "takes_sparse_gradients"]

SPARSE = ("SGD", "SparseAdam", "Adagrad")  # those that move only the rows that a batch touched
TRIAL_SHAPE = (64, 64)  # large beside what is remembered of a whole matrix, or of its rows


def optimizer_class(name: str) -> type[Optimizer]:
    """Find a class of `torch.optim`; case and underscores do not matter.

    Raises:
        ConfigError: there is none of that name.

    >>> optimizer_class("sparse_adam").__name__
    'SparseAdam'
    """
    classes = {
        known.lower(): value
        for known, value in vars(torch.optim).items()
        if isinstance(value, type) and issubclass(value, Optimizer) and value is not Optimizer
    }
    found = classes.get(name.replace("_", "").lower())
    if found is None or found is torch.optim.LBFGS:
        names = ", ".join(
            sorted(value.__name__ for value in classes.values() if value is not torch.optim.LBFGS)
        )
        raise ConfigError(
            f"optimizer must be one of torch.optim that steps once a batch, got {name!r}; there are {names}"
        )
    return found


def takes_sparse_gradients(optimizer: type[Optimizer]) -> bool:
    """Whether gradients may name the rows that a batch touched; else they fill whole matrices."""
    return optimizer.__name__ in SPARSE


def numbers_remembered(optimizer: type[Optimizer]) -> float:
    """How many numbers an optimizer remembers for each that it moves, seen after a step on a matrix.

    >>> numbers_remembered(torch.optim.SGD), round(numbers_remembered(torch.optim.Adam))
    (0.0, 2)
    """
    parameter = torch.nn.Parameter(torch.zeros(TRIAL_SHAPE))
    gradient = torch.ones_like(parameter)
    parameter.grad = gradient.to_sparse() if optimizer is torch.optim.SparseAdam else gradient
    trial = optimizer([parameter])  # type: ignore[call-arg]
    trial.step()
    remembered = [value for value in trial.state[parameter].values() if isinstance(value, torch.Tensor)]
    return sum(value.numel() for value in remembered) / parameter.numel()
