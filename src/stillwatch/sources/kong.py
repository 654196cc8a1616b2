"""Log of Kong AI Gateway: the object that Kong's logging plugins write for each request, with what its AI plugins add.

One file holds the requests of all routes; those that no model answered are excluded, and so are embeddings, images, speech
and other calls that generate no text, and the calls that a transformer plugin makes by itself.
A request that Kong refused before the proxy plugin ran names no model and is among the first of these.

- What the AI plugins tell stands under `ai` by the plugin's name: `ai.proxy`, in older versions `ai.ai-proxy`. The first
  that is a proxy counts. The request stands there or directly under `ai`, a text of JSON or an object; both only if
  the operator logs payloads. The dialect of both is recognised; the answer may be a text of server-sent events.
- The account is the consumer, else the authenticated entity. Where both are there, the entity is the key: its id, not its
  secret.
- `client_ip` is what Kong took for the client's address: it knows which proxies are trusted. TLS version and cipher
  (`request.tls`) make no fingerprint and are not read.
- `started_at` is in milliseconds since 1970.
- The model is the one that was sent to the provider. Usage is the provider's; from a cache it may be missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.sources.bodies._base import REQUEST, RESPONSE
from stillwatch.sources.bodies.dialects import bodies, said
from stillwatch.sources.lanes import openai_chat
from stillwatch.sources.lanes.columns import (
    ODD,
    Columns,
    addresses,
    always,
    either,
    over,
    since,
    texts,
    together,
    turned,
    wholes,
)
from stillwatch.sources.lanes.found import Found
from stillwatch.sources.lanes.lane import Lane
from stillwatch.sources.lanes.shapes import Needed, any_of, none_of
from stillwatch.sources.nested.addresses import address
from stillwatch.sources.nested.clients import HEADERS, OWN, one, sdk, stated
from stillwatch.sources.nested.envelope import Envelope, Excluded, Record, Row
from stillwatch.sources.nested.moments import since_1970
from stillwatch.sources.nested.paths import generates
from stillwatch.sources.nested.source import source
from stillwatch.sources.nested.values import NOTHING, at, first, mapping, text, whole, without_nones

_PROXIES = ("proxy", "ai-proxy", "ai-proxy-advanced")
_OTHER = ("embed", "rerank", "/images", "/audio", "/moderations", "/files", "/batches", "/realtime")


def _rows(record: Record) -> Iterator[Row | Excluded]:
    asked = mapping(record.get("ai"))
    proxy, why = _proxy(asked), ""
    if proxy is None:
        why = "a call of the gateway itself" if _is_transformed(asked) else "no call of a model"
    elif _is_other(record, proxy):
        why = "no generation"
    if proxy is None or why:
        yield Excluded(why)
        return
    row = said(
        at(proxy, "payload", "request") or at(asked, "payload", "request"), at(proxy, "payload", "response")
    )
    yield row | without_nones(_told(record)) | without_nones(_used(proxy))


def _told(record: Record) -> Row:
    """Who called, when and from where."""
    headers = mapping(at(record, "request", "headers"))
    user_agent = one(headers.get("user-agent"))
    consumer = text(at(record, "consumer", "id")) or text(at(record, "authenticated_entity", "consumer_id"))
    entity = text(at(record, "authenticated_entity", "id"))
    return {
        "exchange_id": text(at(record, "request", "id"))
        or one(at(record, "response", "headers", "x-kong-request-id")),
        "ts": since_1970(record.get("started_at"), "ms"),
        "account_id": consumer or entity,
        "api_key_id": entity if consumer else None,
        "channel": "api",
        "client_ip": address(record.get("client_ip")),
        "user_agent": user_agent,
        "sdk": sdk(headers, user_agent),
        "status": whole(at(record, "response", "status")),
    }


def _used(proxy: Mapping[str, Any]) -> Row:
    """Which model answered, and with how many tokens."""
    usage = mapping(proxy.get("usage"))
    return {
        "model": text(at(proxy, "meta", "request_model")) or text(at(proxy, "meta", "response_model")),
        "input_tokens": whole(first(usage, "prompt_tokens", "prompt_token", "input_tokens")),
        "output_tokens": whole(first(usage, "completion_tokens", "completion_token", "output_tokens")),
        "cached_input_tokens": whole(at(usage, "prompt_tokens_details", "cached_tokens")),
        "reasoning_tokens": whole(at(usage, "completion_tokens_details", "reasoning_tokens")),
    }


def _proxy(asked: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the plugin that passed the call on to a model tells, by its name or by naming a model."""
    for name in _PROXIES:
        if isinstance(found := asked.get(name), dict) and ("meta" in found or "usage" in found):
            return found
    for name, found in asked.items():
        if "transformer" not in name and at(found, "meta", "request_model") is not None:
            return mapping(found)
    return None


def _is_transformed(asked: Mapping[str, Any]) -> bool:
    return any("transformer" in name for name in asked)


def _is_other(record: Record, proxy: Mapping[str, Any]) -> bool:
    """Whether the call is no generation, by the path at which Kong called the provider."""
    return _is_other_path(record.get("upstream_uri")) or at(proxy, "meta", "request_mode") == "realtime"


def _is_other_path(path: object) -> bool:
    told = path.lower() if isinstance(path, str) else ""
    return any(name in told for name in _OTHER) and not generates(told)


def _columns(some: Found) -> Columns:
    """The same of records of today's proxy plugin that hold their bodies as objects."""
    proxies, headers = some.inside("ai/proxy"), some.inside("request/headers")
    told = openai_chat.told(proxies.inside("payload/request"), proxies.inside("payload/response"))
    entities = texts(some, "authenticated_entity/id")
    consumers = either(texts(some, "consumer/id"), texts(some, "authenticated_entity/consumer_id"))
    turned(_is_generation, pa.bool_(), some, "upstream_uri")
    turned(_is_no_realtime, pa.bool_(), proxies, "meta/request_mode")
    return over(
        told,
        {
            "exchange_id": texts(some, "request/id"),
            "ts": since(some, "started_at", "ms"),
            "account_id": either(consumers, entities),
            "api_key_id": pc.if_else(consumers.is_valid(), entities, None),
            "channel": always(some, "api"),
            "client_ip": addresses(some, "client_ip"),
            "user_agent": turned(one, pa.string(), headers, "user-agent"),
            "sdk": together(_sdk, pa.string(), headers, *_SDK),
            "status": wholes(some, "response/status"),
            "model": either(texts(proxies, "meta/request_model"), texts(proxies, "meta/response_model")),
            "input_tokens": wholes(proxies, "usage/prompt_tokens"),
            "output_tokens": wholes(proxies, "usage/completion_tokens"),
            "cached_input_tokens": wholes(proxies, "usage/prompt_tokens_details/cached_tokens"),
            "reasoning_tokens": wholes(proxies, "usage/completion_tokens_details/reasoning_tokens"),
        },
    )


def _sdk(agent: object, *headers: object) -> str | None:
    return sdk(dict(zip(HEADERS, headers, strict=True)), one(agent))


def _is_generation(path: object) -> Any:
    return ODD if _is_other_path(path) else None


def _is_no_realtime(mode: object) -> Any:
    return ODD if mode == "realtime" else None


_SDK = ("user-agent", *HEADERS)
_USAGE = {
    **any_of("prompt_tokens", "completion_tokens"),
    **none_of("prompt_token", "input_tokens", "completion_token", "output_tokens"),
    "prompt_tokens_details": any_of("cached_tokens"),
    "completion_tokens_details": any_of("reasoning_tokens"),
}
_PROXY = {
    "payload": Needed({"request": Needed(openai_chat.REQUEST), "response": Needed(openai_chat.RESPONSE)}),
    "meta": Needed(any_of("request_model", "response_model", "request_mode")),
    "usage": _USAGE,
}
_SHAPE = {
    **any_of("started_at", "client_ip", "upstream_uri"),
    "request": {**any_of("id"), "headers": {**any_of(*_SDK), **none_of(OWN)}},
    "response": any_of("status"),
    "consumer": any_of("id"),
    "authenticated_entity": any_of("id", "consumer_id"),
    "ai": Needed({"proxy": Needed(_PROXY)}),
}


def _record(row: Row) -> Mapping[str, Any]:
    body = bodies()["openai_chat"]
    key, library = row.get("api_key_id"), row.get("sdk")
    who = {"id": key} if key else {"id": row["account_id"]}
    headers = {"user-agent": row.get("user_agent"), **(stated(library) if library else {})}
    answer = body.as_response(row)
    usage = answer.get("usage", NOTHING)
    return without_nones(
        {
            "started_at": row["ts"] / 1_000 if row["ts"] % 1_000 else row["ts"] // 1_000,
            "client_ip": row.get("client_ip"),
            "consumer": {"id": row["account_id"]} if key else None,
            "authenticated_entity": who,
            "request": {"id": row["exchange_id"], "method": "POST", "headers": without_nones(headers)},
            "response": without_nones({"status": row.get("status")}),
            "upstream_uri": "/v1/chat/completions",
            "latencies": {},
            "ai": {
                "proxy": {
                    "payload": {"request": body.as_request(row), "response": answer},
                    "usage": usage,
                    "meta": {"request_model": row["model"]},
                }
            },
        }
    )


SOURCE = source(
    Envelope(
        name="kong",
        description="Kong AI Gateway log, as Kong's logging plugins write it",
        looks_like=lambda record: {"started_at", "latencies", "request"} <= record.keys(),
        rows=_rows,
        record=_record,
        lane=Lane(_SHAPE, _columns, needed=("account_id", "exchange_id")),
        carries=(REQUEST | RESPONSE)
        | {
            *("exchange_id", "ts", "account_id", "api_key_id", "client_ip", "user_agent", "sdk", "status"),
            *("end_user_id", "n", "seed", "logprobs", "response_format", "reasoning_tokens"),
        },
    )
)
