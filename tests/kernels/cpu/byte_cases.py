"""Vectors whose bytes are hard to tell from others, and the tiles of bytes that this machine can run."""

import llvmlite.binding as llvm
import numpy as np
import pytest

from wordvec.kernels.cpu.machine import BYTE_TILES
from wordvec.vectors.directions import unit_rows

_FEATURES = llvm.get_host_cpu_features()
_CAN_RUN = {
    16: bool(_FEATURES.get("avx512vnni")),
    8: bool(_FEATURES.get("avxvnni") or (_FEATURES.get("avx512vnni") and _FEATURES.get("avx512vl"))),
}

every_byte_tile = pytest.mark.parametrize(
    "shape",
    [
        pytest.param(
            shape,
            id=f"{lanes} lanes",
            marks=pytest.mark.skipif(not _CAN_RUN[lanes], reason="this machine cannot multiply bytes so"),
        )
        for lanes, shape in BYTE_TILES.items()
    ],
)


def hard_vectors(kind, num_rows, dim, seed=0):
    """Rows of length 1 or 0, (num_rows, dim)."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(num_rows, dim))
    if kind == "heavy-tailed":  # one number takes all the bytes
        matrix = rng.standard_cauchy(size=(num_rows, dim)) ** 3
    elif (
        kind == "signs"
    ):  # bytes lose nothing, so that only rounding of floats stands between a row and a floor
        matrix = np.sign(matrix)
    elif kind == "sparse":
        matrix[rng.random(matrix.shape) < 0.9] = 0
    elif kind == "twins":
        matrix = matrix[rng.integers(max(1, num_rows // 9), size=num_rows)]
    elif kind == "zeros":
        matrix[rng.random(num_rows) < 0.5] = 0
    elif kind == "crowded":  # all nearly alike
        matrix = 1 + 1e-3 * matrix
    elif kind == "clustered":
        matrix += 2 * rng.normal(size=(8, dim))[rng.integers(8, size=num_rows)]
    return unit_rows(matrix)


KINDS = ["plain", "heavy-tailed", "signs", "sparse", "twins", "zeros", "crowded", "clustered"]
