"""By hand: a step of skip-gram with negative sampling, its gradient written out instead of left to autograd."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import embedding, softplus

from wordvec.models.predictions import ExampleLosses
from wordvec.models.windows import Windows

__all__ = ["step_by_hand"]

# V words, D dimensions; B windows of C contexts, T = 1 + K targets: the center and its noise words


@torch.no_grad()
def step_by_hand(
    input_vectors: Tensor,  # (V, D)  updated in place
    output_vectors: Tensor,  # (V, D)  updated in place
    windows: Windows,  # with negatives of shape (B, K)
    learning_rate: float,
) -> ExampleLosses:
    """One step of SGD on the sum of a batch's losses, each context word predicting the center.

    For a context's vector v and a target's vector u, with sign s = 1 for the center and -1 for noise, the loss
    -ln σ(s·u·v) has the gradients -s σ(-s·u·v) u in v and -s σ(-s·u·v) v in u. Autograd finds the same for
    `Word2Vec(..., SkipGram("context"), NegativeSampling(...))`, and takes about twice the time.

    Returns:
        The losses before the step.

    >>> v, u = torch.full((3, 2), 0.5), torch.zeros(3, 2)
    >>> window = Windows(torch.tensor([0]), torch.tensor([[1]]), torch.tensor([[True]]), torch.tensor([[2]]))
    >>> step_by_hand(v, u, window, learning_rate=1.0).losses
    tensor([1.3863])
    >>> u.tolist()
    [[0.25, 0.25], [0.0, 0.0], [-0.25, -0.25]]
    """
    centers, contexts, is_context, negatives = windows
    assert negatives is not None, "the windows have no negatives"  # noqa: S101
    targets = torch.cat([centers[:, None], negatives], dim=1)  # (B, T)
    is_target = targets != centers[:, None]  # (B, T)  a noise word that is the center is left out
    is_target[:, 0] = True
    is_term = is_context[..., None] & is_target[:, None]  # (B, C, T)
    signs = input_vectors.new_full((targets.shape[1],), -1.0)  # (T,)
    signs[0] = 1.0

    v, u = embedding(contexts, input_vectors), embedding(targets, output_vectors)  # (B, C, D), (B, T, D)
    # PyTorch multiplies many small matrices by a transposed one at less than half the speed.
    scores = signs * (v @ u.mT.contiguous())  # (B, C, T)
    steps = learning_rate * signs * torch.sigmoid(-scores) * is_term  # (B, C, T)
    input_vectors.index_add_(0, contexts.flatten(), (steps @ u).flatten(0, 1))
    output_vectors.index_add_(0, targets.flatten(), (steps.mT @ v).flatten(0, 1))
    return ExampleLosses((softplus(-scores) * is_term).sum((1, 2)), is_term.sum((1, 2)))
