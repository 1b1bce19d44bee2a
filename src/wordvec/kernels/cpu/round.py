"""Round: what threads share that train together: the windows, what was found about them, and who does what."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.centers import Centers, empty_centers
from wordvec.kernels.cpu.matrices import FLOATS_PER_CACHE_LINE

__all__ = ["CENTERS_PER_CHUNK", "MARKS_PER_CACHE_LINE", "Round", "empty_round"]

CENTERS_PER_CHUNK = 16  # scored by one thread: few, so that all threads end about together
MARKS_PER_CACHE_LINE = 8


class Round(NamedTuple):
    """A piece of the corpus in P parts of N places each, whose centers are trained block by block.

    Every part has its own centers and negatives, in the places from part · N on; a center's place is counted from
    there. A block is at most B centers; it is scored in chunks, and the rows are moved in slices of their columns.
    """

    centers: Centers  # (P·N,) each
    negatives: NDArray[np.int32]  # (P·N, K)
    first_center: NDArray[np.int64]  # (P,)  place in its part
    end_of_centers: NDArray[np.int64]  # (P,)
    first_position: NDArray[np.int64]  # (P,)  in the corpus, that the part's offsets count from
    gradients: NDArray[np.float32]  # (B·G,)  of one block: G numbers for each center
    losses: NDArray[np.float64]  # (blocks, chunks)  summed over the pairs
    pairs: NDArray[np.int64]  # (blocks, chunks)
    marks: NDArray[
        np.int64
    ]  # (blocks, M)  chunks done, slices done, then who has claimed each chunk and slice

    @property
    def places_per_part(self) -> int:
        """N."""
        return len(self.negatives) // len(self.first_center)

    def part(self, number: int) -> tuple[Centers, NDArray[np.int32]]:
        """Centers and negatives of one part, to be written."""
        places = slice(number * self.places_per_part, (number + 1) * self.places_per_part)
        return Centers(*(array[places] for array in self.centers)), self.negatives[places]

    def begin(self) -> None:
        """Forget what was done."""
        for array in (self.losses, self.pairs, self.marks):
            array.fill(0)


def empty_round(
    num_parts: int,
    *,
    places_per_part: int,
    centers_per_part: int,
    centers_per_block: int,
    negatives: int,
    gradients_per_center: int,
    row_length: int,
) -> Round:
    """Room for a round of at most so many centers in each part."""
    num_places = num_parts * places_per_part
    num_blocks = num_parts * -(-centers_per_part // centers_per_block)
    num_chunks = -(-centers_per_block // CENTERS_PER_CHUNK)
    num_slices = row_length // FLOATS_PER_CACHE_LINE
    return Round(
        centers=empty_centers(num_places),
        negatives=np.empty((num_places, negatives), np.int32),
        first_center=np.zeros(num_parts, np.int64),
        end_of_centers=np.zeros(num_parts, np.int64),
        first_position=np.zeros(num_parts, np.int64),
        gradients=np.empty(centers_per_block * gradients_per_center, np.float32),
        losses=np.zeros((num_blocks, num_chunks)),
        pairs=np.zeros((num_blocks, num_chunks), np.int64),
        marks=np.zeros((num_blocks, 2 * MARKS_PER_CACHE_LINE + num_chunks + num_slices), np.int64),
    )
