"""The step by hand: on batches of windows, what autograd finds for the same model."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.models.examples import Kind, built, weights_of, windows_for

from wordvec.models.negative_sampling import step_by_hand

KIND = Kind("skipgram", "context", "negative", "window")


def test_a_batch_moves_both_matrices_as_autograd_would() -> None:
    weights, windows = weights_of(KIND), windows_for(KIND)
    model = built(KIND, weights).model
    examples = model(windows)
    examples.losses.sum().backward()
    v, u = torch.tensor(weights.inputs), torch.tensor(weights.outputs)
    losses, num_terms = step_by_hand(v, u, windows, learning_rate=0.3)
    torch.testing.assert_close(losses, examples.losses.detach(), rtol=1e-12, atol=0)
    assert num_terms.tolist() == examples.num_terms.tolist()
    for moved, parameter in zip((v, u), model.parameters(), strict=True):
        torch.testing.assert_close(moved, (parameter - 0.3 * parameter.grad).detach(), rtol=1e-12, atol=1e-14)


def test_a_step_of_size_0_moves_nothing() -> None:
    weights = weights_of(KIND)
    v, u = torch.tensor(weights.inputs), torch.tensor(weights.outputs)
    step_by_hand(v, u, windows_for(KIND), learning_rate=0.0)
    np.testing.assert_array_equal(v.numpy(), weights.inputs)
    np.testing.assert_array_equal(u.numpy(), weights.outputs)


def test_windows_without_noise_words_are_refused() -> None:
    v, u = torch.zeros(9, 3), torch.zeros(9, 3)
    with pytest.raises(AssertionError, match="no negatives"):
        step_by_hand(v, u, windows_for(Kind("skipgram", "context", "softmax")), learning_rate=0.1)
