"""LiteLLM's StandardLoggingPayload: what its callbacks write to S3, GCS, files and queues, one record a call.

The account is the user of the key, else its team, else the key itself; an answer is mostly in OpenAI's dialect whatever model
gave it. Times stand without a zone and are UTC. Calls that the gateway makes by itself (judges, routers, health checks)
are excluded, and so is what is no generation: embeddings, images, speech.

- The session is the one that the client named. Where it named none, LiteLLM makes up a trace id for each call: those are
  no sessions, or every call would be a conversation of its own. A client's UUID that stands nowhere but in `trace_id`
  cannot be told from them, and is left out as well.
- A call of Anthropic's messages or OpenAI's responses keeps its messages in that dialect, and the system prompt among its
  parameters, under the name that the dialect of the model behind has for it.
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
    are,
    either,
    mention,
    moments,
    over,
    statuses,
    texts,
    turned,
    wholes,
)
from stillwatch.sources.lanes.found import Found
from stillwatch.sources.lanes.lane import Lane
from stillwatch.sources.lanes.shapes import Needed, any_of, none_of
from stillwatch.sources.nested.addresses import address
from stillwatch.sources.nested.envelope import Envelope, Excluded, NoExchangeError, Record, Row
from stillwatch.sources.nested.moments import iso, since_1970, written
from stillwatch.sources.nested.source import source
from stillwatch.sources.nested.values import at, first, items, mapping, text, without_nones
from stillwatch.sources.nested.values import status as http_status

GENERATING = ("completion", "responses", "anthropic_messages", "generate_content", "pass_through")
"""Parts of the names of call types that are answered by a model's words."""

DIALECTS = {"anthropic_messages": "anthropic_messages", "responses": "openai_responses"}
"""Dialects of requests by parts of the names of call types."""

HEXADECIMAL = frozenset("0123456789abcdefABCDEF")
_MADE_UP = "^-*([0-9a-fA-F]-*){32}$"

PAYERS = ("user_id", "team_id", "org_id", "hash")
"""Who is billed, by what metadata tell of the key, the first that is there."""

CUT = ("...truncated by litellm", "litellm_truncated")
"""What LiteLLM writes where it cut a text."""

_CUTTER = "litellm"


def _rows(record: Record) -> Iterator[Row | Excluded]:
    metadata, call = mapping(record.get("metadata")), record.get("call_type") or ""
    if at(metadata, "internal_call_origin") or record.get("internal_call_origin"):
        yield Excluded("a call of the gateway itself")
        return
    if call and not any(name in str(call) for name in GENERATING):
        yield Excluded("no generation")
        return
    row = said(_request(record), record.get("response"), dialect=_dialect(record))
    told: Row = {
        "exchange_id": text(first(record, "litellm_call_id", "id")),
        "ts": _moment(record.get("startTime")),
        "account_id": account(metadata),
        "model": text(record.get("model_group")) or text(record.get("model")),
        "api_key_id": text(metadata.get("user_api_key_hash")),
        "session_id": session(
            record.get("trace_id"), record.get("session_id"), at(metadata, "requester_metadata", "session_id")
        ),
        "channel": "aggregator",
        "client_ip": address(record.get("requester_ip_address"))
        or address(metadata.get("requester_ip_address")),
        "user_agent": text(first(record, "user_agent")) or text(metadata.get("user_agent")),
        "end_user_id": text(first(record, "end_user")),
        "input_tokens": record.get("prompt_tokens"),
        "output_tokens": record.get("completion_tokens"),
        "status": _status(record),
    }
    row |= without_nones(told)
    if _is_cut(row.get("prompt"), row.get("response")):
        row["content_state"] = "truncated"
    yield row


def _is_cut(prompt: str | None, response: str | None) -> bool:
    return any(cut in told for cut in CUT for told in (prompt or "", response or ""))


def account(metadata: Mapping[str, Any]) -> str:
    """Who is billed: the user of the key, its team or organisation, or the key."""
    for name in PAYERS:
        if found := text(metadata.get(f"user_api_key_{name}")):
            return found
    raise NoExchangeError("no account_id")


def session(traced: object, *told: object) -> str | None:
    """The session that is told of; else what traces the call, unless it is an id that LiteLLM made up for it."""
    for name in told:
        if found := text(name):
            return found
    found = text(traced)
    digits = (found or "").replace("-", "")
    return None if len(digits) == 32 and HEXADECIMAL.issuperset(digits) else found


def _request(record: Record) -> dict[str, Any]:
    """The request as a body: the parameters beside the messages, under the names of the dialect."""
    parameters, dialect = dict(mapping(record.get("model_parameters"))), _dialect(record)
    system = first(parameters, "instructions", "system")
    most = first(parameters, "max_tokens", "max_output_tokens")
    if dialect == "anthropic_messages":
        parameters |= {"system": system, "max_tokens": most}
    elif dialect == "openai_responses":
        return {**parameters, "instructions": system, "max_output_tokens": most, "input": _messages(record)}
    messages = _messages(record)
    return {**parameters, "messages": messages} if messages else parameters


def _messages(record: Record) -> Any:
    messages = record.get("messages")
    if isinstance(messages, str):
        listed = items(messages)
        messages = listed or (
            [{"role": "user", "content": messages}] if text(messages) not in (None, "{}") else []
        )
    return messages


def _dialect(record: Record) -> str:
    """The dialect of the request by the type of the call, or chat completions; none where the answer is in another."""
    call, answer = str(record.get("call_type")), record.get("response")
    for name, dialect in DIALECTS.items():
        if name in call:
            return dialect
    return "" if isinstance(answer, dict) and answer and "choices" not in answer else "openai_chat"


def _moment(value: object) -> int | None:
    return since_1970(value, "s") if isinstance(value, int | float) else iso(value, utc=True)


def _status(record: Record) -> int | None:
    outcome, error = record.get("status"), at(record, "error_information", "error_code")
    return 200 if outcome == "success" else http_status(error)


def _columns(some: Found) -> Columns:
    """The same of chat completions."""
    told = openai_chat.told(some.inside("model_parameters"), some.inside("response"), some)
    some.without(~(some.has("response/choices") | are(told["images"].is_valid())))
    for name in ("prompt", "response"):
        some.without(mention(told[name], _CUTTER))
    turned(_is_chat, pa.bool_(), some, "call_type")
    billed = [texts(some, f"metadata/user_api_key_{name}") for name in PAYERS]
    session_ids = texts(some, "session_id"), texts(some, "metadata/requester_metadata/session_id")
    return over(
        told,
        {
            "exchange_id": texts(some, "litellm_call_id", "id"),
            "ts": moments(some, "startTime", turn=_moment),
            "account_id": either(*billed),
            "model": either(texts(some, "model_group"), texts(some, "model")),
            "api_key_id": billed[-1],
            "session_id": either(*session_ids, sessions(some, "trace_id")),
            "channel": always(some, "aggregator"),
            "client_ip": either(
                addresses(some, "requester_ip_address"), addresses(some, "metadata/requester_ip_address")
            ),
            "user_agent": either(texts(some, "user_agent"), texts(some, "metadata/user_agent")),
            "end_user_id": texts(some, "end_user"),
            "input_tokens": wholes(some, "prompt_tokens"),
            "output_tokens": wholes(some, "completion_tokens"),
            "status": either(
                turned(_success, pa.int32(), some, "status"), statuses(some, "error_information/error_code")
            ),
        },
    )


def sessions(some: Found, path: str) -> pa.Array:
    """What traces each call, unless it is an id that LiteLLM made up for it."""
    found = texts(some, path)
    return pc.if_else(pc.match_substring_regex(found, _MADE_UP), None, found)


def _success(outcome: object) -> int | None:
    return 200 if outcome == "success" else None


def _is_chat(call: object) -> Any:
    """Odd if a call of this type may be none that is answered by words, or be in another dialect."""
    told = str(call or "")
    is_other = bool(told) and not any(name in told for name in GENERATING)
    return ODD if is_other or any(name in told for name in DIALECTS) else None


_SHAPE = {
    **any_of("litellm_call_id", "id", "startTime", "model_group", "model", "trace_id", "session_id"),
    **any_of("requester_ip_address", "user_agent", "end_user", "prompt_tokens", "completion_tokens"),
    **any_of("call_type", "status"),
    **none_of("internal_call_origin"),
    "error_information": any_of("error_code"),
    "metadata": {
        **any_of(*(f"user_api_key_{name}" for name in PAYERS), "requester_ip_address", "user_agent"),
        **none_of("internal_call_origin"),
        "requester_metadata": any_of("session_id"),
    },
    "model_parameters": Needed({**openai_chat.PARAMETERS, **none_of("messages")}),
    "messages": openai_chat.MESSAGES,
    "response": Needed(openai_chat.RESPONSE),
}


def _record(row: Row) -> Mapping[str, Any]:
    body = bodies()["openai_chat"]
    asked = body.as_request({**row, "end_user_id": None})
    asked.pop("model", None)
    status = row.get("status")
    return without_nones(
        {
            "id": row["exchange_id"],
            "call_type": "acompletion",
            "status": "success" if status == 200 else "failure",
            "error_information": None if status in (None, 200) else {"error_code": str(status)},
            "startTime": written(row["ts"]),
            "model": row["model"],
            "session_id": row.get("session_id"),
            "requester_ip_address": row.get("client_ip"),
            "user_agent": row.get("user_agent"),
            "end_user": row.get("end_user_id"),
            "prompt_tokens": row.get("input_tokens"),
            "completion_tokens": row.get("output_tokens"),
            "metadata": without_nones(
                {"user_api_key_user_id": row["account_id"], "user_api_key_hash": row.get("api_key_id")}
            ),
            "messages": asked.pop("messages", None),
            "model_parameters": asked,
            "response": body.as_response(row),
        }
    )


SOURCE = source(
    Envelope(
        name="litellm",
        description="LiteLLM StandardLoggingPayload, as its callbacks write it",
        looks_like=lambda record: "call_type" in record and "model_parameters" in record,
        rows=_rows,
        record=_record,
        lane=Lane(_SHAPE, _columns, needed=("account_id",)),
        carries=(
            REQUEST | RESPONSE | {"exchange_id", "ts", "account_id", "api_key_id", "session_id", "client_ip"}
        )
        | {
            "user_agent",
            "end_user_id",
            "status",
            "n",
            "seed",
            "logprobs",
            "response_format",
            "reasoning_tokens",
        },
    )
)
