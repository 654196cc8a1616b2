"""LiteLLM's table LiteLLM_SpendLogs: one row a call, as JSON lines or as CSV from PostgreSQL.

In CSV every value is a text, and columns of JSON are texts of JSON; in JSON lines they may be either.

- The account is `user`, else `team_id`, `organization_id`, the same of the key in `metadata`, or the key itself. The table
  holds the key's hash; where a key stands there in clear, it is hashed.
- What was said is there only if the operator keeps prompts (`{}` elsewhere): the request with its parameters in
  `proxy_server_request`, older rows only `messages`. Request and answer may be in different dialects: the gateway turns
  some answers into OpenAI's. It cuts out the middle of long texts; their `content_state` is truncated.
- The session is the one that the client named, as with LiteLLM's callbacks: the table holds an id made up for the call
  where there was none.
- Times stand without a zone or with PostgreSQL's `+00`, and are UTC. `startTime` is when the request arrived.
- Calls that the gateway makes by itself (judges, routers, health checks) are excluded, and so is what is no generation:
  embeddings, images, speech, moderation, reranking, calls of tools.
- A call answered from the gateway's cache is a customer's call like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stillwatch.sources.bodies._base import REQUEST, RESPONSE, hashed
from stillwatch.sources.bodies.dialects import bodies, said
from stillwatch.sources.lanes import openai_chat
from stillwatch.sources.lanes.columns import (
    ODD,
    Columns,
    addresses,
    always,
    either,
    mention,
    moments,
    over,
    statuses,
    texts,
    turned,
    unless_zero,
    wholes,
)
from stillwatch.sources.lanes.found import Found
from stillwatch.sources.lanes.lane import Lane
from stillwatch.sources.lanes.shapes import Shape, any_of, none_of
from stillwatch.sources.litellm import GENERATING, PAYERS, account, session, sessions
from stillwatch.sources.nested.addresses import address
from stillwatch.sources.nested.envelope import Envelope, Excluded, Record, Row
from stillwatch.sources.nested.moments import iso, written
from stillwatch.sources.nested.source import source
from stillwatch.sources.nested.values import at, loaded, mapping, text, whole, without_nones

_CUTS = ("litellm_truncated", "truncated by litellm", "... (truncated ")
_PAYERS = ("user", "team_id", "organization_id")
_TEXTS = ("prompt", "system_prompt", "response")
_CUT = "truncated"
"""What all these words have in common, which texts rarely hold."""
_USED = ("input_tokens", "output_tokens", "cached_input_tokens", "reasoning_tokens")
_encode = msgspec.json.Encoder().encode


def _rows(record: Record) -> Iterator[Row | Excluded]:
    metadata, call = mapping(record.get("metadata")), text(record.get("call_type")) or ""
    if metadata.get("internal_call_origin"):
        yield Excluded("a call of the gateway itself")
        return
    if call and not any(name in call for name in GENERATING[:-1]):
        yield Excluded("no generation")
        return
    key, asked = _key(record.get("api_key")), _request(record)
    told: Row = {
        "exchange_id": text(record.get("request_id")),
        "ts": iso(record.get("startTime"), utc=True),
        "account_id": _account(record, metadata, key),
        "model": text(record.get("model_group")) or text(record.get("model")),
        "api_key_id": key,
        "session_id": _session(record, asked),
        "channel": "aggregator",
        "client_ip": address(record.get("requester_ip_address"))
        or address(metadata.get("requester_ip_address")),
        "user_agent": text(metadata.get("user_agent")),
        "end_user_id": text(record.get("end_user")),
        "status": _status(record, metadata),
    }
    yield _content(asked, _answer(record)) | _used(record, metadata) | without_nones(told)


def _account(record: Record, metadata: Mapping[str, Any], key: str | None) -> str:
    """Who is billed, by the row's own columns, else by what it tells of the key."""
    for name in _PAYERS:
        if found := text(record.get(name)):
            return found
    return account({"user_api_key_hash": key, **without_nones(metadata)})


def _key(value: object) -> str | None:
    """The key's hash or name, which the table holds; never a key."""
    told = text(value)
    return hashed(told) if told is not None and told.startswith("sk-") else told


def _session(record: Record, asked: Mapping[str, Any]) -> str | None:
    """The session, if the request names one or the id is not LiteLLM's own."""
    named = (asked.get("litellm_session_id"), at(asked, "metadata", "session_id"))
    return session(record.get("session_id"), *named, at(asked, "litellm_metadata", "session_id"))


def _content(asked: Mapping[str, Any], answered: Mapping[str, Any]) -> Row:
    row = (said(asked, None) if asked else {}) | (said(None, answered) if answered else {})
    if "prompt" not in row and "response" not in row:
        return row | {"content_state": "absent"}
    row.pop("content_state", None)
    if any(cut in (row.get(name) or "") for name in _TEXTS for cut in _CUTS):
        row["content_state"] = "truncated"
    return row


def _request(record: Record) -> Mapping[str, Any]:
    """The request's body; of rows that hold only its messages, these. A plain completion's prompt is its one message."""
    body = mapping(record.get("proxy_server_request"))
    body = mapping(body.get("body")) or body
    if "messages" in body or "input" in body or "contents" in body:
        return body
    if "prompt" in body:
        return {**body, "messages": [{"role": "user", "content": body["prompt"]}]}
    messages = loaded(record.get("messages"))
    if isinstance(messages, str):
        messages = [{"role": "user", "content": messages}] if text(messages) else []
    return {**body, "messages": messages} if isinstance(messages, list) and messages else body


def _answer(record: Record) -> Mapping[str, Any]:
    return mapping(record.get("response"))


def _used(record: Record, metadata: Mapping[str, Any]) -> Row:
    usage = mapping(metadata.get("usage_object"))
    return without_nones(
        {
            "input_tokens": whole(record.get("prompt_tokens")),
            "output_tokens": whole(record.get("completion_tokens")),
            "cached_input_tokens": whole(
                at(usage, "prompt_tokens_details", "cached_tokens") or usage.get("cache_read_input_tokens")
            ),
            "reasoning_tokens": whole(at(usage, "completion_tokens_details", "reasoning_tokens")),
        }
    )


def _status(record: Record, metadata: Mapping[str, Any]) -> int | None:
    if (text(record.get("status")) or metadata.get("status")) == "success":
        return 200
    code = whole(at(metadata, "error_information", "error_code"))
    return code if code is not None and 100 <= code <= 599 else None


def _columns(some: Found) -> Columns:
    """The same of chat completions whose bodies the row holds as texts of JSON."""
    asked, answered = some.told("proxy_server_request", _ASKED), some.told("response", _ANSWERED)
    metadata = some.told("metadata", _METADATA)
    is_answered = answered.has("choices")
    turned(_is_chat, pa.bool_(), some, "call_type")
    told = openai_chat.told(asked, answered)
    for name in _TEXTS:
        some.without(_are_cut(told[name]))
    told |= {name: pc.if_else(is_answered, told[name], None) for name in _USED}
    return over(told, {**_counts(some, metadata), **_told(some, metadata, asked)})


def _are_cut(values: pa.Array) -> NDArray[np.bool_]:
    """Which texts hold one of the words that the gateway puts where it cuts."""
    are = mention(values, _CUT)
    rows = np.flatnonzero(are)
    if len(rows):
        some = values.take(pa.array(rows))
        are[rows] = np.any([mention(some, cut) for cut in _CUTS], axis=0)
    return are


def _told(some: Found, metadata: Found, asked: Found) -> Columns:
    """Who called, when and from where."""
    key = turned(_key, pa.string(), some, "api_key")
    payers = [texts(metadata, f"user_api_key_{name}") for name in PAYERS]
    payers[-1] = pc.if_else(metadata.has(f"user_api_key_{PAYERS[-1]}"), payers[-1], key)
    succeeded = pc.equal(either(texts(some, "status"), texts(metadata, "status")), "success")
    return {
        "exchange_id": texts(some, "request_id"),
        "ts": moments(some, "startTime"),
        "account_id": either(*(texts(some, name) for name in _PAYERS), *payers),
        "model": either(texts(some, "model_group"), texts(some, "model")),
        "api_key_id": key,
        "session_id": either(
            texts(asked, "litellm_session_id"),
            texts(asked, "litellm_metadata/session_id"),
            sessions(some, "session_id"),
        ),
        "channel": always(some, "aggregator"),
        "client_ip": either(
            addresses(some, "requester_ip_address"), addresses(metadata, "requester_ip_address")
        ),
        "user_agent": texts(metadata, "user_agent"),
        "end_user_id": texts(some, "end_user"),
        "status": pc.if_else(
            pc.fill_null(succeeded, fill_value=False),
            pa.scalar(200, pa.int32()),
            statuses(metadata, "error_information/error_code"),
        ),
    }


def _counts(some: Found, metadata: Found) -> Columns:
    usage = metadata.inside("usage_object")
    return {
        "input_tokens": wholes(some, "prompt_tokens"),
        "output_tokens": wholes(some, "completion_tokens"),
        "cached_input_tokens": either(
            unless_zero(wholes(usage, "prompt_tokens_details/cached_tokens")),
            wholes(usage, "cache_read_input_tokens"),
        ),
        "reasoning_tokens": wholes(usage, "completion_tokens_details/reasoning_tokens"),
    }


def _is_chat(told: object) -> Any:
    call = text(told) or ""
    return ODD if call and not any(name in call for name in GENERATING[:-1]) else None


_METADATA = Shape(
    {
        **any_of(*(f"user_api_key_{name}" for name in PAYERS), "status", "requester_ip_address"),
        **any_of("user_agent"),
        **none_of("internal_call_origin"),
        "error_information": any_of("error_code"),
        "usage_object": {
            **any_of("cache_read_input_tokens"),
            "prompt_tokens_details": any_of("cached_tokens"),
            "completion_tokens_details": any_of("reasoning_tokens"),
        },
    }
)
_ASKED = Shape(
    {
        **openai_chat.REQUEST,
        **any_of("litellm_session_id"),
        **none_of("body"),
        "litellm_metadata": any_of("session_id"),
    }
)
_ANSWERED = Shape(openai_chat.RESPONSE)
_SHAPE = {
    **any_of("request_id", "call_type", "api_key", "startTime", "model", "model_group", "session_id"),
    **any_of(*_PAYERS, "metadata", "prompt_tokens", "completion_tokens", "end_user", "status"),
    **any_of("requester_ip_address", "response", "proxy_server_request"),
}


def _record(row: Row) -> Mapping[str, Any]:
    body, status = bodies()["openai_chat"], row.get("status")
    usage = {
        "prompt_tokens_details": {"cached_tokens": row.get("cached_input_tokens")},
        "completion_tokens_details": {"reasoning_tokens": row.get("reasoning_tokens")},
    }
    metadata = {
        "user_agent": row.get("user_agent"),
        "usage_object": usage,
        "error_information": None if status in (None, 200) else {"error_code": str(status)},
    }
    return {
        "request_id": row["exchange_id"],
        "call_type": "acompletion",
        "api_key": row.get("api_key_id") or "",
        "spend": 0.0,
        "startTime": written(row["ts"]),
        "model": row["model"],
        "user": row["account_id"],
        "metadata": _text(without_nones(metadata)),
        "cache_hit": "None",
        "prompt_tokens": row.get("input_tokens"),
        "completion_tokens": row.get("output_tokens"),
        "end_user": row.get("end_user_id") or "",
        "requester_ip_address": row.get("client_ip"),
        "session_id": row.get("session_id"),
        "messages": "{}",
        "response": _text(body.as_response(row)),
        "proxy_server_request": _text(
            {**body.as_request({**row, "end_user_id": None}), **_named(row.get("session_id"))}
        ),
        "status": "success" if status == 200 else "failure",
    }


def _named(session_id: str | None) -> dict[str, str]:
    return {} if session_id is None else {"litellm_session_id": session_id}


def _text(value: Mapping[str, Any]) -> str:
    return _encode(value).decode()


SOURCE = source(
    Envelope(
        name="litellm_spend",
        description="LiteLLM table LiteLLM_SpendLogs",
        looks_like=lambda record: {"request_id", "api_key", "spend", "startTime"} <= record.keys(),
        rows=_rows,
        record=_record,
        lane=Lane(_SHAPE, _columns, needed=("account_id",)),
        carries=(REQUEST | RESPONSE)
        | {
            *("exchange_id", "ts", "account_id", "api_key_id", "session_id", "client_ip", "user_agent"),
            *("end_user_id", "status", "n", "seed", "logprobs", "response_format", "reasoning_tokens"),
        },
    )
)
