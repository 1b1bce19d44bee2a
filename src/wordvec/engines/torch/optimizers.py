"""Optimizers: which class of torch.optim a name means, and what it asks of gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.optim import Optimizer

from wordvec.errors import ConfigError, EngineError

__all__ = ["numbers_remembered", "optimizer_class", "pack_state", "takes_sparse_gradients", "unpack_state"]

SPARSE = ("SGD", "SparseAdam", "Adagrad")  # those that move only the rows that a batch touched
TRIAL_SHAPE = (64, 64)  # large beside what is remembered of a whole matrix, or of its rows

MODEL, OPTIMIZER = "model/", "optimizer/"


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


def pack_state(
    model: torch.nn.Module, optimizer: torch.optim.Optimizer | None
) -> dict[str, NDArray[np.generic]]:
    """Copy all parameters and all that the optimizer remembers of them into arrays.

    Numbers that an optimizer counts with become arrays without dimensions.
    """
    packed: dict[str, Any] = {MODEL + name: value for name, value in model.state_dict().items()}
    remembered = optimizer.state_dict()["state"] if optimizer else {}
    for number, values in remembered.items():
        packed.update({f"{OPTIMIZER}{number}/{name}": value for name, value in values.items()})
    return {name: torch.as_tensor(value).detach().cpu().numpy().copy() for name, value in packed.items()}


def unpack_state(
    state: Mapping[str, NDArray[np.generic]], model: torch.nn.Module, optimizer: torch.optim.Optimizer | None
) -> None:
    """Put arrays from `pack_state` back.

    Raises:
        EngineError: they are those of another model or optimizer.
    """
    try:
        weights = {name[len(MODEL) :]: torch.tensor(v) for name, v in state.items() if name.startswith(MODEL)}
        model.load_state_dict(weights)
        slots: dict[int, dict[str, Any]] = {}
        for name, value in state.items():
            if name.startswith(OPTIMIZER):
                number, slot = name[len(OPTIMIZER) :].split("/", 1)
                slots.setdefault(int(number), {})[slot] = torch.tensor(value)
        _check_slots(slots, optimizer)
        if optimizer is None:
            return
        _numbers_as_the_optimizer_has_them(slots, optimizer)
        optimizer.load_state_dict({**optimizer.state_dict(), "state": slots})
    except (RuntimeError, ValueError, KeyError) as problem:
        raise EngineError(
            f"the checkpoint is that of another model or optimizer, or of another version of PyTorch: {problem}"
        ) from problem


def _check_slots(slots: dict[int, dict[str, Any]], optimizer: torch.optim.Optimizer | None) -> None:
    """PyTorch loads the state of any optimizer into any other, and fails at the next step."""
    expected_of: list[set[str]] = []
    if optimizer is not None:
        parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        expected_of = [_slots_of(type(optimizer), parameter.dim()) for parameter in parameters]
    for number, values in slots.items():
        expected = expected_of[number] if number < len(expected_of) else set()
        if values.keys() != expected:
            raise ValueError(f"it remembers {sorted(values)}, this optimizer {sorted(expected) or 'nothing'}")


def _slots_of(optimizer: type[torch.optim.Optimizer], num_dimensions: int) -> set[str]:
    """What an optimizer remembers of a parameter, seen after a step on a small one."""
    parameter = torch.nn.Parameter(torch.zeros([1] * num_dimensions))
    is_sparse = optimizer is torch.optim.SparseAdam
    parameter.grad = torch.zeros_like(parameter).to_sparse() if is_sparse else torch.zeros_like(parameter)
    trial = optimizer([parameter])  # type: ignore[call-arg]
    trial.step()
    return set(trial.state[parameter])


def _numbers_as_the_optimizer_has_them(
    slots: dict[int, dict[str, Any]], optimizer: torch.optim.Optimizer
) -> None:
    """SparseAdam counts its steps with a plain number, which it would take a tensor for, were it given one."""
    if isinstance(optimizer, torch.optim.SparseAdam):
        for values in slots.values():
            values["step"] = int(values["step"])
