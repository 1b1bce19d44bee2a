"""Atomic marks: how threads that run one kernel share out its work, and wait for each other."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from wordvec.kernels.cpu.compile import kernel_part
from wordvec.kernels.cpu.vector import INT64

__all__ = ["add_one", "claim", "give_way_address", "next_number", "wait_for"]

MOST_SPINS = 2000  # some microseconds; then another thread may have the core

# A mark is an int64 of an array, 0 at first.


def give_way_address() -> int:
    """Where the operating system's function is that lets another thread have the core for a while."""
    if sys.platform == "win32":
        function = ctypes.WinDLL("kernel32").SwitchToThread
    else:
        function = ctypes.CDLL(None).sched_yield
    return ctypes.cast(function, ctypes.c_void_p).value or 0


@intrinsic
def claim(typing_context: Any, marks: Any, place: Any, turn: Any) -> Any:
    """Raise a mark from `turn` to `turn` + 1, and say whether it was done: for one thread alone of all that try."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, signature, arguments)
        following = builder.add(arguments[2], INT64(1))
        outcome = builder.cmpxchg(address, arguments[2], following, "acq_rel", "acquire")
        return builder.extract_value(outcome, 1)

    return types.boolean(marks, types.int64, types.int64), generate


@intrinsic
def add_one(typing_context: Any, marks: Any, place: Any) -> Any:
    """Add 1 to a mark; whoever reads the sum also sees what this thread has written before."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, signature, arguments)
        builder.atomic_rmw("add", address, INT64(1), "acq_rel")
        return context.get_dummy_value()

    return types.none(marks, types.int64), generate


@intrinsic
def next_number(typing_context: Any, marks: Any, place: Any) -> Any:
    """Add 1 to a mark, and return what it was before: no two threads get the same number."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, signature, arguments)
        return builder.atomic_rmw("add", address, INT64(1), "acq_rel")

    return types.int64(marks, types.int64), generate


@kernel_part
def wait_for(marks, place, number, give_way):  # type: ignore[no-untyped-def]
    """Return when a mark has come to `number`; `give_way` is what `give_way_address` says."""
    spins = 0
    while _current(marks, place) < number:
        spins += 1
        if spins > MOST_SPINS:
            _call(give_way)


@intrinsic
def _current(typing_context: Any, marks: Any, place: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, signature, arguments)
        return builder.load_atomic(address, "acquire", 8, typ=INT64)

    return types.int64(marks, types.int64), generate


@intrinsic
def _call(typing_context: Any, function: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(32), [])
        builder.call(builder.inttoptr(arguments[0], kind.as_pointer()), [])
        return context.get_dummy_value()

    return types.none(types.int64), generate


def _address(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    start = context.data_model_manager[signature.args[0]].get(builder, arguments[0], "data")
    return builder.gep(start, [arguments[1]], source_etype=INT64)
