"""Scratch: one thread's working memory for the windows of its stretch, each moved in parts of C contexts at most."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.tile import TileShape

__all__ = ["Scratch", "empty_scratch"]


class Scratch(NamedTuple):
    """One thread's working memory. Rows are named by the offset of their first float."""

    context_rows: NDArray[np.int64]  # (C,)
    gradient_rows: NDArray[np.int64]  # (C,)  where each context's gradients stand
    target_rows: NDArray[np.int64]  # (T,)  center, negatives, padding
    gradients: NDArray[np.float32]  # flat
    signs: NDArray[np.float32]  # flat: for 4, 2 and 1 contexts, for each target tile, the signs of its pairs
    snapshot: NDArray[np.float32]  # flat: the rows of a window as they were
    snapshot_context_rows: NDArray[np.int64]  # (C,)
    snapshot_target_rows: NDArray[np.int64]  # (T,)
    upcoming_context: NDArray[np.int64]  # (1,)  context row of a later window
    upcoming_targets: NDArray[np.int64]  # (T,)  target rows of a later window
    loss: NDArray[np.float32]  # (2·lanes,)  running sums, then running products
    loss_factors: NDArray[np.int64]  # (1,)  how many factors are in each product


def empty_scratch(shape: TileShape, num_contexts: int, negatives: int, row_length: int) -> Scratch:
    """Working memory for windows, or parts of windows, of so many contexts."""
    num_targets = shape.targets * shape.target_tiles
    gradients_per_tile = num_contexts * shape.pitch
    snapshot_rows = np.arange(num_contexts + num_targets) * row_length
    return Scratch(
        context_rows=np.zeros(num_contexts, np.int64),
        gradient_rows=np.zeros(num_contexts, np.int64),
        target_rows=np.zeros(num_targets, np.int64),
        gradients=np.zeros(shape.target_tiles * gradients_per_tile, np.float32),
        signs=_signs(shape, 1 + negatives),
        snapshot=np.zeros((num_contexts + num_targets) * row_length, np.float32),
        snapshot_context_rows=snapshot_rows[:num_contexts].copy(),
        snapshot_target_rows=snapshot_rows[num_contexts:].copy(),
        upcoming_context=np.zeros(1, np.int64),
        upcoming_targets=np.zeros(num_targets, np.int64),
        loss=np.concatenate([np.zeros(shape.lanes), np.ones(shape.lanes)]).astype(np.float32),
        loss_factors=np.zeros(1, np.int64),
    )


def _signs(shape: TileShape, num_targets: int) -> NDArray[np.float32]:
    signs = np.zeros((3, shape.target_tiles, 4 * shape.pitch), np.float32)
    for kind, contexts in enumerate((4, 2, 1)):
        for tile in range(shape.target_tiles):
            for context in range(contexts):
                for slot in range(shape.targets):
                    target = tile * shape.targets + slot
                    sign = 0 if target >= num_targets else (-1 if target == 0 else 1)
                    signs[kind, tile, context * shape.targets + slot] = sign
    return signs.ravel()
