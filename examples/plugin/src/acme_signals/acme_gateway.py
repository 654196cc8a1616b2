"""The log of Acme's gateway: one JSON object a call, with the request and the answer in OpenAI's dialect beside each other.

The account is the tenant. Times are milliseconds since 1970. Calls of the gateway's own health check are excluded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stillwatch.sources.bodies._base import REQUEST, RESPONSE
from stillwatch.sources.bodies.dialects import bodies, said
from stillwatch.sources.nested.envelope import Envelope, Excluded, Record, Row
from stillwatch.sources.nested.moments import since_1970
from stillwatch.sources.nested.source import source
from stillwatch.sources.nested.values import text, without_nones


def _rows(record: Record) -> Iterator[Row | Excluded]:
    if record.get("purpose") == "health":
        yield Excluded("a call of the gateway itself")
        return
    row = said(record.get("asked"), record.get("answered"), dialect="openai_chat")
    row["exchange_id"], row["account_id"] = text(record.get("acme_call")), text(record.get("tenant"))
    row["ts"], row["status"] = since_1970(record.get("at_ms"), "ms"), record.get("http")
    yield row


def _record(row: Row) -> Mapping[str, Any]:
    body = bodies()["openai_chat"]
    return without_nones(
        {
            "acme_call": row["exchange_id"],
            "tenant": row["account_id"],
            "at_ms": row["ts"] / 1_000,
            "http": row.get("status"),
            "asked": body.as_request(row),
            "answered": body.as_response(row),
        }
    )


SOURCE = source(
    Envelope(
        name="acme_gateway",
        description="the log of Acme's gateway",
        looks_like=lambda record: "acme_call" in record,
        rows=_rows,
        record=_record,
        carries=REQUEST | RESPONSE | {"exchange_id", "ts", "account_id", "status", "n", "seed", "logprobs"},
    )
)
