"""Huffman tree: words as leaves of a binary tree, the frequent ones near the root (Huffman, 1952)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["HuffmanTree", "huffman_tree"]

# V words, L inner nodes on the longest path


class HuffmanTree(NamedTuple):
    """The path from the root to each word: the inner nodes on it and the branch taken at each of them.

    Hierarchical softmax predicts a word by one yes-or-no question at each of these nodes (Morin and Bengio, 2005;
    Mikolov et al., 2013, §2.1). Only the first `lengths[word]` entries of a row count; node 0 and False fill the rest.
    """

    nodes: NDArray[np.int32]  # (V, L)  inner nodes in [0, V - 1), from the root down
    turns: NDArray[np.bool_]  # (V, L)  True is the branch called 1, which leads to the heavier half
    lengths: NDArray[np.int32]  # (V,)  turns that lead to each word


def huffman_tree(counts: NDArray[np.int64]) -> HuffmanTree:
    """Build the tree in which paths have the least length on average over the corpus.

    Inner nodes are numbered in the order in which they are made, from light to heavy; the root is V - 2. Among equal
    weights the words come before inner nodes, and words keep their order: of all optimal trees this gives one
    whose longest path is shortest (Schwartz, 1964), so that words which do not occur cannot make a long chain.

    Args:
        counts: (V,) occurrences of each word, in any order, each at least 0. A single word has a path of length 0.

    >>> tree = huffman_tree(np.array([4, 2, 1, 1]))
    >>> tree.lengths.tolist()
    [1, 2, 3, 3]
    >>> tree.nodes[2].tolist(), tree.turns[2].tolist()
    ([2, 1, 0], [True, True, False])
    """
    vocabulary_size = len(counts)
    by_weight = np.argsort(counts, kind="stable")  # (V,)  word ids; leaf i of the tree is word by_weight[i]
    parents, turns_into = _join_lightest(counts[by_weight].tolist())
    depths = [0] * len(parents)
    for node in range(len(parents) - 2, -1, -1):  # parents are made after their children
        depths[node] = depths[parents[node]] + 1

    parent_of, turn_into = np.array(parents), np.array(turns_into)
    place = np.empty(
        vocabulary_size, np.int64
    )  # (V,)  where each word's path has got to, going up from its leaf
    place[by_weight] = np.arange(vocabulary_size)
    lengths = np.array(depths, np.int32)[place]
    longest = int(lengths.max())
    nodes = np.zeros((vocabulary_size, longest), np.int32)
    turns = np.zeros((vocabulary_size, longest), np.bool_)
    for depth in range(longest - 1, -1, -1):  # one level of the tree at a time, for all words at once
        words = np.flatnonzero(lengths > depth)
        turns[words, depth] = turn_into[place[words]]
        place[words] = parent_of[place[words]]
        nodes[words, depth] = place[words] - vocabulary_size
    return HuffmanTree(nodes, turns, lengths)


def _join_lightest(weights: list[int]) -> tuple[list[int], list[bool]]:
    """Join the two lightest nodes until one is left, in time proportional to V.

    Leaves come sorted, and inner nodes are made in the order of their weight, so that the lightest node is always the
    first of one of these two queues (van Leeuwen, 1976).

    Args:
        weights: of the V leaves, ascending; the weights of inner nodes are added to it.

    Returns:
        For each of the 2·V - 1 nodes, leaves first, its parent and whether it is its parent's branch 1.
    """
    num_leaves = len(weights)
    parents = [0] * (2 * num_leaves - 1)
    turns_into = [False] * (2 * num_leaves - 1)
    next_leaf, next_inner = 0, num_leaves
    for made in range(num_leaves, 2 * num_leaves - 1):
        weight = 0
        for turn in (False, True):
            no_inner = next_inner == made
            if next_leaf < num_leaves and (no_inner or weights[next_leaf] <= weights[next_inner]):
                lightest, next_leaf = next_leaf, next_leaf + 1
            else:
                lightest, next_inner = next_inner, next_inner + 1
            parents[lightest], turns_into[lightest] = made, turn
            weight += weights[lightest]
        weights.append(weight)
    return parents, turns_into
