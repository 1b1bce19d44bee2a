"""Quantized rows: an int8 copy of all rows of a matrix, and the search of it for the candidates of one query.

The bound of `byte_tile` decides which rows are compared exactly, in float64; the k-th best of those is the threshold
that all later rows have to reach. A query reads the copy, a quarter of the matrix's size, and few rows of the matrix.
"""

from __future__ import annotations

from concurrent.futures import Executor
from contextlib import suppress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.atomic import next_number
from wordvec.kernels.cpu.byte_rows import (
    DIMENSIONS_PER_INT32,
    ByteQueries,
    byte_queries,
    empty_tile,
    fill_tile,
)
from wordvec.kernels.cpu.byte_tile import reach_floors
from wordvec.kernels.cpu.compile import kernel, kernel_part
from wordvec.kernels.cpu.machine import ByteTileShape

__all__ = ["Candidates", "QuantizedRows", "candidates_of", "quantize", "quantize_query"]

# V rows, D dimensions, T tiles of R rows
Floats = NDArray[np.float32]

TILES_PER_CHUNK = 256  # some 0.1 ms of work: who is done waits no longer for another thread


class QuantizedRows(NamedTuple):
    """The int8 copy, in tiles as `reach_floors` reads them."""

    packed: NDArray[np.int32]  # (T, D/4 · R)  four dimensions of each row of a tile, then the next four
    scales: NDArray[np.float32]  # (T, R)  the value of an int8 step
    errors: NDArray[
        np.float32
    ]  # (T, R)  length of what rounding lost; NaN, which reaches nothing, past the last row


class Candidates(NamedTuple):
    """Rows that may be among the best of a query."""

    is_complete: bool  # False where int8 decides too little: more rows were compared exactly than allowed
    rows: NDArray[np.int64]  # (n,)
    scores: NDArray[np.float64]  # (n,)  dot products, off by at most D · 2⁻⁵³


def quantize(shape: ByteTileShape, unit_vectors: Floats) -> QuantizedRows:
    """Round all rows, (V, D), to int8."""
    num_rows, dim = unit_vectors.shape
    num_tiles, num_groups = _divide_up(num_rows, shape.rows), _divide_up(dim, DIMENSIONS_PER_INT32)
    copy = QuantizedRows(
        np.empty((num_tiles, num_groups * shape.rows), np.int32),
        np.empty((num_tiles, shape.rows), np.float32),
        np.empty((num_tiles, shape.rows), np.float32),
    )
    _quantize(shape, _never_writable(unit_vectors), copy, empty_tile(shape, dim))
    return copy


def quantize_query(shape: ByteTileShape, query: Floats) -> ByteQueries:
    """Round one query, (1, D), to int8."""
    return byte_queries(shape, query)


def candidates_of(
    query: Floats,  # (1, D)  of length 1
    quantized_query: ByteQueries,
    shape: ByteTileShape,  # of one query
    unit_vectors: Floats,  # (V, D)  rows of length 1 or 0
    copy: QuantizedRows,
    num_rows: int,  # the first so many are searched
    k: int,
    max_compared: int,
    helper: Executor | None = None,
) -> Candidates:
    """Find all of the first rows whose cosine may be among the k highest of them, and some others.

    Each thread compares at most `max_compared` rows exactly. The helper's thread takes rows, too, a few at a time, if
    it comes before there are none left: nobody waits for it to begin, as other programs may have the core.
    """
    chunks_taken = np.zeros(1, np.int64)
    arguments = (query, quantized_query, shape, unit_vectors, copy, num_rows, k, max_compared, chunks_taken)
    beside = None
    if helper is not None:
        with suppress(RuntimeError):  # there is no thread to be had, or Python is about to end
            beside = helper.submit(_candidates_of, *arguments)
    found = _candidates_of(*arguments)
    if beside is None or beside.cancel():
        return found
    other = beside.result()
    return Candidates(
        found.is_complete and other.is_complete,
        np.concatenate([found.rows, other.rows]),
        np.concatenate([found.scores, other.scores]),
    )


def _candidates_of(
    query: Floats,
    quantized_query: ByteQueries,
    shape: ByteTileShape,
    unit_vectors: Floats,
    copy: QuantizedRows,
    num_rows: int,
    k: int,
    max_compared: int,
    chunks_taken: NDArray[np.int64],  # (1,)
) -> Candidates:
    """One thread's part: those among the chunks of rows that it takes."""
    dim = query.shape[1]
    # More than the float32 arithmetic of sums, scales and errors, and of the final scores, can be off.
    slack = (dim + 16) * float(np.finfo(np.float32).eps)
    scale, error = float(quantized_query.scales[0]), float(quantized_query.errors[0])
    best = np.full(k, -np.inf)
    found_rows, found_scores = np.empty(max_compared, np.int64), np.empty(max_compared)
    num_found = _find_candidates(
        shape,
        _never_writable(unit_vectors),
        copy,
        num_rows,
        query,
        quantized_query,
        scale,
        error,
        slack,
        np.full(1, (1 + error) / scale, np.float32),
        np.full(1, -np.inf, np.float32),
        np.empty(shape.vectors, np.int32),
        best,
        found_rows,
        found_scores,
        chunks_taken,
    )
    if num_found < 0:
        return Candidates(False, found_rows[:0], found_scores[:0])
    near = (
        found_scores[:num_found] >= best[0] - slack
    )  # what was found early may be far below the final k-th best
    return Candidates(True, found_rows[:num_found][near], found_scores[:num_found][near])


@kernel
def _quantize(  # type: ignore[no-untyped-def]
    shape,  # ByteTileShape
    matrix,  # (V, D) float32
    copy,  # QuantizedRows, written
    tile,  # TileOfRows, overwritten
):
    num_rows, num_int32s = len(matrix), copy.packed.shape[1]
    for number in range(len(copy.packed)):
        fill_tile(shape, matrix, number * shape.rows, num_rows, tile)
        for place in range(num_int32s):
            copy.packed[number, place] = tile.packed[place]
        for place in range(shape.rows):
            copy.scales[number, place] = tile.scales[place]
            copy.errors[number, place] = tile.errors[place]


@kernel
def _find_candidates(  # type: ignore[no-untyped-def]
    shape,  # ByteTileShape
    matrix,  # (V, D) float32
    copy,  # QuantizedRows
    num_rows,  # the first so many are searched
    query,  # (1, D) float32
    quantized_query,  # ByteQueries
    scale,  # the value of an int8 step of the query
    error,  # length of what rounding the query lost
    slack,
    error_weight,  # (1,) float32  of the rows' errors
    threshold,  # (1,) float32, overwritten: what rows have to reach, in int8 steps of the query
    masks,  # (vectors,) int32, overwritten
    best,  # (k,) float64, overwritten: a heap of the k highest scores, the lowest of them first
    found_rows,  # (n,) int64, written
    found_scores,  # (n,) float64, written
    chunks_taken,  # (1,) int64, shared by threads
):
    """Return how many rows were found, -1 where more would have to be compared than there is room for."""
    num_groups = copy.packed.shape[1] // shape.rows
    num_tiles = (num_rows + shape.rows - 1) // shape.rows
    compared = found = 0
    tile, end = np.int64(0), np.int64(0)
    while True:
        if tile == end:
            tile = next_number(chunks_taken, 0) * TILES_PER_CHUNK
            end = min(tile + TILES_PER_CHUNK, num_tiles)
            if tile >= num_tiles:
                break
        any_reach = reach_floors(
            shape,
            copy.packed[tile],
            copy.scales[tile],
            copy.errors[tile],
            num_groups,
            quantized_query.packed,
            0,
            quantized_query.starts,
            error_weight,
            threshold,
            0,
            masks,
        )
        if any_reach:
            for vector in range(shape.vectors):
                bits = masks[vector]
                row = tile * shape.rows + vector * shape.lanes
                while bits != 0:
                    if bits & 1 and row < num_rows:
                        if compared == len(found_rows):
                            return -1
                        compared += 1
                        score = _dot(matrix, row, query)
                        if score >= best[0] - slack:
                            found_rows[found], found_scores[found] = row, score
                            found += 1
                        if score > best[0]:
                            _replace_lowest(best, score)
                    bits >>= 1
                    row += 1
            threshold[0] = (best[0] - error - slack) / scale
        tile += 1
    return found


@kernel_part
def _dot(matrix, row, query):  # type: ignore[no-untyped-def]
    total = 0.0
    for column in range(matrix.shape[1]):
        total += np.float64(matrix[row, column]) * np.float64(query[0, column])
    return total


@kernel_part
def _replace_lowest(heap, score):  # type: ignore[no-untyped-def]
    """Put a higher score in the place of the lowest one."""
    place = 0
    while True:
        child = 2 * place + 1
        if child >= len(heap):
            break
        if child + 1 < len(heap) and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= score:
            break
        heap[place] = heap[child]
        place = child
    heap[place] = score


def _never_writable(matrix: Floats) -> Floats:
    """The same numbers; an array that can be written is another type, for which kernels are compiled again."""
    view = matrix.view(np.ndarray)
    view.flags.writeable = False
    return view


def _divide_up(number: int, by: int) -> int:
    return -(-number // by)
