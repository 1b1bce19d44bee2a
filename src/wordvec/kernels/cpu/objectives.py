"""Objectives, as parts of the window update: negative sampling, hierarchical softmax, and both together.

All of them score hidden rows against target rows and have a logistic loss, -ln σ(∓score): what differs is which rows of
the output matrix those are, and which of them are true.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wordvec.kernels.cpu.hot_rows import list_own_rows, own_row
from wordvec.kernels.cpu.tile import TileShape, copy_row
from wordvec.kernels.cpu.window_update import ModelData, plain_data
from wordvec.kernels.simd.compile import kernel_part
from wordvec.kernels.simd.intrinsics import compile_time_constants
from wordvec.kernels.simd.vectors import lanes_of_this_machine
from wordvec.sampling.huffman import HuffmanTree

__all__ = [
    "HierarchicalSoftmax",
    "NegativeSampling",
    "NegativesAndTree",
    "data_of_tree",
    "max_path_length",
    "tile_of_paths",
]

# Targets of a tile where their number differs from window to window: a path of 12 nodes fills three of 4, and 4 x 4
# scores fill one vector of AVX-512.
PATH_TARGETS = 4
MAX_LANES = 16
TRUE, NOISE, PADDING = np.float32(-1.0), np.float32(1.0), np.float32(0.0)


def tile_of_paths(lanes: int | None = None, *, has_one_hidden_row: bool = False) -> TileShape:
    """The tiles for targets whose number differs from window to window."""
    lanes = lanes or lanes_of_this_machine()
    has_room = lanes != 8
    return TileShape(
        lanes,
        hidden=1 if has_one_hidden_row else (4 if has_room else 2),
        targets=PATH_TARGETS,
        passes=1,
        tiles_per_pass=1,
        columns=2 if has_room else 1,
    )


def data_of_tree(tree: HuffmanTree, first_row: int) -> ModelData:
    """The paths of a tree as kernels take them.

    Args:
        tree: of V words.
        first_row: of the output matrix, that of inner node 0.
    """
    lengths = tree.lengths.astype(np.int64)
    sizes = -(-lengths // PATH_TARGETS) * PATH_TARGETS  # (V,)
    starts = np.cumsum(sizes) - sizes
    rows = np.zeros(sizes.sum() + MAX_LANES, np.int32)
    signs = np.zeros(len(rows), np.float32)
    for depth in range(int(sizes.max(initial=0))):
        # Nodes near the word come first: those are rare, and it helps to ask for them early. Padding is the root.
        words = np.flatnonzero(depth < sizes)
        is_node = depth < lengths[words]
        from_root = np.maximum(lengths[words] - 1 - depth, 0)
        rows[starts[words] + depth] = tree.nodes[words, from_root] + first_row
        of_nodes = np.where(tree.turns[words, from_root], NOISE, TRUE)
        signs[starts[words] + depth] = np.where(is_node, of_nodes, PADDING)
    return plain_data()._replace(path_starts=starts, path_lengths=lengths, path_rows=rows, path_signs=signs)


def max_path_length(data: ModelData) -> int:
    """Nodes on the longest path to a word."""
    return int(data.path_lengths.max())


@kernel_part
def _list_center_and_negatives(tile, matrices, data, windows, center, columns, target_rows):  # type: ignore[no-untyped-def]
    """Write the rows of the targets: the center, then its negatives.

    Places of a tile that are left over hold the center, too; their sign, and so their gradient, is 0.
    """
    number = _write_center_and_negatives(matrices, windows, center, columns, target_rows)
    for padding in range(number, tile.targets * tile.tiles_per_pass * tile.passes):
        target_rows[padding] = target_rows[0]
    return number


@kernel_part
def _write_center_and_negatives(matrices, windows, center, columns, target_rows):  # type: ignore[no-untyped-def]
    num_negatives = windows.negatives.shape[1]
    center_row = own_row(matrices.hot_outputs, np.int64(windows.words[center]))
    target_rows[0] = center_row * matrices.row_length + columns[0]
    list_own_rows(
        matrices.hot_outputs,
        windows.negatives,
        center * num_negatives,
        num_negatives,
        matrices.row_length,
        columns[0],
        target_rows,
        np.int64(1),
    )
    return 1 + num_negatives


@kernel_part
def _keep_signs(tile, data, windows, center, num_hidden, signs):  # type: ignore[no-untyped-def]
    """Leave the signs as they are from the beginning: the first target is the true one."""


@kernel_part
def _one_and_negatives(windows):  # type: ignore[no-untyped-def]
    return 1 + windows.negatives.shape[1]


@kernel_part
def _one_for_the_path(windows):  # type: ignore[no-untyped-def]
    return 1


@kernel_part
def _negatives_and_path(windows):  # type: ignore[no-untyped-def]
    return 2 + windows.negatives.shape[1]


@kernel_part
def _fixed_number(tile, num_targets):  # type: ignore[no-untyped-def]
    return np.int64(tile.passes)


@kernel_part
def _number_that_fits(tile, num_targets):  # type: ignore[no-untyped-def]
    per_pass = tile.targets * tile.tiles_per_pass
    return (num_targets + per_pass - 1) // per_pass


@kernel_part
def _list_path(tile, matrices, data, windows, center, columns, target_rows):  # type: ignore[no-untyped-def]
    """Write the rows of the nodes on the center's path; padding fills the last tile."""
    return _append_path(tile, matrices, data, windows, center, columns, target_rows, np.int64(0))


@kernel_part
def _list_negatives_and_path(tile, matrices, data, windows, center, columns, target_rows):  # type: ignore[no-untyped-def]
    """Write the rows of the center and its negatives, then those of the nodes on the center's path."""
    number = _write_center_and_negatives(matrices, windows, center, columns, target_rows)
    end = _append_path(tile, matrices, data, windows, center, columns, target_rows, np.int64(number))
    for padding in range(end, _number_that_fits(tile, end) * tile.targets * tile.tiles_per_pass):
        target_rows[padding] = target_rows[0]
    return end


@kernel_part
def _append_path(tile, matrices, data, windows, center, columns, target_rows, number):  # type: ignore[no-untyped-def]
    word = windows.words[center]
    length = data.path_lengths[word]
    if length > 0:
        list_own_rows(
            matrices.hot_outputs,
            data.path_rows,
            data.path_starts[word],
            length,
            matrices.row_length,
            columns[0],
            target_rows,
            number,
        )
    return number + length


@kernel_part
def _write_signs_of_path(tile, data, windows, center, num_hidden, signs):  # type: ignore[no-untyped-def]
    _write_signs(tile, data, windows, center, num_hidden, signs, np.int64(0))


@kernel_part
def _write_signs_after_negatives(tile, data, windows, center, num_hidden, signs):  # type: ignore[no-untyped-def]
    _write_signs(tile, data, windows, center, num_hidden, signs, np.int64(1 + windows.negatives.shape[1]))


@kernel_part
def _write_signs(tile, data, windows, center, num_hidden, signs, num_fixed):  # type: ignore[no-untyped-def]
    """Write the signs of the targets after the first `num_fixed`, once for each hidden row of each size of tile."""
    word = windows.words[center]
    start, length = data.path_starts[word], data.path_lengths[word]
    if tile.hidden == 1:
        for place in range(np.int64(0), length, tile.lanes):
            copy_row(tile, data.path_signs, start + place, signs, num_fixed + place, np.int64(tile.lanes))
        if num_fixed > 0:
            for padding in range(num_fixed + length, num_fixed + length + PATH_TARGETS):
                signs[padding] = PADDING
        return
    first = start - num_fixed
    end = num_fixed + length
    end_of_tiles = _number_that_fits(tile, end) * tile.targets * tile.tiles_per_pass
    signs_per_kind = len(signs) // 3
    for target in range(num_fixed, end_of_tiles):
        sign = data.path_signs[first + target] if target < end else PADDING
        place = target // tile.targets * (4 * tile.pitch) + target % tile.targets
        if num_hidden >= 4 and tile.hidden == 4:
            for row in range(4):
                signs[place + row * tile.targets] = sign
        if num_hidden % tile.hidden >= 2 or tile.hidden == 2:
            for row in range(2):
                signs[place + signs_per_kind + row * tile.targets] = sign
        if num_hidden % 2:
            signs[place + 2 * signs_per_kind] = sign


@compile_time_constants
@dataclass(frozen=True)
class NegativeSampling:
    """The center is a true target, its K noise words are false ones (Mikolov et al., 2013b, equation 4)."""

    list_targets = _list_center_and_negatives
    list_signs = _keep_signs
    num_terms = _one_and_negatives
    num_passes = _fixed_number
    targets_may_repeat = 1


@compile_time_constants
@dataclass(frozen=True)
class HierarchicalSoftmax:
    """The nodes on the center's path through a Huffman tree are targets, true where branch 0 is taken (ibid., §2.1)."""

    list_targets = _list_path
    list_signs = _write_signs_of_path
    num_terms = _one_for_the_path
    num_passes = _number_that_fits
    targets_may_repeat = 0


@compile_time_constants
@dataclass(frozen=True)
class NegativesAndTree:
    """The sum of both losses, as in word2vec.c with `-negative` and `-hs 1`: rows of nodes follow those of words."""

    list_targets = _list_negatives_and_path
    list_signs = _write_signs_after_negatives
    num_terms = _negatives_and_path
    num_passes = _number_that_fits
    targets_may_repeat = 1
