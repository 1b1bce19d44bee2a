"""Reductions: a batch's one number, as the published systems have it."""

from __future__ import annotations

import pytest
import torch
from tests.models.examples import Kind, built, weights_of, windows_for
from torch.nn.functional import binary_cross_entropy_with_logits

from wordvec.models.architectures import ExampleLosses, Reduction, reduce


@pytest.mark.parametrize(
    ("reduction", "expected"), [("sum", 13.0), ("mean", 13 / 9), ("example_mean", 2 + 2 + 5 + 0)]
)
def test_a_batch_is_put_together_as_its_name_says(reduction: Reduction, expected: float) -> None:
    examples = ExampleLosses(torch.tensor([6.0, 2.0, 5.0, 0.0]), torch.tensor([3, 1, 1, 4]))
    assert float(reduce(examples, reduction)) == pytest.approx(expected)


@pytest.mark.parametrize("reduction", ["sum", "mean", "example_mean"])
def test_examples_without_terms_cost_nothing(reduction: Reduction) -> None:
    assert float(reduce(ExampleLosses(torch.zeros(2), torch.zeros(2, dtype=torch.int64)), reduction)) == 0


def test_the_mean_over_examples_is_the_masked_loss_of_d2l() -> None:
    """Dive into Deep Learning: contexts and noise words of each center in one row, padded and masked."""
    kind = Kind("skipgram", "center", "negative", "pair")
    weights, windows = weights_of(kind), windows_for(kind)
    rows = torch.tensor([0, 1, 2, 4])  # those with contexts: d2l has no others
    windows = windows._replace(
        centers=windows.centers[rows],
        contexts=windows.contexts[rows],
        is_context=windows.is_context[rows],
        negatives=windows.negatives[rows],
    )
    inputs, outputs = torch.tensor(weights.inputs), torch.tensor(weights.outputs)

    is_noise = windows.is_context[..., None] & (windows.negatives != windows.contexts[..., None])
    words = torch.cat([windows.contexts, windows.negatives.flatten(1)], dim=1)
    mask = torch.cat([windows.is_context, is_noise.flatten(1)], dim=1).double()
    labels = torch.cat([torch.ones(4, 4), torch.zeros(4, 12)], dim=1).double()
    scores = (inputs[windows.centers][:, None] @ outputs[words].mT).squeeze(1)
    each = binary_cross_entropy_with_logits(scores, labels, weight=mask, reduction="none").mean(1)
    d2l = (each / mask.sum(1) * mask.shape[1]).sum()

    loss = reduce(built(kind, weights).model(windows), "example_mean")
    torch.testing.assert_close(loss, d2l, rtol=1e-12, atol=0)
