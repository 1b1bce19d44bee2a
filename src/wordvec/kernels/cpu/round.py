"""Round: what threads share that train together: the windows, what was found about them, and who does what."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.block_ends import CENTERS_PER_BLOCK, MOVE_COUNTERS
from wordvec.kernels.cpu.centers import Centers, empty_centers

__all__ = ["CENTERS_PER_CHUNK", "MARKS_PER_CACHE_LINE", "Round", "empty_round"]

CENTERS_PER_CHUNK = 8  # scored by one thread: few, so that all threads end about together
MARKS_PER_CACHE_LINE = 8


class Round(NamedTuple):
    """A piece of the corpus in P parts of N places each, whose centers are trained block by block.

    Every part has its own centers and negatives, in the places from part · N on; a center's place is counted from
    there. A block is scored in chunks of its centers, and rows are moved in slices of their columns.
    """

    centers: Centers  # (P·N,) each
    negatives: NDArray[np.int32]  # (P·N, K)
    moves: NDArray[np.int64]  # (P, 2, MOVE_COUNTERS)
    first_position: NDArray[np.int64]  # (P,)  in the corpus, that the part's offsets count from
    num_blocks: NDArray[np.int64]  # (P,)
    order: NDArray[np.int32]  # (P, N)  places of the centers, in the order of training
    ends: NDArray[np.int32]  # (P, N)  where in `order` each block ends
    gradients: NDArray[np.float32]  # (CENTERS_PER_BLOCK·G,)  of one block: G numbers for each center
    losses: NDArray[np.float64]  # (blocks, chunks)  summed over the pairs
    pairs: NDArray[np.int64]  # (blocks, chunks)
    marks: NDArray[np.int64]  # (blocks, M)  chunks done, slices done, claims on each

    @property
    def places_per_part(self) -> int:
        """N."""
        return int(self.ends.shape[1])

    def part(self, number: int) -> tuple[Centers, NDArray[np.int32]]:
        """Centers and negatives of one part, to be written."""
        places = slice(number * self.places_per_part, (number + 1) * self.places_per_part)
        return Centers(*(array[places] for array in self.centers)), self.negatives[places]

    def begin(self) -> None:
        """Nothing is done yet of the blocks that there are now."""
        blocks = slice(int(self.num_blocks.sum()))
        for array in (self.losses, self.pairs, self.marks):
            array[blocks] = 0

    def totals(self) -> tuple[float, int]:
        """(loss, pairs) of all blocks."""
        blocks = slice(int(self.num_blocks.sum()))
        return float(self.losses[blocks].sum()), int(self.pairs[blocks].sum())


def empty_round(
    num_parts: int,
    *,
    positions_per_part: int,
    halo: int,  # positions read on each side of a part
    negatives: int,
    gradients_per_center: int,
    most_slices: int,  # one for each thread is enough
) -> Round:
    """Room for a round; what is not used of it takes no memory."""
    places_per_part = positions_per_part + 2 * halo
    num_places = num_parts * places_per_part
    most_blocks = num_parts * positions_per_part
    num_chunks = -(-CENTERS_PER_BLOCK // CENTERS_PER_CHUNK)
    return Round(
        centers=empty_centers(num_places),
        negatives=np.empty((num_places, negatives), np.int32),
        moves=np.empty((num_parts, 2, MOVE_COUNTERS), np.int64),
        first_position=np.zeros(num_parts, np.int64),
        num_blocks=np.zeros(num_parts, np.int64),
        order=np.empty((num_parts, places_per_part), np.int32),
        ends=np.empty((num_parts, places_per_part), np.int32),
        gradients=np.empty(CENTERS_PER_BLOCK * gradients_per_center, np.float32),
        losses=np.empty((most_blocks, num_chunks)),
        pairs=np.empty((most_blocks, num_chunks), np.int64),
        marks=np.empty((most_blocks, 2 * MARKS_PER_CACHE_LINE + num_chunks + most_slices), np.int64),
    )
