"""Thirty-two bytes at a time: operations of the processor that loops over bytes are made of, for compiled code.

Where a processor has no registers so wide, LLVM makes several of one; nothing here depends on which it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

WIDTH = 32
"""Bytes looked at at once."""

_compiled: Callable[[Callable[..., Any]], Callable[..., Any]] = intrinsic
_BYTE, _MASK = ir.IntType(8), ir.IntType(WIDTH)
_BYTES = ir.VectorType(_BYTE, WIDTH)
_QUOTE, _BACKSLASH, _SPACE = 34, 92, 32


def _same(sign: int) -> ir.Constant:
    return ir.Constant(_BYTES, [sign] * WIDTH)


def _place(context: Any, builder: Any, kind: Any, array: Any, at: Any) -> Any:
    """The place of a byte of an array, as one of so many bytes."""
    held = context.make_array(kind)(context, builder, array)
    return builder.bitcast(builder.gep(held.data, [at]), _BYTES.as_pointer())


def _loaded(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    place = _place(context, builder, signature.args[0], arguments[0], arguments[1])
    return builder.load(place, align=1)


@_compiled
def marks(_typing: Any, text: Any, _at: Any) -> tuple[Any, Callable[..., Any]]:
    """Bits of the bytes from a place on that are quotes, backslashes or control characters, the first byte's lowest."""

    def made(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        some = _loaded(context, builder, signature, arguments)
        found = builder.icmp_unsigned("==", some, _same(_QUOTE))
        found = builder.or_(found, builder.icmp_unsigned("==", some, _same(_BACKSLASH)))
        found = builder.or_(found, builder.icmp_unsigned("<", some, _same(_SPACE)))
        return builder.bitcast(found, _MASK)

    return types.uint32(text, types.intp), made


@_compiled
def copied(_typing: Any, text: Any, _at: Any, out: Any, _to: Any) -> tuple[Any, Callable[..., Any]]:
    """Copy the bytes from a place on to another, and say which of them are backslashes."""

    def made(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        some = _loaded(context, builder, signature, arguments)
        goal = _place(context, builder, signature.args[2], arguments[2], arguments[3])
        builder.store(some, goal, align=1)
        return builder.bitcast(builder.icmp_unsigned("==", some, _same(_BACKSLASH)), _MASK)

    return types.uint32(text, types.intp, out, types.intp), made


@_compiled
def between(
    _typing: Any, text: Any, _at: Any, _other: Any, _first: Any, _last: Any
) -> tuple[Any, Callable[..., Any]]:
    """Bits of the bytes from a place on that are the first sign while those from another place on are the last."""

    def made(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        masks = []
        for place, sign in ((1, 3), (2, 4)):
            held = _place(context, builder, signature.args[0], arguments[0], arguments[place])
            wanted = builder.insert_element(
                ir.Constant(_BYTES, ir.Undefined), arguments[sign], ir.Constant(ir.IntType(32), 0)
            )
            zeros = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
            wanted = builder.shuffle_vector(wanted, ir.Constant(_BYTES, ir.Undefined), zeros)
            masks.append(builder.icmp_unsigned("==", builder.load(held, align=1), wanted))
        return builder.bitcast(builder.and_(*masks), _MASK)

    return types.uint32(text, types.intp, types.intp, types.uint8, types.uint8), made


@_compiled
def is_same(
    _typing: Any, text: Any, _at: Any, other: Any, _first: Any, _size: Any
) -> tuple[Any, Callable[..., Any]]:
    """Whether as many bytes, at most `WIDTH` and at least one, are the same from one place on and another."""

    def made(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        some, others = (
            builder.load(
                _place(context, builder, signature.args[which], arguments[which], arguments[which + 1]),
                align=1,
            )
            for which in (0, 2)
        )
        differ = builder.bitcast(builder.icmp_unsigned("!=", some, others), _MASK)
        unused = builder.sub(ir.Constant(ir.IntType(64), WIDTH), arguments[4])
        differ = builder.shl(differ, builder.trunc(unused, _MASK))
        return builder.icmp_unsigned("==", differ, ir.Constant(_MASK, 0))

    return types.boolean(text, types.intp, other, types.intp, types.intp), made


@_compiled
def byte(_typing: Any, text: Any, _at: Any) -> tuple[Any, Callable[..., Any]]:
    """The byte at a place that is surely inside; places are not looked at from the end, which takes longer."""

    def made(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        held = context.make_array(signature.args[0])(context, builder, arguments[0])
        return builder.load(builder.gep(held.data, [arguments[1]]))

    return types.uint8(text, types.intp), made


@_compiled
def eight(_typing: Any, text: Any, _at: Any) -> tuple[Any, Callable[..., Any]]:
    """Eight bytes from a place on that are surely inside, as one number."""

    def made(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        held = context.make_array(signature.args[0])(context, builder, arguments[0])
        place = builder.bitcast(builder.gep(held.data, [arguments[1]]), ir.IntType(64).as_pointer())
        return builder.load(place, align=1)

    return types.uint64(text, types.intp), made


@_compiled
def first_bit(_typing: Any, _mask: Any) -> tuple[Any, Callable[..., Any]]:
    """The place of the lowest bit that is set; the mask is not 0."""

    def made(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        place = builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))
        return builder.zext(place, ir.IntType(64))

    return types.intp(types.uint32), made


@_compiled
def near(_typing: Any, text: Any, _at: Any) -> tuple[Any, Callable[..., Any]]:
    """Ask for the bytes at a place, to be looked at soon; any place will do."""

    def made(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        held = context.make_array(signature.args[0])(context, builder, arguments[0])
        place = builder.bitcast(builder.gep(held.data, [arguments[1]]), _BYTE.as_pointer())
        kinds = [_BYTE.as_pointer(), *[ir.IntType(32)] * 3]
        ask = builder.module.declare_intrinsic(
            "llvm.prefetch", [kinds[0]], ir.FunctionType(ir.VoidType(), kinds)
        )
        builder.call(ask, [place, *(ir.Constant(ir.IntType(32), one) for one in (0, 3, 1))])
        return context.get_dummy_value()

    return types.void(text, types.intp), made
