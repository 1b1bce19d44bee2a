"""Full softmax: score a hidden vector against every word (Bengio et al., 2003; Mikolov et al., 2013b, equation 2)."""

from __future__ import annotations

import torch
from torch import nn

from wordvec.models.predictions import ExampleLosses, Predictions

__all__ = ["FullSoftmax"]

# B examples of P pairs, I hidden vectors and T targets; V words, D dimensions


class FullSoftmax(nn.Module):
    """p(o | h) = exp(u_o · h + b_o) / Σ_w exp(u_w · h + b_w), over all V words w.

    Exact, and V times the work of one score: for small vocabularies, and to see what the others approximate.

    Args:
        output_layer: from D numbers to V scores.

    >>> layer = nn.Linear(2, 4)
    >>> _ = nn.init.zeros_(layer.weight), nn.init.zeros_(layer.bias)
    >>> pair = Predictions(torch.ones(1, 1, 2), torch.tensor([[3]]), torch.tensor([[True]]), None)
    >>> FullSoftmax(layer)(pair)  # ln 4
    ExampleLosses(losses=tensor([1.3863], grad_fn=<SumBackward1>), num_terms=tensor([1]))
    """

    def __init__(self, output_layer: nn.Linear):
        super().__init__()
        self.output_layer = output_layer

    def forward(self, predictions: Predictions) -> ExampleLosses:
        """-ln p of each example's targets, one term for each pair."""
        hidden, targets, is_pair, _ = predictions
        log_probabilities = torch.log_softmax(self.output_layer(hidden), dim=-1)  # (B, I, V)
        one_of_each = targets[:, None].expand(-1, hidden.shape[1], -1)  # (B, I, T)
        losses = -log_probabilities.gather(2, one_of_each).flatten(1) * is_pair  # (B, P)
        return ExampleLosses(losses.sum(1), is_pair.sum(1))
