"""Prefetch: ask for a row that is read soon, before there is anything to do with it."""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic

from wordvec.kernels.cpu.matrices import FLOATS_PER_CACHE_LINE
from wordvec.kernels.cpu.vector import Simd

__all__ = ["prefetch_row"]


@intrinsic
def prefetch_row(
    typing_context: Any,
    vectors: Any,  # float32 array
    row: Any,  # offset of the row in it
    row_length: Any,  # whole cache lines
) -> Any:
    """Ask for a row, to be read: other threads may keep their copies of it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        simd = Simd(builder, FLOATS_PER_CACHE_LINE)
        start = context.data_model_manager[signature.args[0]].get(builder, arguments[0], "data")
        with simd.loop(arguments[2], FLOATS_PER_CACHE_LINE) as place:
            simd.prefetch(start, builder.add(arguments[1], place), for_write=False)
        return context.get_dummy_value()

    return types.none(vectors, types.int64, types.int64), generate
