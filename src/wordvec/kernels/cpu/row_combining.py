"""Row combining: from what each rank made of a row, the row that all go on with; every row is combined by itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from wordvec.kernels.simd.compile import kernel, kernel_part

__all__ = [
    "add_adaptive_sums",
    "add_moved_means",
    "add_projections",
    "add_scaled_sums",
    "add_with_momentum",
    "multiply_by_geometric_sums",
    "sum_differences",
]

# N ranks, M rows, D dimensions. Sums go over the ranks in their order, so that the same rows give the same bytes.


@kernel
def add_scaled_sums(  # type: ignore[no-untyped-def]
    rows,  # (N, M, D) float32  of each rank; overwritten
    base,  # (M, D) float32  what all ranks began with; moved in place
    scales,  # (M,) float32
):
    """Add to each row the sum of the ranks' differences, times its scale."""
    for row in range(len(base)):
        _sum_differences(rows, base, row)
        scale = scales[row]
        for place in range(base.shape[1]):
            base[row, place] += scale * rows[0, row, place]


@kernel
def sum_differences(  # type: ignore[no-untyped-def]
    rows,  # (N, M, D) float32  of each rank; the first rank's become the sums
    base,  # (M, D) float32
):
    """Sum the ranks' differences of each row."""
    for row in range(len(base)):
        _sum_differences(rows, base, row)


@kernel
def multiply_by_geometric_sums(  # type: ignore[no-untyped-def]
    values,  # (M, D) float32  multiplied in place
    ratios,  # (M, D) float32  in [0, 1]
    num_terms,  # N
):
    """Multiply each value by 1 + q + ... + q^(N - 1) of its ratio q."""
    for row in range(len(values)):
        for place in range(values.shape[1]):
            ratio = ratios[row, place]
            total: Any = np.float32(1)
            for _ in range(1, num_terms):
                total = np.float32(1) + ratio * total
            values[row, place] *= total


@kernel
def add_with_momentum(  # type: ignore[no-untyped-def]
    rows,  # (N, M, D) float32  of each rank; overwritten
    base,  # (M, D) float32  moved in place
    velocity,  # (M, D) float32  moved in place
    momentum,  # in [0, 1)
):
    """Nesterov's step with the mean difference d: v becomes momentum·v + d, and the row moves by d + momentum·v."""
    share = np.float32(1) / np.float32(len(rows))
    for row in range(len(base)):
        _sum_differences(rows, base, row)
        for place in range(base.shape[1]):
            mean = share * rows[0, row, place]
            velocity[row, place] = momentum * velocity[row, place] + mean
            base[row, place] += mean + momentum * velocity[row, place]


@kernel
def add_moved_means(  # type: ignore[no-untyped-def]
    rows,  # (N, M, D) float32  of each rank; overwritten
    base,  # (M, D) float32  moved in place
):
    """Add to each row the mean of the differences of those ranks that moved it at all."""
    for row in range(len(base)):
        num_movers = 0
        for rank in range(len(rows)):
            num_movers += _has_moved(rows, base, rank, row)
        if num_movers:
            _sum_differences(rows, base, row)
            share = np.float32(1) / np.float32(num_movers)
            for place in range(base.shape[1]):
                base[row, place] += share * rows[0, row, place]


@kernel
def add_projections(  # type: ignore[no-untyped-def]
    rows,  # (N, M, D) float32  of each rank; overwritten
    base,  # (M, D) float32  moved in place
):
    """Add up the differences, each without its part along the sum of those before it."""
    for row in range(len(base)):
        _subtract_base(rows, base, row)
        for rank in range(1, len(rows)):
            along = _overlap(rows, 0, rank, row)
            for place in range(base.shape[1]):
                rows[0, row, place] += rows[rank, row, place] - along * rows[0, row, place]
        for place in range(base.shape[1]):
            base[row, place] += rows[0, row, place]


@kernel
def add_adaptive_sums(  # type: ignore[no-untyped-def]
    rows,  # (N, M, D) float32  of each rank; overwritten
    base,  # (M, D) float32  moved in place
):
    """AdaSum: make (1 - a·b/2|a|²) a + (1 - a·b/2|b|²) b of two differences a and b, then combine pairs of these."""
    for row in range(len(base)):
        _subtract_base(rows, base, row)
        distance = 1
        while distance < len(rows):
            for rank in range(0, len(rows) - distance, 2 * distance):
                other = rank + distance
                of_first = np.float32(1) - np.float32(0.5) * _overlap(rows, rank, other, row)
                of_other = np.float32(1) - np.float32(0.5) * _overlap(rows, other, rank, row)
                for place in range(base.shape[1]):
                    rows[rank, row, place] = (
                        of_first * rows[rank, row, place] + of_other * rows[other, row, place]
                    )
            distance *= 2
        for place in range(base.shape[1]):
            base[row, place] += rows[0, row, place]


@kernel_part
def _sum_differences(rows, base, row):  # type: ignore[no-untyped-def]
    """Write the sum of the ranks' differences to the first rank's row."""
    for place in range(base.shape[1]):
        rows[0, row, place] -= base[row, place]
    for rank in range(1, len(rows)):
        for place in range(base.shape[1]):
            rows[0, row, place] += rows[rank, row, place] - base[row, place]


@kernel_part
def _subtract_base(rows, base, row):  # type: ignore[no-untyped-def]
    for rank in range(len(rows)):
        for place in range(base.shape[1]):
            rows[rank, row, place] -= base[row, place]


@kernel_part
def _has_moved(rows, base, rank, row):  # type: ignore[no-untyped-def]
    for place in range(base.shape[1]):
        if rows[rank, row, place] != base[row, place]:
            return 1
    return 0


@kernel_part
def _overlap(rows, first, other, row):  # type: ignore[no-untyped-def]
    """a·b / |a|² for the differences a and b of two ranks; 0 where a is 0."""
    product: Any = np.float32(0)
    square: Any = np.float32(0)
    for place in range(rows.shape[2]):
        product += rows[first, row, place] * rows[other, row, place]
        square += rows[first, row, place] * rows[first, row, place]
    return product / square if square > 0 else np.float32(0)
