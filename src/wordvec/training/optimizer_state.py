"""Optimizer state: what a model and its optimizer know, as named arrays, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from wordvec.errors import EngineError

__all__ = ["pack_state", "unpack_state"]

MODEL, OPTIMIZER = "model/", "optimizer/"


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
        _refuse_other_slots(slots, optimizer)
        if optimizer is None:
            return
        _numbers_as_the_optimizer_has_them(slots, optimizer)
        optimizer.load_state_dict({**optimizer.state_dict(), "state": slots})
    except (RuntimeError, ValueError, KeyError) as problem:
        raise EngineError(
            f"the checkpoint is that of another model or optimizer, or of another version of PyTorch: {problem}"
        ) from problem


def _refuse_other_slots(slots: dict[int, dict[str, Any]], optimizer: torch.optim.Optimizer | None) -> None:
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
