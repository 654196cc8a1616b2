"""Portkey's log export: JSON lines with the columns that were asked for, at most 50,000 records a job.

Reads `id`, `created_at`, `request`, `response`, `metadata`, `ai_model`, `request_url`, `response_status_code` and the
counts of tokens (`req_units` and `res_units`, in some versions `request_tokens` and `response_tokens`). Request and
answer are bodies in any dialect, as objects or texts, bare or under `body`. An administrator may keep them out of the
export: then the texts are absent. `cost` is in cents and not used.

The account is told by the metadata, whose keys the operator chooses. Of `_account`, `_organisation`, `_organization`,
`account_id`, `organisation_id`, `organization_id`, `customer_id`, `tenant_id`, `_user`, `user_id` the first that is
there counts. Where it is none of the last two, `_user` is the customer's own user. A record with none of them is
rejected: the log does not say who called. Virtual keys are the operator's own, at the provider, and are not taken for
the customer's.

Times without a zone are UTC. Retries and fallbacks are records of their own that share a `trace_id`; it is the
session, so that they can be told to belong together. Embeddings, images, speech and other calls without a model's
words are excluded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from stillwatch.sources.bodies._base import REQUEST, RESPONSE
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
    wholes,
)
from stillwatch.sources.lanes.found import Found
from stillwatch.sources.lanes.lane import Lane
from stillwatch.sources.lanes.shapes import Needed, any_of, none_of
from stillwatch.sources.nested.envelope import Envelope, Excluded, NoExchangeError, Record, Row
from stillwatch.sources.nested.moments import iso, written
from stillwatch.sources.nested.paths import is_no_generation
from stillwatch.sources.nested.source import source
from stillwatch.sources.nested.values import (
    first,
    first_text,
    loaded,
    mapping,
    status,
    text,
    without_nones,
)

USERS = ("_user", "user_id")
"""Keys of the metadata that name who called, which may be a customer's own user."""

ACCOUNTS = (
    *("_account", "_organisation", "_organization"),
    *("account_id", "organisation_id", "organization_id", "customer_id", "tenant_id"),
)
"""Keys of the metadata that name a customer, the first one counting."""


def _rows(record: Record) -> Iterator[Row | Excluded]:
    if _is_other(record):
        yield Excluded("no generation")
        return
    known = _metadata(record)
    user = first_text(known, USERS)
    customer = first_text(known, ACCOUNTS)
    if customer is None and user is None:
        raise NoExchangeError("no account_id")
    row: Row = without_nones(
        {
            "input_tokens": first(record, "req_units", "request_tokens"),
            "output_tokens": first(record, "res_units", "response_tokens"),
        }
    )
    row |= said(_body(record, "request"), _body(record, "response"))
    row |= without_nones(
        {
            "exchange_id": text(record.get("id")),
            "ts": iso(record.get("created_at"), utc=True),
            "account_id": customer or user,
            "model": text(record.get("ai_model")),
            "session_id": text(record.get("trace_id")),
            "channel": "aggregator",
            "end_user_id": user if customer else None,
            "status": status(record.get("response_status_code")),
        }
    )
    yield row


def _is_other(record: Record) -> bool:
    address = text(record.get("request_url"))
    return address is not None and is_no_generation(address)


def _metadata(record: Record) -> Mapping[str, Any]:
    """The metadata as an object, or two lists of the same length: keys and values."""
    names, values = record.get("metadata.key"), record.get("metadata.value")
    if isinstance(names, list) and isinstance(values, list):
        return {name: value for name, value in zip(names, values, strict=False) if isinstance(name, str)}
    return mapping(record.get("metadata"))


def _body(record: Record, name: str) -> object:
    """The body itself, or what stands under `body` in it, or under the two names joined by a dot."""
    body = loaded(first(record, name, f"{name}.body"))
    if isinstance(body, dict) and isinstance(body.get("body"), dict | str):
        return body["body"]
    return body


def _columns(some: Found) -> Columns:
    """The same of records whose bodies stand there as objects, and that name a customer."""
    told: Columns = {
        "input_tokens": wholes(some, "req_units"),
        "output_tokens": wholes(some, "res_units"),
    }
    told = over(told, openai_chat.told(some.inside("request"), some.inside("response")))
    turned(_is_generation, pa.bool_(), some, "request_url")
    return over(
        told,
        {
            "exchange_id": texts(some, "id"),
            "ts": moments(some, "created_at"),
            "account_id": texts(some, f"metadata/{ACCOUNTS[0]}"),
            "model": texts(some, "ai_model"),
            "session_id": texts(some, "trace_id"),
            "channel": always(some, "aggregator"),
            "end_user_id": texts(some, f"metadata/{USERS[0]}"),
            "status": statuses(some, "response_status_code"),
        },
    )


def _is_generation(address: object) -> Any:
    return ODD if is_no_generation(text(address) or "") else None


_SHAPE = {
    **any_of("id", "trace_id", "created_at", "ai_model", "req_units", "res_units", "response_status_code"),
    **any_of("request_url"),
    **none_of("metadata.key", "metadata.value", "request.body", "response.body"),
    **none_of("request_tokens", "response_tokens"),
    "metadata": {**any_of(ACCOUNTS[0], USERS[0]), **none_of(*ACCOUNTS[1:], *USERS[1:])},
    "request": Needed({**openai_chat.REQUEST, **none_of("body")}),
    "response": Needed({**openai_chat.RESPONSE, **none_of("body")}),
}


def _record(row: Row) -> Mapping[str, Any]:
    body = bodies()["openai_chat"]
    return without_nones(
        {
            "id": row["exchange_id"],
            "trace_id": row.get("session_id"),
            "created_at": written(row["ts"]),
            "ai_org": "openai",
            "ai_model": row["model"],
            "req_units": row.get("input_tokens"),
            "res_units": row.get("output_tokens"),
            "response_status_code": row.get("status"),
            "metadata": without_nones({"_account": row["account_id"], "_user": row.get("end_user_id")}),
            "request": body.as_request({**row, "end_user_id": None}),
            "response": body.as_response(row),
        }
    )


SOURCE = source(
    Envelope(
        name="portkey",
        description="Portkey's log export in JSON lines",
        looks_like=lambda record: "ai_model" in record and ("ai_org" in record or "ai_provider" in record),
        rows=_rows,
        record=_record,
        lane=Lane(_SHAPE, _columns, needed=("account_id",)),
        carries=(REQUEST | RESPONSE)
        | {"exchange_id", "ts", "account_id", "session_id", "end_user_id", "status"}
        | {"n", "seed", "logprobs", "response_format", "reasoning_tokens"},
    )
)
