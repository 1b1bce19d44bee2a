"""Hierarchical softmax: a distribution over all words, along the paths of the tree."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from wordvec.models.architectures import Predictions
from wordvec.models.softmax import HierarchicalSoftmax
from wordvec.sampling.huffman import huffman_tree

DIM = 3


def objective_for(counts: list[int]) -> HierarchicalSoftmax:
    tree = huffman_tree(np.array(counts))
    nodes = torch.tensor(np.random.default_rng(2).normal(size=(len(counts) - 1, DIM)))
    return HierarchicalSoftmax(nn.Embedding.from_pretrained(nodes), *map(torch.tensor, tree))


def losses_of_all_words(objective: HierarchicalSoftmax, num_words: int) -> torch.Tensor:
    """(4, V) losses of four hidden vectors, asked for one word at a time."""
    hidden = torch.tensor(np.random.default_rng(3).normal(size=(4, 1, DIM)))
    is_pair = torch.ones(4, 1, dtype=torch.bool)
    columns = [
        objective(Predictions(hidden, torch.full((4, 1), word), is_pair, None)).losses
        for word in range(num_words)
    ]
    return torch.stack(columns, dim=1)


@pytest.mark.parametrize(
    "counts",
    [[1, 2], [3, 5, 9], [7, 30, 2, 5, 11, 1, 3, 19, 4], [2**n for n in range(20)], [1] * 33],
    ids=["two words", "three words", "any", "a chain", "a balanced tree"],
)
def test_the_probabilities_of_all_words_sum_to_one(counts: list[int]) -> None:
    probabilities = torch.exp(-losses_of_all_words(objective_for(counts), len(counts)))
    torch.testing.assert_close(probabilities.sum(1), torch.ones(4, dtype=torch.float64), rtol=1e-12, atol=0)
    assert probabilities.min() > 0


def test_words_with_paths_of_different_lengths_do_not_disturb_each_other() -> None:
    counts = [7, 30, 2, 5, 11, 1, 3, 19, 4]
    objective = objective_for(counts)
    hidden = torch.tensor(np.random.default_rng(3).normal(size=(4, 1, DIM)))
    targets = torch.tensor([[1, 5, 2, 7]]).expand(4, -1)  # from the shortest path to the longest
    together = objective(Predictions(hidden, targets, torch.ones(4, 4, dtype=torch.bool), None))
    alone = losses_of_all_words(objective, len(counts))[:, targets[0]].sum(1)
    torch.testing.assert_close(together.losses, alone, rtol=1e-12, atol=0)
    assert together.num_terms.tolist() == [4] * 4  # one for each pair, however long its path


def test_a_vocabulary_of_one_word_is_certain() -> None:
    assert losses_of_all_words(objective_for([8]), 1).tolist() == [[0.0]] * 4
