"""Cloudflare AI Gateway: records of its API, and rows of `ai_gateway_events` that Logpush writes.

Of the API: `id`, `created_at`, `model`, `provider`, `path`, `tokens_in`, `tokens_out`, `status_code`, `metadata`, and
the bodies where they were fetched too (`request` and `response`, or `request_head` and `response_head`, which may be
cut). Of Logpush: `Timestamp`, `Model`, `RequestedModel`, `Endpoint`, `StatusCode`, `RateLimited`, `Metrics`,
`Metadata`, `RequestBody` and `ResponseBody`. Bodies are in any dialect, a streamed answer as a text of server-sent
events.

Logpush encrypts the bodies with the operator's key (`{"key", "iv", "data"}` or `{"type": "encrypted", "data"}`): the
content is then redacted. Decrypt them first and put the texts in their places, or `{"data": text}`, to have them
read. Rows whose metadata is encrypted are rejected, because nothing else says who called.

The account is told by the metadata that the operator sends along, in a text of JSON or an object; the operator
chooses its keys. Of `account_id`, `accountId`, `account`, `organization_id`, `organisation_id`, `org_id`,
`customer_id`, `tenant_id`, `user_id`, `userId`, `user` the first that is there counts; where that is none of the last
three, those name the customer's own user. A record with none of them is rejected. `session_id`, `sessionId` and
`conversation_id` there are the session.

Times are ISO 8601 in UTC; Logpush may write them as numbers, which are seconds or nanoseconds as it was set up, told
apart by their size. A row of Logpush has no id: its is a hash of its time, model, metadata and of the ends of its
bodies. Answers from the gateway's cache are exchanges like all others. A count of 0 tokens means that nothing was
counted, and is left out. Embeddings, images and speech are excluded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from stillwatch.sources.bodies._base import REQUEST, RESPONSE, hashed
from stillwatch.sources.bodies.dialects import bodies, said
from stillwatch.sources.lanes import openai_chat
from stillwatch.sources.lanes.columns import (
    ODD,
    Columns,
    always,
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
from stillwatch.sources.lanes.shapes import Needed, any_of, none_of
from stillwatch.sources.nested.envelope import Envelope, Excluded, NoExchangeError, Record, Row
from stillwatch.sources.nested.moments import iso, since_1970, written
from stillwatch.sources.nested.paths import is_no_generation
from stillwatch.sources.nested.source import source
from stillwatch.sources.nested.values import (
    at,
    first,
    first_text,
    flag,
    loaded,
    mapping,
    status,
    text,
    whole,
    without_nones,
)

USERS = ("user_id", "userId", "user")
"""Keys of the metadata that name who called, which may be a customer's own user."""

ACCOUNTS = (
    *("account_id", "accountId", "account", "organization_id", "organisation_id", "org_id"),
    *("customer_id", "tenant_id"),
)
"""Keys of the metadata that name a customer, the first one counting."""

_SESSIONS = ("session_id", "sessionId", "conversation_id")
_ENCRYPTED = {"type": "encrypted", "data": ""}
_END = 256
_NANOSECONDS = 10**16


def _rows(record: Record) -> Iterator[Row | Excluded]:
    path = text(first(record, "path", "Endpoint"))
    if path and is_no_generation(path):
        yield Excluded("no generation")
        return
    known = _metadata(record)
    user = first_text(known, USERS)
    customer = first_text(known, ACCOUNTS)
    if customer is None and user is None:
        raise NoExchangeError("no account_id")
    row: Row = {**_counted(record), **_said(record)}
    row |= without_nones(
        {
            "exchange_id": text(record.get("id")) or _hash(record),
            "ts": _moment(record),
            "account_id": customer or user,
            "model": text(first(record, "RequestedModel", "model")) or text(record.get("Model")),
            "session_id": first_text(known, _SESSIONS),
            "channel": "aggregator",
            "end_user_id": user if customer else None,
            "status": _status(record),
        }
    )
    yield row


def _metadata(record: Record) -> Mapping[str, Any]:
    found = _opened(first(record, "metadata", "Metadata"))
    if found is _ENCRYPTED:
        raise NoExchangeError("metadata is encrypted")
    return mapping(found)


def _said(record: Record) -> Row:
    asked = _opened(first(record, "request", "request_body", "RequestBody", "request_head"))
    answered = _opened(first(record, "response", "response_body", "ResponseBody", "response_head"))
    if asked is _ENCRYPTED and answered is _ENCRYPTED:
        return {"content_state": "redacted"}
    row = said(None if asked is _ENCRYPTED else asked, None if answered is _ENCRYPTED else answered)
    if asked is _ENCRYPTED or answered is _ENCRYPTED:
        row["content_state"] = "redacted"
    elif any(flag(record.get(f"{part}_head_complete")) is False for part in ("request", "response")):
        row["content_state"] = "truncated"
    return row


def _opened(value: object) -> Any:
    """What a field holds: the text or object itself, `_ENCRYPTED`, or what stands under `data` if it is decrypted."""
    found = loaded(value)
    if not isinstance(found, dict) or not isinstance(found.get("data"), str):
        return found
    if found.get("type") == "encrypted" or "iv" in found:
        return _ENCRYPTED
    return found["data"] if found.keys() <= {"data", "type", "key"} else found


def _counted(record: Record) -> Row:
    metrics = mapping(record.get("Metrics"))
    asked = whole(first(record, "tokens_in")) or whole(first(metrics, "tokensIn", "inputTokens"))
    made = whole(first(record, "tokens_out")) or whole(first(metrics, "tokensOut", "outputTokens"))
    return without_nones({"input_tokens": asked, "output_tokens": made})


def _moment(record: Record) -> int | None:
    told = first(record, "created_at", "Timestamp", "Datetime")
    if (count := whole(told)) is not None:
        return since_1970(count, "ns" if abs(count) > _NANOSECONDS else "s")
    return iso(told, utc=True)


def _status(record: Record) -> int | None:
    told = status(first(record, "status_code", "StatusCode"))
    return told or (429 if flag(record.get("RateLimited")) else None)


def _hash(record: Record) -> str | None:
    names = (
        "Timestamp",
        "Datetime",
        "Gateway",
        "Endpoint",
        "Model",
        "Metadata",
        "RequestBody",
        "ResponseBody",
    )
    if "Gateway" not in record:
        return None
    return hashed("\n".join(_end(record.get(name)) for name in names))


def _end(value: object) -> str:
    """The end of a long text, which differs where bodies do; encrypted ones differ everywhere."""
    told = at(value, "data") or value
    return (told if isinstance(told, str) else str(told))[-_END:]


def _looks_like(record: Record) -> bool:
    if "tokens_in" in record:
        return "cached" in record and "provider" in record
    return "Gateway" in record and "Provider" in record and ("Endpoint" in record or "RequestBody" in record)


def _columns(some: Found) -> Columns:
    """The same of records of the API that name a customer and hold their bodies as objects."""
    told: Columns = {
        "input_tokens": unless_zero(wholes(some, "tokens_in")),
        "output_tokens": unless_zero(wholes(some, "tokens_out")),
    }
    told = over(told, openai_chat.told(some.inside("request"), some.inside("response")))
    turned(_is_generation, pa.bool_(), some, "path")
    return over(
        told,
        {
            "exchange_id": texts(some, "id"),
            "ts": moments(some, "created_at", turn=_dated),
            "account_id": texts(some, f"metadata/{ACCOUNTS[0]}"),
            "model": texts(some, "model"),
            "session_id": texts(some, f"metadata/{_SESSIONS[0]}"),
            "channel": always(some, "aggregator"),
            "end_user_id": texts(some, f"metadata/{USERS[0]}"),
            "status": statuses(some, "status_code"),
        },
    )


def _dated(when: object) -> int | None:
    return iso(when, utc=True) if isinstance(when, str) and when[4:5] == "-" else None


def _is_generation(path: object) -> Any:
    return ODD if is_no_generation(text(path) or "") else None


_SHAPE = {
    **any_of("id", "created_at", "model", "path", "tokens_in", "tokens_out", "status_code"),
    **none_of(
        "Endpoint", "Metadata", "Metrics", "Gateway", "Timestamp", "Datetime", "RequestedModel", "Model"
    ),
    **none_of("StatusCode", "RateLimited", "request_head_complete", "response_head_complete", "result"),
    **none_of(*(f"{part}_{name}" for part in ("request", "response") for name in ("body", "head"))),
    **none_of("RequestBody", "ResponseBody"),
    "metadata": {
        **any_of(ACCOUNTS[0], USERS[0], _SESSIONS[0]),
        **none_of(*ACCOUNTS[1:], *USERS[1:], *_SESSIONS[1:], "data"),
    },
    "request": Needed({**openai_chat.REQUEST, **none_of("data")}),
    "response": Needed({**openai_chat.RESPONSE, **none_of("data")}),
}


def _record(row: Row) -> Mapping[str, Any]:
    body, state = bodies()["openai_chat"], row.get("content_state")
    is_redacted = state == "redacted"
    known = {
        "account_id": row["account_id"],
        "user_id": row.get("end_user_id"),
        "session_id": row.get("session_id"),
    }
    return without_nones(
        {
            "id": row["exchange_id"],
            "created_at": written(row["ts"]),
            "provider": "openai",
            "model": row["model"],
            "path": "chat/completions",
            "cached": False,
            "success": row.get("status") in (None, 200),
            "status_code": row.get("status"),
            "tokens_in": row.get("input_tokens") or 0,
            "tokens_out": row.get("output_tokens") or 0,
            "metadata": without_nones(known),
            "request": _ENCRYPTED
            if is_redacted and "prompt" not in row
            else body.as_request({**row, "end_user_id": None}),
            "response": _ENCRYPTED if is_redacted and "response" not in row else body.as_response(row),
            "response_head_complete": False if state == "truncated" else None,
        }
    )


SOURCE = source(
    Envelope(
        name="cloudflare",
        description="Cloudflare AI Gateway's logs, from its API or from Logpush",
        looks_like=_looks_like,
        rows=_rows,
        record=_record,
        packed=("result",),
        lane=Lane(_SHAPE, _columns, needed=("account_id", "ts")),
        carries=(REQUEST | RESPONSE)
        | {"exchange_id", "ts", "account_id", "session_id", "end_user_id", "status"}
        | {"n", "seed", "logprobs", "response_format", "reasoning_tokens"},
    )
)
