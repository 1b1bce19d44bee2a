"""Arguments of an intrinsic: what numba hands over, as LLVM values that vector code can use."""

from __future__ import annotations

from typing import Any

from numba import types

from wordvec.kernels.cpu.vector import INT64

__all__ = ["Arguments"]


class Arguments:
    """The arguments of an intrinsic: scalars by number, arrays by the address of their data."""

    def __init__(self, context: Any, builder: Any, signature: Any, arguments: Any):
        self._builder, self._values = builder, arguments
        self._pointers = {
            number: context.data_model_manager[kind].get(builder, value, "data")
            for number, (kind, value) in enumerate(zip(signature.args, arguments, strict=True))
            if isinstance(kind, types.Array)
        }

    def __getitem__(self, number: int) -> Any:
        return self._values[number]

    def pointer(self, number: int) -> Any:
        """The address of an array's first element."""
        return self._pointers[number]

    def integer(self, number: int, index: Any) -> Any:
        """One element of an array of int64."""
        address = self._builder.gep(self.pointer(number), [index], source_etype=INT64)
        return self._builder.load(address, typ=INT64)

    def integers(self, number: int, first: Any, count: int) -> list[Any]:
        """`count` elements of an array of int64, from `first` on."""
        return [self.integer(number, self._builder.add(first, INT64(position))) for position in range(count)]
