"""Steps of a row optimizer on rows of a matrix, one row at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordvec.kernels.cpu.row_optimizers import Adagrad, Adam, BatchSgd, Memory, SparseAdam, Steps
from wordvec.kernels.simd.compile import kernel

KINDS: dict[str, Any] = {"sgd": BatchSgd, "adagrad": Adagrad, "sparseadam": SparseAdam, "adam": Adam}
ROW_LENGTH = 48


@kernel
def _take_step(optimizer, vectors, memory, rows, row_length, gradients, steps, step):  # type: ignore[no-untyped-def]
    optimizer.begin_step(steps, step)
    for index in range(len(rows)):
        optimizer.wake_row(optimizer, vectors, memory, rows[index], row_length, steps, step)
        row = rows[index]
        optimizer.move_row(optimizer, vectors, memory, row, row_length, gradients[index], steps, step)
        optimizer.remember_step(memory, row, steps, step)


def take_step(
    optimizer: Any,
    vectors: NDArray[np.float32],  # (V·R,)
    memory: Memory,
    touched: dict[int, NDArray[np.float32]],  # of each row that is touched, its downhill gradient (R,)
    steps: Steps,
    step: int,
) -> None:
    rows = np.array(list(touched), np.int64)
    gradients = np.array(list(touched.values()), np.float32).reshape(len(touched), ROW_LENGTH)
    _take_step(optimizer, vectors, memory, rows, ROW_LENGTH, gradients, steps, np.int64(step))


def empty_memory(num_rows: int) -> Memory:
    size = num_rows * ROW_LENGTH
    return Memory(np.zeros(size, np.float32), np.zeros(size, np.float32), np.zeros(num_rows, np.int64))
