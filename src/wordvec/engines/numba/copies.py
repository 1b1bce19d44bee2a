"""Copies: the rows of each model that all threads move all the time, so that each has its own."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.engines.draws import Draws
from wordvec.engines.numba.window_model import Family, WindowModel
from wordvec.kernels.cpu.hot_rows import HotRows, hot_rows
from wordvec.kernels.cpu.matrices import Matrices, padded_length
from wordvec.kernels.cpu.window_update import ModelData
from wordvec.sampling.noise import AliasTable

__all__ = ["Copies", "copies_for", "mean_contexts", "moves_in_a_window"]

# Moves of a row that threads do not yet know of each other, all threads together. With 16 to 64, over one seed each,
# analogies were the same as without copies, and each merge takes the row from another core.
MAX_UNKNOWN_MOVES = 64

# A row that every window moves is merged every 16 windows at the soonest: by four threads after 64 moves. More were not
# tried, and sums of ever more of them would overshoot.
MAX_THREADS = 4

# V words; R, T and P rows of the input and output matrices, and of positions
Moves = NDArray[np.float64]


class Copies(NamedTuple):
    """How often each row of the three matrices is moved, in each window, and by how many threads."""

    moves: tuple[Moves, Moves, Moves]  # (R,), (T,), (P,)  expected
    dim: int
    threads: int

    @property
    def numbers(self) -> tuple[int, int, int]:
        """Places for copies after the rows of the three matrices, for all threads."""
        inputs, outputs, positions = (hot.number * self.threads for hot in self._of(0))
        return inputs, outputs, positions

    def given_to(self, thread: int, matrices: Matrices) -> Matrices:
        """The matrices as one of the threads takes them, with copies of its own."""
        inputs, outputs, positions = self._of(thread)
        return matrices._replace(hot_inputs=inputs, hot_outputs=outputs, hot_positions=positions)

    def _of(self, thread: int) -> list[HotRows]:
        found = []
        for moves in self.moves:
            hot = hot_rows(
                moves,
                max_moves=MAX_UNKNOWN_MOVES // self.threads,
                first_copy=len(moves),
                row_length=padded_length(self.dim),
            )
            own = thread * hot.number
            found.append(hot._replace(shift_first=hot.shift_first + own, shift_last=hot.shift_last + own))
        return found


def copies_for(
    family: Family,
    model: WindowModel,
    draws: Draws,
    counts: NDArray[np.int64],  # (V,)
    *,
    dim: int,
    threads: int,
    has_subwords: bool,
) -> Copies | None:
    """Which rows are to be copied; None for one thread, or for more than four.

    With subwords, input vectors are made for each thread anyway.
    """
    if not 1 < threads <= MAX_THREADS:
        return None
    inputs, outputs, positions = moves_in_a_window(family, model, draws, counts)
    return Copies((np.zeros(0) if has_subwords else inputs, outputs, positions), dim, threads)


def moves_in_a_window(
    family: Family,
    model: WindowModel,
    draws: Draws,
    counts: NDArray[np.int64],  # (V,)
) -> tuple[Moves, Moves, Moves]:
    """How often each word's vector, each row of the output matrix and each position is expected to move in a window.

    Output rows are those of words, then those of the tree's nodes, where there are such.
    """
    kept = (draws.keep * counts).astype(np.float64)
    centers = kept / kept.sum()  # (V,)  of a window
    outputs = []
    if draws.noise is not None:
        outputs.append(centers + draws.negatives * probabilities(draws.noise))
    if family.has_tree:
        outputs.append(_moves_of_nodes(model.data, centers, len(counts) if family.draws_noise else 0))
    positions = np.ones(2 * draws.window * family.position_weights)
    return centers * mean_contexts(draws), np.concatenate(outputs), positions


def mean_contexts(draws: Draws) -> int:
    """Contexts of a window in the middle of a text, on average."""
    return 2 * draws.window if draws.is_fixed else draws.window + 1


def _moves_of_nodes(data: ModelData, centers: Moves, first_node: int) -> Moves:
    """How often each node of a tree, (V - 1,), is on the path of a center, which is each word so often, (V,)."""
    is_node = data.path_signs != 0
    starts = np.append(data.path_starts, len(is_node))
    of_paths = np.repeat(centers, np.diff(starts))[is_node]
    nodes = data.path_rows[is_node] - first_node
    moves: Moves = np.bincount(nodes, weights=of_paths, minlength=len(centers) - 1).astype(np.float64)
    return moves


def probabilities(table: AliasTable) -> NDArray[np.float64]:
    """The distribution that a table draws from, (V,)."""
    keep = table.keep.astype(np.float64)
    aliased = np.bincount(table.alias, weights=1 - keep, minlength=len(keep))
    found: NDArray[np.float64] = (keep + aliased) / len(keep)
    return found
