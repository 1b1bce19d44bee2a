"""Optimizer state: arrays that another model or optimizer refuses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from wordvec.engines.torch.optimizers import pack_state, unpack_state
from wordvec.errors import EngineError

State = dict[str, NDArray[np.generic]]


def trained_once(*, size: int = 3) -> tuple[nn.Module, torch.optim.Optimizer]:
    model = nn.Embedding(size, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    model(torch.arange(size)).sum().backward()
    optimizer.step()
    return model, optimizer


def test_a_state_comes_back_as_it_was_and_is_a_copy() -> None:
    model, optimizer = trained_once()
    state = pack_state(model, optimizer)
    assert state.keys() == {
        "model/weight",
        *(f"optimizer/0/{slot}" for slot in ("step", "exp_avg", "exp_avg_sq")),
    }
    assert state["optimizer/0/step"].shape == ()
    kept = {name: array.copy() for name, array in state.items()}
    model(torch.arange(3)).sum().backward()
    optimizer.step()
    other, other_optimizer = trained_once()
    unpack_state(state, other, other_optimizer)
    for name, array in kept.items():
        np.testing.assert_array_equal(state[name], array)
        np.testing.assert_array_equal(pack_state(other, other_optimizer)[name], array)


def larger(state: State) -> State:
    return {**state, "model/weight": np.zeros((4, 2), np.float32)}


def renamed(state: State) -> State:
    return {name.replace("weight", "bias"): array for name, array in state.items()}


def of_other_words(state: State) -> State:
    return {"optimizer/x/step": np.array(1.0), **state}


@pytest.mark.parametrize("spoil", [larger, renamed, of_other_words])
def test_the_state_of_another_model_is_refused(spoil: Callable[[State], State]) -> None:
    model, optimizer = trained_once()
    with pytest.raises(EngineError, match="another model or optimizer"):
        unpack_state(spoil(pack_state(model, optimizer)), model, optimizer)


@pytest.mark.parametrize("other", [torch.optim.Adagrad, torch.optim.RMSprop, None])
def test_the_state_of_another_optimizer_is_refused(other: type[torch.optim.Optimizer] | None) -> None:
    model, adam = trained_once()
    optimizer = other(model.parameters()) if other else None
    with pytest.raises(EngineError, match="another model or optimizer"):
        unpack_state(pack_state(model, adam), model, optimizer)


def test_the_state_before_the_first_step_is_that_of_a_new_optimizer() -> None:
    model, other = nn.Embedding(3, 2), nn.Embedding(3, 2)
    state = pack_state(model, torch.optim.Adam(model.parameters()))
    assert state.keys() == {"model/weight"}
    unpack_state(state, other, torch.optim.Adam(other.parameters()))
    np.testing.assert_array_equal(other.weight.detach(), state["model/weight"])
