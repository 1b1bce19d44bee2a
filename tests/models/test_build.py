"""Building: every combination that settings can name, with the matrices given."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.models.examples import (
    COUNTS,
    DIM,
    EACH_KIND,
    VOCABULARY_SIZE,
    Kind,
    built,
    weights_of,
    windows_for,
)
from torch import nn

from wordvec.models.architectures import Cbow, ExampleLosses, Predictions, SkipGram
from wordvec.models.negative_sampling import NegativeSampling
from wordvec.models.softmax import FullSoftmax, HierarchicalSoftmax
from wordvec.models.word2vec import BuiltModel, build_model

PART_OF = {
    "skipgram": SkipGram,
    "cbow": Cbow,
    "negative": NegativeSampling,
    "hierarchical": HierarchicalSoftmax,
    "softmax": FullSoftmax,
}


def numbered() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    inputs = np.arange(VOCABULARY_SIZE * DIM, dtype=np.float32).reshape(VOCABULARY_SIZE, DIM)
    return inputs, inputs + 100


@EACH_KIND
def test_a_model_has_the_parts_that_were_named(kind: Kind) -> None:
    model, _ = built(kind, weights_of(kind))
    assert type(model.architecture) is PART_OF[kind.architecture]
    assert type(model.objective) is PART_OF[kind.objective]
    assert kind.variant in vars(model.architecture).values()


@pytest.mark.parametrize("objective", ["negative", "hierarchical", "softmax"])
def test_the_model_starts_from_copies_of_the_matrices(objective: str) -> None:
    inputs, outputs = numbered()
    model, output_weight = build(inputs, outputs, objective=objective)
    found = [parameter.detach().numpy() for parameter in model.parameters()]
    np.testing.assert_array_equal(found[0], inputs)
    np.testing.assert_array_equal(found[1], outputs[:-1] if objective == "hierarchical" else outputs)
    assert all(not bias.any() for bias in found[2:])
    with torch.no_grad():
        model.input_embedding.weight.zero_()
    assert inputs[1, 1] == 4
    if objective == "hierarchical":
        assert output_weight is None  # its rows are not words'
    else:
        assert output_weight is list(model.parameters())[1]


def build(
    inputs: NDArray[np.float32],
    outputs: NDArray[np.float32],
    *,
    objective: object,
    max_norm: float | None = None,
) -> BuiltModel:
    return build_model(
        COUNTS,
        (inputs, outputs),
        architecture="skipgram",
        objective=objective,  # type: ignore[arg-type]
        skipgram_input="center",
        pooling="mean",
        max_norm=max_norm,
        is_sparse=False,
    )


def test_an_objective_of_ones_own_is_made_from_the_counts() -> None:
    class Distance(nn.Module):
        def __init__(self, counts: NDArray[np.int64]):
            super().__init__()
            self.counts = counts

        def forward(self, predictions: Predictions) -> ExampleLosses:
            raise NotImplementedError

    model, output_weight = build(*numbered(), objective=Distance)
    assert isinstance(model.objective, Distance)
    np.testing.assert_array_equal(model.objective.counts, COUNTS)
    assert output_weight is None


def test_max_norm_cuts_back_the_vectors_that_are_looked_up_and_no_others() -> None:
    kind = Kind("skipgram", "center", "negative", "window")
    weights = weights_of(kind, scale=10.0)
    model, output_weight = built(kind, weights, max_norm=2.0)
    windows = windows_for(kind)
    windows = windows._replace(centers=torch.tensor([1, 1, 1, 1, 1]), negatives=torch.full((5, 3), 7))
    model(windows)
    looked_up = [{1}, set(windows.contexts.flatten().tolist()) | {7}]
    for weight, before, words in zip(
        (model.input_embedding.weight, output_weight), weights, looked_up, strict=False
    ):
        for word in range(VOCABULARY_SIZE):
            row, old = weight[word].detach().numpy(), before[word]
            if word in words:
                np.testing.assert_allclose(row, old * min(1, 2 / np.linalg.norm(old)), rtol=1e-6)
            else:
                np.testing.assert_array_equal(row, old)


def test_max_norm_limits_the_nodes_of_a_tree_too() -> None:
    kind = Kind("cbow", "sum", "hierarchical")
    model, _ = built(kind, weights_of(kind, scale=10.0), max_norm=2.0)
    model(windows_for(kind))
    nodes = model.objective.node_embedding.weight.detach()
    root = VOCABULARY_SIZE - 2
    assert float(nodes[root].norm()) == pytest.approx(2, rel=1e-6)
