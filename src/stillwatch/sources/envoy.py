"""Access log of Envoy AI Gateway, as JSON lines.

Which fields there are, and under which names, the operator chooses; read are the names of the gateway's documentation: those
with dots (`gen_ai.request.model`) and the older ones (`genai_model_name`), and headers under their own names. A field that
has nothing to say is null, `-` or missing.

- The account is a header that the operator logs, the first there is of `x-account-id`, `x-organization-id`, `x-org-id`,
  `x-tenant-id`, `x-team-id`, `x-consumer-id`, `x-user-id` and `x-client-id`, or an attribute such as `tenant.id`; else the
  key, by `x-api-key-id`. Keys themselves (`authorization`, `x-api-key`) are never read.
- The address is the right-most public one of `x-forwarded-for`, and the only one of a list that has one; else that of
  `downstream_remote_address`. In front of the gateway stands often a proxy: then trust it in Envoy, so that the list is true.
- JA4 comes under `tls_ja4`, `ja4` or `tls.client.ja4`.
- Times are in ISO 8601 with a zone; `start_time` is when the request arrived.
- Excluded are calls of paths that generate no text: health checks, lists of models, embeddings, calls of tools (MCP). Where
  the path is not logged, a record without a model is taken for one of them.
- The log holds no text. A name that the gateway gave the model for a backend is not read: what was asked for counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from stillwatch.sources.lanes.columns import (
    ODD,
    Columns,
    addresses,
    always,
    either,
    moments,
    texts,
    together,
    unless_zero,
    wholes,
)
from stillwatch.sources.lanes.found import Found
from stillwatch.sources.lanes.lane import Lane
from stillwatch.sources.lanes.shapes import any_of, none_of
from stillwatch.sources.nested.addresses import address
from stillwatch.sources.nested.clients import HEADERS, OWN, sdk, stated
from stillwatch.sources.nested.envelope import Envelope, Excluded, Record, Row
from stillwatch.sources.nested.moments import iso, since_1970, written
from stillwatch.sources.nested.paths import generates
from stillwatch.sources.nested.source import source
from stillwatch.sources.nested.values import first, text, whole, without_nones

_MODEL = ("gen_ai.request.model", "genai_model_name", "x-ai-eg-model", "gen_ai.response.model")
_AGENTS = ("user-agent", "user_agent.original")
_PATH = ("x-envoy-origin-path", "x-envoy-original-path", "path", ":path")
_OWN = (*_MODEL[:3], *_PATH[:2])
_ACCOUNT = (
    *("x-account-id", "x-organization-id", "x-org-id", "x-tenant-id", "x-team-id"),
    *("x-consumer-id", "x-user-id", "x-client-id"),
    *("account.id", "organization.id", "tenant.id", "team.id", "user.id"),
)
_SESSION = ("session.id", "agent-session-id", "x-session-id", "gen_ai.conversation.id")
_JA4 = ("tls_ja4", "ja4", "tls.client.ja4")
_CACHED = (
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cached_input_tokens",
    "genai_tokens_cached_input",
)
_REASONING = (
    "gen_ai.usage.reasoning_tokens",
    "gen_ai.usage.reasoning.output_tokens",
    "genai_tokens_reasoning",
)


def _rows(record: Record) -> Iterator[Row | Excluded]:
    model, path = _told(record, *_MODEL), _told(record, *_PATH)
    if _told(record, "mcp_method") or _told(record, "method", ":method") not in (None, "POST"):
        yield Excluded("no generation")
        return
    if not generates(path) if path else model is None:
        yield Excluded("no generation")
        return
    key, user_agent = _told(record, "x-api-key-id"), _told(record, *_AGENTS)
    row: Row = {
        "exchange_id": _told(record, "x-request-id", "request_id"),
        "ts": _moment(record.get("start_time")),
        "account_id": _told(record, *_ACCOUNT) or key,
        "model": model,
        "api_key_id": key,
        "session_id": _told(record, *_SESSION),
        "channel": "api",
        "client_ip": address(record.get("x-forwarded-for"))
        or address(record.get("downstream_remote_address")),
        "user_agent": user_agent,
        "ja4": _told(record, *_JA4),
        "sdk": sdk(record, user_agent),
        "input_tokens": whole(first(record, "gen_ai.usage.input_tokens", "genai_tokens_input")),
        "output_tokens": whole(first(record, "gen_ai.usage.output_tokens", "genai_tokens_output")),
        "cached_input_tokens": whole(first(record, *_CACHED)),
        "reasoning_tokens": whole(first(record, *_REASONING)),
        "status": whole(record.get("response_code")) or None,
        "content_state": "absent",
    }
    yield without_nones(row)


def _told(record: Record, *names: str) -> str | None:
    """The first of several fields that says something."""
    for name in names:
        if (value := text(record.get(name))) is not None:
            return value
    return None


def _moment(value: object) -> int | None:
    """A time with its zone, or seconds since 1970 where the operator wrote the format so."""
    return since_1970(value, "s") if isinstance(value, int | float) else iso(value)


def _columns(some: Found) -> Columns:
    """The same of calls that are logged under the names of today, with an account or a key."""
    models, agents = _first(some, *_MODEL), _first(some, *_AGENTS)
    together(_is_generation, pa.bool_(), some, "method", ":method", *_PATH, *_MODEL)
    keys = texts(some, "x-api-key-id")
    return {
        "exchange_id": _first(some, "x-request-id", "request_id"),
        "ts": moments(some, "start_time", is_utc=False, turn=_moment),
        "account_id": either(_first(some, *_ACCOUNT), keys),
        "model": models,
        "api_key_id": keys,
        "session_id": _first(some, *_SESSION),
        "channel": always(some, "api"),
        "client_ip": either(addresses(some, "x-forwarded-for"), addresses(some, "downstream_remote_address")),
        "user_agent": agents,
        "ja4": _first(some, *_JA4),
        "sdk": together(_sdk, pa.string(), some, *_AGENTS, *HEADERS),
        "input_tokens": wholes(some, "gen_ai.usage.input_tokens"),
        "output_tokens": wholes(some, "gen_ai.usage.output_tokens"),
        "cached_input_tokens": wholes(some, _CACHED[0]),
        "reasoning_tokens": wholes(some, _REASONING[0]),
        "status": unless_zero(wholes(some, "response_code")),
        "content_state": always(some, "absent"),
    }


def _first(some: Found, *names: str) -> pa.Array:
    return either(*(texts(some, name) for name in names))


def _is_generation(method: object, other: object, *told: object) -> Any:
    known = dict(zip((*_PATH, *_MODEL), told, strict=True))
    path, method = _told(known, *_PATH), _told({"method": method, ":method": other}, "method", ":method")
    is_one = generates(path) if path else _told(known, *_MODEL) is not None
    return None if is_one and method in (None, "POST") else ODD


def _sdk(agent: object, other: object, *headers: object) -> str | None:
    return sdk(dict(zip(HEADERS, headers, strict=True)), text(agent) or text(other))


_SHAPE = {
    **any_of(*_MODEL, *_PATH, "method", ":method", "x-api-key-id", *_ACCOUNT, *_SESSION, *_JA4, *HEADERS),
    **any_of(*_AGENTS, "x-request-id", "request_id", "start_time"),
    **any_of("x-forwarded-for", "downstream_remote_address", "response_code", _CACHED[0], _REASONING[0]),
    **any_of("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"),
    **none_of("genai_tokens_input", "genai_tokens_output", *_CACHED[1:], *_REASONING[1:], "mcp_method", OWN),
}


def _record(row: Row) -> Mapping[str, object]:
    library = row.get("sdk")
    return without_nones(
        {
            "x-request-id": row["exchange_id"],
            "start_time": written(row["ts"]),
            "method": "POST",
            "x-envoy-origin-path": "/v1/chat/completions",
            "response_code": row.get("status"),
            "x-account-id": row["account_id"],
            "x-api-key-id": row.get("api_key_id"),
            "session.id": row.get("session_id"),
            "x-forwarded-for": row.get("client_ip"),
            "user-agent": row.get("user_agent"),
            "tls_ja4": row.get("ja4"),
            "gen_ai.request.model": row["model"],
            "gen_ai.usage.input_tokens": row.get("input_tokens"),
            "gen_ai.usage.output_tokens": row.get("output_tokens"),
            "gen_ai.usage.cache_read.input_tokens": row.get("cached_input_tokens"),
            "gen_ai.usage.reasoning_tokens": row.get("reasoning_tokens"),
            **(stated(library) if library else {}),
        }
    )


SOURCE = source(
    Envelope(
        name="envoy",
        description="Envoy AI Gateway access log in JSON",
        looks_like=lambda record: (
            "start_time" in record and "response_code" in record and any(name in record for name in _OWN)
        ),
        rows=_rows,
        record=_record,
        lane=Lane(_SHAPE, _columns, needed=("account_id",)),
        carries=frozenset(
            {
                *("exchange_id", "ts", "account_id", "model", "api_key_id", "session_id", "client_ip"),
                *("user_agent", "ja4", "sdk", "input_tokens", "output_tokens", "status"),
                *("cached_input_tokens", "reasoning_tokens"),
            }
        ),
    )
)
