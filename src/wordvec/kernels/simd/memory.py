"""Memory: prefetch rows, and share work among the threads that run one kernel, by marks that change atomically.

A mark is an int64 of an array, 0 at first.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

from llvmlite import ir

from wordvec.kernels.simd import FLOATS_PER_CACHE_LINE
from wordvec.kernels.simd.compile import kernel_part
from wordvec.kernels.simd.intrinsics import Bool, Floats, Int, Ints, emitted
from wordvec.kernels.simd.vectors import INT64, Simd

__all__ = [
    "MARKS_PER_PHASE",
    "add_one",
    "claim",
    "next_number",
    "next_piece",
    "piece_done",
    "prefetch_element",
    "prefetch_row",
    "thread_yield_address",
    "wait_for",
    "wait_for_pieces",
]

MARKS_PER_CACHE_LINE = 8
MARKS_PER_PHASE = 2 * MARKS_PER_CACHE_LINE  # which piece is next, and how many are done
MAX_SPINS = 2000  # some microseconds; then another thread may have the core


@emitted
def prefetch_row(builder: Any, vectors: Floats, row: Int, row_length: Int) -> None:
    """Ask for the row at offset `row`, whole cache lines, to be read: other threads may keep their copies of it."""
    simd = Simd(builder, FLOATS_PER_CACHE_LINE)
    with simd.loop(row_length, FLOATS_PER_CACHE_LINE) as place:
        simd.prefetch(vectors, builder.add(row, place), for_write=False)


@emitted
def prefetch_element(builder: Any, elements: Floats, index: Int) -> None:
    """Ask for the cache line of an element of 32 bits, to be read soon. There need not be such an element."""
    Simd(builder, 1).prefetch(elements, index, for_write=False)


@emitted
def claim(builder: Any, marks: Ints, index: Int, turn: Int) -> Bool:
    """Raise a mark from `turn` to `turn` + 1, and say whether it was done: for one thread alone of all that try."""
    address = builder.gep(marks, [index], source_etype=INT64)
    following = builder.add(turn, INT64(1))
    outcome = builder.cmpxchg(address, turn, following, "acq_rel", "acquire")
    return builder.extract_value(outcome, 1)


@emitted
def next_number(builder: Any, marks: Ints, index: Int) -> Int:
    """Add 1 to a mark, and return what it was before: no two threads get the same number."""
    return builder.atomic_rmw("add", builder.gep(marks, [index], source_etype=INT64), INT64(1), "acq_rel")


@emitted
def add_one(builder: Any, marks: Ints, index: Int) -> None:
    """Add 1 to a mark; whoever reads the sum also sees what this thread has written before."""
    builder.atomic_rmw("add", builder.gep(marks, [index], source_etype=INT64), INT64(1), "acq_rel")


@kernel_part
def wait_for(marks, index, number, thread_yield):  # type: ignore[no-untyped-def]
    """Return when a mark has come to `number`; `thread_yield` is what `thread_yield_address` returns."""
    spins = 0
    while _current(marks, index) < number:
        spins += 1
        if spins > MAX_SPINS:
            _call(thread_yield)


@kernel_part
def next_piece(marks, phase):  # type: ignore[no-untyped-def]
    """The number of the next piece of work of a phase, for one thread alone; phases have marks one after the other."""
    return next_number(marks, phase * MARKS_PER_PHASE)


@kernel_part
def piece_done(marks, phase):  # type: ignore[no-untyped-def]
    """Say that a piece of work of a phase is done."""
    add_one(marks, phase * MARKS_PER_PHASE + MARKS_PER_CACHE_LINE)


@kernel_part
def wait_for_pieces(marks, phase, number, thread_yield):  # type: ignore[no-untyped-def]
    """Return when `number` pieces of a phase are done."""
    wait_for(marks, phase * MARKS_PER_PHASE + MARKS_PER_CACHE_LINE, number, thread_yield)


def thread_yield_address() -> int:
    """The address of the operating system's function that lets another thread have the core for a while."""
    if sys.platform == "win32":
        function = ctypes.WinDLL("kernel32").SwitchToThread
    else:
        function = ctypes.CDLL(None).sched_yield
    return ctypes.cast(function, ctypes.c_void_p).value or 0


@emitted
def _current(builder: Any, marks: Ints, index: Int) -> Int:
    return builder.load_atomic(builder.gep(marks, [index], source_etype=INT64), "acquire", 8, typ=INT64)


@emitted
def _call(builder: Any, address: Int) -> None:
    kind = ir.FunctionType(ir.IntType(32), [])
    builder.call(builder.inttoptr(address, kind.as_pointer()), [])
