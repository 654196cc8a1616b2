"""Helicone: rows of its table `request_response_rmt`, or what its export command writes (JSON, JSON lines, CSV).

Reads `request_id`, `request_created_at`, `status`, `model`, `prompt_tokens`, `completion_tokens`, `organization_id`,
`user_id`, `proxy_key_id`, `properties`, `request_body` and `response_body`; the export has some of them under other
names (`response_status`, `request_user_id`, `request_properties`), and its CSV has only a `response_id`. The bodies
are in any dialect, as objects or as texts of JSON. The table keeps them for three months: later the texts are absent.

The account is the organisation. The export leaves it out, because it is made for one organisation: then the account
is the user, and where a record names none either it is rejected. With an organisation, the user is the customer's own
user. Mind that an operator who runs Helicone as one single organisation has all its customers in that one account;
such a log is better exported by the command, which tells the users apart.

Times without a zone are UTC. The session is the property `Helicone-Session-Id`. A status below 100 is Helicone's own
sign for a call that was cut off or never sent, and is left out. The country is not used. Embeddings, images, speech
and other calls without a model's words are excluded.

The table is a ReplacingMergeTree: read without FINAL it holds the same `request_id` again, with a later `updated_at`,
whenever a score or a property was added. The row that stands first is kept and the later ones are rejected as
duplicates, so order an export by `updated_at` from the latest down if that matters, or read the table with FINAL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from stillwatch.sources.bodies._base import REQUEST, RESPONSE
from stillwatch.sources.bodies.dialects import bodies, said
from stillwatch.sources.lanes import openai_chat
from stillwatch.sources.lanes.columns import Columns, always, moments, over, statuses, texts, turned, wholes
from stillwatch.sources.lanes.found import Found
from stillwatch.sources.lanes.lane import Lane
from stillwatch.sources.lanes.shapes import ANY, NEVER, Needed, any_of, none_of
from stillwatch.sources.nested.envelope import Envelope, Excluded, NoExchangeError, Record, Row
from stillwatch.sources.nested.moments import iso, written
from stillwatch.sources.nested.paths import is_no_generation
from stillwatch.sources.nested.source import source
from stillwatch.sources.nested.values import first, first_text, loaded, status, text, whole, without_nones

_NOBODY = "00000000-0000-0000-0000-000000000000"
_SESSION = ("Helicone-Session-Id", "helicone-session-id")


def _rows(record: Record) -> Iterator[Row | Excluded]:
    if _is_other(record):
        yield Excluded("no generation")
        return
    organisation = _organisation(record.get("organization_id"))
    user = text(first(record, "user_id", "request_user_id"))
    if organisation is None and user is None:
        raise NoExchangeError("no account_id")
    row: Row = without_nones(
        {
            "input_tokens": whole(record.get("prompt_tokens")),
            "output_tokens": whole(record.get("completion_tokens")),
        }
    )
    row |= said(record.get("request_body"), record.get("response_body"))
    row |= without_nones(
        {
            "exchange_id": text(record.get("request_id")) or text(record.get("response_id")),
            "ts": iso(record.get("request_created_at"), utc=True),
            "account_id": organisation or user,
            "model": text(first(record, "request_model", "model")) or text(record.get("model")),
            "api_key_id": text(record.get("proxy_key_id")),
            "session_id": first_text(_properties(record), _SESSION),
            "channel": "aggregator",
            "end_user_id": user if organisation else None,
            "status": status(first(record, "status", "response_status")),
        }
    )
    yield row


def _is_other(record: Record) -> bool:
    address = text(first(record, "target_url", "request_path"))
    return address is not None and is_no_generation(address)


def _properties(record: Record) -> Mapping[str, Any]:
    """The map of properties: an object, a text of one, or pairs, as Parquet holds maps."""
    found = loaded(first(record, "properties", "request_properties"))
    if isinstance(found, list):
        return {str(pair[0]): pair[1] for pair in found if isinstance(pair, list) and len(pair) == 2}
    return found if isinstance(found, dict) else {}


def _columns(some: Found) -> Columns:
    """The same of records of the table that hold their bodies."""
    told: Columns = {
        "input_tokens": wholes(some, "prompt_tokens"),
        "output_tokens": wholes(some, "completion_tokens"),
    }
    told = over(told, openai_chat.told(some.inside("request_body"), some.inside("response_body")))
    return over(
        told,
        {
            "exchange_id": texts(some, "request_id"),
            "ts": moments(some, "request_created_at"),
            "account_id": turned(_organisation, pa.string(), some, "organization_id"),
            "model": texts(some, "model"),
            "api_key_id": texts(some, "proxy_key_id"),
            "session_id": texts(some, f"properties/{_SESSION[0]}"),
            "channel": always(some, "aggregator"),
            "end_user_id": texts(some, "user_id"),
            "status": statuses(some, "status"),
        },
    )


def _organisation(told: object) -> str | None:
    found = text(told)
    return None if found == _NOBODY else found


_SHAPE = {
    **any_of("request_id", "request_created_at", "status", "prompt_tokens", "completion_tokens"),
    **any_of("organization_id", "user_id", "model", "proxy_key_id"),
    **none_of("request_model", "target_url", "request_path", "response_id", "request_user_id"),
    **none_of("request_properties", "response_status", "data"),
    "properties": {_SESSION[0]: ANY, _SESSION[1]: NEVER},
    "request_body": Needed(openai_chat.REQUEST),
    "response_body": Needed(openai_chat.RESPONSE),
}


def _record(row: Row) -> Mapping[str, Any]:
    body = bodies()["openai_chat"]
    session = row.get("session_id")
    return without_nones(
        {
            "request_id": row["exchange_id"],
            "request_created_at": written(row["ts"]),
            "status": row.get("status"),
            "prompt_tokens": row.get("input_tokens"),
            "completion_tokens": row.get("output_tokens"),
            "model": row["model"],
            "provider": "OPENAI",
            "user_id": row.get("end_user_id"),
            "organization_id": row["account_id"],
            "proxy_key_id": row.get("api_key_id"),
            "properties": {} if session is None else {_SESSION[0]: session},
            "request_body": body.as_request({**row, "end_user_id": None}),
            "response_body": body.as_response(row),
        }
    )


SOURCE = source(
    Envelope(
        name="helicone",
        description="Helicone's table request_response_rmt, or its export",
        looks_like=lambda record: (
            "request_created_at" in record and ("request_id" in record or "response_id" in record)
        ),
        rows=_rows,
        record=_record,
        packed=("data",),
        lane=Lane(_SHAPE, _columns, needed=("account_id",)),
        carries=(REQUEST | RESPONSE)
        | {"exchange_id", "ts", "account_id", "api_key_id", "session_id", "end_user_id", "status"}
        | {"n", "seed", "logprobs", "response_format", "reasoning_tokens"},
    )
)
