"""Initialization: the two matrices before the first step."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Initialization", "fill_word2vec_rows", "initial_matrices"]

Initialization = Literal["word2vec", "uniform", "normal", "xavier", "torch"]
ROWS_AT_A_TIME = 4096


def initial_matrices(
    vocabulary_size: int, dim: int, initialization: Initialization, generator: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Input and output vectors of V words in D dimensions, each (V, D).

    Args:
        vocabulary_size: V.
        dim: D.
        initialization: "word2vec", input vectors uniform in ±0.5/D and output vectors zero, as in word2vec.c; or both
            "uniform" in ±1, "normal" with standard deviation 1, or "xavier": uniform in ±√(6/(V+D)) (Glorot and
            Bengio, 2010); or "torch", as PyTorch begins an embedding and a linear layer: input vectors normal, output
            vectors uniform in ±1/√D.
        generator: that draws the numbers.

    >>> inputs, outputs = initial_matrices(3, 2, "word2vec", np.random.default_rng(1))
    >>> bool(abs(inputs).max() <= 0.25), outputs.tolist()
    (True, [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    """
    shape = (vocabulary_size, dim)
    if initialization == "normal":
        first, second = (generator.standard_normal(shape, np.float32) for _ in range(2))
        return first, second
    if initialization == "word2vec":
        inputs = np.empty(shape, np.float32)
        fill_word2vec_rows(inputs, generator)
        return inputs, np.zeros(shape, np.float32)
    if initialization == "torch":
        return generator.standard_normal(shape, np.float32), _uniform(shape, dim**-0.5, generator)
    bound = 1.0 if initialization == "uniform" else (6 / (vocabulary_size + dim)) ** 0.5
    first, second = (_uniform(shape, bound, generator) for _ in range(2))
    return first, second


def fill_word2vec_rows(rows: NDArray[np.float32], generator: np.random.Generator) -> None:
    """Fill (V, D) with word2vec.c's input vectors, uniform in ±0.5/D, without a second matrix in memory."""
    dim = np.float32(rows.shape[1])
    for first in range(0, len(rows), ROWS_AT_A_TIME):
        block = rows[first : first + ROWS_AT_A_TIME]
        block[:] = (generator.random(block.shape, np.float32) - np.float32(0.5)) / dim


def _uniform(shape: tuple[int, int], bound: float, generator: np.random.Generator) -> NDArray[np.float32]:
    return (generator.random(shape, np.float32) * np.float32(2) - np.float32(1)) * np.float32(bound)
