"""The columns of many calls at once, as `telemetry.columns` tells those of one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.sources.bodies._base import tool_names
from stillwatch.sources.lanes import otel_messages
from stillwatch.sources.lanes.columns import (
    LONG,
    NAMES,
    ODD,
    Columns,
    always,
    are,
    as_written_slots,
    classed,
    either,
    over,
    reals,
    texts,
    turned,
    turned_slots,
    wholes,
)
from stillwatch.sources.lanes.found import Found, Slots
from stillwatch.sources.lanes.syntax import ABSENT
from stillwatch.sources.nested.envelope import Row
from stillwatch.sources.nested.values import whole
from stillwatch.sources.telemetry.aliases import aliases
from stillwatch.sources.telemetry.attributes import END_USER, ERROR, ERROR_TYPE, HIDING, numbered
from stillwatch.sources.telemetry.columns import (
    FORMATS,
    TEXTS,
    WORDS,
    parameters,
    reasons,
    status_of_error,
    stop_reason,
)
from stillwatch.sources.telemetry.conversation import opened
from stillwatch.sources.telemetry.held_spans import Spans
from stillwatch.sources.telemetry.spans import error_of, is_error, plain

_COUNTS = ("max_tokens", "n", "input_tokens", "output_tokens", "cached_input_tokens", "reasoning_tokens")
_PARAMETERS: dict[str, tuple[tuple[type, ...], pa.DataType]] = {
    **dict.fromkeys(("temperature", "top_p"), ((int, float), pa.float64())),
    **dict.fromkeys(("max_tokens", "n"), ((int,), pa.int32())),
    **dict.fromkeys(("tool_choice", "response_format", "end_user_id", "model"), ((str,), pa.string())),
    **dict.fromkeys(("logprobs", "reasoning"), ((bool,), pa.bool_())),
    "seed": ((int,), pa.int64()),
    "tools": ((list,), NAMES),
}
"""What parameters may tell that are one text of JSON, as values of which types."""
_LONGEST_SIGN = 6
"""Bytes of a sign that is escaped."""


def columns_of(spans: Spans) -> Columns:
    """The columns of the calls among some spans; of those that turn out to be odd, the batches are said to be."""
    told = spans.attributes.of(spans.chosen)
    micros = spans.micros[spans.chosen]
    columns: Columns = {
        **{name: texts(told, name) for name in TEXTS},
        **{name: reals(told, name) for name in ("temperature", "top_p")},
        **{name: wholes(told, name) for name in _COUNTS},
        "seed": wholes(told, "seed", most=LONG),
        "ts": pa.array(micros, pa.int64(), mask=micros == 0),
        "channel": always(told, "api"),
        "end_user_id": _end_user(spans, told),
        "status": _status(spans, told),
        "stop_reason": turned(_stop_reason, pa.string(), told, "stop_reason"),
        "reasoning": turned(_reasons, pa.bool_(), told, "reasoning"),
        "response_format": turned(_format, pa.string(), told, "response_format"),
    }
    columns = over(over(_parameters(told), _words(spans, told)), columns)
    columns["exchange_id"] = _identified(spans, columns["exchange_id"])
    spans.without(told.is_odd)
    return columns


def _words(spans: Spans, told: Found) -> Columns:
    """What was said; calls whose words are hidden are odd."""
    columns = otel_messages.told(told, "input_messages", "output_messages", "system_instructions")
    columns["tools"] = turned(_tools, NAMES, told, "tool_definitions")
    others, are_odd = spans.numbered()
    told.without(are_odd)
    if others:
        prompts = (some["system_prompt"].is_valid() for some in (columns, others))
        told.without(np.logical_and(*map(np.asarray, prompts)))
        columns = over(others, columns)
    hiding = aliases().redacted
    for name in WORDS:
        told.without(are(pc.equal(columns[name], hiding)))
    for slot in numbered(HIDING, aliases().redactable):
        held = told.slots(slot)
        are_short = held.spans[:, 1] - held.spans[:, 0] <= _LONGEST_SIGN * len(hiding)
        short = Slots(np.where(are_short, held.kinds, ABSENT), held.spans)
        turned_slots(
            lambda value: ODD if value == hiding else None, pa.bool_(), told, short, are_records=True
        )
    says_nothing = columns["prompt"].is_null(), columns["response"].is_null()
    columns["content_state"] = always(told, "absent", np.logical_and(*map(np.asarray, says_nothing)))
    return columns


def _tools(given: object) -> Any:
    held = opened(given)
    return None if held is None else ODD if not isinstance(given, str) or held is given else tool_names(held)


def _parameters(told: Found) -> Columns:
    """What parameters say that are one text of JSON."""
    if not told.has("parameters").any():
        return {}
    row_of = cache(parameters)
    named = turned(partial(_parameter_names, row_of), NAMES, told, "parameters")
    return {
        name: turned(partial(_parameter, row_of, name), _PARAMETERS[name][1], told, "parameters")
        for name in pc.unique(named.flatten()).to_pylist()
    }


def _parameter_names(row_of: Callable[[str], Row], given: object) -> Any:
    if given is None:
        return []
    if not isinstance(given, str) or not _PARAMETERS.keys() >= row_of(given).keys():
        return ODD
    return sorted(row_of(given))


def _parameter(row_of: Callable[[str], Row], name: str, given: object) -> Any:
    value = row_of(given).get(name) if isinstance(given, str) else None
    return value if value is None or type(value) in _PARAMETERS[name][0] else ODD


def _end_user(spans: Spans, told: Found) -> pa.Array:
    """The customer's own user, under another name than that which tells who pays."""
    names, payers = aliases().columns["end_user_id"], aliases().columns["account_id"]
    ranks = spans.attributes.rank("account_id", spans.chosen)
    found: pa.Array = pa.nulls(len(told), pa.string())
    for slot, name in zip(numbered(END_USER, names), names, strict=True):
        if told.has(slot).any():
            one = texts(told, slot)
            if name in payers:
                one = pc.if_else(pa.array(ranks != payers.index(name)), one, None)
            found = either(found, one)
    return found


def _status(spans: Spans, told: Found) -> pa.Array:
    """The HTTP status, else the error's, else 200 of calls that did not fail."""
    codes = turned(_code, pa.int32(), told, "status")
    have_failed = classed(is_error, told, spans.slots("status/code")) != 0
    others = pa.repeat(pa.scalar(200, pa.int32()), len(told))
    if have_failed.any():
        are_open = have_failed & np.asarray(codes.is_null())
        told.without(are_open & ~told.has(ERROR) & spans.have_raised[spans.chosen])
        others = pc.if_else(pa.array(have_failed), turned(_error, pa.int32(), told, ERROR), others)
    codes = either(codes, others)
    are_statuses = pc.and_(pc.greater_equal(codes, 100), pc.less_equal(codes, 599))
    return pc.if_else(are_statuses, codes, None)


def _code(value: object) -> Any:
    return whole(value)


def _error(value: object) -> Any:
    if isinstance(value, dict) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return ODD
    return status_of_error(error_of({ERROR_TYPE: value}, None))


def _stop_reason(value: object) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return ODD if is_number else stop_reason(_plain(value))


def _reasons(level: object) -> Any:
    return reasons(_plain(level))


def _format(kind: object) -> Any:
    return FORMATS.get(str(_plain(kind)))


def _plain(value: object) -> Any:
    """A value as the full reading has it, of which lists stand in their type."""
    return plain({"arrayValue": value}) if isinstance(value, dict) else value


def _identified(spans: Spans, ids: pa.Array) -> pa.Array:
    """The ids, where none was told those of trace and span."""
    if not ids.null_count:
        return ids
    both = (as_written_slots(spans.found, spans.slots(name)) for name in ("traceId", "spanId"))
    trace, span = (pc.if_else(pc.equal(one, ""), None, one) for one in both)
    return either(ids, pc.binary_join_element_wise(trace, span, "-"))
