"""The two matrices as kernels want them: flat, rows padded to whole vectors and aligned to cache lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Matrices"]

FLOATS_PER_CACHE_LINE = 16  # also the widest vector
BYTES_PER_CACHE_LINE = 64
ROWS_AT_A_TIME = 4096


@dataclass(frozen=True)
class Matrices:
    """Input and output vectors of V words in D dimensions.

    Padding is zero and stays so: updates add multiples of other rows' padding to it.
    """

    dim: int
    row_length: int  # D rounded up to whole cache lines
    input_vectors: NDArray[np.float32]  # (V·row_length,)
    output_vectors: NDArray[np.float32]  # (V·row_length,)

    @classmethod
    def initial(cls, vocabulary_size: int, dim: int, generator: np.random.Generator) -> Matrices:
        """word2vec's start: input vectors uniform in ±0.5/D, output vectors zero."""
        row_length = -(-dim // FLOATS_PER_CACHE_LINE) * FLOATS_PER_CACHE_LINE
        input_vectors = _aligned_zeros(vocabulary_size * row_length)
        rows = input_vectors.reshape(vocabulary_size, row_length)
        for first in range(0, vocabulary_size, ROWS_AT_A_TIME):
            block = rows[first : first + ROWS_AT_A_TIME, :dim]
            block[:] = (generator.random(block.shape, np.float32) - np.float32(0.5)) / np.float32(dim)
        return cls(dim, row_length, input_vectors, _aligned_zeros(vocabulary_size * row_length))

    def unpadded(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Copies of the input and output matrices, each (V, D)."""
        inputs, outputs = (
            flat.reshape(-1, self.row_length)[:, : self.dim].copy()
            for flat in (self.input_vectors, self.output_vectors)
        )
        return inputs, outputs

    def compacted(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The input and output matrices, each (V, D), in the memory of these, which are of no more use after."""
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
