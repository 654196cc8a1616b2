"""Spans of many batches side by side: what each is, which of them are calls, and what their attributes tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from stillwatch.sources.lanes.columns import Columns, classed, texts
from stillwatch.sources.lanes.found import Found, Slots
from stillwatch.sources.lanes.shapes import ANY, TEXT, Needed, any_of, none_of
from stillwatch.sources.lanes.syntax import NULL
from stillwatch.sources.plain.vectors import WIDTH
from stillwatch.sources.telemetry import kernels
from stillwatch.sources.telemetry.aliases import aliases
from stillwatch.sources.telemetry.attributes import INTERNAL, MARK, OPERATION, Attributes, numbered, wanted
from stillwatch.sources.telemetry.calls import NO_CALL, OWN, TWICE
from stillwatch.sources.telemetry.numbered.columns import told as told_by_number
from stillwatch.sources.telemetry.relations import kernels as relations
from stillwatch.sources.telemetry.relations.kernels import CALL, NOTHING
from stillwatch.sources.telemetry.relations.kernels import NO_CALL as OTHER
from stillwatch.sources.telemetry.spans import is_server

_GROUPS = "resourceSpans"
_SCOPES = f"{_GROUPS}/*/scopeSpans"
_SPANS = f"{_SCOPES}/*/spans"
_PAIRS = [{"key": TEXT, "value": any_of(*kernels.TYPES)}]
_SPAN = {
    **dict.fromkeys(("traceId", "spanId", "parentSpanId"), TEXT),
    **dict.fromkeys(("startTimeUnixNano", "kind"), ANY),
    "status": {"code": ANY},
    "attributes": _PAIRS,
    "events": [{"name": TEXT}],
}
SHAPE = {
    _GROUPS: Needed(
        [
            {
                "resource": {"attributes": _PAIRS},
                "scopeSpans": [{"scope": {"name": TEXT}, "spans": [_SPAN]}],
                **none_of("instrumentationLibrarySpans"),
            }
        ]
    ),
    **none_of("resourceMetrics", "resourceProfiles"),
}
"""A batch."""
_OF_MODEL = b"gen_ai."
_EVENTS = np.frombuffer(_OF_MODEL + b"exception" + bytes(WIDTH), np.uint8)
_IS_MESSAGE, _IS_EXCEPTION, _UNUSUAL = 1, 2, 3


@dataclass(frozen=True)
class Spans:
    """Spans in their order: the batch each stands in, which are chosen as calls, and why the others are not."""

    found: Found
    """The batches."""
    owners: NDArray[np.int64]
    chosen: NDArray[np.int64]
    excluded: Mapping[str, NDArray[np.bool_]]
    """By reason, which are no calls for it."""
    attributes: Attributes
    micros: NDArray[np.int64]
    """When each began, 0 where that is not told."""
    have_raised: NDArray[np.bool_]
    """Which hold an exception as an event."""

    @classmethod
    def of(cls, found: Found) -> Spans:
        """The spans of some batches; batches that turn out to be odd are said to be."""
        owners = found.owners(_SPANS)
        attributes, every = Attributes(found, len(owners)), np.arange(len(owners))
        attributes.gather(f"{_SPANS}/*/attributes", wanted().every, every, every)
        says = _says(attributes.of(every))
        are_calls = says == CALL
        hold_messages, have_raised = _events(found, len(owners))
        are_odd = attributes.odd() | (are_calls & hold_messages)
        micros = np.empty(len(owners), np.int64)
        started = found.slots(f"{_SPANS}/*/startTimeUnixNano")
        relations.moments(found.text, started.kinds, started.spans, micros, are_odd)
        edges, are_inside = _related(found, says, attributes, micros, are_odd)
        are_own = _made_by_gateways(attributes, np.flatnonzero(are_calls & ~are_inside), are_odd)
        chosen = np.flatnonzero(are_calls & ~are_inside & ~are_own)
        _look_around(found, attributes, chosen, edges)
        are_odd |= attributes.odd()
        found.without_elements(_SPANS, are_odd)
        _without_quiet(found)
        excluded = {NO_CALL.reason: ~are_calls, TWICE.reason: are_inside, OWN.reason: are_own}
        return cls(found, owners, chosen, excluded, attributes, micros, have_raised)

    def slots(self, name: str) -> Slots:
        """A value of each call's own."""
        return self.found.slots(f"{_SPANS}/*/{name}").only(self.chosen)

    def numbered(self) -> tuple[Columns, NDArray[np.bool_]]:
        """What calls say under numbered names and nowhere else, and which of them are odd; nothing if none does."""
        needs = self.attributes.needs()[self.chosen]
        if not needs.any():
            return {}, np.zeros(len(needs), np.bool_)
        return told_by_number(self.found, f"{_SPANS}/*/attributes", self.chosen, needs)

    def without(self, are_odd: NDArray[np.bool_]) -> None:
        """Leave the batches of these calls to the full reading."""
        if are_odd.any():
            self.found.is_odd[self.owners[self.chosen[are_odd]]] = True


def _says(told: Found) -> NDArray[np.uint8]:
    """What each span says it is, as `calls.generates` tells it of one."""
    says = np.where(told.has(MARK), CALL, NOTHING).astype(np.uint8)
    operations = aliases().operations
    for slot, (_, generating) in reversed([*zip(numbered(OPERATION, operations), operations, strict=True)]):
        held = told.slots(slot)
        if (held.kinds > NULL).any():
            are = classed(partial(_is_among, generating), told, held) != 0
            says = np.where(held.kinds > NULL, np.where(are, CALL, OTHER), says).astype(np.uint8)
    return says


def _is_among(some: frozenset[str], what: object) -> bool:
    return isinstance(what, str) and what in some


def _events(found: Found, count: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which spans hold events that may be messages, and which one that is an exception."""
    names, above = found.slots(f"{_SPANS}/*/events/*/name"), _above(found, f"{_SPANS}/*/events")
    are = np.empty(len(above), np.uint8)
    kernels.events(found.text, names.kinds, names.spans, _EVENTS, len(_OF_MODEL), are)
    told = np.zeros((2, count), np.bool_)
    told[0, above[(are == _IS_MESSAGE) | (are == _UNUSUAL)]] = True
    told[1, above[are == _IS_EXCEPTION]] = True
    return told[0], told[1]


def _related(
    found: Found,
    says: NDArray[np.uint8],
    attributes: Attributes,
    micros: NDArray[np.int64],
    are_odd: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Of each span the one that served its trace, or -1, and whether it is a call in another call."""
    count = len(says)
    traces = _codes(found, "traceId", 32, are_odd)
    ids, parents = (_codes(found, name, 16, are_odd) for name in ("spanId", "parentSpanId"))
    kinds = found.slots(f"{_SPANS}/*/kind")
    serve = (classed(is_server, found, kinds) != 0) & attributes.has(sorted(aliases().edge))
    ends = np.searchsorted(found.owners(_SPANS), np.arange(len(found)), side="right")
    table = np.empty(4 * (int(np.diff(ends, prepend=0).max(initial=0)) + 1), np.int32)
    edges, are_inside = np.empty(count, np.int64), np.empty(count, np.bool_)
    relations.relate(ends, traces, ids, parents, says, serve, micros, table, edges, are_inside, are_odd)
    return edges, are_inside


def _codes(found: Found, name: str, digits: int, are_odd: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Identifiers of all spans as numbers."""
    held = found.slots(f"{_SPANS}/*/{name}")
    codes = np.empty((len(held.kinds), digits // 16), np.uint64)
    relations.identifiers(found.text, held.kinds, held.spans, digits, codes, are_odd)
    return codes


def _made_by_gateways(
    attributes: Attributes, calls: NDArray[np.int64], are_odd: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which spans are calls that a gateway made by itself."""
    told = attributes.of(calls)
    are = np.zeros(len(are_odd), np.bool_)
    are[calls] = np.asarray(texts(told, INTERNAL).is_valid())
    are_odd[calls] |= told.is_odd
    return are


def _look_around(
    found: Found, attributes: Attributes, chosen: NDArray[np.int64], edges: NDArray[np.int64]
) -> None:
    """Add to calls what the spans tell that served their traces, and what their resources tell."""
    served = chosen[edges[chosen] >= 0]
    if len(served):
        attributes.gather(f"{_SPANS}/*/attributes", sorted(aliases().edge), served, edges[served])
    groups = _above(found, _SCOPES)[_above(found, _SPANS)]
    attributes.gather(f"{_GROUPS}/*/resource/attributes", sorted(aliases().resource), chosen, groups[chosen])


def _without_quiet(found: Found) -> None:
    """Leave batches to the full reading that hold spans of scopes that are told twice."""
    names = found.slots(f"{_SCOPES}/*/scope/name")
    found.without_elements(_SCOPES, classed(partial(_is_among, aliases().quiet), found, names) != 0)


def _above(found: Found, path: str) -> NDArray[np.int64]:
    """The place of what each element of the lists at a path stands in."""
    sizes = np.diff(found.ends(path), prepend=0)
    return np.repeat(np.arange(len(sizes)), sizes)
