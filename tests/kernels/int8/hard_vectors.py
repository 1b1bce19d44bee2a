"""Vectors that are hard to tell apart by int8, and the int8 tiles that this machine can run."""

import llvmlite.binding as llvm
import numpy as np
import pytest

from wordvec.kernels.int8.int8_tile import INT8_TILES
from wordvec.vectors.directions import unit_rows

_FEATURES = llvm.get_host_cpu_features()
_CAN_RUN = {
    16: bool(_FEATURES.get("avx512vnni")),
    8: bool(_FEATURES.get("avxvnni") or (_FEATURES.get("avx512vnni") and _FEATURES.get("avx512vl"))),
}

every_int8_tile = pytest.mark.parametrize(
    "shape",
    [
        pytest.param(
            shape,
            id=f"{lanes} lanes",
            marks=pytest.mark.skipif(
                not _CAN_RUN[lanes], reason="this machine has no int8 products of this width"
            ),
        )
        for lanes, shape in INT8_TILES.items()
    ],
)


def hard_vectors(kind, num_rows, dim, seed=0):
    """Rows of length 1 or 0, (num_rows, dim)."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(num_rows, dim))
    if kind == "heavy-tailed":  # one number takes all the int8 steps
        matrix = rng.standard_cauchy(size=(num_rows, dim)) ** 3
    elif (
        kind == "signs"
    ):  # int8 loses nothing, so that only rounding of floats stands between a row and a threshold
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
