"""Negative sampling: tell true pairs from pairs with noise words (Mikolov et al., 2013b, equation 4)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding, logsigmoid, softplus

from wordvec.models.architectures import ExampleLosses, Predictions, Windows

__all__ = ["NegativeSampling", "step_by_hand"]

# B examples of P pairs, I hidden vectors and T targets; K noise words, V words, D dimensions


class NegativeSampling(nn.Module):
    """Logistic regression that tells the true word of a pair from K noise words.

    For a hidden vector h, the true word o and noise words n_k, which come with the examples:

        loss = -ln σ(u_o · h) - Σ_k ln σ(-u_{n_k} · h)

    A noise word that happens to be the true one is left out, as it would undo the pair's step.

    Args:
        output_embedding: u, a row of D numbers for each word.

    >>> objective = NegativeSampling(nn.Embedding.from_pretrained(torch.zeros(4, 2)))
    >>> pair = Predictions(
    ...     torch.ones(1, 1, 2), torch.tensor([[3]]), torch.tensor([[True]]), torch.tensor([0, 1, 3])
    ... )
    >>> objective(pair)  # three times ln 2
    ExampleLosses(losses=tensor([2.0794]), num_terms=tensor([3]))
    """

    def __init__(self, output_embedding: nn.Embedding):
        super().__init__()
        self.output_embedding = output_embedding

    def forward(self, predictions: Predictions) -> ExampleLosses:
        """The loss of each example, with a term for each of its pairs and each noise word of a pair."""
        hidden, targets, is_pair, negatives = predictions
        assert negatives is not None, "the windows have no negatives"  # noqa: S101
        losses_of = self._with_own_noise if negatives.dim() == 3 else self._with_shared_noise
        return losses_of(hidden, targets, is_pair, negatives)

    def _with_shared_noise(
        self, hidden: Tensor, targets: Tensor, is_pair: Tensor, negatives: Tensor
    ) -> ExampleLosses:
        """Noise words (B, K) of a window or (K,) of the batch: all scores are products of matrices."""
        noise = negatives.expand(len(targets), -1)  # (B, K)
        if negatives.dim() == 1:
            true_scores = hidden @ self.output_embedding(targets).mT  # (B, I, T)
            noise_scores = hidden @ self.output_embedding(negatives).mT  # (B, I, K)
        else:
            words = self.output_embedding(torch.cat([targets, noise], dim=1))  # (B, T + K, D)
            scores = _products(hidden, words)
            true_scores, noise_scores = torch.split(scores, [targets.shape[1], noise.shape[1]], dim=2)

        is_noise = is_pair[..., None] & (targets[..., None] != noise[:, None])  # (B, P, K)
        # One hidden vector with T targets meets a noise word once for each of them.
        times_met = is_noise if hidden.shape[1] == is_pair.shape[1] else is_noise.sum(1, keepdim=True)
        true_losses = -logsigmoid(true_scores.flatten(1)) * is_pair  # (B, P)
        noise_losses = -logsigmoid(-noise_scores) * times_met  # (B, I, K)
        return ExampleLosses(
            true_losses.sum(1) + noise_losses.sum((1, 2)), is_pair.sum(1) + times_met.sum((1, 2))
        )

    def _with_own_noise(
        self, hidden: Tensor, targets: Tensor, is_pair: Tensor, negatives: Tensor
    ) -> ExampleLosses:
        """Noise words (B, P, K) of each pair: N pairs, one below the other, without padding."""
        example, pair = is_pair.nonzero(as_tuple=True)  # (N,), (N,)
        hidden_of_pair = hidden.expand(-1, is_pair.shape[1], -1)[example, pair]  # (N, D)
        target = targets.expand_as(is_pair)[example, pair][:, None]  # (N, 1)
        noise = negatives[example, pair]  # (N, K)
        words = self.output_embedding(torch.cat([target, noise], dim=1))  # (N, 1 + K, D)
        scores = (words @ hidden_of_pair[..., None]).squeeze(-1)  # (N, 1 + K)
        is_noise = noise != target  # (N, K)
        losses = -logsigmoid(scores[:, 0]) - (logsigmoid(-scores[:, 1:]) * is_noise).sum(1)  # (N,)

        num_terms = torch.zeros_like(is_pair[:, 0], dtype=torch.int64).index_add(
            0, example, 1 + is_noise.sum(1)
        )
        return ExampleLosses(losses.new_zeros(len(is_pair)).index_add(0, example, losses), num_terms)


def _products(rows: Tensor, columns: Tensor) -> Tensor:
    """The dot products of (B, M, D) and (B, N, D), (B, M, N)."""
    # With a transposed factor PyTorch multiplies many small matrices at less than half the speed.
    return rows @ columns.mT.contiguous()


@torch.no_grad()
def step_by_hand(
    input_vectors: Tensor,  # (V, D)  updated in place
    output_vectors: Tensor,  # (V, D)  updated in place
    windows: Windows,  # B windows of C contexts, with negatives of shape (B, K)
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
    targets = torch.cat([centers[:, None], negatives], dim=1)  # (B, T)  T = 1 + K
    is_target = targets != centers[:, None]  # (B, T)  a noise word that is the center is left out
    is_target[:, 0] = True
    is_term = is_context[..., None] & is_target[:, None]  # (B, C, T)
    signs = input_vectors.new_full((targets.shape[1],), -1.0)  # (T,)
    signs[0] = 1.0

    v, u = embedding(contexts, input_vectors), embedding(targets, output_vectors)  # (B, C, D), (B, T, D)
    scores = signs * _products(v, u)  # (B, C, T)
    steps = learning_rate * signs * torch.sigmoid(-scores) * is_term  # (B, C, T)
    input_vectors.index_add_(0, contexts.flatten(), (steps @ u).flatten(0, 1))
    output_vectors.index_add_(0, targets.flatten(), (steps.mT @ v).flatten(0, 1))
    return ExampleLosses((softplus(-scores) * is_term).sum((1, 2)), is_term.sum((1, 2)))
