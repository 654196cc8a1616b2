"""Many bytes at a time: operations of the processor that the splitting of texts is made of, for compiled code.

Where a processor has no registers so wide, LLVM makes several of one; nothing here depends on which it is. Whoever calls
these knows that all bytes looked at lie inside the array.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models, register_model

WIDTH = 64
"""Bytes that are told in one mask."""
WORD = 8
"""Bytes that are held in one number."""
SUMS = 16
"""Sums that are held together, each of 32 bits."""
SHORT_SUMS = 255
"""Rows of signed bytes whose sums are sure to fit in 16 bits."""

_compiled: Callable[[Callable[..., Any]], Callable[..., Any]] = intrinsic
_BYTE, _PLACE, _NUMBER = ir.IntType(8), ir.IntType(32), ir.IntType(64)
_BYTES = ir.VectorType(_BYTE, WIDTH)
_CASE, _FIRST_LETTER, _LETTERS, _ZERO, _DIGITS, _ASCII = 32, 97, 26, 48, 10, 128


def _same(sign: int) -> ir.Constant:
    return ir.Constant(_BYTES, [sign] * WIDTH)


def _loaded(context: Any, builder: Any, kinds: Any, arguments: Any, kind: ir.Type) -> Any:
    held = context.make_array(kinds[0])(context, builder, arguments[0])
    place = builder.bitcast(builder.gep(held.data, [arguments[1]]), kind.as_pointer())
    return builder.load(place, align=1)


@_compiled
def letters(_typing: Any, text: Any, _at: Any) -> tuple[Any, Callable[..., Any]]:
    """Bits of the bytes from a place on that belong to words, ASCII's letters and digits and all beyond, the first's lowest."""

    def made(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        some = _loaded(context, builder, signature.args, arguments, _BYTES)
        small = builder.sub(builder.or_(some, _same(_CASE)), _same(_FIRST_LETTER))
        found = builder.icmp_unsigned("<", small, _same(_LETTERS))
        digits = builder.icmp_unsigned("<", builder.sub(some, _same(_ZERO)), _same(_DIGITS))
        found = builder.or_(found, digits)
        found = builder.or_(found, builder.icmp_unsigned(">=", some, _same(_ASCII)))
        return builder.bitcast(found, _NUMBER)

    return types.uint64(text, types.uint64), made


@_compiled
def reaching(_typing: Any, text: Any, _at: Any, _sign: Any) -> tuple[Any, Callable[..., Any]]:
    """Bits of the bytes from a place on that are a sign or greater."""

    def made(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        some = _loaded(context, builder, signature.args, arguments, _BYTES)
        return builder.bitcast(builder.icmp_unsigned(">=", some, _each(builder, arguments[2])), _NUMBER)

    return types.uint64(text, types.uint64, types.uint8), made


@_compiled
def being(_typing: Any, text: Any, _at: Any, _sign: Any) -> tuple[Any, Callable[..., Any]]:
    """Bits of the bytes from a place on that are a sign."""

    def made(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        some = _loaded(context, builder, signature.args, arguments, _BYTES)
        return builder.bitcast(builder.icmp_unsigned("==", some, _each(builder, arguments[2])), _NUMBER)

    return types.uint64(text, types.uint64, types.uint8), made


def _each(builder: Any, sign: Any) -> Any:
    nothing = ir.Constant(_BYTES, ir.Undefined)
    first = builder.insert_element(nothing, sign, ir.Constant(_PLACE, 0))
    return builder.shuffle_vector(first, nothing, ir.Constant(ir.VectorType(_PLACE, WIDTH), [0] * WIDTH))


@_compiled
def eight(_typing: Any, text: Any, _at: Any) -> tuple[Any, Callable[..., Any]]:
    """The `WORD` bytes from a place on as one number, the first its lowest byte."""

    def made(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _loaded(context, builder, signature.args, arguments, _NUMBER)

    return types.uint64(text, types.uint64), made


def weighted(*weights: int) -> Callable[..., Any]:
    """A function of one number: the sum of its bytes, the lowest first, each times its weight."""
    narrow, wide = ir.VectorType(_BYTE, WORD), ir.VectorType(_NUMBER, WORD)

    @_compiled
    def told(_typing: Any, _number: Any) -> tuple[Any, Callable[..., Any]]:
        def made(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            each = builder.zext(builder.bitcast(arguments[0], narrow), wide)
            return _sum(builder, builder.mul(each, ir.Constant(wide, list(weights))))

        return types.uint64(types.uint64), made

    return told


def _sum(builder: Any, each: Any) -> Any:
    """Half to half, until one is left."""
    half = WORD // 2
    while half:
        parts = [
            ir.Constant(ir.VectorType(_PLACE, half), list(range(start, start + half))) for start in (0, half)
        ]
        nothing = ir.Constant(each.type, ir.Undefined)
        each = builder.add(*(builder.shuffle_vector(each, nothing, part) for part in parts))
        half //= 2
    return builder.extract_element(each, ir.Constant(_PLACE, 0))


@_compiled
def first_bit(_typing: Any, _mask: Any) -> tuple[Any, Callable[..., Any]]:
    """The place of the lowest bit that is set; 64 where none is."""

    def made(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), made


@_compiled
def bits(_typing: Any, _mask: Any) -> tuple[Any, Callable[..., Any]]:
    """How many bits are set."""

    def made(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), made


class _Sums(types.Type):
    """`SUMS` sums in one register."""


class _ShortSums(types.Type):
    """The same of half as many bits."""


_ROW, _SUMS, _SHORT_SUMS = (ir.VectorType(kind, SUMS) for kind in (_BYTE, _PLACE, ir.IntType(16)))
_sums, _short_sums = _Sums("sums"), _ShortSums("short sums")


@register_model(_Sums)
class _Register(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _SUMS)  # type: ignore[no-untyped-call, unused-ignore]


@register_model(_ShortSums)
class _HalfARegister(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _SHORT_SUMS)  # type: ignore[no-untyped-call, unused-ignore]


@_compiled
def no_sums(_typing: Any) -> tuple[Any, Callable[..., Any]]:
    """Sums of nothing."""
    return _sums(), lambda *_: ir.Constant(_SUMS, [0] * SUMS)


@_compiled
def no_short_sums(_typing: Any) -> tuple[Any, Callable[..., Any]]:
    """Short sums of nothing."""
    return _short_sums(), lambda *_: ir.Constant(_SHORT_SUMS, [0] * SUMS)


@_compiled
def plus_row(_typing: Any, _before: Any, rows: Any, _at: Any) -> tuple[Any, Callable[..., Any]]:
    """The short sums and the row of that number, of `SUMS` signed bytes."""

    def made(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        first = builder.mul(arguments[2], ir.Constant(_NUMBER, SUMS))
        row = _loaded(context, builder, signature.args[1:], (arguments[1], first), _ROW)
        return builder.add(arguments[0], builder.sext(row, _SHORT_SUMS))

    return _short_sums(_short_sums, rows, types.uint64), made


@_compiled
def plus_short_sums(_typing: Any, _before: Any, _more: Any) -> tuple[Any, Callable[..., Any]]:
    """The sums and short ones, of which `SHORT_SUMS` rows were added up at most."""

    def made(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.add(arguments[0], builder.sext(arguments[1], _SUMS))

    return _sums(_sums, _short_sums), made


@_compiled
def sum_at(_typing: Any, _of: Any, _at: Any) -> tuple[Any, Callable[..., Any]]:
    """The sum at that place."""

    def made(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.extract_element(*arguments)

    return types.int32(_sums, types.uint64), made
