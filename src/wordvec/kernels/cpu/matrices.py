"""The two matrices as kernels take them: flat, rows padded to whole vectors and aligned to cache lines."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.hot_rows import HotRows, no_hot_rows
from wordvec.kernels.simd import FLOATS_PER_CACHE_LINE
from wordvec.sampling.initialization import fill_word2vec_rows

__all__ = ["Matrices", "padded_length", "padded_rows"]

Floats = NDArray[np.float32]

BYTES_PER_CACHE_LINE = 64
ROWS_AT_A_TIME = 4096


class Matrices(NamedTuple):
    """Input and output vectors in D dimensions, as kernels take them: R input rows, T output rows, P positions.

    Padding is zero and stays so: updates add multiples of other rows' padding to it.
    """

    dim: int
    row_length: int  # D rounded up to whole cache lines
    input_vectors: NDArray[np.float32]  # (R·row_length,)
    output_vectors: NDArray[np.float32]  # (T·row_length,)
    position_vectors: NDArray[np.float32]  # (P·row_length,)  of the places of a window
    hot_inputs: HotRows  # of which a thread moves copies, which stand after the rows
    hot_outputs: HotRows
    hot_positions: HotRows
    num_rows: tuple[int, int, int]  # R, T and P: how many rows of the three are not copies

    @classmethod
    def zeros(
        cls,
        num_inputs: int,
        num_outputs: int,
        num_positions: int,
        dim: int,
        num_copies: tuple[int, int, int] = (0, 0, 0),
    ) -> Matrices:
        """Matrices with that many rows, and places for copies after them."""
        length, num_rows = padded_length(dim), (num_inputs, num_outputs, num_positions)
        inputs, outputs, positions = (
            _aligned_zeros((rows + copies) * length)
            for rows, copies in zip(num_rows, num_copies, strict=True)
        )
        none = no_hot_rows()
        return cls(dim, length, inputs, outputs, positions, none, none, none, num_rows)

    @classmethod
    def initial(cls, vocabulary_size: int, dim: int, generator: np.random.Generator) -> Matrices:
        """word2vec's start: input vectors uniform in ±0.5/D, output vectors zero."""
        matrices = cls.zeros(vocabulary_size, vocabulary_size, 0, dim)
        matrices.fill_inputs(generator)
        return matrices

    @classmethod
    def holding(
        cls,
        inputs: NDArray[np.float32],  # (R, D)
        outputs: NDArray[np.float32],  # (T, D)
        positions: NDArray[np.float32] | None = None,  # (P, D)
    ) -> Matrices:
        """Copies of these matrices, as of a run that is resumed."""
        dim = inputs.shape[1]
        of_positions = np.zeros((0, dim), np.float32) if positions is None else positions
        none = no_hot_rows()
        return cls(
            dim,
            padded_length(dim),
            padded_rows(inputs),
            padded_rows(outputs),
            padded_rows(of_positions),
            none,
            none,
            none,
            (len(inputs), len(outputs), len(of_positions)),
        )

    def fill_inputs(self, generator: np.random.Generator) -> None:
        """Write word2vec's first input vectors, uniform in ±0.5/D."""
        fill_word2vec_rows(self.rows_of("input_vectors"), generator)

    def rows_of(self, name: Literal["input_vectors", "output_vectors", "position_vectors"]) -> Floats:
        """The rows of a matrix without their padding: a view."""
        flat: Floats = getattr(self, name)
        num_rows = self.num_rows[("input_vectors", "output_vectors", "position_vectors").index(name)]
        return flat.reshape(-1, self.row_length)[:num_rows, : self.dim]

    def unpadded(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Copies of the input and output matrices, each (V, D)."""
        return self.rows_of("input_vectors").copy(), self.rows_of("output_vectors").copy()

    def compacted(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The input and output matrices, each (V, D), in the memory of these, which are invalid afterwards."""
        return (
            self._compacted(self.input_vectors, self.num_rows[0]),
            self._compacted(self.output_vectors, self.num_rows[1]),
        )

    def _compacted(self, flat: NDArray[np.float32], num_rows: int) -> NDArray[np.float32]:
        rows = flat.reshape(-1, self.row_length)[:num_rows]
        for first in range(0, len(rows), ROWS_AT_A_TIME):  # each goes to the left of where it is read
            block = rows[first : first + ROWS_AT_A_TIME, : self.dim].ravel()
            flat[first * self.dim : first * self.dim + len(block)] = block
        return flat[: len(rows) * self.dim].reshape(len(rows), self.dim)


def padded_length(dim: int) -> int:
    """D rounded up to whole cache lines."""
    return -(-dim // FLOATS_PER_CACHE_LINE) * FLOATS_PER_CACHE_LINE


def padded_rows(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """A copy of a matrix, (V, D), with padded rows: (V·padded_length(D),)."""
    num_rows, dim = matrix.shape
    flat = _aligned_zeros(num_rows * padded_length(dim))
    flat.reshape(num_rows, padded_length(dim))[:, :dim] = matrix
    return flat


def _aligned_zeros(size: int) -> NDArray[np.float32]:
    with_slack = np.zeros(size + FLOATS_PER_CACHE_LINE, np.float32)
    first = -with_slack.ctypes.data % BYTES_PER_CACHE_LINE // with_slack.itemsize
    return with_slack[first : first + size]
