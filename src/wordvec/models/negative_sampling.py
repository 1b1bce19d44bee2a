"""Negative sampling: tell true pairs from pairs with noise words (Mikolov et al., 2013b, equation 4)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from wordvec.models.predictions import ExampleLosses, Predictions

__all__ = ["NegativeSampling"]

# B examples of P pairs, I hidden vectors and T targets; K noise words, D dimensions


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

        true_scores, noise_scores = self._scores(hidden, targets, negatives)  # (B, P), (B, P or I, K)

        is_noise = is_pair[..., None] & (targets[..., None] != _by_pair(negatives))  # (B, P, K)
        # One hidden vector with T targets meets a noise word that they share once for each of them.
        times_met = is_noise if is_noise.shape == noise_scores.shape else is_noise.sum(1, keepdim=True)

        losses = -(logsigmoid(true_scores) * is_pair).sum(1) - (logsigmoid(-noise_scores) * times_met).sum(
            (1, 2)
        )
        return ExampleLosses(losses, is_pair.sum(1) + times_met.sum((1, 2)))

    def _scores(self, hidden: Tensor, targets: Tensor, negatives: Tensor) -> tuple[Tensor, Tensor]:
        if negatives.dim() == 2:  # one product for the words of a window, true and noise
            words = self.output_embedding(torch.cat([targets, negatives], dim=1))  # (B, T + K, D)
            true_scores, noise_scores = (hidden @ words.mT.contiguous()).split(
                [targets.shape[1], negatives.shape[1]], dim=2
            )
            return true_scores.flatten(1), noise_scores
        true_scores = (hidden @ self.output_embedding(targets).mT).flatten(1)
        noise = self.output_embedding(negatives)  # (K, D) or (B, P, K, D)
        if negatives.dim() == 1:
            return true_scores, hidden @ noise.mT
        return true_scores, (noise @ hidden[..., None]).squeeze(-1)  # (B, P, K, D) @ (B, P or 1, D, 1)


def _by_pair(negatives: Tensor) -> Tensor:
    """Noise words in a shape that goes with (B, P, K)."""
    return negatives[:, None] if negatives.dim() == 2 else negatives
