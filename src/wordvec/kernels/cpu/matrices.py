"""The two matrices as kernels take them: flat, rows padded to whole vectors and aligned to cache lines."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.simd import FLOATS_PER_CACHE_LINE
from wordvec.sampling.initialization import fill_word2vec_rows

__all__ = ["Matrices"]

BYTES_PER_CACHE_LINE = 64
ROWS_AT_A_TIME = 4096


class Matrices(NamedTuple):
    """Input and output vectors of V words in D dimensions, as kernels take them.

    Padding is zero and stays so: updates add multiples of other rows' padding to it.
    """

    dim: int
    row_length: int  # D rounded up to whole cache lines
    input_vectors: NDArray[np.float32]  # (V·row_length,)
    output_vectors: NDArray[np.float32]  # (V·row_length,)

    @classmethod
    def initial(cls, vocabulary_size: int, dim: int, generator: np.random.Generator) -> Matrices:
        """word2vec's start: input vectors uniform in ±0.5/D, output vectors zero."""
        matrices = cls._zeros(vocabulary_size, dim)
        rows = matrices.input_vectors.reshape(vocabulary_size, matrices.row_length)
        fill_word2vec_rows(rows[:, :dim], generator)
        return matrices

    @classmethod
    def holding(cls, inputs: NDArray[np.float32], outputs: NDArray[np.float32]) -> Matrices:
        """Copies of the input and output matrices, each (V, D), of a run that is resumed."""
        matrices = cls._zeros(*inputs.shape)
        for flat, matrix in ((matrices.input_vectors, inputs), (matrices.output_vectors, outputs)):
            flat.reshape(len(matrix), matrices.row_length)[:, : matrices.dim] = matrix
        return matrices

    @classmethod
    def _zeros(cls, vocabulary_size: int, dim: int) -> Matrices:
        row_length = -(-dim // FLOATS_PER_CACHE_LINE) * FLOATS_PER_CACHE_LINE
        size = vocabulary_size * row_length
        return cls(dim, row_length, _aligned_zeros(size), _aligned_zeros(size))

    def unpadded(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Copies of the input and output matrices, each (V, D)."""
        inputs, outputs = (
            flat.reshape(-1, self.row_length)[:, : self.dim].copy()
            for flat in (self.input_vectors, self.output_vectors)
        )
        return inputs, outputs

    def compacted(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The input and output matrices, each (V, D), in the memory of these, which are invalid afterwards."""
        return self._compacted(self.input_vectors), self._compacted(self.output_vectors)

    def _compacted(self, flat: NDArray[np.float32]) -> NDArray[np.float32]:
        rows = flat.reshape(-1, self.row_length)
        for first in range(0, len(rows), ROWS_AT_A_TIME):  # each goes to the left of where it is read
            block = rows[first : first + ROWS_AT_A_TIME, : self.dim].ravel()
            flat[first * self.dim : first * self.dim + len(block)] = block
        return flat[: len(rows) * self.dim].reshape(len(rows), self.dim)


def _aligned_zeros(size: int) -> NDArray[np.float32]:
    with_slack = np.zeros(size + FLOATS_PER_CACHE_LINE, np.float32)
    first = -with_slack.ctypes.data % BYTES_PER_CACHE_LINE // with_slack.itemsize
    return with_slack[first : first + size]
