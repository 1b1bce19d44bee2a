"""Huffman trees: optimal, complete, and quick to build."""

from __future__ import annotations

import heapq
import time
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from wordvec.sampling.huffman import HuffmanTree, huffman_tree

COUNTS = {
    "two words": [5, 3],
    "unsorted": [3, 50, 8, 8, 1, 21, 2],
    "all equal": [4] * 11,
    "none occurs": [0] * 9,
    "some do not occur": [0, 7, 0, 2, 0, 0, 7, 1, 0],
    "a chain": [2**level for level in range(40)],
    "zipf": (10_000 // np.arange(1, 600)).tolist(),
    "random": np.random.default_rng(3).integers(0, 30, 257).tolist(),
    "too many for int32": [2**60, 2**59, 2**61, 3],
}
each_case = pytest.mark.parametrize("counts", COUNTS.values(), ids=COUNTS)


def codes(tree: HuffmanTree) -> list[str]:
    return [
        "".join("01"[int(turn)] for turn in turns[:length])
        for turns, length in zip(tree.turns, tree.lengths, strict=True)
    ]


def heap_lengths(counts: list[int]) -> list[int]:
    """The textbook way: a heap of (weight, tie, words below); each join puts its words one turn deeper."""
    heap = [(count, word, [word]) for word, count in enumerate(counts)]
    heapq.heapify(heap)
    lengths = [0] * len(counts)
    for tie in range(len(counts), 2 * len(counts) - 1):
        (light, _, some), (heavy, _, others) = heapq.heappop(heap), heapq.heappop(heap)
        for word in some + others:
            lengths[word] += 1
        heapq.heappush(heap, (light + heavy, tie, some + others))
    return lengths


@each_case
def test_paths_are_as_short_as_those_of_the_textbook(counts: list[int]) -> None:
    lengths, textbook = huffman_tree(np.array(counts)).lengths.tolist(), heap_lengths(counts)
    weighed = [
        sum(c * length for c, length in zip(counts, some, strict=True)) for some in (lengths, textbook)
    ]
    assert weighed[0] == weighed[1]


@pytest.mark.parametrize("seed", range(20))
def test_random_counts_with_many_ties_give_optimal_trees(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 6, rng.integers(2, 60)) ** rng.integers(1, 5)
    textbook = heap_lengths(counts.tolist())
    lengths = huffman_tree(counts).lengths
    assert int(counts @ lengths) == int(counts @ np.array(textbook))
    assert lengths.max() <= max(textbook)


@each_case
def test_no_code_begins_another_and_none_is_left_unused(counts: list[int]) -> None:
    written = sorted(codes(huffman_tree(np.array(counts))))
    assert len(written) == len(counts)
    for code, following in pairwise(written):
        assert not following.startswith(code)  # also when they are equal
    assert sum(Fraction(1, 2 ** len(code)) for code in written) == 1


@each_case
def test_nodes_and_turns_describe_one_tree(counts: list[int]) -> None:
    tree = huffman_tree(np.array(counts))
    num_inner = len(counts) - 1
    prefix_of: dict[int, str] = {}
    for code, nodes in zip(codes(tree), tree.nodes.tolist(), strict=True):
        for depth in range(len(code)):
            assert prefix_of.setdefault(nodes[depth], code[:depth]) == code[:depth]
    assert sorted(prefix_of) == list(range(num_inner))
    assert len(set(prefix_of.values())) == num_inner
    assert prefix_of[num_inner - 1] == ""  # the root


@each_case
def test_frequent_words_are_not_longer_than_rare_ones(counts: list[int]) -> None:
    lengths = huffman_tree(np.array(counts)).lengths.tolist()
    for count, length in zip(counts, lengths, strict=True):
        for other_count, other_length in zip(counts, lengths, strict=True):
            assert count <= other_count or length <= other_length


@each_case
def test_the_heavier_half_is_branch_one(counts: list[int]) -> None:
    tree = huffman_tree(np.array(counts))
    below = np.zeros((len(counts) - 1, 2), dtype=np.int64)  # weight of the words beyond each branch
    for count, nodes, turns, length in zip(counts, tree.nodes, tree.turns, tree.lengths, strict=True):
        below[nodes[:length], turns[:length].astype(int)] += count
    assert (below[:, 0] <= below[:, 1]).all()


def test_what_lies_beyond_a_path_is_zero_and_false() -> None:
    tree = huffman_tree(np.array(COUNTS["unsorted"]))
    beyond = np.arange(tree.nodes.shape[1]) >= tree.lengths[:, None]
    assert beyond.any()
    assert not tree.nodes[beyond].any()
    assert not tree.turns[beyond].any()
    assert tree.nodes.shape == tree.turns.shape == (7, tree.lengths.max())
    assert [array.dtype.name for array in tree] == ["int32", "bool", "int32"]


def test_two_words_need_one_turn_and_the_frequent_one_is_branch_one() -> None:
    tree = huffman_tree(np.array([9, 2]))
    assert tree.nodes.tolist() == [[0], [0]]
    assert tree.turns.tolist() == [[True], [False]]
    assert tree.lengths.tolist() == [1, 1]


def test_a_single_word_needs_no_turn() -> None:
    tree = huffman_tree(np.array([7]))
    assert tree.nodes.shape == tree.turns.shape == (1, 0)
    assert tree.lengths.tolist() == [0]


def test_equal_words_lie_equally_deep_where_their_number_allows() -> None:
    assert set(huffman_tree(np.full(64, 3)).lengths.tolist()) == {6}
    assert set(huffman_tree(np.zeros(11, dtype=np.int64)).lengths.tolist()) == {3, 4}


def test_the_same_counts_give_the_same_tree() -> None:
    counts = np.array(COUNTS["random"])
    first, second = huffman_tree(counts), huffman_tree(counts.copy())
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one, other)


def test_a_hundred_thousand_words_take_a_moment() -> None:
    counts = 10**8 // np.arange(1, 100_001)
    start = time.perf_counter()
    tree = huffman_tree(counts)
    assert time.perf_counter() - start < 2  # about 0.2 here
    assert tree.lengths[0] < tree.lengths[-1]
