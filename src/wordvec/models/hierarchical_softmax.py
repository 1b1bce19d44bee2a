"""Hierarchical softmax: a word is the end of a path of yes-or-no turns (Morin and Bengio, 2005)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from wordvec.models.predictions import ExampleLosses, Predictions

__all__ = ["HierarchicalSoftmax"]

# V words with at most L turns; B examples of P pairs, I hidden vectors and T targets; D dimensions


class HierarchicalSoftmax(nn.Module):
    """The probability of a word is that of all turns on its path through a binary tree (Mikolov et al., 2013b, §2.1).

        p(o | h) = Π_j σ(± u_j · h)

    over the inner nodes j on the way to o, with + where the path takes the branch called 0 and - where it takes 1.
    The probabilities of all words sum to 1, at the cost of some log₂ V scores instead of V.

    Args:
        node_embedding: u, a row of D numbers for each of the V - 1 inner nodes.
        nodes: (V, L) the inner nodes on each word's path, from the root; padded with any node.
        turns: (V, L) bool, the branch taken there: True for 1.
        lengths: (V,) turns on each path.
    """

    nodes: Tensor
    turns: Tensor
    lengths: Tensor

    def __init__(self, node_embedding: nn.Embedding, nodes: Tensor, turns: Tensor, lengths: Tensor):
        super().__init__()
        self.node_embedding = node_embedding
        self.register_buffer("nodes", nodes.long(), persistent=False)
        self.register_buffer("turns", turns, persistent=False)
        self.register_buffer("lengths", lengths, persistent=False)

    def forward(self, predictions: Predictions) -> ExampleLosses:
        """-ln p of each example's targets, one term for each pair."""
        hidden, targets, is_pair, _ = predictions
        longest = int(self.lengths[targets].max())
        nodes, turns = self.nodes[targets][..., :longest], self.turns[targets][..., :longest]  # (B, T, L)
        is_turn = torch.arange(longest, device=targets.device) < self.lengths[targets][..., None]  # (B, T, L)
        scores = torch.einsum("bpd,btld->bptl", hidden, self.node_embedding(nodes)).flatten(1, 2)  # (B, P, L)
        signs = torch.where(turns, -1.0, 1.0) * is_turn  # 0 beyond the path, where -ln σ(0) must not count
        losses = -logsigmoid(signs * scores) * (is_turn & is_pair[..., None])
        return ExampleLosses(losses.sum((1, 2)), is_pair.sum(1))
