"""The state of an engine: named arrays in a safetensors file, but for those that are vectors of the model beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wordvec.errors import FormatError
from wordvec.formats.files import AGAIN, check_regular, reading, reason_of
from wordvec.formats.tensors import write_tensors
from wordvec.vectors.word_vectors import WordVectors

__all__ = ["read_state", "write_state"]

INPUT, OUTPUT = "input", "output"  # in the file's metadata: which of the model's matrices an array is


def write_state(state: Mapping[str, NDArray[np.generic]], vectors: WordVectors, file: Path) -> None:
    """Write arrays by name; a matrix that the model has, too, is named only, which spares half of a checkpoint."""
    matrices = _matrices(vectors)
    same = {
        name: matrix
        for name, array in state.items()
        for matrix, values in matrices.items()
        if _is_same(array, values)
    }
    write_tensors({name: array for name, array in state.items() if name not in same}, file, same)


def read_state(file: Path, vectors: WordVectors) -> dict[str, NDArray[np.generic]]:
    """Read what `write_state` wrote beside these vectors.

    Raises:
        FormatError: it is damaged.
    """
    from safetensors import SafetensorError, safe_open

    check_regular(file)
    try:
        with reading(file), safe_open(file, framework="numpy") as tensors:
            state: dict[str, NDArray[np.generic]] = {
                name: tensors.get_tensor(name)
                for name in tensors.keys()  # noqa: SIM118 - it is no dict
            }
            same: dict[str, str] = tensors.metadata() or {}
    # The last two: a kind of number that NumPy lacks.
    except (SafetensorError, KeyError, TypeError) as problem:
        raise FormatError(f"{file} is damaged or cut short: {reason_of(problem)}; {AGAIN}") from problem
    for name, array in state.items():
        if np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
            raise FormatError(f"{file} is damaged: {name} has numbers that are not finite; {AGAIN}")
    matrices = _matrices(vectors)
    for name, matrix in same.items():
        if name in state or matrix not in matrices:
            raise FormatError(f"{file} is damaged: {name} is said to be the model's {matrix}; {AGAIN}")
        state[name] = matrices[matrix]
    return state


def _is_same(array: NDArray[np.generic], matrix: NDArray[np.float32]) -> bool:
    """Bit by bit, as 0 and -0 are equal, and a resumed run is to have the right one."""
    if (array.dtype, array.shape) != (matrix.dtype, matrix.shape):
        return False
    return np.array_equal(array.view(np.int32), matrix.view(np.int32))


def _matrices(vectors: WordVectors) -> dict[str, NDArray[np.float32]]:
    output = vectors.output_matrix
    return {INPUT: vectors.matrix} | ({} if output is None else {OUTPUT: output})
