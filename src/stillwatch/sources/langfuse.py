"""Langfuse: rows of its table `events_full` and exports of observations, older ones too, as JSON, CSV or Parquet.

Reads `span_id` or `id`, `type`, `start_time`, `provided_model_name` or `model`, `model_parameters`, `input`,
`output`, `usage_details`, `user_id`, `session_id`, `project_id` and `tool_definitions`; the public API's names
(`startTime`, ...) as well. Only observations of the type GENERATION are calls of a model; others are excluded, and so
are rows with `is_deleted`.

The account is the user: in Langfuse a project is one application of the operator, and the users are its customers.
Rows without a user, which older exports of observations all are, belong to the project. Join such an export with its
traces first, or all customers are one account. The session is `session_id`, else the trace.

Times without a zone are UTC. `input` and `output` are whatever the application noted: a body in any dialect, a list
of messages, one message or plain text. What is none of these is taken as text, as it stands. `model_parameters` is
JSON in a text; its values may be texts, and "inf" where no limit was set. Clients note defaults that the caller never
sent.

Langfuse splits the counts of tokens: `input` is without what was cached, and `output` without reasoning, which stand
under names of their own (`input_cached_tokens`, `output_reasoning_tokens`, ...). They are added up, unless `total`
says that `input` and `output` hold everything by themselves. The table is a ReplacingMergeTree: read it with FINAL,
for of two rows with one id the later is rejected as a duplicate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.sources.bodies._base import REQUEST, RESPONSE
from stillwatch.sources.bodies.dialects import bodies, said
from stillwatch.sources.lanes import openai_chat
from stillwatch.sources.lanes.columns import (
    ODD,
    Columns,
    added,
    either,
    moments,
    over,
    summed,
    texts,
    turned,
    wholes,
)
from stillwatch.sources.lanes.found import Found
from stillwatch.sources.lanes.lane import Lane
from stillwatch.sources.lanes.shapes import Closed, Needed, Shape, any_of, none_of
from stillwatch.sources.nested.envelope import Envelope, Excluded, NoExchangeError, Record, Row
from stillwatch.sources.nested.moments import iso, written
from stillwatch.sources.nested.source import source
from stillwatch.sources.nested.values import (
    first,
    flag,
    loaded,
    mapping,
    number,
    text,
    whole,
    without_nones,
)

_encode = msgspec.json.Encoder().encode
_CACHED = ("input_cached_tokens", "cache_read_input_tokens", "input_cache_read", "input_cached")
_REASONING = ("output_reasoning_tokens", "reasoning_tokens", "output_reasoning")
_TURNS = {
    "max_tokens": whole,
    "n": whole,
    "seed": whole,
    "temperature": number,
    "top_p": number,
    "logprobs": flag,
}


def _rows(record: Record) -> Iterator[Row | Excluded]:
    if flag(record.get("is_deleted")):
        yield Excluded("deleted")
        return
    if str(record.get("type")).upper() != "GENERATION":
        yield Excluded("no generation")
        return
    account = text(first(record, "user_id", "userId")) or text(first(record, "project_id", "projectId"))
    if account is None:
        raise NoExchangeError("no account_id")
    row = {**_counted(record), **_said(record)}
    row |= without_nones(
        {
            "exchange_id": text(record.get("span_id")) or text(record.get("id")),
            "ts": iso(first(record, "start_time", "startTime"), utc=True),
            "account_id": account,
            "model": text(first(record, "provided_model_name", "providedModelName"))
            or text(record.get("model")),
            "session_id": text(first(record, "session_id", "sessionId"))
            or text(first(record, "trace_id", "traceId")),
        }
    )
    yield row


def _said(record: Record) -> Row:
    """What input and output tell, the parameters put back beside the input."""
    parameters = mapping(first(record, "model_parameters", "modelParameters"))
    answer = _answer(record.get("output"))
    row = said({**parameters, **_asked(record.get("input"))}, answer)
    if "response" not in row and isinstance(answer, dict) and "choices" not in answer:
        row |= _other_answer(answer)
    for name, turn in _TURNS.items():
        if (value := row.get(name)) is not None and (turned := turn(value)) is not None:
            row[name] = turned
        else:
            row.pop(name, None)
    defined = mapping(first(record, "tool_definitions", "toolDefinitions"))
    if defined and "tools" not in row:
        row["tools"] = list(defined)
    if "prompt" in row or "response" in row:
        row.pop("content_state", None)
    return row


def _asked(given: object) -> dict[str, Any]:
    """The input as a request."""
    found = loaded(given)
    if not found:
        return {}
    if isinstance(found, dict) and any(body.asks(found) for body in bodies().values()):
        return found
    if isinstance(found, list) and all(isinstance(one, dict) and "role" in one for one in found):
        return {"messages": found}
    return {"messages": [{"role": "user", "content": _as_text(given)}]}


def _answer(given: object) -> Any:
    """The output as an answer: messages are those of a chat, a text is one."""
    found = loaded(given)
    if isinstance(found, dict) and "role" in found and found.get("type") != "message":
        return {"choices": [{"message": found}]}
    if isinstance(found, list) and found and all(isinstance(one, dict) and "role" in one for one in found):
        return {"choices": [{"message": one} for one in found]}
    if isinstance(found, dict | list) or not found:
        return found
    return {"choices": [{"message": {"content": _as_text(given)}}]}


def _other_answer(answer: Mapping[str, Any]) -> Row:
    """An answer in another dialect than the request's, or in none."""
    told = said(None, answer)
    return told if "response" in told else {"response": _as_text(answer)}


def _as_text(given: object) -> str:
    return given if isinstance(given, str) else _encode(given).decode()


def _counted(record: Record) -> Row:
    usage = mapping(first(record, "usage_details", "usageDetails", "usage"))
    asked, made = whole(usage.get("input")), whole(usage.get("output"))
    if whole(usage.get("total")) != (asked or 0) + (made or 0):
        asked, made = _sum(usage, "input"), _sum(usage, "output")
    return without_nones(
        {
            "input_tokens": asked,
            "output_tokens": made,
            "cached_input_tokens": whole(first(usage, *_CACHED)),
            "reasoning_tokens": whole(first(usage, *_REASONING)),
        }
    )


def _sum(usage: Mapping[str, Any], part: str) -> int | None:
    counts = [count for name, told in usage.items() if part in name and (count := whole(told)) is not None]
    return sum(counts) if counts else None


def _columns(some: Found) -> Columns:
    """The same of generations whose input is a request and whose output is an answer, each a text of JSON."""
    turned(_is_kept, pa.bool_(), some, "is_deleted")
    turned(_is_generation, pa.bool_(), some, "type")
    for name in ("tool_definitions", "toolDefinitions"):
        turned(_defines_none, pa.bool_(), some, name)
    parameters = some.told("model_parameters", _PARAMETERS)
    asked, answered = some.told("input", _ASKED), some.told("output", _ANSWERED)
    some.without(some.has("output") & ~answered.has("choices"))
    told = over(_used(some), openai_chat.told(parameters, answered, asked))
    return over(
        told,
        {
            "exchange_id": either(texts(some, "span_id"), texts(some, "id")),
            "ts": moments(some, "start_time", "startTime"),
            "account_id": either(texts(some, "user_id", "userId"), texts(some, "project_id", "projectId")),
            "model": either(texts(some, "provided_model_name", "providedModelName"), texts(some, "model")),
            "session_id": either(texts(some, "session_id", "sessionId"), texts(some, "trace_id", "traceId")),
        },
    )


def _used(some: Found) -> Columns:
    """Tokens, as `_counted` counts them."""
    usage = some.inside("usage_details")
    counts = {name: wholes(usage, name) for name in (*_PARTS, "input", "output", "total")}
    whole_of = added(some, pc.fill_null(counts["input"], 0), counts["output"])
    is_whole = pc.fill_null(pc.equal(whole_of, counts["total"]), fill_value=False)
    parts = {
        part: summed(some, *(count for name, count in counts.items() if part in name))
        for part in ("input", "output")
    }
    return {
        "input_tokens": pc.if_else(is_whole, counts["input"], parts["input"]),
        "output_tokens": pc.if_else(is_whole, counts["output"], parts["output"]),
        "cached_input_tokens": wholes(usage, *_CACHED),
        "reasoning_tokens": wholes(usage, *_REASONING),
    }


def _is_kept(is_deleted: object) -> Any:
    return ODD if flag(is_deleted) else None


def _is_generation(kind: object) -> Any:
    return None if str(kind).upper() == "GENERATION" else ODD


def _defines_none(tools: object) -> Any:
    return ODD if mapping(tools) else None


_PARTS = (*_CACHED, *_REASONING)
_PARAMETERS = Shape({**openai_chat.PARAMETERS, **none_of("messages", "prompt")})
_ASKED = Shape({**none_of(*openai_chat.PARAMETERS, "prompt"), "messages": Needed(openai_chat.MESSAGES)})
_ANSWERED = Shape({**openai_chat.RESPONSE, **none_of("role")})
_SHAPE = {
    **any_of("is_deleted", "type", "user_id", "userId", "project_id", "projectId", "span_id", "id"),
    **any_of("start_time", "startTime", "provided_model_name", "providedModelName", "model"),
    **any_of("session_id", "sessionId", "trace_id", "traceId", "model_parameters", "input", "output"),
    **any_of("tool_definitions", "toolDefinitions"),
    **none_of("modelParameters", "usageDetails", "usage", "data"),
    "usage_details": Closed(any_of(*_PARTS, "input", "output", "total")),
}


def _record(row: Row) -> Mapping[str, Any]:
    body = bodies()["openai_chat"]
    asked = body.as_request(row)
    asked.pop("model", None)
    messages = asked.pop("messages", None)
    answered = body.as_response(row)
    answered.pop("usage", None)
    return without_nones(
        {
            "id": row["exchange_id"],
            "trace_id": row.get("session_id"),
            "session_id": row.get("session_id"),
            "user_id": row["account_id"],
            "type": "GENERATION",
            "start_time": written(row["ts"]),
            "provided_model_name": row["model"],
            "model_parameters": _encode(asked).decode(),
            "usage_details": _usage(row),
            "input": None if messages is None else _encode({"messages": messages}).decode(),
            "output": _encode(answered).decode() if "choices" in answered else None,
        }
    )


def _usage(row: Row) -> dict[str, int]:
    """The counts, split as Langfuse splits them."""
    asked, cached = row.get("input_tokens"), row.get("cached_input_tokens")
    made, thought = row.get("output_tokens"), row.get("reasoning_tokens")
    return without_nones(
        {
            "input": None if asked is None else asked - (cached or 0),
            _CACHED[0]: cached,
            "output": None if made is None else made - (thought or 0),
            _REASONING[0]: thought,
        }
    )


def _looks_like(record: Record) -> bool:
    has_span = "type" in record and ("start_time" in record or "startTime" in record)
    in_trace = "trace_id" in record or "traceId" in record or "session_id" in record
    names = ("provided_model_name", "model_parameters", "modelParameters", "usage_details", "usageDetails")
    return has_span and in_trace and any(name in record for name in names)


SOURCE = source(
    Envelope(
        name="langfuse",
        description="Langfuse's observations, from its table events_full or from an export",
        looks_like=_looks_like,
        rows=_rows,
        record=_record,
        packed=("data",),
        lane=Lane(_SHAPE, _columns, needed=("account_id",)),
        carries=(REQUEST | RESPONSE)
        | {"exchange_id", "ts", "account_id", "session_id", "end_user_id"}
        | {"n", "seed", "logprobs", "response_format", "reasoning_tokens"},
    )
)
