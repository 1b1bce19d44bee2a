"""The parts of a window's update: another architecture is a class of three parts, and the kernel stays the same."""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
import pytest
import torch
from tests.kernels.cases import CASES, Case
from tests.kernels.steps import guarded_scratch, laid, random_matrices, window_of
from torch import nn

from wordvec.kernels.cpu.matrices import Matrices
from wordvec.kernels.cpu.skipgram import NegativeSampling
from wordvec.kernels.cpu.tile import Rows, tile_shape
from wordvec.kernels.cpu.window_update import Hidden, LearningRate, Model, train_windows
from wordvec.kernels.simd.compile import kernel_part
from wordvec.kernels.simd.intrinsics import compile_time_constants
from wordvec.models.architectures import Cbow
from wordvec.models.negative_sampling import NegativeSampling as TorchNegativeSampling
from wordvec.models.word2vec import Word2Vec

# Compiled anew: what tests define does not belong in the cache of kernels.
train = nb.njit(nogil=True, _nrt=False, error_model="numpy")(train_windows.py_func)

HIDDEN, GRADIENT, FIRST_CONTEXT = 0, 1, 2  # places in scratch.hidden_rows
SPARE_ROWS = 2  # of the input matrix, that no word has: the hidden row, and its gradient


@kernel_part
def one_part(windows, center, scratch):  # type: ignore[no-untyped-def]
    return np.int64(windows.last[center] > windows.first[center])


@kernel_part
def mean_of_contexts(matrices, windows, center, part, columns, scratch):  # type: ignore[no-untyped-def]
    vectors, rows = matrices.input_vectors, scratch.hidden_rows
    rows[GRADIENT] = len(vectors) - matrices.row_length + columns[0]
    rows[HIDDEN] = rows[GRADIENT] - matrices.row_length
    num_contexts = np.int64(0)
    for place in range(windows.first[center], windows.last[center] + 1):
        if place != center:
            row = np.int64(windows.words[place]) * matrices.row_length + columns[0]
            rows[FIRST_CONTEXT + num_contexts] = row
            num_contexts += 1
    for column in range(columns[1]):
        total = 0.0
        for context in range(num_contexts):
            total += vectors[rows[FIRST_CONTEXT + context] + column]
        vectors[rows[HIDDEN] + column] = total / num_contexts
        vectors[rows[GRADIENT] + column] = 0
    return Hidden(Rows(vectors, rows), Rows(vectors, rows[GRADIENT:]), np.int64(1), num_contexts, False)


@kernel_part
def share_among_contexts(matrices, hidden, columns, scratch):  # type: ignore[no-untyped-def]
    vectors, rows = matrices.input_vectors, scratch.hidden_rows
    for context in range(hidden.num_contexts):
        for column in range(columns[1]):
            share = vectors[rows[GRADIENT] + column] / hidden.num_contexts
            vectors[rows[FIRST_CONTEXT + context] + column] += share


@compile_time_constants
@dataclass(frozen=True)
class MeanOfContexts:
    """CBOW."""

    num_parts = one_part
    make_hidden = mean_of_contexts
    spread_hidden = share_among_contexts


@pytest.mark.parametrize("case", CASES[:16:3], ids=lambda case: case.name)
def test_cbow_is_three_parts_and_takes_the_step_that_autograd_finds(case: Case) -> None:
    start = random_matrices(case).unpadded()
    spare = np.full((SPARE_ROWS, case.dim), np.nan, np.float32)
    matrices = Matrices.holding(np.vstack([start[0], spare]), np.vstack([start[1], spare]))
    model = Model(tile_shape(1 + len(case.negatives), 16), MeanOfContexts(), NegativeSampling())
    scratch, _ = guarded_scratch(
        model.tile, SPARE_ROWS + len(case.contexts), len(case.negatives), matrices.row_length
    )
    centers, rate = (case.center, case.center + 1), LearningRate(case.learning_rate, 0.0)
    loss, pairs = train(model, matrices, laid(case), centers, rate, scratch)

    embeddings = [nn.Embedding.from_pretrained(torch.tensor(m.astype(float)), freeze=False) for m in start]
    expected = Word2Vec(embeddings[0], Cbow("mean"), TorchNegativeSampling(embeddings[1]))
    losses = expected(window_of(case)).losses.sum()
    losses.backward()
    assert loss == pytest.approx(losses.item(), rel=1e-5)
    assert pairs == 1 + len(case.negatives)
    for found, embedding in zip(matrices.unpadded(), embeddings, strict=True):
        assert embedding.weight.grad is not None
        moved = embedding.weight.detach() - case.learning_rate * embedding.weight.grad
        np.testing.assert_allclose(found[:-SPARE_ROWS], moved.numpy(), rtol=1e-5, atol=1e-6)
