"""Which tile fits the machine: vector width and tile size follow the registers that the CPU has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import llvmlite.binding as llvm

from wordvec.kernels.cpu.constants import compile_time_constants

__all__ = ["TileShape", "lanes_of_this_machine", "tile_shape"]


@compile_time_constants
@dataclass(frozen=True)
class TileShape:
    """How rows are grouped in registers. Kernels take it as an argument and are compiled for each one."""

    lanes: int  # float32 in a vector register
    contexts: int  # context rows in the largest tile of scores: 4 or 2
    targets: int  # target rows in a tile of scores
    passes: int  # how often a window's contexts are gone over to move all targets
    tiles_per_pass: int  # tiles of targets that are moved together
    columns: int  # vectors of each row that are moved together

    @property
    def target_tiles(self) -> int:
        """Tiles that hold all target rows of a window."""
        return self.passes * self.tiles_per_pass

    @property
    def context_counts(self) -> tuple[int, ...]:
        """How many contexts a tile of scores may have, largest first."""
        return (4, 2, 1) if self.contexts == 4 else (2, 1)

    @property
    def pitch(self) -> int:
        """Scores from one context to the next where each begins a tile of its own: a tile fills whole vectors."""
        return _divide_up(self.targets, self.lanes) * self.lanes


class _Registers(NamedTuple):
    targets_moved: int  # target rows whose running sums fit beside what else is needed
    targets_scored: int


REGISTERS = {  # by lanes
    16: _Registers(24, 8),  # AVX-512: 32 registers
    8: _Registers(12, 6),  # AVX2: 16 registers
    4: _Registers(24, 8),  # NEON: 32 registers
}


def lanes_of_this_machine() -> int:
    """float32 in one vector register: 16 with AVX-512, 8 with AVX, else 4 (NEON, SSE)."""
    features = llvm.get_host_cpu_features()
    if features.get("avx512f"):
        return 16
    return 8 if features.get("avx") else 4


def tile_shape(num_targets: int, lanes: int | None = None) -> TileShape:
    """The tiles for windows of `num_targets` target rows: as few as fit the registers, evenly filled.

    >>> tile_shape(1 + 5, lanes=16)
    TileShape(lanes=16, contexts=4, targets=6, passes=1, tiles_per_pass=1, columns=2)
    """
    lanes = lanes or lanes_of_this_machine()
    registers = REGISTERS[lanes]
    passes = _divide_up(num_targets, registers.targets_moved)
    targets_per_pass = _divide_up(num_targets, passes)
    tiles_per_pass = _divide_up(targets_per_pass, registers.targets_scored)
    targets = _divide_up(targets_per_pass, tiles_per_pass)
    has_room = lanes != 8 and targets <= 6  # C contexts and T targets take C·T registers for their sums
    return TileShape(
        lanes,
        contexts=4 if has_room else 2,
        targets=targets,
        passes=passes,
        tiles_per_pass=tiles_per_pass,
        columns=2 if has_room and tiles_per_pass == 1 else 1,
    )


def _divide_up(number: int, by: int) -> int:
    return -(-number // by)
