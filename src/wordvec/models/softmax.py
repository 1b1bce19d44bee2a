"""Softmax over all words: the full one, and the hierarchical one on a Huffman tree (Morin and Bengio, 2005)."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from wordvec.models.architectures import ExampleLosses, Predictions
from wordvec.sampling.huffman import huffman_tree

__all__ = ["FullSoftmax", "HierarchicalSoftmax"]

# B examples of P pairs, I hidden vectors and T targets; V words with at most L turns on their paths; D dimensions


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

    @classmethod
    def over_words(cls, counts: NDArray[np.int64], node_embedding: nn.Embedding) -> HierarchicalSoftmax:
        """The tree for words with these counts, (V,); the embedding has V - 1 rows."""
        return cls(node_embedding, *(torch.tensor(part) for part in huffman_tree(counts)))

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
