"""Compile-time constants: a dataclass of numbers as an argument of kernels, which are compiled for each value."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

from numba import types
from numba.core.pythonapi import NativeValue
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import lower_getattr_generic, models, register_model, typeof_impl, unbox

__all__ = ["ConstantsType", "compile_time_constants"]

Shape = TypeVar("Shape", bound=type)


class ConstantsType(types.Type):  # type: ignore[misc]  # numba is untyped
    """The numba type of one value: its fields and properties are attributes of the type, known when code is made."""

    def __init__(self, value: Any):
        properties = [name for name, member in vars(type(value)).items() if isinstance(member, property)]
        for name in [*(field.name for field in fields(value)), *properties]:
            setattr(self, name, getattr(value, name))
        super().__init__(name=str(value))


def compile_time_constants(shape: Shape) -> Shape:
    """Make a frozen dataclass an argument that kernels take: its integers are constants in them."""
    typeof_impl.register(shape)(_type_of)
    return shape


def _type_of(value: Any, context: Any) -> ConstantsType:
    return _type_of_constants(value)


@cache  # as each call of a kernel asks
def _type_of_constants(value: Any) -> ConstantsType:
    return ConstantsType(value)


register_model(ConstantsType)(models.OpaqueModel)


@unbox(ConstantsType)
def _unbox(typ: Any, value: Any, c: Any) -> Any:
    return NativeValue(c.context.get_dummy_value())


@infer_getattr
class _Attributes(AttributeTemplate):  # type: ignore[misc]  # numba is untyped
    key = ConstantsType

    def generic_resolve(self, constants: ConstantsType, name: str) -> Any:
        return types.int64 if isinstance(getattr(constants, name, None), int) else None


@lower_getattr_generic(ConstantsType)
def _constant(context: Any, builder: Any, constants: ConstantsType, value: Any, name: str) -> Any:
    return context.get_constant(types.int64, getattr(constants, name))
