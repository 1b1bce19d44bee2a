"""Window models: which parts, matrices and working memory a model has that is trained window by window."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.cbow import Cbow, PositionWeightedCbow
from wordvec.kernels.cpu.matrices import Matrices
from wordvec.kernels.cpu.objectives import (
    HierarchicalSoftmax,
    NegativeSampling,
    NegativesAndTree,
    data_of_tree,
    max_path_length,
    tile_of_paths,
)
from wordvec.kernels.cpu.skipgram import SkipGram
from wordvec.kernels.cpu.tile import tile_shape
from wordvec.kernels.cpu.window_update import (
    Model,
    ModelData,
    MovesAlongOneRow,
    MovesAsListed,
    Scratch,
    empty_scratch,
    plain_data,
)
from wordvec.sampling.huffman import huffman_tree

__all__ = ["Family", "WindowModel", "first_matrices", "window_model"]

MAX_REACH = 64  # places: what is asked for sooner leaves the cache again

# V words, D dimensions, R input rows
Floats = NDArray[np.float32]


class Family(NamedTuple):
    """What distinguishes the models; the names and values are those of `Config`."""

    architecture: Literal["skipgram", "cbow"] = "skipgram"
    # The full softmax is trained in batches, by another engine.
    objective: Literal["negative", "hierarchical", "negative+hierarchical", "softmax"] = "negative"
    pooling: Literal["mean", "sum"] = "mean"
    cbow_gradient: Literal["exact", "word2vec"] = "exact"
    position_weights: bool = False
    contexts_at_full_step: int | None = None  # see `engines.step_limits.StepLimits`

    @property
    def draws_noise(self) -> bool:
        """Whether words are compared with noise words."""
        return self.objective != "hierarchical"

    @property
    def has_tree(self) -> bool:
        """Whether words are leaves of a tree."""
        return self.objective != "negative"


class WindowModel(NamedTuple):
    """A model, as kernels and their workers take it."""

    parts: Model
    data: ModelData
    window: int
    max_targets: int  # of a window
    max_hidden: int  # hidden rows that are moved at once

    def scratch(self, row_length: int) -> Scratch:
        """Working memory for one thread."""
        pools = not isinstance(self.parts.architecture, SkipGram)
        return empty_scratch(
            self.parts.tile,
            num_hidden=self.max_hidden,
            num_targets=self.max_targets,
            row_length=row_length,
            num_contexts=2 * self.window if pools else 0,
        )


def window_model(
    family: Family,
    counts: NDArray[np.int64],  # (V,)
    *,
    negatives: int,
    window: int,
    contexts_per_part: int,
    rows_per_word: NDArray[np.integer] | None = None,  # (V,)
    lanes: int | None = None,
) -> WindowModel:
    """Put a model together.

    Args:
        family: which model.
        counts: occurrences of each word, from which a tree is made.
        negatives: noise words of a window.
        window: words on each side of a center, at most.
        contexts_per_part: skip-gram moves a window with more contexts in parts of that size.
        rows_per_word: how many rows make each word; by default, none is made of several.
        lanes: float32 in a vector register; by default, what this machine has.
    """
    targets_without_tree = 1 + negatives if family.draws_noise else 0
    at_full_step = family.contexts_at_full_step or 2 * window
    data, counts_rows = plain_data(), rows_per_word is not None and family.pooling == "mean"
    tile = tile_shape(1 + negatives, lanes)
    max_targets = targets_without_tree
    if family.has_tree:
        first_node = len(counts) if family.draws_noise else 0
        data = data_of_tree(huffman_tree(counts), first_node)
        tile = tile_of_paths(lanes, has_one_hidden_row=family.architecture == "cbow")
        max_targets += max_path_length(data)
    if rows_per_word is not None:
        data = data._replace(rows_per_word=rows_per_word.astype(np.float32))
    is_skipgram = family.architecture == "skipgram"
    return WindowModel(
        Model(tile, _architecture(family, counts_rows), _objective(family), _mover(family)),
        data._replace(contexts_at_full_step=at_full_step, reach=min(window, MAX_REACH)),
        window,
        max_targets=max(max_targets, 1),
        max_hidden=min(contexts_per_part, 2 * window) if is_skipgram else 1,
    )


def _architecture(family: Family, counts_rows: bool) -> SkipGram | Cbow | PositionWeightedCbow:
    if family.architecture == "skipgram":
        return SkipGram()
    kind = PositionWeightedCbow if family.position_weights else Cbow
    return kind(family.pooling == "mean", family.cbow_gradient == "word2vec", counts_rows)


def _objective(family: Family) -> NegativeSampling | HierarchicalSoftmax | NegativesAndTree:
    if not family.has_tree:
        return NegativeSampling()
    return NegativesAndTree() if family.draws_noise else HierarchicalSoftmax()


def _mover(family: Family) -> MovesAsListed | MovesAlongOneRow:
    """What was measured to be faster."""
    has_one_row = family.architecture == "cbow"
    return MovesAlongOneRow() if has_one_row and family.has_tree else MovesAsListed()


def first_matrices(
    family: Family,
    vocabulary_size: int,
    *,
    dim: int,
    window: int,
    generator: np.random.Generator,
    num_rows: int | None = None,
    start: tuple[Floats, Floats] | None = None,
    num_copies: tuple[int, int, int] = (0, 0, 0),
) -> Matrices:
    """The matrices before the first step: vectors of nodes are zero, those of positions one.

    Args:
        family: which model.
        vocabulary_size: V.
        dim: D.
        window: words on each side of a center, at most.
        generator: draws word2vec.c's input vectors, where there is no `start`.
        num_rows: R, of the input matrix, where words are made of several; by default V.
        start: the input and output vectors to begin with, (R, D) and (V, D).
        num_copies: places after the rows of the three matrices, for copies that threads have of some.
    """
    num_outputs = vocabulary_size * family.draws_noise + (vocabulary_size - 1) * family.has_tree
    num_positions = 2 * window * family.position_weights
    matrices = Matrices.zeros(num_rows or vocabulary_size, num_outputs, num_positions, dim, num_copies)
    matrices.rows_of("position_vectors")[:] = 1
    if start is None:
        matrices.fill_inputs(generator)
        return matrices
    matrices.rows_of("input_vectors")[:] = start[0]
    if family.draws_noise:
        matrices.rows_of("output_vectors")[:vocabulary_size] = start[1]
    else:
        matrices.rows_of("output_vectors")[:] = start[1][:-1]
    return matrices
