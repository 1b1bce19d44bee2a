"""Intrinsics: instructions for kernels that emit LLVM code, and arguments of kernels that are constants in that code.

An intrinsic declares its parameters once, by name; its body gets what the code can use:

    @emitted
    def copy_number(builder, shape: Constants, source: Floats, index: Int) -> Float: ...

`shape` is the Python object, `source` the address of the array's first element, `index` an LLVM value.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache, wraps
from typing import Annotated, Any, TypeVar, get_type_hints

from numba import types
from numba.core.dispatcher import Dispatcher
from numba.core.pythonapi import NativeValue
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import (
    intrinsic,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)

__all__ = ["Bits", "Bool", "Float", "Floats", "Int", "Ints", "compile_time_constants", "emitted"]

# Of parameters and results. Numba converts a number to the type that is named; arrays are taken as they are.
Int = Annotated[Any, types.int64]
Bits = Annotated[Any, types.uint64]
Float = Annotated[Any, types.float32]
Bool = Annotated[Any, types.boolean]
Floats = Annotated[Any, None]  # a float32 array, contiguous; in a body, the address of its first element
Ints = Annotated[Any, None]  # an array of int32 or int64, like Floats

Class = TypeVar("Class", bound=type)


def emitted(function: Callable[..., Any]) -> Any:
    """Make an intrinsic of a function that emits LLVM code and returns its LLVM value, or None.

    The first parameter is the LLVM builder; the others are the arguments of the intrinsic. Scalars arrive as LLVM
    values, arrays as the address of their first element, named tuples as named tuples of these, and compile-time
    constants as the Python objects that they are.
    """
    hints = get_type_hints(function, include_extras=True)
    names = list(inspect.signature(function).parameters)[1:]
    declared = [_declared_type(hints[name]) for name in names]
    returned = _declared_type(hints["return"]) or types.none

    @wraps(function)
    def define(typing_context: Any, *given: Any, **named: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            arguments = (
                _in_emitted_code(context, builder, kind, value)
                for kind, value in zip(signature.args, values, strict=True)
            )
            result = function(builder, *arguments)
            return context.get_dummy_value() if result is None else result

        in_order = [*given, *(named[name] for name in names[len(given) :])]
        kinds = (wanted or kind for wanted, kind in zip(declared, in_order, strict=True))
        return returned(*kinds), generate

    return intrinsic(define)


def _declared_type(hint: Any) -> Any:
    return getattr(hint, "__metadata__", (None,))[0]


def _in_emitted_code(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    if isinstance(kind, ConstantsType):
        return kind.value
    if isinstance(kind, types.Array):
        return context.data_model_manager[kind].get(builder, value, "data")
    if isinstance(kind, types.BaseNamedTuple):
        members = (builder.extract_value(value, index) for index in range(len(kind.types)))
        return kind.instance_class(
            *(_in_emitted_code(context, builder, *member) for member in zip(kind.types, members, strict=True))
        )
    return value


def compile_time_constants(constants: Class) -> Class:
    """Make a frozen dataclass an argument of kernels, which are compiled for each value of it.

    Of its attributes, integers are constants in the code, kernel parts are functions that are called directly, and
    other such dataclasses are nested.
    """
    typeof_impl.register(constants)(_type_of)
    _CONSTANTS.add(constants)
    return constants


_CONSTANTS: set[type] = set()


class ConstantsType(types.Type):  # type: ignore[misc]  # numba is untyped
    """The numba type of one value of such a class."""

    def __init__(self, value: Any):
        self.value = value
        super().__init__(name=str(value))


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
        part = getattr(type(constants.value), name, None)
        if isinstance(part, Dispatcher):
            return types.Dispatcher(part)
        member = getattr(constants.value, name, None)
        if type(member) in _CONSTANTS:
            return _type_of_constants(member)
        return types.int64 if isinstance(member, int) else None


@lower_getattr_generic(ConstantsType)
def _attribute(context: Any, builder: Any, constants: ConstantsType, value: Any, name: str) -> Any:
    member = getattr(constants.value, name)
    return (
        context.get_constant(types.int64, int(member))
        if isinstance(member, int)
        else context.get_dummy_value()
    )
