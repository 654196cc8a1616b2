"""The words under numbered names as columns, as `telemetry.conversation` tells those of one call."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillwatch.sources.lanes.columns import Columns, as_written_slots
from stillwatch.sources.lanes.found import Found, Table
from stillwatch.sources.lanes.otel_messages import role_of
from stillwatch.sources.lanes.shapes import ANY, Shape
from stillwatch.sources.lanes.syntax import ABSENT, ESCAPED, LIST, TEXT
from stillwatch.sources.lanes.talks import Texts, all_texts, first_of, talk, up_to
from stillwatch.sources.plain.vectors import WIDTH
from stillwatch.sources.telemetry.aliases import aliases
from stillwatch.sources.telemetry.attributes import bits, values_of
from stillwatch.sources.telemetry.numbered import kernels
from stillwatch.sources.telemetry.numbered.kernels import CONTENT, REASON, ROLE, UNUSUAL

_ASKED, _ANSWERED, _TOOLS = "asked", "answered", "tools"
_PIECE = {"role": ANY, "content": ANY, "finish_reason": ANY}
_SHAPE = Shape({key: [_PIECE] for key in (_ASKED, _ANSWERED, _TOOLS)})
_MESSAGE, _TOOL = 0b011, 0b100
_FIELDS = (
    ("role", _MESSAGE, ROLE),
    ("message.role", _MESSAGE, ROLE),
    ("content", _MESSAGE, CONTENT),
    ("message.content", _MESSAGE, CONTENT),
    ("finish_reason", _MESSAGE, REASON),
    ("name", _TOOL, CONTENT),
    ("message.contents.", _MESSAGE, UNUSUAL),
    ("tool.", _TOOL, UNUSUAL),
)
"""Fields of pieces, of which kinds, and where they are put; of the last ones only their beginnings."""


def told(
    some: Found, path: str, chosen: NDArray[np.int64], needs: NDArray[np.uint8]
) -> tuple[Columns, NDArray[np.bool_]]:
    """What chosen lists of attributes at a path say under numbered names, and which of them are odd; `needs` are bits of kinds."""
    found = _pieces(some, path, chosen, needs)
    columns: Columns = {
        **talk(found, _ASKED, _texts(found, _ASKED), role_of),
        "response": all_texts(found, _ANSWERED, _texts(found, _ANSWERED)),
        "stop_reason": first_of(found, _ANSWERED, "finish_reason"),
        "tools": _names(found),
    }
    has_messages = np.diff(found.ends(_ASKED), prepend=0) > 0
    columns["images"] = pa.array(np.zeros(len(found), np.int32), pa.int32(), mask=~has_messages)
    return columns, found.is_odd


def _pieces(some: Found, path: str, chosen: NDArray[np.int64], needs: NDArray[np.uint8]) -> Found:
    """The pieces as records of which each kind is a list."""
    lists, keys, values = some.slots(path), some.slots(f"{path}/*/key"), values_of(some, path)
    words, prefixes, fields = _wanted()
    held = lists.spans[chosen]
    room = int((held[:, 1] - held[:, 0])[(needs != 0) & (lists.kinds[chosen] == LIST)].sum()) + 1
    shape = (len(bits()), max(_SHAPE.widths[1:]), room)
    kinds, places = np.zeros(shape, np.uint8), np.zeros((*shape, 2), np.int32)
    ends, are_odd = np.zeros((len(bits()), len(chosen)), np.int64), np.zeros(len(chosen), np.bool_)
    kernels.pieces(
        some.text,
        keys.kinds,
        keys.spans,
        values.kinds,
        values.spans,
        lists.kinds,
        lists.spans,
        chosen,
        needs,
        words,
        prefixes,
        fields,
        kinds,
        places,
        ends,
        are_odd,
    )
    starts = np.concatenate([np.zeros((len(ends), 1), np.int64), ends[:, :-1]], axis=1)
    spans = np.stack([starts, ends], axis=2).astype(np.int32)
    none = np.zeros((1, len(chosen)), np.uint8)
    records = Table(
        np.concatenate([none, np.where(ends > starts, LIST, ABSENT).astype(np.uint8)]),
        np.concatenate([np.zeros((1, len(chosen), 2), np.int32), spans]),
    )
    tables = [
        Table(kinds[kind, :, :count], places[kind, :, :count]) for kind, count in enumerate(_counts(ends))
    ]
    return Found(_SHAPE, some.text, [records, *tables], are_odd)


def _counts(ends: NDArray[np.int64]) -> list[int]:
    """How many pieces there are of each kind."""
    return [int(count) for count in ends.max(axis=1, initial=0)]


def _texts(found: Found, kind: str) -> Texts:
    """The texts of messages of which each is one."""
    held = found.slots(f"{kind}/*/content")
    count = len(held.kinds)
    return Texts(held, np.arange(count), np.ones(count, np.int64))


def _names(found: Found) -> pa.Array:
    """The names of tools that have one."""
    held, ends = found.slots(f"{_TOOLS}/*/content"), found.ends(_TOOLS)
    are_said = ((held.kinds == TEXT) | (held.kinds == ESCAPED)) & (held.spans[:, 1] > held.spans[:, 0])
    names = as_written_slots(found, held.only(np.flatnonzero(are_said)))
    offsets = np.concatenate([[0], up_to(are_said, ends)]).astype(np.int32)
    has_none = pa.array(np.diff(ends, prepend=0) == 0)
    return pa.ListArray.from_arrays(pa.array(offsets), names, mask=has_none)


@cache
def _wanted() -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.int32]]:
    """The bytes of all prefixes and fields, and where each stands and what it is."""
    prefixes = [(f"{prefix}.", bit) for kind, bit in bits().items() for prefix in aliases().numbered[kind]]
    spelled = [*(prefix for prefix, _ in prefixes), *(field for field, _, _ in _FIELDS)]
    words = np.frombuffer("".join(spelled).encode() + bytes(WIDTH), np.uint8)
    ends = np.cumsum([len(one) for one in spelled])
    places = np.column_stack([ends - [len(one) for one in spelled], ends])
    ours = np.column_stack([places[: len(prefixes)], [bit for _, bit in prefixes]])
    fields = np.column_stack([places[len(prefixes) :], [one[1:] for one in _FIELDS]])
    return words, ours.astype(np.int32), fields.astype(np.int32)
