"""Full softmax: PyTorch's cross-entropy over all words."""

from __future__ import annotations

import torch
from tests.models.examples import VOCABULARY_SIZE, Kind, built, weights_of, windows_for
from torch.nn.functional import cross_entropy


def test_each_pair_costs_its_cross_entropy() -> None:
    kind = Kind("skipgram", "center", "softmax")
    weights, windows = weights_of(kind), windows_for(kind)
    inputs, outputs, bias = map(torch.tensor, weights)
    logits = inputs[windows.centers] @ outputs.T + bias  # (B, V)
    each = cross_entropy(
        logits[:, :, None].expand(-1, VOCABULARY_SIZE, 4), windows.contexts, reduction="none"
    )  # (B, C)
    losses, num_terms = built(kind, weights).model(windows)
    torch.testing.assert_close(losses, (each * windows.is_context).sum(1), rtol=1e-12, atol=0)
    assert num_terms.tolist() == windows.is_context.sum(1).tolist()
