"""Skip-gram, as parts of the window update: each context by itself predicts the center."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wordvec.kernels.cpu.objectives import NegativeSampling
from wordvec.kernels.cpu.tile import Rows, tile_shape
from wordvec.kernels.cpu.window_update import Hidden, Model, MovesAsListed, list_contexts
from wordvec.kernels.simd.compile import kernel_part
from wordvec.kernels.simd.intrinsics import compile_time_constants

__all__ = ["SkipGram", "skip_gram"]


def skip_gram(negatives: int, lanes: int | None = None) -> Model:
    """Skip-gram with that many negatives for each window; `lanes` is by default what this machine has."""
    return Model(tile_shape(1 + negatives, lanes), SkipGram(), NegativeSampling(), MovesAsListed())


@kernel_part
def _num_parts(windows, center, scratch):  # type: ignore[no-untyped-def]
    """Most windows have one part; those with more contexts than are moved at once have several."""
    num_contexts = np.int64(windows.last[center] - windows.first[center])
    at_once = len(scratch.moved_rows)
    if num_contexts <= at_once:  # without a division
        return np.int64(num_contexts > 0)
    return (num_contexts + at_once - 1) // at_once


@kernel_part
def _look_up_contexts(model, matrices, data, windows, center, part, columns, scratch):  # type: ignore[no-untyped-def]
    """Make the hidden rows: the contexts' own rows of the input matrix, those of a part of the window."""
    first, last, num_contexts = _contexts_of_part(windows, center, part, len(scratch.moved_rows))
    has_repeats = list_contexts(matrices, windows, center, first, last, columns, scratch.hidden_rows)
    rows = Rows(matrices.input_vectors, scratch.hidden_rows)
    return Hidden(rows, rows, num_contexts, num_contexts, has_repeats)


@kernel_part
def _contexts_of_part(windows, center, part, at_once):  # type: ignore[no-untyped-def]
    """The places of a part's first and last context, and how many contexts it has: none beyond the last part."""
    first, last = windows.first[center], windows.last[center]
    begin = np.int64(part * at_once)
    end = min(begin + at_once, np.int64(last - first))
    first_of_part, last_of_part = first + begin, first + end - 1
    first_of_part += first_of_part >= center
    last_of_part += last_of_part >= center
    return first_of_part, last_of_part, max(end - begin, 0)


@kernel_part
def _leave_as_moved(model, matrices, data, hidden, columns, scratch):  # type: ignore[no-untyped-def]
    """Spread the hidden rows' gradients: they have already been added to the contexts' rows themselves."""


@compile_time_constants
@dataclass(frozen=True)
class SkipGram:
    """The architecture: each context's row is a hidden row. Nothing is computed, and its gradient moves it in place."""

    num_parts = _num_parts
    make_hidden = _look_up_contexts
    spread_hidden = _leave_as_moved
    moves_rows_in_place = 1
