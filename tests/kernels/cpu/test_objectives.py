"""Objectives: how the paths of a tree are laid out for kernels."""

from __future__ import annotations

import numpy as np

from wordvec.kernels.cpu.objectives import PATH_TARGETS, data_of_tree, max_path_length
from wordvec.sampling.huffman import huffman_tree

COUNTS = 2 ** np.arange(9, dtype=np.int64)[::-1]  # paths of 1 to 8 nodes


def test_a_path_has_the_nodes_of_its_word_from_the_word_up_and_then_padding() -> None:
    tree, data = huffman_tree(COUNTS), data_of_tree(huffman_tree(COUNTS), first_row=100)
    for word, length in enumerate(tree.lengths):
        start = data.path_starts[word]
        end = start + length
        assert (data.path_rows[start:end] - 100).tolist() == tree.nodes[word, :length][::-1].tolist()
        turns = np.where(tree.turns[word, :length][::-1], 1, -1)
        assert data.path_signs[start:end].tolist() == turns.tolist()
        padding = slice(end, start + -(-length // PATH_TARGETS) * PATH_TARGETS)
        assert not data.path_signs[padding].any()
        assert (data.path_rows[padding] == 100 + len(COUNTS) - 2).all(), "the root, which is in every cache"
    assert max_path_length(data) == tree.lengths.max()


def test_a_single_word_has_an_empty_path() -> None:
    data = data_of_tree(huffman_tree(np.array([5])), first_row=0)
    assert max_path_length(data) == 0
    assert data.path_starts.tolist() == [0]
