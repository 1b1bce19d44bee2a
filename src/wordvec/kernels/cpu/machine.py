"""Which tile fits the machine: vector width and tile size follow the registers that the CPU has."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
from numba import types
from numba.extending import models, overload_attribute, register_model, typeof_impl, unbox
from numba.core.pythonapi import NativeValue  # type: ignore[attr-defined]

__all__ = ["ContextTiles", "TileShape", "lanes_of_this_machine", "tile_shape"]

MOST_TARGETS = {16: 12, 8: 6, 4: 12}  # lanes: target rows that one tile can hold, with room for the rest


@dataclass(frozen=True)
class TileShape:
    """How rows are grouped in registers. Kernels take it as an argument and are compiled for each one."""

    lanes: int  # float32 in a vector register
    contexts: int  # context rows in the largest tile: 4 or 2
    targets: int  # target rows in a tile
    target_tiles: int  # tiles that hold all target rows of a window
    columns: int  # vectors of each row that are moved at a time


def lanes_of_this_machine() -> int:
    """float32 in one vector register: 16 with AVX-512, 8 with AVX, else 4 (NEON, SSE)."""
    features = llvm.get_host_cpu_features()
    if features.get("avx512f"):
        return 16
    return 8 if features.get("avx") else 4


def tile_shape(num_targets: int, lanes: int | None = None) -> TileShape:
    """The tile for windows of `num_targets` target rows: the fewest tiles, evenly filled.

    A tile of C contexts and T targets holds C·T running sums. AVX-512 and NEON have 32 registers, AVX2 has 16.
    """
    lanes = lanes or lanes_of_this_machine()
    target_tiles = -(-num_targets // MOST_TARGETS[lanes])
    targets = -(-num_targets // target_tiles)
    contexts = 4 if lanes != 8 and targets <= 6 else 2
    columns = 2 if lanes != 8 and targets <= 6 else 1
    return TileShape(lanes, contexts, targets, target_tiles, columns)


@cache
def kernel_revision() -> str:
    """A hash of the kernels' source files: part of each kernel's signature, and so of numba's cache key.

    Numba's own cache sees edits in the file of the function that it compiles, not in those that it calls.
    """
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


class TileShapeType(types.Type):
    """The numba type of one TileShape: its numbers are compile-time constants."""

    def __init__(self, shape: TileShape, revision: str):
        self.lanes, self.contexts = shape.lanes, shape.contexts
        self.targets, self.target_tiles, self.columns = shape.targets, shape.target_tiles, shape.columns
        super().__init__(name=f"{shape}@{revision}")


register_model(TileShapeType)(models.OpaqueModel)


@typeof_impl.register(TileShape)
def _typeof_tile_shape(value: TileShape, context: Any) -> TileShapeType:
    return TileShapeType(value, kernel_revision())


@unbox(TileShapeType)
def _unbox_tile_shape(typ: Any, value: Any, c: Any) -> Any:
    return NativeValue(c.context.get_dummy_value())


def _is_compile_time_constant(name: str) -> None:
    @overload_attribute(TileShapeType, name)
    def _number(shape):  # type: ignore[no-untyped-def]  (numba compares the parameters of both functions)
        number = getattr(shape, name)
        return lambda shape: number


for _name in ("lanes", "contexts", "targets", "target_tiles", "columns"):
    _is_compile_time_constant(_name)
